"""The kinds of answers, and how what people type is understood."""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from assistant.dialogue.doubts import Doubts, NameDoubts
from assistant.dialogue.options import MANY, Option, pick, search
from assistant.dialogue.words import behind, fold, is_marked
from assistant.domain import validation
from assistant.domain.broadcasts import TEXT_MAX
from assistant.domain.letters import NAMELESS
from assistant.domain.ports import Found, Gazetteer, Typeface
from assistant.domain.texts import CountryName, Locale
from assistant.domain.validation import Refusal

T = TypeVar("T", bound="str | None", covariant=True)


@dataclass(frozen=True, slots=True)
class Reading:
    """With what an answer is read: the person's language, the countries, the print, what was offered last.

    `sure`: it was asked before whether what is read is the answer.
    """

    locale: Locale
    gazetteer: Gazetteer
    typeface: Typeface
    _: KW_ONLY
    offered: tuple[str, ...] = ()
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer understood: what to store."""

    value: str | None


@dataclass(frozen=True, slots=True)
class Unsure:
    """Something close to these values: ask which one was meant."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What about a text is refused: `part` of it, or all of it where that is empty.

    `length`: of what was written and `limit`: of what fits, in characters after cleaning.
    """

    part: str = ""
    length: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Several(Unsure):
    """So many options fit what was written: the list is narrowed down to them."""


@dataclass(frozen=True, slots=True)
class NoName(Unsure):
    """Ask whether the first of these is the name: what was written looks like none, or like more than one."""


@dataclass(frozen=True, slots=True)
class NoLine(Unsure):
    """This looks like no sentence for a letter: ask whether it is one."""


Understood = Taken | Unsure | Refusal


class Lapsed(ValueError):
    """A stored answer could be taken once, and cannot be any more: `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"An answer has lapsed: {refusal}.")
        self.refusal = refusal


class Answer(ABC, Generic[T]):
    """A kind of answer. `binding`: its meaning depends on what was shown with the question."""

    binding = False
    in_own_words = False  # anything may be meant, also a question that is none for us
    typed = False  # also where there is something to choose
    searched = False  # a few letters narrow its options down
    limit = 0

    def options(self, reading: Reading) -> tuple[Option, ...]:  # noqa: ARG002  most kinds offer none
        """What to choose from."""
        return ()

    def exactly(self, text: str, reading: Reading) -> str | None:
        """The option that `text` names in full: it goes before the words that work everywhere."""
        return pick(text, self.options(reading), reading.locale, loosely=False)

    def answered_by(self, text: str, reading: Reading) -> bool:
        """Whether `text` is an answer, though it may read like a question: `Lima?`."""
        return bool(self.exactly(text, reading))

    @abstractmethod
    def understand(self, text: str, reading: Reading) -> Understood:
        """What `text` means as an answer."""

    def fault(self, text: str, refusal: Refusal, reading: Reading) -> Fault:  # noqa: ARG002
        """What about `text` is refused. Most kinds are refused as a whole."""
        return Fault(length=len(text), limit=self.limit)

    @abstractmethod
    def restore(self, stored: str | None, reading: Reading) -> T:
        """The stored answer as conversations get it. Raises ValueError where it is valid no longer."""


class Choice(Answer[str]):
    """One of a few; or of many, which a few letters narrow down to those that fit."""

    binding = True

    def __init__(self, *options: Option, by_words: bool = False) -> None:
        """`by_words`: words of the labels tell the options apart, also where they are few: `Guatemala`."""
        self._options = options
        self._by_words = by_words
        self.searched = len(options) > MANY

    def options(self, reading: Reading) -> tuple[Option, ...]:
        narrowed = tuple(option for option in self._options if option.value in reading.offered)
        return narrowed or self._options

    def understand(self, text: str, reading: Reading) -> Understood:
        value = pick(text, self.options(reading), reading.locale, loosely=True)
        if value is not None:
            unsure = is_marked(text) and any(each.value == value and each.agrees for each in self._options)
            return Refusal.NOT_OFFERED if unsure else Taken(value)  # `Send?` does not send
        found = search(text, self._options, reading.locale) if self.searched or self._by_words else ()
        if len(found) > 1:
            return Several(found)
        return Taken(found[0]) if found else Refusal.NOT_OFFERED

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        if stored is None or stored not in {option.value for option in self._options}:
            raise ValueError("no longer offered")
        return stored


class Recipients(Choice):
    """Some of several. The answer is their slugs with blanks between, in their order."""

    def __init__(self, everybody: Option, left_out: Mapping[str, Option], only: Collection[Option]) -> None:
        """`everybody`: all of them; `left_out`: all but one, by its slug.

        `only`: one alone, under its slug, which is not shown: whoever names an office wants to write to it.
        """
        super().__init__(everybody, *left_out.values(), by_words=True)
        self._left_out = left_out
        self._only = tuple(only)

    def understand(self, text: str, reading: Reading) -> Understood:
        if wanted := self._ordered(text.replace(",", " ").split()):
            return Taken(wanted)
        if pick(text, self.options(reading), reading.locale, loosely=True) is None:
            named = search(text, self._only, reading.locale)
            if named:
                return Taken(named[0]) if len(named) == 1 else Refusal.NOT_OFFERED
        found = super().understand(text, reading)
        if not isinstance(found, Taken):
            return found
        kept = [slug for slug, option in self._left_out.items() if option.value != found.value]
        return Taken(self._ordered(kept))

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        if not (known := self._ordered((stored or "").split())):
            raise ValueError("no longer offered")
        return known

    def _ordered(self, chosen: Sequence[str]) -> str:
        """Those that were chosen in their order; empty where something else is among them."""
        known = list(self._left_out)
        return " ".join(each for each in known if each in chosen) if set(chosen) <= set(known) else ""


class Name(Answer[str]):
    """What somebody is called."""

    typed = True
    limit = validation.NAME_MAX

    def understand(self, text: str, reading: Reading) -> Understood:
        return _printable(validation.clean_name(text), reading)

    def fault(self, text: str, refusal: Refusal, reading: Reading) -> Fault:
        return _fault(validation.clean(text), refusal, reading, self.limit)

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        if stored is None or validation.clean_name(stored) != stored:
            raise ValueError("no longer a valid name")
        return stored


class Signature(Name):
    """What stands under a letter: a name, or NAMELESS. It is asked whether what looks like no name is one."""

    def __init__(self, doubts: NameDoubts, nameless: Option, others: Collection[str] = ()) -> None:
        """`nameless`: to sign without a name. `others`: names that are somebody else's."""
        self._doubts = doubts
        self._nameless = nameless
        self._others = others

    def options(self, reading: Reading) -> tuple[Option, ...]:
        asked_back = (self._doubts.keep, self._doubts.other) if reading.offered else ()
        return (*asked_back, self._nameless)

    def understand(self, text: str, reading: Reading) -> Understood:
        doubts, locale = self._doubts, reading.locale
        if chosen := self.exactly(text, reading):
            if chosen == self._nameless.value:
                return Taken(NAMELESS)
            return Taken(reading.offered[0]) if chosen == doubts.keep.value else Refusal.NOT_THE_NAME
        taken = _printable(validation.clean_name(behind(text, doubts.before, locale) or text), reading)
        if not isinstance(taken, Taken) or taken.value is None:
            return taken
        name = taken.value
        if reading.sure or (name in reading.offered and not doubts.is_none(name, locale)):
            return taken  # written once more, so it is meant
        if reading.offered and doubts.says_yes(name, locale):
            return Taken(reading.offered[0])
        inner = doubts.inner(name, locale)
        if (
            inner
            and not isinstance(validation.clean_name(inner), Refusal)
            and not doubts.doubt(inner, locale)
        ):
            return NoName((validation.clean(inner), name))
        return NoName((name,)) if self._is_doubtful(name, doubts, reading) else taken

    def _is_doubtful(self, name: str, doubts: NameDoubts, reading: Reading) -> bool:
        """Whether it looks like no name, is a country, or somebody else's."""
        if doubts.doubt(name, reading.locale) or fold(name) in map(fold, self._others):
            return True
        return reading.gazetteer.names(name, reading.locale.language)

    def restore(self, stored: str | None, reading: Reading) -> str:
        return NAMELESS if stored == NAMELESS else super().restore(stored, reading)


class PersonalLine(Answer[str | None]):
    """A free line that may be skipped: then the answer is None."""

    in_own_words = True

    def __init__(
        self,
        skip: Option,
        others: Sequence[Option],
        doubts: Doubts | None = None,
        limit: int = validation.PERSONAL_LINE_MAX,
    ) -> None:
        """`others` are not offered: who writes one of them is asked for the line.

        With `doubts` it is asked whether what looks like no sentence is one. `limit`: characters after
        cleaning.
        """
        self._skip = skip
        self._others = others
        self._doubts = doubts
        self.limit = limit

    def options(self, reading: Reading) -> tuple[Option, ...]:
        return (self._doubts.keep, self._skip) if self._doubts and reading.offered else (self._skip,)

    def understand(self, text: str, reading: Reading) -> Understood:
        if chosen := self.exactly(text, reading):
            return Taken(None if chosen == self._skip.value else reading.offered[0])
        if not fold(text).isdecimal() and pick(text, self._others, reading.locale, loosely=False):
            return Refusal.ANNOUNCED
        taken = _printable(validation.clean_personal_line(text, self.limit), reading)
        if self._doubts is None or reading.sure or not isinstance(taken, Taken) or taken.value is None:
            return taken
        doubtful = taken.value not in reading.offered and self._doubts.doubt(taken.value, reading.locale)
        return NoLine((taken.value,)) if doubtful else taken

    def fault(self, text: str, refusal: Refusal, reading: Reading) -> Fault:
        return _fault(validation.clean(text), refusal, reading, self.limit)

    def restore(self, stored: str | None, reading: Reading) -> str | None:  # noqa: ARG002
        if stored is not None and validation.clean_personal_line(stored, self.limit) != stored:
            raise ValueError("no longer a valid line")
        return stored


def _printable(cleaned: str | Refusal, reading: Reading) -> Understood:
    """Refused before it is signed rather than printed as boxes."""
    if isinstance(cleaned, Refusal):
        return cleaned
    return Refusal.UNPRINTABLE if reading.typeface.missing(cleaned) else Taken(cleaned)


_SHOWN_MAX = 20  # characters of those that cannot be printed


def _fault(cleaned: str, refusal: Refusal, reading: Reading, limit: int) -> Fault:
    if refusal is Refusal.UNPRINTABLE:
        part = reading.typeface.missing(cleaned)[:_SHOWN_MAX]
    else:
        part = validation.part_at_fault(cleaned, refusal)
    return Fault(part=part, length=len(cleaned), limit=limit)


NAME_WORDS = 2  # `Buenos Aires?` answers, `Where is Guatemala?` asks


class Country(Answer[str]):
    """A country, by its name in any language: the answer is its ISO 3166 code, or as in `CountryName`."""

    def __init__(self, only: Callable[[str], Option], none: Option) -> None:
        """`only` is the one country that is suggested. `none` stands beside what is, and goes before it."""
        self._only = only
        self._none = none

    def options(self, reading: Reading) -> tuple[Option, ...]:
        if not reading.offered:
            return ()
        if len(reading.offered) == 1:
            return (self._only(reading.offered[0]), self._none)
        return (*(Option(code, CountryName(code)) for code in reading.offered), self._none)

    def answered_by(self, text: str, reading: Reading) -> bool:
        found = self._find(text, reading)
        return found.sure or (bool(found.codes) and len(text.split()) <= NAME_WORDS)

    def understand(self, text: str, reading: Reading) -> Understood:
        number = fold(text).isdecimal()
        if reading.offered and not number and pick(text, (self._none,), reading.locale, loosely=False):
            return Refusal.NONE_OF_THESE
        if offered := self.exactly(text, reading):
            return Refusal.NONE_OF_THESE if offered == self._none.value else Taken(offered)
        found = self._find(text, reading)
        if found.sure:
            return Taken(found.called or found.codes[0])
        return Unsure(found.codes) if found.codes else Refusal.UNKNOWN_COUNTRY

    def _find(self, text: str, reading: Reading) -> Found:
        return reading.gazetteer.find(text, reading.locale.language)

    def restore(self, stored: str | None, reading: Reading) -> str:
        if stored is None or not reading.gazetteer.knows(stored):
            raise ValueError("no longer a country")
        return stored


PROSE_MAX = TEXT_MAX
YEARS_AHEAD = 1  # what is farther away is a slip of the finger
_UNSEEN = {"Cc", "Cs", "Co", "Cn"}  # control, lone surrogates, private use, unassigned
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # turn what follows around
_BETWEEN_DIGITS = re.compile(r"[\s.,'\u2019\u066b\u066c\u00a0\u202f]")


class Prose(Answer[str | None]):
    """A text of some lines. With `skip` it may be left out: then the answer is None."""

    in_own_words = True

    def __init__(self, skip: Option | None = None, limit: int = PROSE_MAX) -> None:
        """`limit`: characters after cleaning."""
        self._skip = skip
        self.limit = limit

    def options(self, reading: Reading) -> tuple[Option, ...]:  # noqa: ARG002
        return (self._skip,) if self._skip else ()

    def understand(self, text: str, reading: Reading) -> Understood:
        if self._skip and self.exactly(text, reading):
            return Taken(None)
        cleaned = clean_prose(text)
        if not any(unicodedata.category(each)[0] not in "CZ" for each in cleaned):
            return Refusal.EMPTY
        return Refusal.TOO_LONG if len(cleaned) > self.limit else Taken(cleaned)

    def fault(self, text: str, refusal: Refusal, reading: Reading) -> Fault:  # noqa: ARG002
        return Fault(length=len(clean_prose(text)), limit=self.limit)

    def restore(self, stored: str | None, reading: Reading) -> str | None:  # noqa: ARG002
        if stored is None and self._skip is None:
            raise ValueError("it cannot be skipped any more")
        if stored is not None and (clean_prose(stored) != stored or len(stored) > self.limit):
            raise ValueError("no longer a valid text")
        return stored


def clean_prose(text: str) -> str:
    """The text without control characters and empty space around its lines; at most one line is empty."""
    kept = "".join(
        each
        for each in text.replace("\r\n", "\n")
        if each == "\n" or (unicodedata.category(each) not in _UNSEEN and each not in _OVERRIDES)
    )
    lines = [line.strip() for line in unicodedata.normalize("NFC", kept).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class Number(Answer[str]):
    """This very number, typed, in any digits: whoever types it has read it."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted

    def understand(self, text: str, reading: Reading) -> Understood:  # noqa: ARG002
        digits = _BETWEEN_DIGITS.sub("", text.strip())
        right = digits.isdecimal() and len(digits) < 19 and int(digits) == self._wanted
        return Taken(str(self._wanted)) if right else Refusal.ANOTHER_NUMBER

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        if stored != str(self._wanted):
            raise ValueError("another number by now")
        return stored


class Which(Answer[str]):
    """A number of something there is, such as `12`, perhaps with what it looked like: `12.1f0e`.

    A number is never a place on the list: each option's `word` says what to type.
    """

    def __init__(self, *options: Option) -> None:
        self._options = options

    def options(self, reading: Reading) -> tuple[Option, ...]:  # noqa: ARG002
        return self._options

    def exactly(self, text: str, reading: Reading) -> str | None:
        word = text.strip().lstrip("#")
        if word in {option.value for option in self._options}:
            return word
        return None if fold(word).isdecimal() else pick(word, self._options, reading.locale, loosely=False)

    def understand(self, text: str, reading: Reading) -> Understood:
        value = self.exactly(text, reading)
        return Refusal.NOT_OFFERED if value is None else Taken(value)

    def restore(self, stored: str | None, reading: Reading) -> str:
        value = self.exactly((stored or "").partition(".")[0], reading)
        if stored is None or value is None:
            raise ValueError("there is no such one")
        return stored


class Code(Answer[str]):
    """A one-time code, as people type it: without blanks, hyphens and small letters."""

    limit = 20

    def understand(self, text: str, reading: Reading) -> Understood:  # noqa: ARG002
        code = clean_code(text)
        if not code:
            return Refusal.EMPTY
        return Taken(code) if len(code) <= self.limit else Refusal.TOO_LONG

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        code = clean_code(stored or "")
        if not 0 < len(code) <= self.limit:
            raise ValueError("no code")
        return code


def clean_code(text: str) -> str:
    """The letters and digits of a code."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).upper() if each.isalnum())


class Moment(Answer[str]):
    """A moment ahead, as a clock shows it in a time zone: `2012-01-23 09:00`. Stored as ISO, in UTC."""

    def __init__(self, timezone: str, now: datetime) -> None:
        self._zone = ZoneInfo(timezone)
        self._now = now

    def understand(self, text: str, reading: Reading) -> Understood:
        there = reading.locale.read_moment(text, self._now.astimezone(self._zone).replace(tzinfo=None))
        if there is None or not 1 < there.year <= self._now.year + YEARS_AHEAD:
            return Refusal.NO_MOMENT
        moment = there.replace(tzinfo=self._zone).astimezone(UTC)
        return Taken(moment.isoformat()) if moment > self._now else Refusal.PAST

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        if datetime.fromisoformat(stored or "") <= self._now:
            raise Lapsed(Refusal.PAST)
        return stored or ""


class LocalTime(Answer[str]):
    """A day and a time of day where each reader lives: `2012-01-23 10:00`. Stored as ISO, without a zone."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def understand(self, text: str, reading: Reading) -> Understood:
        there = reading.locale.read_moment(text, self._now.replace(tzinfo=None))
        if there is None or there.year > self._now.year + YEARS_AHEAD:
            return Refusal.NO_MOMENT
        return Taken(there.isoformat()) if there.date() >= self._now.date() else Refusal.PAST

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        if datetime.fromisoformat(stored or "").date() < self._now.date():
            raise Lapsed(Refusal.PAST)
        return stored or ""


class Countries(Answer[str | None]):
    """Some countries, separated by commas: their codes with blanks between; None where `everywhere`."""

    limit = 500

    def __init__(self, everywhere: Option) -> None:
        self._everywhere = everywhere

    def options(self, reading: Reading) -> tuple[Option, ...]:  # noqa: ARG002
        return (self._everywhere,)

    def understand(self, text: str, reading: Reading) -> Understood:
        if self.exactly(text, reading):
            return Taken(None)
        if len(text) > self.limit:
            return Refusal.TOO_LONG
        codes = []
        for name in filter(str.strip, re.split(r"[,;\n\u060c\u3001]+", text)):
            code = self._code(name, reading)
            if code is None:
                return Refusal.UNKNOWN_COUNTRY
            codes.append(code)
        return Taken(" ".join(dict.fromkeys(codes))) if codes else Refusal.EMPTY

    @staticmethod
    def _code(name: str, reading: Reading) -> str | None:
        """The country of that name. On a list of countries Georgia is none of the United States."""
        found = reading.gazetteer.find(name, reading.locale.language)
        if found.sure:
            return found.codes[0]
        called = {fold(reading.locale.country(code)): code for code in found.codes}
        return called.get(fold(name))

    def restore(self, stored: str | None, reading: Reading) -> str | None:
        if stored is not None and not all(map(reading.gazetteer.knows, stored.split())):
            raise ValueError("no longer a country")
        return stored
