"""What a person looks at before it is sent: names and lines that could harm the case in the campaign's name.

Nothing here refuses anything: who is held by mistake loses some time, and nothing else.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, partial

from assistant.domain.digits import NumberFinder
from assistant.domain.hidden_links import LinkFinder
from assistant.domain.letters import LetterRef
from assistant.domain.obfuscation import consonants, is_foreign, plain, readings, spelled_out, words
from assistant.domain.phrases import pattern


class Finding(StrEnum):
    """Why a letter is looked at."""

    LINK = "link"
    NUMBER = "number"
    ADDRESS = "address"
    THREAT = "threat"
    SLUR = "slur"
    IMPERSONATION = "impersonation"
    REPEATED = "repeated"
    OWN_WORDS = "own words"  # where every line is read


LISTED = (Finding.THREAT, Finding.SLUR, Finding.IMPERSONATION, Finding.ADDRESS)
"""What word lists have entries for."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and whether in the name: otherwise in the line."""

    finding: Finding
    in_name: bool = False

    def __str__(self) -> str:
        """As it is stored: `link`, `name:slur`."""
        return f"name:{self.finding}" if self.in_name else str(self.finding)

    @classmethod
    def parse(cls, stored: str) -> "tuple[Found, ...]":
        """What `join` stored."""
        read = (each.rpartition(":") for each in stored.split(",") if each)
        return tuple(cls(Finding(finding), bool(where)) for where, _, finding in read)


def join(found: Iterable[Found]) -> str:
    """As they are stored; empty for none."""
    return ",".join(map(str, found))


@dataclass(frozen=True, slots=True)
class Entry:
    """What is held for one reason: phrases, as `phrases` reads them."""

    says: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList:
    """What is held in one language.

    `entries`: by finding. `sets`: words by name, with `|` between. `numerals`: how digits are spelled.
    `dots`, `ats`: what those signs are called. `calls`: words behind which stands a number to call.
    `between`: words that may stand between digits.
    """

    language: str
    entries: Mapping[Finding, Sequence[Entry]]
    sets: Mapping[str, str] = field(default_factory=dict)
    numerals: Mapping[str, str] = field(default_factory=dict)
    dots: Collection[str] = ()
    ats: Collection[str] = ()
    calls: Collection[str] = ()
    between: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """Whose names nobody else signs with: the case's person, and the offices that are written to."""

    person: str = ""
    offices: tuple[str, ...] = ()


_NAME_WORD = re.compile(r"[^\W\d_]+")
_DASHED = re.compile(r"(?:[-–—~]|\n)\s*([^-–—~\n]{3,60})$")
PERSON = "thatperson"  # stands for the name of the case's person
_SENTENCE = re.compile(r"[^.!?:;()\n]+")
_CONSONANTS_MIN = 2
_ALIKE_MIN = 8  # letters of a name from which on one of them may differ


class ReviewDecision(StrEnum):
    """What may become of a letter that is looked at."""

    RELEASE = "release"
    WITHOUT_LINE = "without-line"
    REFUSE = "refuse"


class RefusalReason(StrEnum):
    """Why a letter is refused, as its writer is told."""

    WORDS = "words"  # insults or threats
    CONTACT = "contact"  # links, numbers, addresses
    NAME = "name"  # it is signed as somebody else
    CASE = "case"  # it would harm the case


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLetter:
    """A letter that waits until somebody has read it: nothing that points to who wrote it.

    `line`: None where there is none. `restored`: it may have been sent already; see `Letter.restored_at`.
    """

    number: int
    ref: LetterRef
    found: tuple[Found, ...]
    line: str | None
    restored: bool = False

    @property
    def by_name(self) -> bool:
        """Whether there is something about its name."""
        return any(each.in_name for each in self.found)

    @property
    def can_lose_line(self) -> bool:
        """Whether it could be sent without its line."""
        return self.line is not None and not self.by_name


DECIDED_AT_ONCE = 200
"""So many letters are decided about in one transaction."""


