"""A case's target: its office, when that takes letters, and how they get there."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Protocol

from assistant.content.casefile import CaseFile, TargetFile
from assistant.content.documents import Broken, Documents
from assistant.domain.errors import Failure
from assistant.domain.model import ActionDay, LetterTemplate, Target
from assistant.domain.office import Hours, Pace
from assistant.domain.speech import Written

FILE = "case.toml"
LETTERHEAD = "letterhead.typ"
ROUTE_MAX = 200  # characters, as the table of letters has it


class Way(Protocol):
    """A way for letters to travel: see `carriers.base.Carrier`."""

    @property
    def per_minute(self) -> int:
        """How many letters a minute an office can bear; 0: any number."""

    def refuses(self, to: str) -> str | None:
        """Why `to` is no address for it."""


@dataclass(frozen=True, slots=True)
class Routing:
    """How letters can travel here.

    `ways`: by name, the beginning of a route. `default`: the route of offices that have none. `of_cases`:
    routes that an operator has set, by slug; they go before those in case folders. `settings`: what to set
    for a way that is not there.
    """

    ways: Mapping[str, Way]
    default: str
    of_cases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


class PublicHolidays:
    """The public holidays of a country, looked up when they are first asked for: that takes 0.4 seconds."""

    def __init__(self, country: str) -> None:
        self._country = country

    def __contains__(self, day: object) -> bool:
        return day in self._known

    @property
    def are_known(self) -> bool:
        """Whether there is a list for that country."""
        return self._known is not _NONE

    @cached_property
    def _known(self) -> Container[object]:
        import holidays

        try:
            return holidays.country_holidays(self._country)
        except NotImplementedError:
            return _NONE


_NONE: Container[object] = frozenset()

Say = Callable[[str, str], None]
"""Tells something about a file: its name, and what there is to say."""


class TargetReader:
    """Makes the target that a case folder describes. What is `wrong` keeps the case from being used."""

    def __init__(self, slug: str, routing: Routing, wrong: Say, note: Say) -> None:
        self._slug = slug
        self._routing = routing
        self._wrong = wrong
        self._note = note

    def read(self, facts: CaseFile, office: Written, place: Written) -> Target:
        """The target."""
        target = facts.target
        routes = self._routes(target)
        return Target(
            office=office,
            place=place,
            country=target.country,
            hours=self._hours(target),
            pace=self._pace(target, routes[0]),
            language=target.language,
            routes=routes,
        )

    def check_days(self, country: str, days: Sequence[ActionDay], hours: Hours) -> None:
        """Tell of action days on which the office is closed, and of what is not known of its calendar."""
        if not PublicHolidays(country).are_known:
            self._note(FILE, f"target.country: no public holidays are known for {country}")
        for day in days:
            begins = day.begins(hours)
            if begins is None:
                self._note(FILE, f"action_days: {day.date} is no single day, so letters do not wait for it")
            elif str(hours.day(begins)) != str(day.date):
                planned = date.fromisoformat(str(day.date))
                why = _closed_because(planned, day.at, hours)
                self._note(
                    FILE,
                    f"action_days: {planned:%A} {planned} is {why}: letters leave on "
                    f"{hours.day(begins):%A} {hours.day(begins)}",
                )

    def try_printing(
        self, letters: Mapping[str, LetterTemplate], target: Target, letterhead: Path | None
    ) -> None:
        """The letter with the longest name, country and line, as it would leave."""
        template = letters.get(target.language)
        if template is None:
            return
        where = f"letter.{target.language}.txt"
        try:
            if not Documents().fits(template, target, target.language, letterhead):
                self._wrong(where, "with the longest name, country and line it does not fit on one page")
        except Failure as failure:
            self._wrong(LETTERHEAD if isinstance(failure.__cause__, Broken) else where, failure.reason)

    def _routes(self, target: TargetFile) -> tuple[str, ...]:
        set_here = self._routing.of_cases.get(self._slug)
        where = FILE if set_here is None else "ASSISTANT_ROUTES"
        routes = tuple(target.routes if set_here is None else set_here)
        for route in routes:
            if problem := self._problem(route, routes):
                self._wrong(where, f"routes: {problem}")
        if not routes:
            self._note(FILE, f"no route to the office is set: letters go to the {self._routing.default}")
        return routes or (self._routing.default,)

    def _problem(self, route: str, routes: Sequence[str]) -> str | None:
        name, _, to = route.partition(":")
        way = self._routing.ways.get(name)
        if way is None:
            known = ", ".join(sorted(self._routing.ways))
            hint = self._routing.settings.get(name)
            return f"no carrier for '{name}'; there is: {known}" + (f". Set {hint} for it" if hint else "")
        if routes.count(route) > 1:
            return f"the same route by {name} stands there twice"
        if len(route) > ROUTE_MAX:
            return f"{name}: the address is too long, at most {ROUTE_MAX} characters"
        refused = way.refuses(to)
        return f"{name}: {refused}" if refused else None

    def _hours(self, target: TargetFile) -> Hours:
        if target.closes <= target.opens:
            self._wrong(FILE, "target.closes: the office closes before it opens")
        for entry in ("weekends", "holidays"):
            if getattr(target, entry) is None:
                self._note(
                    FILE,
                    f'target.{entry} is not set: letters wait for a working day ("move"); '
                    'the other choice is "send"',
                )
        return Hours(
            timezone=target.timezone,
            opens=time.fromisoformat(target.opens),
            closes=time.fromisoformat(target.closes),
            workdays=frozenset(target.workdays),
            holidays=PublicHolidays(target.country),
            on_weekends=target.weekends == "send",
            on_holidays=target.holidays == "send",
        )

    def _pace(self, target: TargetFile, route: str) -> Pace:
        way = self._routing.ways.get(route.partition(":")[0])
        usual = way.per_minute if way else 0
        return Pace(usual if target.per_minute is None else target.per_minute, target.per_day or 0)


def _closed_because(day: date, at: time, hours: Hours) -> str:
    if hours.is_open(day):
        return f"over for the office at {at:%H:%M}, because it closes at {hours.closes:%H:%M}"
    if day.isoweekday() not in hours.workdays and not hours.on_weekends:
        return 'no workday there (target.weekends = "move")'
    return 'a public holiday there (target.holidays = "move")'
