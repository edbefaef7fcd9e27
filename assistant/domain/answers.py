"""What offices answer to letters: how far each answer is, and which of them say the same."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assistant.domain.letters import LetterRef
from assistant.domain.quotation import without_quotation

SETTLED_AT_ONCE = 200
"""So many answers are settled in one transaction: 2,000 took 2.5 s on SQLite, in which no turn was stored."""

_GREETING = re.compile(  # at the beginning of a line; only a name behind it is looked for
    r"^[^\S\n]*(?:(?:"
    r"dear|hello|hi|good (?:morning|afternoon|evening|day)|to|mr|mrs|ms|miss|mx|dr|prof|"
    r"estimad[oa]s?|apreciad[oa]s?|querid[oa]s?|distinguid[oa]s?|respetad[oa]s?|señor(?:a|it[oa])?|sra?|srta|"
    r"don|doña|dra|lic|licenciad[oa]|hola|buen[oa]s (?:d[ií]as|tardes|noches)|buen d[ií]a|"
    r"cher|ch[èe]re|madame|monsieur|mme|bonjour|sehr geehrte[rs]?|liebe[rs]?|frau|herrn?|guten tag|"
    r"prezad[oa]s?|car[oa]|gentile|egregio|geachte|beste|kära|bästa|kære"
    r")[.,]?[^\S\n]+)+",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"\S+")
_ENDS = ",:;.!?，：、；。"  # behind a name
_LONGEST_NAME = 500  # characters in which it is looked for
_THE_WRITER = "\0"  # stands in no text that came
_MARKS = re.compile("[\u0300-\u036f]")  # accents, which one office writes and another does not


class AnswerKind(StrEnum):
    """Who answers: a person, or a program by itself (RFC 3834)."""

    GENUINE = "genuine"
    AUTOMATIC = "automatic"


class AnswerStatus(StrEnum):
    """How far an answer is."""

    NEW = "new"
    PASSED = "passed"
    SET_ASIDE = "set aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerText:
    """What came: nothing of it is believed or executed.

    `sender`: who it says it is from. `attachments`: the names of files, which are not kept; `files`: how many
    there were. `people`: to letters of how many it was sent; of several, it may name one to the others.
    """

    text: str
    sender: str = ""
    attachments: Sequence[str] = ()
    files: int = 0
    people: int = 1

    @property
    def said(self) -> str:
        """The text without what it quotes; all of it where it does nothing but quote."""
        return without_quotation(self.text) or self.text

    @property
    def address(self) -> str:
        """The sender's, without the name that they give themselves."""
        return self.sender.rpartition("<")[2].removesuffix(">")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeAnswer:
    """An answer to a letter.

    `content`: None where it is kept no longer, or was not asked for. `likeness`: the same for answers that
    say the same; None where it is kept no longer.
    """

    id: int
    letter: int
    ref: LetterRef
    kind: AnswerKind
    status: AnswerStatus
    received_at: datetime
    content: AnswerText | None
    likeness: str | None = None

    @property
    def case(self) -> str:
        """The slug of its case."""
        return self.ref.case


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGroup:
    """New answers to letters of one case that say the same: the first one, the number of the last one."""

    example: OfficeAnswer
    last: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCount:
    """How many answers there are, of either kind.

    `letters`: how many letters people have answered. `waiting`: answers that nobody has settled. `passed`:
    those that were passed on.
    """

    letters: int = 0
    genuine: int = 0
    automatic: int = 0
    waiting: int = 0
    passed: int = 0

    def __add__(self, other: "AnswerCount") -> "AnswerCount":
        """Of both together."""
        return AnswerCount(
            letters=self.letters + other.letters,
            genuine=self.genuine + other.genuine,
            automatic=self.automatic + other.automatic,
            waiting=self.waiting + other.waiting,
            passed=self.passed + other.passed,
        )


def essence(said: str, name: str) -> str:
    """A text for comparing it: the same for two answers that differ in nothing but whom they greet.

    `name`: that of who wrote the letter. Only that name goes out, or a part of it, right behind a greeting;
    nor do blanks and capitals count. All else does: whoever has read one has read the other.
    """
    text = unicodedata.normalize("NFC", _unnamed(said, name))
    return " ".join(text.split()).casefold()


def _unnamed(said: str, name: str) -> str:
    greeting = _GREETING.search(said)
    if greeting is None:
        return said
    parts = [_folded(part) for part in name.split()]
    begin = end = greeting.end()
    line, _, _ = said[begin : begin + _LONGEST_NAME].partition("\n")
    for word in _WORD.finditer(line):
        bare = word[0].rstrip(_ENDS)
        part = next((each for each in map(_folded, (word[0], bare)) if each in parts), None)
        if part is None:
            break
        parts.remove(part)
        end = begin + word.start() + (len(word[0]) if part != _folded(bare) else len(bare))
    return said[:begin] + _THE_WRITER + said[end:] if end > begin else said


def _folded(word: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKD", word)).casefold()
