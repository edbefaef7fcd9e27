"""What passes between a person and us, the same for every channel."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime

from markupsafe import Markup, escape

from assistant.domain.charts import Chart

SOURCE = re.compile(r"^[A-Za-z0-9-]{1,20}$")  # short, so that a link cannot name one person


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One of our accounts on a channel: what paces, pauses and fails together. Never a person's."""

    channel: str  # "telegram", without a colon
    id: str  # a bot's number, a phone number's digest

    def __str__(self) -> str:
        """As it is stored: `telegram:123`."""
        return f"{self.channel}:{self.id}"

    @property
    def channel_name(self) -> str:
        """Its channel for people, where the channel itself, which knows better, is not there: `Telegram`."""
        return self.channel.capitalize()

    @classmethod
    def parse(cls, stored: str) -> "Account":
        """The account of which that is the stored form. Its id may hold colons."""
        channel, _, account_id = stored.partition(":")
        return cls(channel, account_id)


@dataclass(frozen=True, slots=True)
class ChannelRest:
    """That a channel is to wait with replies, or with updates and alerts: until then, UTC.

    `channel`: its name for people.
    """

    channel: str
    until: datetime
    replies: bool


@dataclass(frozen=True, slots=True)
class Address:
    """Where a chat is: one of our accounts, and the person's address there."""

    account: Account
    person: str  # personal, stored encrypted only


@dataclass(frozen=True, slots=True)
class TextMessage:
    """Something typed.

    `ref`: the channel's own id of the message, by which a later edit names it. `mark`: of the question that
    it answers expressly, by quoting it. `meant`: they have said that it is an answer.
    """

    text: str
    ref: str | None = None
    mark: str | None = None
    meant: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """A message of theirs, changed afterwards. `ref`: of the message; `new_ref`: by what it goes from now on,
    where the channel gives it another id."""

    ref: str
    text: str
    new_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed: the mark of the question it hung under, which has no colon, and its value."""

    mark: str
    value: str


@dataclass(frozen=True, slots=True)
class Approval:
    """A thumbs-up on a message of ours: yes, where its question offers a yes. `mark`: of that question."""

    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """The chat was opened, perhaps by a link that names a case and where the link stood."""

    case: str | None = None
    source: str | None = None

    @classmethod
    def by_link(cls, payload: str) -> "Open":
        """What a link's payload asks for: `norma-cruz`, or `norma-cruz_flyer` to count those who came by it.

        Slugs of cases have no underscore.
        """
        case, _, source = payload.strip().partition("_")
        return cls(case or None, source if SOURCE.match(source) else None)


@dataclass(frozen=True, slots=True)
class ChatLink:
    """A link that opens a chat with us.

    `about`: one that also says about which case, with `{case}` and `{source}` in it; None: there is none.
    """

    address: str
    about: str | None = None

    def to(self, case: str, source: str) -> str:
        """The link that opens the case, and counts those who come by it as coming from `source`."""
        return self.about.format(case=case, source=source) if self.about else self.address


@dataclass(frozen=True, slots=True)
class SaferChat:
    """Where people can write to us without anybody in between who can read it. `channel`: its own name."""

    channel: str
    link: ChatLink


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something we cannot read: a photo, a voice message, a sticker."""

    kind: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """They shut us out: nothing can be sent there any more."""


@dataclass(frozen=True, slots=True)
class GroupChat:
    """Something happened in a group of ours: we talk with one person at a time."""


@dataclass(frozen=True, slots=True)
class Flooded:
    """They write more than is read (`domain.flood`): in the place of the first message that is not."""


Content = TextMessage | Edited | Press | Approval | Open | Unreadable | Blocked | GroupChat | Flooded


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message that reached us. `id` is the channel's own, unique within the chat.

    `quotes`: the reference of the message of ours that it quotes or reacts to, as `Channel.send` returned it.
    `thread`: the part of the chat in which it stands, where the channel divides chats; replies go there, too.
    `urgent`: it protects somebody, and is read where too much is said (`services.flood_control` tells).
    """

    address: Address
    id: str
    content: Content
    _: KW_ONLY
    language: str | None = None  # what the channel knows of the person's language
    quotes: str | None = None
    thread: str | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of an incoming message, for its channel.

    `accepted`: an answer was taken, and not one to a question that is gone. `replies`: how many follow.
    `read`: False where too much came, and it was passed over.
    """

    accepted: bool
    replies: int
    read: bool = True


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to choose.

    `word`: what to type for it where there are no buttons, such as `/approve 12`; None: its number.
    """

    value: str
    label: str
    word: str | None = None


def listed(buttons: Iterable[Button]) -> Iterator[str]:
    """Buttons as lines of text, for channels that have none: each says what to type, and what it means.

    Those without a word are numbered 1, 2, ... among themselves. Nothing here needs a translation.
    """
    number = 0
    for button in buttons:
        if button.word is None:
            number += 1
            yield f"{number}. {button.label}"
        else:
            yield f"{button.word} – {button.label}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A letter as it will be printed, to be shown with a message: channels get it as a file."""

    case: str
    language: str
    text: str
    target: str  # the slug of the office


@dataclass(frozen=True, slots=True)
class Document:
    """A text that goes with a message as a file. `kind`: its media type."""

    name: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart that goes with a message: drawn where it is shown."""

    chart: Chart


Attachment = Paper | Document | Picture


@dataclass(frozen=True, slots=True)
class Erasure:
    """What the platform is asked for once somebody is forgotten: that it deletes messages of ours.

    `references`: theirs, as `Channel.send` returned them. `contact`: no message, but what stands about the
    person in our list of contacts there.
    """

    references: tuple[str, ...] = ()
    contact: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of ours, rendered. `mark` names the question as it was shown."""

    html: Markup
    buttons: tuple[Button, ...] = ()
    _: KW_ONLY
    asks: str | None = None
    conversation: str | None = None
    mark: str | None = None
    attachment: Attachment | None = None  # what goes with it as a file
    thread: str | None = None  # the part of the chat in which it is said: see `Incoming`
    first: bool = False  # the first one that this chat gets: a channel may have something to set up
    bulk: bool = False  # one of many alike, to as many people
    menu: tuple[tuple[str, str], ...] | None = None  # from now on the chat's own: see `effects.ShowMenu`
    erasure: Erasure | None = None  # nothing is said, and this is done instead


def in_words(reply: Reply) -> Reply:
    """The reply with its options as text below it, for channels that cannot show so many of them."""
    lines = escape("\n".join(listed(reply.buttons)))
    return replace(reply, html=Markup("\n\n").join(filter(None, (reply.html, lines))), buttons=())


@dataclass(frozen=True, slots=True)
class Entry:
    """What was said in a chat, by us or by them. `number`: in its chat, from 1. `seen`: somebody has looked
    since."""

    number: int
    said: Reply
    theirs: bool = False
    seen: bool = True


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a message."""

    name: str
    kind: str  # "application/pdf"
    content: bytes
