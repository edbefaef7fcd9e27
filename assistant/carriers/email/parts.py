"""The parts of a message that came back, as bytes: of broken ones, too."""

import codecs
import html
import re
from collections.abc import Iterator
from email.message import Message

STATUSES = {"message/delivery-status", "message/global-delivery-status"}  # RFC 3464, RFC 6533
QUOTES = {"text/rfc822-headers", "message/rfc822", "message/global-headers", "message/global"}

# Python's own: of one the work grows with the square of the text, others are for programs.
_NO_CHARSETS = {"punycode", "idna", "undefined", "unicode-escape", "raw-unicode-escape"}
_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|</?[a-z!][^<>@]*>", re.IGNORECASE | re.DOTALL)


def parts_of(message: Message) -> Iterator[Message]:
    """The message and its parts, not those of the messages within."""
    yield message
    if message.get_content_maintype() == "multipart":
        for part in inner_parts(message):
            yield from parts_of(part)


def inner_parts(message: Message) -> list[Message]:
    """The parts right below it; none where it holds a text, which is not even decoded."""
    payload = message.get_payload() if message.is_multipart() else []
    return [part for part in payload if isinstance(part, Message)]


def contents(message: Message, types: set[str]) -> list[bytes]:
    """What the parts of these types say."""
    return [content(part) for part in parts_of(message) if part.get_content_type() in types]


def text(message: Message) -> str:
    """What people read: the plain text, else HTML without its tags."""
    plain = [decoded(part) for part in parts_of(message) if part.get_content_type() == "text/plain"]
    if any(each.strip() for each in plain):
        return "\n".join(plain)
    rich = [decoded(part) for part in parts_of(message) if part.get_content_type() == "text/html"]
    return html.unescape(_TAG.sub("\n", "\n".join(rich)))


def decoded(part: Message) -> str:
    """The text of a part, also where its character set is named wrongly, or is none."""
    raw = content(part)
    for charset in (str(part.get_content_charset("utf-8")), "utf-8"):
        try:
            if codecs.lookup(charset).name not in _NO_CHARSETS:
                return raw.decode(charset)
        except (LookupError, ValueError):  # no such character set, or not this one
            continue
    return raw.decode("cp1252", "replace")  # what programs write that name none


def content(part: Message) -> bytes:
    """What a part says, without its own headers, decoded; some encode what must not be."""
    if part.is_multipart():  # taken for messages, although it may be encoded
        raw = b"\n\n".join(each.as_bytes() for each in inner_parts(part))
        encoding = str(part.get("Content-Transfer-Encoding", "7bit"))
        part = Message()
        part["Content-Transfer-Encoding"] = encoding
        part.set_payload(raw.decode("ascii", "surrogateescape"))
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""
