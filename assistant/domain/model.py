"""The things of this world: cases, targets, letters, updates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup, escape

from assistant.domain.speech import Quote, Tongue, Written


@dataclass(frozen=True, slots=True)
class CaseDate:
    """A day; or a month, or a year, where no more is known (the rest is None). It can be said."""

    year: int
    month: int | None = None
    day: int | None = None

    def render(self, tongue: Tongue) -> Markup:
        return escape(tongue.day(self.year, self.month, self.day))

    def __str__(self) -> str:
        """As in case files: `2011`, `2011-09` or `2012-01-23`."""
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)


@dataclass(frozen=True, slots=True)
class Target:
    """The official a letter is for."""

    office: Written
    place: Written
    country: str  # ISO 3166, two letters
    timezone: str  # IANA name
    opens: str  # office hours in that time zone, "08:00"
    closes: str
    workdays: tuple[int, ...]  # Monday is 1
    language: str  # what letters to this office are written in
    routes: tuple[str, ...]  # carriers in order of preference; empty: the default one


class LetterTemplate(Protocol):
    """The letter of a case in one language."""

    def fill(self, *, name: str, country: str, line: str | None) -> str:
        """The letter's text. `country` is a code; the letter names it in its own language."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A letter in one language, filled in only when it is shown or sent. It can be said."""

    template: LetterTemplate
    name: str
    country: str
    line: str | None

    @property
    def text(self) -> str:
        """The letter's text."""
        return self.template.fill(name=self.name, country=self.country, line=self.line)

    def render(self, tongue: Tongue) -> Markup:
        return Quote(self.text).render(tongue)


@dataclass(frozen=True, slots=True)
class Draft:
    """One supporter's letter as it would be sent, and as they can read it."""

    case: str
    name: str
    country: str
    line: str | None
    language: str
    readings: Mapping[str, Filled]  # the same letter in every language the case has

    @property
    def text(self) -> str:
        """What is sent."""
        return self.readings[self.language].text


@dataclass(frozen=True, slots=True)
class Update:
    """Dated news of a case."""

    slug: str
    date: CaseDate
    text: Written


@dataclass(frozen=True, slots=True)
class ActionDay:
    """A day on which many letters are to arrive together."""

    date: CaseDate
    title: Written


@dataclass(frozen=True, slots=True)
class Case:
    """A person or group at risk, and what a supporter can do."""

    slug: str
    person: str
    title: Written
    briefing: Written
    share: Written
    follow: Mapping[str, tuple[str, ...]]  # links by language
    target: Target
    letters: Mapping[str, LetterTemplate]
    updates: Mapping[str, Update]
    action_days: tuple[ActionDay, ...]

    def draft(self, *, name: str, country: str, line: str | None) -> Draft:
        """The letter as this supporter would send it."""
        readings = {
            language: Filled(template, name, country, line) for language, template in self.letters.items()
        }
        return Draft(self.slug, name, country, line, self.target.language, readings)
