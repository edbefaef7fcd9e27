"""The parts of a message that came back, as bytes: of broken ones, too."""

import html
import re
from collections.abc import Iterator
from email.message import Message

STATUSES = {"message/delivery-status", "message/global-delivery-status"}  # RFC 3464, RFC 6533
QUOTES = {"text/rfc822-headers", "message/rfc822", "message/global-headers", "message/global"}

_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|</?[a-z!][^<>@]*>", re.IGNORECASE | re.DOTALL)


def parts_of(message: Message) -> Iterator[Message]:
    """The message and its parts, not those of the messages within."""
    yield message
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from parts_of(part)


def contents(message: Message, types: set[str]) -> list[bytes]:
    """What the parts of these types say."""
    return [content(part) for part in parts_of(message) if part.get_content_type() in types]


def text(message: Message) -> str:
    """What people read: the plain text, else HTML without its tags."""
    plain = [_decoded(part) for part in parts_of(message) if part.get_content_type() == "text/plain"]
    if any(each.strip() for each in plain):
        return "\n".join(plain)
    rich = [_decoded(part) for part in parts_of(message) if part.get_content_type() == "text/html"]
    return html.unescape(_TAG.sub("\n", "\n".join(rich)))


def _decoded(part: Message) -> str:
    charset = str(part.get_content_charset("utf-8"))
    try:
        return content(part).decode(charset, "replace")
    except LookupError:  # no such character set
        return content(part).decode("utf-8", "replace")


def content(part: Message) -> bytes:
    """What a part says, without its own headers, decoded; some encode what must not be."""
    payload = part.get_payload()
    if isinstance(payload, list):  # taken for messages, although it may be encoded
        raw = b"\n\n".join(each.as_bytes() for each in payload if isinstance(each, Message))
        encoding = str(part.get("Content-Transfer-Encoding", "7bit"))
        part = Message()
        part["Content-Transfer-Encoding"] = encoding
        part.set_payload(raw.decode("ascii", "surrogateescape"))
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""
