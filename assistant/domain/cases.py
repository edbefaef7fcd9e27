"""Cases: a person or group at risk, the office that can act, and the news."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from markupsafe import Markup

from assistant.domain.letters import (
    Draft,
    ExpectedActionDay,
    Filled,
    LetterTemplate,
    Route,
)
from assistant.domain.office_hours import Hours
from assistant.domain.office_pace import Pace
from assistant.domain.texts import CaseDate, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The official a letter is for."""

    office: Written
    place: Written
    country: str  # ISO 3166, two letters
    hours: Hours
    pace: Pace
    language: str  # what letters to this office are written in
    routes: tuple[Route, ...]  # in order of preference, at least one

    @property
    def timezone(self) -> str:
        """Of the office: an IANA name."""
        return self.hours.timezone


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
class FrequentQuestion:
    """A question that supporters of a case ask. `phrases`: by any of these words in it, it is recognised."""

    phrases: tuple[str, ...]
    answer: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
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
    faq: Mapping[str, tuple[FrequentQuestion, ...]] = field(default_factory=dict)  # by language

    def waits_for(self, now: datetime) -> datetime | None:
        """When the next action day that lies ahead begins: letters are kept for it. UTC."""
        ahead = self.action_day_ahead(now)
        return ahead.begins if ahead else None

    def action_day_ahead(self, now: datetime) -> ExpectedActionDay | None:
        """The next action day that lies ahead, where its day is known."""
        known = ((day.begins(self.target.hours), day.title) for day in self.action_days)
        ahead = [ExpectedActionDay(title, begins) for begins, title in known if begins and begins > now]
        return min(ahead, key=lambda each: each.begins, default=None)

    def draft(self, *, name: str, country: str, personal_line: str | None) -> Draft:
        """The letter as this supporter would send it."""
        readings = {
            language: Filled(template, name, country, personal_line)
            for language, template in self.letters.items()
        }
        return Draft(
            case=self.slug,
            name=name,
            country=country,
            personal_line=personal_line,
            language=self.target.language,
            readings=readings,
        )
