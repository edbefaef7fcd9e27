"""Actions: one call to write each, of a case."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from assistant.domain.letters import (
    ActionRef,
    Draft,
    ExpectedActionDay,
    Filled,
    LetterRef,
    LetterTemplate,
)
from assistant.domain.office_hours import Hours
from assistant.domain.targets import Target
from assistant.domain.texts import CaseDate, Written

ONLY_ACTION = "letter"
"""The slug of the action of a case folder that has just one, with its letters beside its case.toml."""


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
class LetterText:
    """What is written to one target, in each language. `version`: a digest of all that is sent of it."""

    templates: Mapping[str, LetterTemplate]
    version: str


@dataclass(frozen=True, kw_only=True)  # without slots: what every turn asks for is worked out once
class Action:
    """A call to write.

    `letters`, by target. `subjects`: of emails, by language. `opens`, `closes`: from when until when letters
    are written, both included; a month or a year counts as a whole. `goal`: how many letters are wanted.
    `formerly`: slugs under which letters of it were written before.
    """

    ref: ActionRef
    title: Written
    targets: tuple[Target, ...]  # at least one
    letters: Mapping[str, LetterText]
    subjects: Mapping[str, tuple[str, ...]]
    briefing: Written | None = None
    asks: Written | None = None
    opens: CaseDate | None = None
    closes: CaseDate | None = None
    action_days: tuple[ActionDay, ...] = ()
    goal: int | None = None
    formerly: tuple[str, ...] = ()

    @cached_property
    def text_version(self) -> str:
        """By which all its letters are named as they read now: another text has another one."""
        versions = sorted((slug, text.version) for slug, text in self.letters.items())
        return hashlib.sha256(repr(versions).encode()).hexdigest()[:16]

    @property
    def slug(self) -> str:
        """Its own, within its case."""
        return self.ref.action

    @property
    def main(self) -> Target:
        """The target by whose place and hours the action's days are meant: the first that all write to."""
        return next((each for each in self.targets if each.is_for_all), self.targets[0])

    @cached_property
    def governments(self) -> frozenset[str]:
        """Whose offices get its letters, as countries (ISO 3166): of those that all write to, or of all."""
        for_all = [each for each in self.targets if each.is_for_all]
        return frozenset(each.governed_by for each in for_all or self.targets)

    @cached_property
    def opens_at(self) -> datetime | None:
        """From when on letters can be written; UTC. None: always."""
        return self.main.hours.moment(self.opens.first_day, time()) if self.opens else None

    @cached_property
    def closes_at(self) -> datetime | None:
        """From when on no letter is written or sent any more; UTC. None: never."""
        if self.closes is None:
            return None
        return self.main.hours.moment(self.closes.last_day + timedelta(days=1), time())

    def is_over(self, now: datetime) -> bool:
        """Whether it is closed for good."""
        return self.closes_at is not None and self.closes_at <= now

    def is_open(self, now: datetime) -> bool:
        """Whether letters can be written."""
        return (self.opens_at is None or self.opens_at <= now) and not self.is_over(now)

    def target(self, slug: str) -> Target | None:
        """The target of that slug; None where it is none of this action's any more."""
        return self._by_slug.get(slug)

    @cached_property
    def _by_slug(self) -> Mapping[str, Target]:
        return {each.slug: each for each in self.targets}

    @cached_property
    def _served(self) -> frozenset[str]:
        """The countries that targets are for."""
        return frozenset(country for each in self.targets for country in each.serves)

    @cached_property
    def _for_country(self) -> dict[str, tuple[Target, ...]]:
        """Who gets the letters of supporters of each country that has been asked about."""
        return {}

    def addressees(self, country: str) -> tuple[Target, ...]:
        """Who gets the letters of a supporter who lives in that country (ISO 3166), the main one first."""
        found = self._for_country.get(country)
        if found is None:
            own = country in self._served
            served = [
                each
                for each in self.targets
                if each.is_for_all or country in each.serves or (each.others and not own)
            ]
            found = self._for_country[country] = tuple(sorted(served, key=lambda each: each != self.main))
        return found

    def waits_for(self, target: Target, now: datetime) -> datetime | None:
        """When the next action day that lies ahead begins there: letters are kept for it. UTC."""
        ahead = self.action_day_ahead(now, target)
        return ahead.begins if ahead else None

    def action_day_ahead(self, now: datetime, target: Target | None = None) -> ExpectedActionDay | None:
        """The next action day that lies ahead at that target (the main one), where its day is known."""
        hours = (target or self.main).hours
        known = ((day.begins(hours), day.title) for day in self.action_days)
        ahead = [
            ExpectedActionDay(title, begins, self.ref) for begins, title in known if begins and begins > now
        ]
        return min(ahead, key=lambda each: each.begins, default=None)

    def subjects_for(self, language: str) -> tuple[str, ...]:
        """Of emails in that language."""
        return self.subjects.get(language) or next(iter(self.subjects.values()))

    def draft(self, target: Target, *, name: str, country: str, personal_line: str | None) -> Draft:
        """The letter to that target as this supporter would send it."""
        text = self.letters[target.slug]
        readings = {
            language: Filled(
                template=template,
                language=language,
                name=name,
                country=country,
                personal_line=personal_line,
                salutation=target.said("salutation", language),
                office=target.said("office", language),
            )
            for language, template in text.templates.items()
        }
        return Draft(
            ref=LetterRef(*self.ref, target.slug),
            name=name,
            country=country,
            personal_line=personal_line,
            language=target.language,
            version=text.version,
            readings=readings,
        )


def newest_first(actions: Iterable[Action]) -> list[Action]:
    """In the order in which they are offered: what opened last comes first."""
    return sorted(actions, key=lambda each: str(each.opens or ""), reverse=True)
