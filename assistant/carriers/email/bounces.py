"""What comes back to our addresses: which letters could not be delivered, told by mail servers.

A delivery status notification (RFC 3464) names our letter by its token: in the address that it was sent to,
else in what it quotes of the letter. All else that comes (answers, holiday notes, advertising) is no news.
Only who has seen a token can forge such a message: one that is none of ours finds nothing.
"""

import contextlib
import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from assistant.carriers.base import Ref, Report
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus

LARGEST = 262_144  # bytes that are read of a message: what counts stands before the letter that it returns

_ARRIVED_AT = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_TOKEN = r"([0-9a-f]{32})"  # noqa: S105
_ADDRESS = re.compile(rf"(?<![0-9a-z])bounce-{_TOKEN}(?:@|$)", re.IGNORECASE)
_MESSAGE_ID = re.compile(rf"^message-id[ \t]*:\s*<{_TOKEN}@".encode(), re.IGNORECASE | re.MULTILINE)
_ENVELOPE_ID = re.compile(
    rf"^original-envelope-id[ \t]*:[ \t]*{_TOKEN}[ \t]*\r?$".encode(), re.IGNORECASE | re.MULTILINE
)
_ACTION = re.compile(rb"^action[ \t]*:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"^status[ \t]*:[ \t]*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_ANSWER = re.compile(rb"\b[45]\d\d[ \t#-]+([45]\.\d{1,3}\.\d{1,3})(?![.\d])")  # of a server, quoted
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")

_STATUSES = {"message/delivery-status", "message/global-delivery-status"}  # RFC 3464, RFC 6533
_QUOTES = {"text/rfc822-headers", "message/rfc822", "message/global-headers", "message/global"}

_WHY = {  # RFC 3463, section 3; the longest beginning counts
    "5.1": "there is no such address; see it in the file of the case",
    "5.2": "the mailbox takes nothing now, or nothing of that size",
    "5.3.4": "it is too large",
    "5.4": "the office's mail server could not be found or reached; see its address in the file of the case",
    "4": "the office's mail server could not be reached in time",
    "5.7": "the office's mail server refuses letters of ours by its rules",
}


def read_bounce(raw: bytes) -> Report | None:
    """What a message says of a letter, which its `reference` names; None where there is nothing to do.

    Never raises, whatever came.
    """
    try:
        return _read(email.message_from_bytes(raw[:LARGEST]))
    except Exception:  # the stdlib has many ways to fail at broken or deeply nested mail
        return None


def _read(message: Message) -> Report | None:
    statuses = [_content(part) for part in _parts(message) if part.get_content_type() in _STATUSES]
    if statuses:
        found = _verdict([block for status in statuses for block in _BLANK.split(status)])
    elif "X-Failed-Recipients" in message and message.get_content_type() != "multipart/report":
        found = "failed", _answered(_text(message))  # Exim's, which may have no status part
    else:
        return None
    token = _token(message, statuses)
    if found is None or token is None:
        return None
    action, code = found
    if action == "delivered":
        reason = "the office's mail server says that it has it"
        return Report(Ref(LetterStatus.DELIVERED, token, reason=reason), reference=token)
    return Report(Failure(_came_back(code), permanent=True), reference=token)


def _verdict(blocks: list[bytes]) -> tuple[str, str] | None:
    """`delivered` or `failed`, and the code; None for delays, and where no more will be told.

    An office's address may stand for several mailboxes. Where one of them has the letter, the office has it.
    """
    told = {}
    for block in blocks:
        if action := _ACTION.search(block):
            status = _STATUS.search(block)
            told[action[1].decode().lower()] = status[1].decode() if status else _answered(block)
    return next(((action, told[action]) for action in ("delivered", "failed") if action in told), None)


def _came_back(code: str) -> str:
    why = next((_WHY[known] for known in sorted(_WHY, key=len, reverse=True) if code.startswith(known)), None)
    told = f" ({code})" if code else ""
    return f"The letter came back{told}: {why}." if why else f"The letter came back{told}."


def _answered(text: bytes) -> str:
    found = _ANSWER.search(text)
    return found[1].decode() if found else ""


def _token(message: Message, statuses: list[bytes]) -> str | None:
    for name in _ARRIVED_AT:
        for value in message.get_all(name, []):
            if found := _ADDRESS.search(str(value)):
                return found[1].lower()
    for pattern, texts in ((_ENVELOPE_ID, statuses), (_MESSAGE_ID, _quotes(message))):
        for text in texts:
            if quoted := pattern.search(text):
                return quoted[1].decode().lower()
    return None


def _quotes(message: Message) -> list[bytes]:
    """What is quoted of the letter: in parts of their own, else at the end of the only text (Exim)."""
    quotes = [_content(part) for part in _parts(message) if part.get_content_type() in _QUOTES]
    return quotes or [_text(message)]


def _parts(message: Message) -> Iterator[Message]:
    """The parts, not those of the messages within."""
    yield message
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part)


def _text(message: Message) -> bytes:
    texts = [_content(part) for part in _parts(message) if part.get_content_type() == "text/plain"]
    return b"\n".join(texts)


def _content(part: Message) -> bytes:
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


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message in a mailbox: `raw` is no more of it than counts."""

    path: Path
    raw: bytes

    def settle(self) -> None:
        """Mark it as read, once what it says is stored. Twice does no harm. Raises Misconfigured."""
        name, _, flags = self.path.name.partition(":2,")
        marked = f"{name}:2,{''.join(sorted({*flags, 'S'}))}"
        # `mailbox.Maildir` would write it anew; a new name in the same place is all or nothing.
        with _reading(self.path.parent.parent), contextlib.suppress(FileNotFoundError):
            self.path.rename(self.path.parent.parent / "cur" / marked)


def unread(folder: Path) -> Iterator[Arrived]:
    """The messages in a Maildir that nobody has read, oldest first, as they are now.

    Those that are not settled come again the next time. Raises Misconfigured.
    """
    with _reading(folder):
        paths = [path for place in ("new", "cur") for path in (folder / place).iterdir()]
    for path in sorted(paths, key=lambda path: path.name):
        if "S" in path.name.partition(":2,")[2] or path.name.startswith(".") or not path.is_file():
            continue
        try:
            with _reading(folder), path.open("rb") as file:
                raw = file.read(LARGEST)
        except FileNotFoundError:
            continue  # another program was quicker
        yield Arrived(path, raw)


@contextlib.contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        if (folder / "new").is_dir() and (folder / "cur").is_dir():
            raise
        raise Misconfigured(f"{folder} is no Maildir: it has no folders new and cur in it.") from None
    except OSError as error:
        raise Misconfigured(
            f"The mailbox {folder} cannot be read or changed: {error.strerror}. We have to own it."
        ) from None
