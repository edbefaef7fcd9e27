"""The things of this world: cases, targets, letters, updates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.office import Hours, Pace
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
    hours: Hours
    pace: Pace
    language: str  # what letters to this office are written in
    routes: tuple[str, ...]  # in order of preference, at least one: a carrier's name, ":", an address

    @property
    def timezone(self) -> str:
        """Of the office: an IANA name."""
        return self.hours.timezone


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
class Posted:
    """A letter that a person has written.

    `answers`: what it was made of, by the names of the questions, as long as it can be changed; None once
    it has left, or is leaving.
    """

    answers: tuple[tuple[str, str | None], ...] | None = None

    @property
    def has_left(self) -> bool:
        """Whether it is too late to change it."""
        return self.answers is None


@dataclass(frozen=True, slots=True)
class Leaving:
    """When a letter that is queued now is expected to leave. `today`: it is that day at its office now."""

    day: date
    today: bool

    @property
    def date(self) -> CaseDate:
        """The day, to be said."""
        return CaseDate(self.day.year, self.day.month, self.day.day)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a letter, for who wrote it.

    `way`: the carrier's name. `detour`: an earlier route had failed. `arrived`: how many letters of the case
    have been delivered, this one included.
    """

    way: str
    status: LetterStatus
    at: datetime  # UTC
    arrived: int = 0
    detour: bool = False

    def date(self, timezone: str) -> CaseDate:
        """The day it was in that time zone."""
        there = self.at.astimezone(ZoneInfo(timezone))
        return CaseDate(there.year, there.month, there.day)


@dataclass(frozen=True, slots=True)
class Update:
    """Dated news of a case."""

    slug: str
    date: CaseDate
    text: Written
    outcome: bool = False  # it tells what the letters did


@dataclass(frozen=True, slots=True)
class ActionDay:
    """A day on which many letters are to arrive together. `at`: from which hour on, at the office."""

    date: CaseDate
    title: Written
    at: time = time()

    def begins(self, hours: Hours) -> datetime | None:
        """When letters begin to arrive: at that hour, or the next time that the office is open; UTC.

        None where the day is not known.
        """
        if self.date.month is None or self.date.day is None:
            return None
        day = date(self.date.year, self.date.month, self.date.day)
        return hours.next_open(hours.moment(day, self.at))


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
    subjects: tuple[str, ...]  # of emails to the office, in its language
    letterhead: Path | None  # the case's own form for printing letters, instead of ours
    updates: Mapping[str, Update]
    action_days: tuple[ActionDay, ...]

    def waits_for(self, now: datetime) -> datetime | None:
        """When the next action day that lies ahead begins: letters are kept for it. UTC."""
        begins = (day.begins(self.target.hours) for day in self.action_days)
        return min((moment for moment in begins if moment is not None and moment > now), default=None)

    def draft(self, *, name: str, country: str, line: str | None) -> Draft:
        """The letter as this supporter would send it."""
        readings = {
            language: Filled(template, name, country, line) for language, template in self.letters.items()
        }
        return Draft(self.slug, name, country, line, self.target.language, readings)
