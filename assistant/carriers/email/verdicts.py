"""What a mail server can say of a letter, and its reasons in our words."""

import re
from collections.abc import Set
from dataclasses import dataclass
from enum import Enum, auto


class Fate(Enum):
    """How it stands with a letter."""

    DELIVERED = auto()
    FAILED = auto()
    ON_ITS_WAY = auto()
    UNCLEAR = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a mail server says. `recipients`: of which addresses, where it names any; `reason`: ours."""

    fate: Fate
    recipients: Set[str] = frozenset()
    reason: str = ""


# RFC 3463, section 3: the subject and the detail of a code, whatever its class; the longest beginning counts.
_WHY = {
    "1": "there is no such address; see it in the file of the case",
    "1.7": "our own address is refused; see ASSISTANT_MAIL_FROM",
    "1.8": "our own address is refused; see ASSISTANT_MAIL_FROM",
    "2": "the mailbox takes nothing now, or nothing of that size",
    "2.2": "the mailbox is full",
    "2.3": "it is too large",
    "3.4": "it is too large",
    "4": "the office's mail server could not be found or reached; see its address in the file of the case",
    "7": "the office's mail server refuses letters of ours by its rules",
}
_LATE = "the office's mail server could not be reached in time"  # 4.4: it was tried for days

# What servers write beside a code that says nothing (x.0.0), or without any.
_WORDS = {
    "1": r"user unknown|unknown (?:user|recip|address)|not? such |no mailbox|n.t (?:exist|have)|not exist",
    "2.2": r"quota|(?:is|box) full|full (?:mail|in)?box|storage",
    "3.4": r"too (?:large|big|long)|(?:size|length) (?:limit|exceed)|exceeds.{1,40}size",
    "7": r"spam|polic(?:y|ies)|blocked|black ?list|block ?list|denied|refused|prohibited",
}

_CODE = re.compile(r"(?<![\w.])[45]\.\d{1,3}\.\d{1,3}(?![.\d])")
_ANSWER = re.compile(r"(?<![\w.])[45]\d\d[ \t:#-]+([45]\.\d{1,3}\.\d{1,3})(?![.\d])")
_VAGUE = re.compile(r"[45]\.0\.\d+")


def came_back(status: str, told: str) -> str:
    """Why a letter came back. `status`: a code, where there is one; `told`: in the server's words.

    No word of the server's is in it, as those often quote addresses.
    """
    code = _telling(status, told)
    why = _why(code, " ".join(told.lower().split()))
    shown = f" ({code})" if code else ""
    return f"The letter came back{shown}: {why}." if why else f"The letter came back{shown}."


def _telling(status: str, told: str) -> str:
    """The first code that says something; a server's answer goes before what else looks like a code."""
    quoted = [found for pattern in (_ANSWER, _CODE) for found in pattern.findall(told)]
    codes = [status, *quoted] if status else quoted
    return next((code for code in codes if not _VAGUE.fullmatch(code)), codes[0] if codes else "")


def _why(code: str, told: str) -> str | None:
    if code.startswith("4.4"):
        return _LATE
    subject = code.partition(".")[2]
    if not subject or _VAGUE.fullmatch(code):
        subject = next((subject for subject, words in _WORDS.items() if re.search(words, told)), "")
    parts = subject.split(".")
    return _WHY.get(".".join(parts[:2])) or _WHY.get(parts[0])