class Reviewer:
    """Tells what has to be looked at."""

    def __init__(self, lists: Sequence[WordList]) -> None:
        """Raises BadPhrase where a list cannot be read."""
        self._lists = tuple(lists)
        self._links = LinkFinder(_folded(lists, "dots"), _folded(lists, "ats"))
        numerals = {plain(word): digits for each in lists for word, digits in each.numerals.items()}
        self._numbers = NumberFinder(numerals, _folded(lists, "between"), _folded(lists, "calls"))
        self._officials = [
            official
            for each in lists
            for official in each.sets.get("official", "").replace("_", " ").split("|")
            if official
        ]
        self._small = frozenset(
            word for each in lists for word in map(plain, each.sets.get("small", "").split("|")) if word
        )
        self._rules = _rules(lists)
        self._slurs = frozenset(_single_words(lists))

    def found(self, name: str, line: str | None, names: Names) -> tuple[Found, ...]:
        """What there is to look at in a name and a line, as they were cleaned; empty: nothing."""
        in_line = self._in_text(line, names) if line else set()
        in_name = self._in_text(name, names)
        if self._is_somebody_else(name, names):
            in_name.add(Finding.IMPERSONATION)
        if line and self._is_signed_by_somebody_else(line, names):
            in_line.add(Finding.IMPERSONATION)
        return (
            *(Found(each) for each in Finding if each in in_line),
            *(Found(each, in_name=True) for each in Finding if each in in_name),
        )

    def _in_text(self, text: str, names: Names) -> set[Finding]:
        folded = plain(text)
        read = tuple(readings(folded))
        found = set()
        if self._links.find(plain(text, fold=False)):
            found.add(Finding.LINK)
        if self._numbers.find(folded):
            found.add(Finding.NUMBER)
        if self._numbers.is_place(folded):
            found.add(Finding.ADDRESS)
        gapless = "".join(f" {each} " for each in spelled_out(folded))
        person = _NAME_WORD.findall(plain(names.person))
        tokens = [_with_person(words(each), person) for each in read]
        for finding, (spaced, squashed) in self._rules.items():
            if any(spaced.search(each) for each in tokens) or (gapless and squashed().search(gapless)):
                found.add(finding)
        if self._is_masked_slur(folded):
            found.add(Finding.SLUR)
        return found

    def _is_somebody_else(self, name: str, names: Names) -> bool:
        """Whether a name is that of the case's person, or an official's title."""
        for reading in readings(plain(name)):
            signed = _NAME_WORD.findall(reading)
            if _same_person(signed, _NAME_WORD.findall(plain(names.person))):
                return True
            meant = [word for word in signed if word not in self._small]
            spoken = f" {' '.join(signed)} "
            if any(f" {plain(official)} " in spoken for official in self._officials):
                return True
            for office in names.offices:
                title = [word for word in _NAME_WORD.findall(plain(office)) if word not in self._small]
                if len(meant) > 1 and len(title) > 1 and set(meant) <= set(title):
                    return True
        return False

    def _is_signed_by_somebody_else(self, line: str, names: Names) -> bool:
        """Whether such a name stands behind a dash at the end of a line, or as its last sentence."""
        if (dashed := _DASHED.search(line)) and self._is_somebody_else(dashed[1], names):
            return True
        last = next((each for each in reversed(_SENTENCE.findall(line)) if each.strip()), "")
        said = [word for word in _NAME_WORD.findall(plain(last)) if word not in self._small]
        named = len(_NAME_WORD.findall(plain(names.person)))
        titled = any(plain(each) == " ".join(said) for each in self._officials)
        return titled or (1 < len(said) <= named and self._is_somebody_else(last, names))

    def _is_masked_slur(self, folded: str) -> bool:
        """Whether signs hide letters of one: `p*ta`."""
        for masked in _MASKED.findall(folded):
            meant = re.compile(_SIGNS.sub(_letters, masked))
            if any(meant.fullmatch(word) for word in self._slurs):
                return True
        return False


_SIGNS = re.compile(r"[*#%]+")


def _letters(signs: re.Match[str]) -> str:
    """As many letters as there are signs, or one more."""
    return rf"[^\W\d_]{{{len(signs[0])},{len(signs[0]) + 1}}}"


_ENDINGS = ("s", "e", "es", "o", "os", "a", "as", "er", "ers", "ed", "ing")
_MASKED = re.compile(r"(?<!\w)[^\W\d_]+[*#%]+[^\W\d_]*(?!\w)")


def _folded(lists: Sequence[WordList], what: str) -> set[str]:
    return {plain(each) for one in lists for each in getattr(one, what)}


def _single_words(lists: Sequence[WordList]) -> Iterable[str]:
    for each in lists:
        for entry in each.entries.get(Finding.SLUR, ()):
            for says in entry.says:
                if len(says.split()) == 1 and "{" not in says:
                    for word in says.split("|"):
                        stem = plain(word.strip("*"))
                        yield from (stem, *(f"{stem}{end}" for end in _ENDINGS if word.endswith("*")))


_Rules = Mapping[Finding, tuple[re.Pattern[str], Callable[[], re.Pattern[str]]]]


def _rules(lists: Sequence[WordList]) -> _Rules:
    """By finding what finds its phrases: in words, and in letters without gaps, made when there are any."""
    rules = {}
    for finding in LISTED:
        spaced, squashed = [], []
        for each in lists:
            sets = {**each.sets, "person": PERSON}
            phrases = [says for entry in each.entries.get(finding, ()) for says in entry.says]
            spaced += [pattern(says, sets) for says in phrases]
            squashed += [pattern(says, sets, squashed=True) for says in phrases if _is_long(says)]
        rules[finding] = (_any_of(spaced), cache(partial(_any_of, squashed)))
    return rules


def _is_long(says: str) -> bool:
    return len(says.split()) > 1


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) if patterns else r"(?!)")


def _with_person(tokens: str, person: Sequence[str]) -> str:
    """The words with one word for the person's name, as phrases have it."""
    if not person:
        return tokens
    tokens = tokens.replace(f" {' '.join(person)} ", f" {PERSON} ")
    if len(person) > 1 and is_foreign(tokens):
        sounds = f" {' '.join(map(consonants, person))} "
        heard = [consonants(each) or "-" for each in tokens.split()]
        place = f" {' '.join(heard)} ".find(sounds)
        if place >= 0:
            before = f" {' '.join(heard)} "[:place].count(" ")
            said = tokens.split()
            said[before : before + len(person)] = [PERSON]
            tokens = f" {' '.join(said)} "
    return tokens


def _same_person(signed: Sequence[str], person: Sequence[str]) -> bool:
    """Whether somebody signs with that person's name, in whatever letters and with whatever else."""
    if not person or not signed:
        return False
    if set(person) <= set(signed):
        return len(person) > 1 or len(signed) == 1
    together, theirs = "".join(signed), "".join(person)
    if len(person) > 1 and (
        theirs in together or (len(theirs) >= _ALIKE_MIN and _differ_by_one(together, theirs))
    ):
        return True
    if not is_foreign(together):
        return False
    sounds, sought = [consonants(each) for each in signed], [consonants(each) for each in person]
    return len(sought) > 1 and all(len(each) >= _CONSONANTS_MIN and each in sounds for each in sought)


def _differ_by_one(one: str, other: str) -> bool:
    """Whether one letter is another, too many or too few, or two have changed places."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
