"""What offices answer to letters: how far each answer is, and which of them say the same."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assistant.domain.letters import LetterRef
from assistant.domain.quotation import without_quotation

_SALUTATION = re.compile(
    r"\s*(?:dear|hello|hi|good (?:morning|afternoon|evening|day)|to|mr|mrs|ms|"
    r"estimad[oa]s?|apreciad[oa]s?|querid[oa]s?|distinguid[oa]s?|respetad[oa]s?|señor(?:a|es|as)?|sra?|hola|"
    r"buen[oa]s (?:d[ií]as|tardes|noches)|"
    r"cher|ch[èe]re|madame|monsieur|bonjour|sehr geehrte[rs]?|liebe[rs]?|guten tag|"
    r"prezad[oa]s?|car[oa]|gentile|egregio|geachte|beste|kära|bästa|kære)\b[^\n,:;!]{0,80}[,:;!]?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
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
    there were.
    """

    text: str
    sender: str = ""
    attachments: Sequence[str] = ()
    files: int = 0

    @property
    def said(self) -> str:
        """The text without what it quotes; all of it where it does nothing but quote."""
        return without_quotation(self.text) or self.text


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
    """What is left of a text for comparing it: the same for two answers that differ in whom they greet.

    `name`: that of who wrote the letter. It goes out, as do a greeting, digits, signs and spaces. Everything
    else counts: `not` is never left out.
    """
    greeting = _SALUTATION.match(said)
    names = set(map(_folded, _WORD.findall(name)))
    words = _WORD.findall(said[greeting.end() :] if greeting else said)
    # A name begins with no small letter: of `Not Example` only the latter goes out of "we do not know".
    return " ".join(each for word in words if (each := _folded(word)) not in names or word[0].islower())


def _folded(word: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKD", word)).casefold()
