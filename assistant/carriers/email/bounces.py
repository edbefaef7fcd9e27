"""What comes back to our addresses: which letters could not be delivered, told by mail servers.

It names our letter by its token: in the address that it was sent to, else in what it quotes of the letter.
Only who has seen a token can forge such a message: one that is none of ours finds nothing. What is read first
is a status report (RFC 3464), then what a server says in its own words. What people and their programs answer
(thanks, holiday notes, complaints) is no news.
"""

import email
import re
from collections.abc import Set
from dataclasses import dataclass
from email.message import Message

from assistant.carriers.base import Ref, Report
from assistant.carriers.email import own_formats
from assistant.carriers.email.addresses import same_mailbox
from assistant.carriers.email.parts import QUOTES, STATUSES, contents, text
from assistant.carriers.email.senders import is_of_a_program
from assistant.carriers.email.status_reports import read_status
from assistant.carriers.email.verdicts import Fate, Verdict
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus

LARGEST = 262_144  # bytes that are read of a message: what counts stands before the letter that it returns

ARRIVED_AT = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Cc")
ENDS = r"\"?(?=@|$|[\s>,;])"  # what may follow a token
_TOKEN = r"([0-9a-f]{32})"  # noqa: S105
_ADDRESS = re.compile(rf"(?<![0-9a-z])bounce-{_TOKEN}(?:@|$)", re.IGNORECASE)
ANSWER_ADDRESS = re.compile(rf"\+{_TOKEN}{ENDS}", re.IGNORECASE)
_MESSAGE_ID = re.compile(rf"^message-id[ \t]*:\s*<{_TOKEN}@".encode(), re.IGNORECASE | re.MULTILINE)
_ENVELOPE_ID = re.compile(
    rf"^original-envelope-id[ \t]*:[ \t]*{_TOKEN}[ \t]*\r?$".encode(), re.IGNORECASE | re.MULTILINE
)

_HAS_IT = "the office's mail server says that it has it"
_ELSEWHERE = (
    "It came back from another address than the one that we wrote to: the office's mail server sends it on. "
    "Others there may have it: ask the office."
)
_UNREAD = "Something came back that could not be understood: look at it in the mailbox of what comes back."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce(Report):
    """What a message says of a letter, which its `reference` names.

    `recipients`: the addresses that it is about, where it names any.
    """

    recipients: Set[str] = frozenset()

    @property
    def understood(self) -> bool:
        """Whether it is certain what it says; else a person has to read it."""
        return not (isinstance(self.outcome, Failure) and self.outcome.uncertain)

    def of_letter_to(self, address: str) -> Report:
        """What it says of a letter to that address.

        A failure of another mailbox, such as one of those that an alias stands for, leaves it uncertain.
        """
        failed = isinstance(self.outcome, Failure) and self.understood
        if failed and self.recipients and not any(same_mailbox(each, address) for each in self.recipients):
            return Report(Failure(_ELSEWHERE, uncertain=True), reference=self.reference)
        return self


def read_bounce(raw: bytes) -> Bounce | None:
    """What a message says of a letter; None where there is nothing to do. Never raises, whatever came."""
    try:
        return _read(email.message_from_bytes(raw[:LARGEST]))
    except Exception:  # the stdlib has many ways to fail at broken or deeply nested mail
        return None


def _read(message: Message) -> Bounce | None:
    statuses = contents(message, STATUSES)
    token = _token(message, statuses)
    if token is None:
        return None
    verdict = read_status(b"\n\n".join(statuses)) or _in_words(message)
    return _bounce(verdict, token) if verdict else None


def _in_words(message: Message) -> Verdict | None:
    """What a server says in its own words; at a letter's own address, where people write, only a program."""
    verdict = own_formats.read(message)
    if verdict is None or not _found(message, ANSWER_ADDRESS) or _found(message, _ADDRESS):
        return verdict
    certain = is_of_a_program(str(message.get("From", ""))) and verdict.fate is not Fate.UNCLEAR
    return verdict if certain else None


def _found(message: Message, pattern: re.Pattern[str]) -> str | None:
    """The token in an address that it came to."""
    values = (str(value) for name in ARRIVED_AT for value in message.get_all(name, []))
    return next((found[1].lower() for value in values if (found := pattern.search(value))), None)


def _bounce(verdict: Verdict, token: str) -> Bounce | None:
    match verdict.fate:
        case Fate.DELIVERED:
            ref = Ref(LetterStatus.DELIVERED, token, reason=_HAS_IT)
            return Bounce(outcome=ref, reference=token)
        case Fate.FAILED:
            failure = Failure(verdict.reason, permanent=True)
            return Bounce(outcome=failure, reference=token, recipients=verdict.recipients)
        case Fate.UNCLEAR:
            return Bounce(outcome=Failure(_UNREAD, uncertain=True), reference=token)
        case Fate.ON_ITS_WAY:
            return None


def _token(message: Message, statuses: list[bytes]) -> str | None:
    if token := _found(message, _ADDRESS):
        return token
    # Exim quotes at the end of the only text.
    quotes = contents(message, QUOTES) or [text(message).encode()]
    for pattern, texts in ((_ENVELOPE_ID, statuses), (_MESSAGE_ID, quotes)):
        for each in texts:
            if quoted := pattern.search(each):
                return quoted[1].decode().lower()
    return None
