"""What passes between a person and us, the same for every channel."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Address:
    """Where a chat is: a channel, our account there, and the person's address there."""

    channel: str  # "telegram"
    account: str  # which of our accounts: a bot's number, a phone number's digest; never a person's
    person: str  # the person's address there: personal, stored encrypted only

    @property
    def line(self) -> str:
        """The account with its channel, `telegram:123`: what paces, pauses and fails together."""
        return f"{self.channel}:{self.account}"


@dataclass(frozen=True, slots=True)
class Text:
    """Something typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed: the mark of the question it hung under, and its value."""

    mark: str
    value: str


@dataclass(frozen=True, slots=True)
class Open:
    """The chat was opened, perhaps by a link that names a case."""

    case: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something we cannot read: a photo, a voice message, a sticker."""

    kind: str


Content = Text | Press | Open | Unreadable


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message that reached us. `id` is the channel's own, unique within the chat."""

    address: Address
    id: str
    content: Content
    language: str | None = None  # what the channel knows of the person's language


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to choose."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of ours, rendered. `mark` names the question as it was shown."""

    html: Markup
    buttons: tuple[Button, ...] = ()
    asks: str | None = None
    conversation: str | None = None
    mark: str | None = None
