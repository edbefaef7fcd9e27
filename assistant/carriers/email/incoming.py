"""What comes to our addresses, and what it is: a bounce, an answer, or nothing of ours.

A letter is named by its token, in the address that the mail was sent to, else in the Message-ID of ours that
it says it answers. Only who has seen a token can write it: whether it is one of ours, the caller looks up.
"""

import email
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from email.parser import BytesHeaderParser

from assistant.carriers.email import own_formats
from assistant.carriers.email.bounces import ANSWER_ADDRESS, ARRIVED_AT, ENDS, Bounce, read_bounce
from assistant.carriers.email.html_text import text_of
from assistant.carriers.email.parts import QUOTES, STATUSES, decoded, inner_parts
from assistant.carriers.email.senders import sender, unencoded
from assistant.domain.answers import AnswerKind, AnswerText

LARGEST = 10 * 1024 * 1024  # bytes that are read of a mail
HEAD_MAX = 65_536  # bytes of its head
BOUNDARIES_MAX = 10_000  # between its parts
LINES_MAX = 300_000  # twice as many as those of the largest file that is encoded as mail
TEXT_MAX = 50_000  # characters of an answer that are kept
LETTERS_MAX = 1_000  # that one mail can answer
PARTS_MAX = 500
NAMES_MAX = 20  # of attachments that are named
NAME_MAX = 100  # characters of a name

_RETURN_PATH = re.compile(rf"(?<![0-9a-z])bounce-([0-9a-f]{{32}}){ENDS}", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@[^<>\s]+>", re.IGNORECASE)
_ANSWERED = ("In-Reply-To", "References")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_BODIES = {"text/plain", "text/html"}
_STAYS = {"\n", "\t", "\u200c", "\u200d"}  # joiners: Persian and Hindi are written with them
_GOES = {"Cc", "Cf", "Cs", "Co", "Cn"}  # control and format, which can show a text in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a mail answers. `identity`: the same for the same mail, however it comes, and however often."""

    kind: AnswerKind
    content: AnswerText
    identity: bytes

    def to(self, people: int) -> "Answer":
        """The same, to the letters of so many."""
        return replace(self, content=replace(self.content, people=people))


@dataclass(frozen=True, slots=True)
class Addressed:
    """A mail to the letters that `tokens` name. It is read no further before it is known whose they are."""

    tokens: Sequence[str]
    raw: bytes

    def read(self) -> Answer | None:
        """What it answers; None where it only reports on a letter. Never raises, whatever came."""
        try:
            return _answer(_whole(self.raw))
        except Exception:  # the stdlib has many ways to fail at broken or deeply nested mail
            return self._read_head()

    def _read_head(self) -> Answer | None:
        try:
            return _answer(_head(self.raw))
        except Exception:
            identity = _digest([repr(self.raw)])
            return Answer(kind=AnswerKind.GENUINE, content=AnswerText(text=""), identity=identity)


def read_mail(raw: bytes) -> Bounce | Addressed | None:
    """What a mail is; None where it names no letter. Never raises, whatever came."""
    if bounce := read_bounce(raw):
        return bounce
    try:
        tokens = _tokens(_head(raw))
    except Exception:
        return None
    return Addressed(tokens, raw) if tokens else None


def _head(raw: bytes) -> Message:
    end = _HEAD_END.search(raw)
    return BytesHeaderParser().parsebytes(raw[: end.start() if end else HEAD_MAX][:HEAD_MAX] + b"\n\n")


def _whole(raw: bytes) -> Message:
    """The mail, as much of it as counts; its head alone where no program makes such a mail."""
    end = _HEAD_END.search(raw)
    broken = raw.count(b"\n--") > BOUNDARIES_MAX or raw.count(b"\n") > LINES_MAX
    if end is None or end.start() > HEAD_MAX or broken:
        return _head(raw)
    return email.message_from_bytes(raw[:LARGEST])


def _answer(message: Message) -> Answer | None:
    if own_formats.is_report(message):
        return None
    content = _content(message)
    kind = AnswerKind.AUTOMATIC if own_formats.is_automatic(message) else AnswerKind.GENUINE
    named = [str(message.get(name, "")) for name in ("Message-ID", "Date", "From")]
    return Answer(kind=kind, content=content, identity=_digest([content.text, *named]))


def _digest(facts: Sequence[str]) -> bytes:
    joined = "\0".join(" ".join(fact.split()) for fact in facts)
    return hashlib.blake2b(joined.encode("utf-8", "surrogateescape"), digest_size=32).digest()


def _tokens(message: Message) -> list[str]:
    """Of the addresses that it came to; where none is a letter's, of the letters that it says it answers.

    Programs answer to the return path, too (RFC 3834, section 4); so do servers, which answer no letter.
    """
    places: list[tuple[tuple[str, ...], re.Pattern[str]]] = [(ARRIVED_AT, ANSWER_ADDRESS)]
    if not own_formats.seems_returned(message):
        places += [(ARRIVED_AT, _RETURN_PATH), (_ANSWERED, _MESSAGE_ID)]
    for names, pattern in places:
        values = [str(value) for name in names for value in message.get_all(name, [])]
        if found := dict.fromkeys(each.lower() for value in values for each in pattern.findall(value)):
            return list(found)[:LETTERS_MAX]
    return []


def _content(message: Message) -> AnswerText:
    bodies: list[str] = []
    names: list[str] = []
    files = 0
    for part in _leaves(message):
        if part.get_content_type() in _BODIES and not _is_file(part):
            bodies.append(_text(part))
        elif part.get_content_type() not in STATUSES | QUOTES or _is_file(part):
            files += 1
            names.append(_line(_file_name(part))[:NAME_MAX])
    return AnswerText(
        text="\n\n".join(filter(None, bodies))[:TEXT_MAX].rstrip(),
        sender=_sender(message),
        attachments=tuple(filter(None, names))[:NAMES_MAX],
        files=files,
    )


def _file_name(part: Message) -> str:
    try:
        return str(part.get_filename() or "")
    except Exception:  # it is encoded wrongly
        return "?"


def _sender(message: Message) -> str:
    name, address = sender(str(message.get("From", "")))
    named = _line(unencoded(name))[:NAME_MAX]
    return _line(f"{named} <{address}>" if named else address)[: 2 * NAME_MAX]


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, of alternatives the plainest one; not those of messages within."""
    waiting = [message]
    for _ in range(PARTS_MAX):
        if not waiting:
            return
        part = waiting.pop()
        inner = inner_parts(part)
        if part.get_content_maintype() != "multipart" or not inner:
            yield part
            continue
        if part.get_content_subtype() == "alternative":
            inner = _plainest(inner)
        waiting.extend(reversed(inner))


def _plainest(alternatives: Sequence[Message]) -> list[Message]:
    """The plain text, unless it is empty; then the last one, which is the best."""
    said = [each for each in alternatives if each.get_content_type() == "text/plain" and _text(each)]
    return list(said[:1] or alternatives[-1:])


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_file_name(part))


def _text(part: Message) -> str:
    written = decoded(part)
    said = text_of(written) if part.get_content_type() == "text/html" else written
    lines = [line.rstrip() for line in _plain(said.lstrip()[: 2 * TEXT_MAX]).split("\n")]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept).strip()


def _plain(text: str) -> str:
    """Without what cannot be seen, or changes how the rest is shown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return "".join(each for each in text if each in _STAYS or unicodedata.category(each) not in _GOES)


def _line(text: str) -> str:
    return " ".join(_plain(text[: 4 * NAME_MAX]).split())
