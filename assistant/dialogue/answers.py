"""The kinds of answers, and how what people type is understood."""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from assistant.domain import names
from assistant.domain.names import Refusal
from assistant.domain.places import Gazetteer, Typeface
from assistant.domain.speech import CountryName, Speech, Tongue, render

T = TypeVar("T", bound="str | None", covariant=True)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: the value is a contract, the label is what people see.

    `also` holds further words people type for it, separated by commas. `agrees`: it means yes. `word`: what
    to type for it where there are no buttons; None: its place on the list.
    """

    value: str
    label: Speech | str
    also: Speech | None = None
    agrees: bool = False
    word: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """With what an answer is read: the person's language, the countries, the print, what was offered last."""

    tongue: Tongue
    gazetteer: Gazetteer
    typeface: Typeface
    offered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer understood: what to store."""

    value: str | None


@dataclass(frozen=True, slots=True)
class Unsure:
    """Something close to these values: ask which one was meant."""

    values: tuple[str, ...]


Understood = Taken | Unsure | Refusal

_ACCENTS = re.compile("[\u0300-\u036f]")  # of Latin, Greek and Cyrillic; elsewhere marks are vowels


def fold(text: str) -> str:
    """`text` as words are compared: without case, width, accents and outer punctuation."""
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFKC", text)
    return text.casefold().strip(" \t\r\n.,;!?¡¿…\"'«»()")


def pick(text: str, options: Sequence[Option], tongue: Tongue, *, loosely: bool) -> str | None:
    """The value of the option that `text` means: by number, value, label or synonym.

    `loosely` also takes the beginning of a label, where it fits one option only.
    """
    wanted = fold(text)
    if not wanted:
        return None
    if wanted.isdecimal():
        number = int(wanted) if len(wanted) < 4 else 0
        return options[number - 1].value if 0 < number <= len(options) else None
    for option in options:
        if wanted == option.value.casefold():
            return option.value
    labels = [fold(render(option.label, tongue).unescape()) for option in options]
    for option, label in zip(options, labels, strict=True):
        if wanted == label or wanted in _synonyms(option, tongue):
            return option.value
    fitting = [
        option.value for option, label in zip(options, labels, strict=True) if label.startswith(wanted)
    ]
    return fitting[0] if loosely and len(fitting) == 1 else None


def _synonyms(option: Option, tongue: Tongue) -> list[str]:
    return [fold(word) for word in option.also.render(tongue).unescape().split(",")] if option.also else []


class Answer(ABC, Generic[T]):
    """A kind of answer. `binding`: its meaning depends on what was shown with the question."""

    binding = False
    limit = 0

    def options(self, reading: Reading) -> tuple[Option, ...]:  # noqa: ARG002  most kinds offer none
        """What to choose from."""
        return ()

    def exactly(self, text: str, reading: Reading) -> str | None:
        """The option that `text` names in full: it goes before the words that work everywhere."""
        return pick(text, self.options(reading), reading.tongue, loosely=False)

    @abstractmethod
    def understand(self, text: str, reading: Reading) -> Understood:
        """What `text` means as an answer."""

    @abstractmethod
    def restore(self, stored: str | None, reading: Reading) -> T:
        """The stored answer as conversations get it. Raises ValueError where it is valid no longer."""


class Choice(Answer[str]):
    """One of a few."""

    binding = True

    def __init__(self, *options: Option) -> None:
        self._options = options

    def options(self, reading: Reading) -> tuple[Option, ...]:  # noqa: ARG002
        return self._options

    def understand(self, text: str, reading: Reading) -> Understood:
        value = pick(text, self._options, reading.tongue, loosely=True)
        return Refusal.NOT_OFFERED if value is None else Taken(value)

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        if stored is None or stored not in {option.value for option in self._options}:
            raise ValueError("no longer offered")
        return stored


class Name(Answer[str]):
    """What a letter is signed with."""

    limit = names.NAME_MAX

    def understand(self, text: str, reading: Reading) -> Understood:
        return _printable(names.clean_name(text), reading)

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        if stored is None or names.clean_name(stored) != stored:
            raise ValueError("no longer a valid name")
        return stored


class Line(Answer[str | None]):
    """A free line that may be skipped: then the answer is None."""

    def __init__(self, skip: Option, yes: Option, limit: int = names.LINE_MAX) -> None:
        """`yes` is not offered: who says so is asked for the line. `limit`: characters after cleaning."""
        self._skip = skip
        self._yes = yes
        self.limit = limit

    def options(self, reading: Reading) -> tuple[Option, ...]:  # noqa: ARG002
        return (self._skip,)

    def understand(self, text: str, reading: Reading) -> Understood:
        if self.exactly(text, reading):
            return Taken(None)
        if not fold(text).isdecimal() and pick(text, (self._yes,), reading.tongue, loosely=False):
            return Refusal.ANNOUNCED
        return _printable(names.clean_line(text, self.limit), reading)

    def restore(self, stored: str | None, reading: Reading) -> str | None:  # noqa: ARG002
        if stored is not None and names.clean_line(stored, self.limit) != stored:
            raise ValueError("no longer a valid line")
        return stored


def _printable(cleaned: str | Refusal, reading: Reading) -> Understood:
    """Refused before it is signed rather than printed as boxes."""
    if isinstance(cleaned, Refusal):
        return cleaned
    return Refusal.UNPRINTABLE if reading.typeface.missing(cleaned) else Taken(cleaned)


class Country(Answer[str]):
    """A country, by its name in any language: the answer is its ISO 3166 code."""

    def __init__(self, none: Option) -> None:
        """`none` stands beside what is suggested, and goes before it: "no" is not Norway there."""
        self._none = none

    def options(self, reading: Reading) -> tuple[Option, ...]:
        suggested = tuple(Option(code, CountryName(code)) for code in reading.offered)
        return (*suggested, self._none) if suggested else ()

    def understand(self, text: str, reading: Reading) -> Understood:
        number = fold(text).isdecimal()
        if reading.offered and not number and pick(text, (self._none,), reading.tongue, loosely=False):
            return Refusal.NONE_OF_THESE
        if offered := self.exactly(text, reading):
            return Refusal.NONE_OF_THESE if offered == self._none.value else Taken(offered)
        found = reading.gazetteer.find(text, reading.tongue.language)
        if found.sure:
            return Taken(found.codes[0])
        return Unsure(found.codes) if found.codes else Refusal.UNKNOWN_COUNTRY

    def restore(self, stored: str | None, reading: Reading) -> str:
        if stored is None or not reading.gazetteer.knows(stored):
            raise ValueError("no longer a country")
        return stored
