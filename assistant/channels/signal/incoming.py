"""What signal-cli reports, as incoming messages.

A frame is what src/main/java/org/asamk/signal/json/JsonMessageEnvelope.java of AsamK/signal-cli writes. Keys
that we do not know, and nulls, may stand anywhere.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from assistant.channels.signal.client import GROUP
from assistant.domain.messages import (
    Account,
    Address,
    Approval,
    Content,
    Edited,
    GroupChat,
    Incoming,
    TextMessage,
    Unreadable,
)

Json = Mapping[str, Any]  # Any: JSON

BESIDE = {  # instead of a message, and why it is none for us
    "receiptMessage": "what we wrote has arrived, or was read",
    "typingMessage": "they are writing",
    "syncMessage": "another device of our own account did something",
    "callMessage": "they call: nobody is there to answer",
    "storyMessage": "they told everybody something",
}
WITHIN = {  # within a message, which then says nothing
    "reaction": "a feeling about a message, or a yes that was taken back",
    "pollVote": "we ask no polls",
    "pollTerminate": "a poll of theirs has ended",
    "remoteDelete": "they deleted a message: what it did stays done",
    "isExpirationUpdate": "they changed when messages disappear",
    "pinMessage": "they marked a message for themselves",
    "unpinMessage": "the same, undone",
    "adminDelete": "somebody tidied up a group",
}
ABOUT = {
    "groupInfo",
    "mentions",
    "previews",
    "quote",
    "storyContext",
    "textStyles",
}  # a message; the rest is sent
NAMES = {"contacts": "contact", "pollCreate": "poll"}  # of what was sent, where it has a better one
MEDIA = {"image": "photo", "audio": "voice", "video": "video"}  # others are documents
LONG_TEXT = "text/x-signal-plain"  # what Signal makes of a text over 2,000 bytes
YES = "\N{THUMBS UP SIGN}"

_SKINS = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")  # skin tones, and the wish for colours
_NAME = re.compile(r"^[A-Za-z.$]{1,100}$")


@dataclass(frozen=True, slots=True)
class Ignored:
    """A frame that is no message to us. `kind` says what it is, and never what is in it."""

    kind: str
    trouble: bool = False  # something that an operator should know of


def read(frame: object, account: Account, number: str) -> Incoming | Ignored:
    """What a frame brings. `account`: for the addresses; `number`: ours, what it writes is not answered."""
    if not isinstance(frame, Mapping):
        return Ignored("malformed", trouble=True)
    if (error := frame.get("exception")) is not None:
        return Ignored(_exception(error), trouble=True)
    if frame.get("error") is not None:
        return Ignored("error", trouble=True)
    envelope = _object(frame, "envelope")
    person = _string(envelope, "sourceUuid") or _string(envelope, "source")
    timestamp = _timestamp(envelope, "timestamp")
    if person is None or timestamp is None:
        return Ignored("malformed", trouble=True)
    if number in (person, envelope.get("source"), envelope.get("sourceNumber")):
        return Ignored("our own")
    return _read(envelope, Incoming(Address(account, person), timestamp, GroupChat()), number)


def _read(envelope: Json, blank: Incoming, number: str) -> Incoming | Ignored:
    edit = _object(envelope, "editMessage")
    data = _object(edit or envelope, "dataMessage")
    if not data:
        return Ignored(next((kind for kind in BESIDE if envelope.get(kind) is not None), "nothing we know"))
    content = _edited(edit, data, blank.id) if edit else _content(data, blank.id)
    if info := _object(data, "groupInfo"):
        return _in_group(info, blank) if content or info.get("type") == "UPDATE" else Ignored("in a group")
    if reaction := _object(data, "reaction"):
        content = _approval(reaction)
        quotes = _referred(reaction, "targetAuthor", "targetSentTimestamp", blank, number)
        if quotes is None:
            content = None  # a feeling about what somebody else wrote
    else:
        quotes = _referred(_object(data, "quote"), "author", "id", blank, number)
    if content is None:
        return Ignored(next((kind for kind in WITHIN if data.get(kind)), "nothing to read"))
    return replace(blank, content=content, quotes=quotes)


def _content(data: Json, timestamp: str) -> Content | None:
    text = _string(data, "message")
    if any(data.get(kind) for kind in WITHIN):
        return None
    if data.get("viewOnce"):
        return Unreadable("view-once")
    if (media := _media(data.get("attachments"))) is not None:
        return Unreadable(media)
    if text:
        return TextMessage(text, ref=timestamp)
    sent = next((part for part in data if part not in ABOUT and _holds_something(data[part])), None)
    return Unreadable(NAMES.get(sent, sent)) if sent else None


def _edited(edit: Json, data: Json, timestamp: str) -> Content | None:
    ref, text = _timestamp(edit, "targetSentTimestamp"), _string(data, "message")
    return Edited(ref, text, new_ref=timestamp) if ref and text else None


def _approval(reaction: Json) -> Content | None:
    emoji = _string(reaction, "emoji") or ""
    return Approval() if _SKINS.sub("", emoji) == YES and not reaction.get("isRemove") else None


def _referred(told: Json, author: str, timestamp: str, blank: Incoming, number: str) -> str | None:
    """The reference of the message of ours that is quoted or reacted to.

    Where our number is not told, everybody who is not the person is us: there are two in a chat.
    """
    numbers = {name for key in (author, f"{author}Number") if (name := _string(told, key))}
    known = {name for name in numbers if name.startswith("+")}
    names = numbers | {name for name in [_string(told, f"{author}Uuid")] if name}
    ours = number in known if known else bool(names) and blank.address.person not in names
    return _timestamp(told, timestamp) if ours else None


def _in_group(info: Json, blank: Incoming) -> Incoming | Ignored:
    """The group's address is what /v2/send takes: "group." and once more in base64 the id that it has here.

    See src/client/client.go of bbernhard/signal-cli-rest-api, convertInternalGroupIdToGroupId.
    """
    group = _string(info, "groupId")
    if group is None:
        return Ignored("malformed", trouble=True)
    person = GROUP + base64.b64encode(group.encode()).decode()
    return replace(blank, address=replace(blank.address, person=person))


def _exception(error: object) -> str:
    """Its Java class, which says nothing about anybody."""
    kind = _string(error, "type") if isinstance(error, Mapping) else None
    return kind if kind and _NAME.match(kind) else "exception"


def _media(attachments: object) -> str | None:
    """What was sent besides the text, if anything was; the rest of a long text is none of it."""
    if not isinstance(attachments, list):
        return None
    kinds = [_string(each, "contentType") if isinstance(each, Mapping) else None for each in attachments]
    media = [MEDIA.get((kind or "").partition("/")[0], "document") for kind in kinds if kind != LONG_TEXT]
    return media[0] if media else None


def _holds_something(part: object) -> bool:
    """Unlike marks and counts, which stand in messages that nobody wrote, too."""
    return isinstance(part, Mapping | list) and bool(part)


def _object(holder: Json, key: str) -> Json:
    """Empty where there is none."""
    value = holder.get(key)
    return value if isinstance(value, Mapping) else {}


def _string(holder: Json, key: str) -> str | None:
    value = holder.get(key)
    return value if isinstance(value, str) and value else None


def _timestamp(holder: Json, key: str) -> str | None:
    """Milliseconds, which is how Signal names a message."""
    value = holder.get(key)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
