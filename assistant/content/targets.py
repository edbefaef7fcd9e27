"""A case's target: its office, when that takes letters, and how they get there."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from typing import Protocol

from assistant.content.casefile import CaseFile, TargetFile
from assistant.domain.model import ActionDay, Target
from assistant.domain.office import Hours, Pace
from assistant.domain.speech import Written

FILE = "case.toml"


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
    routes that an operator has set, by slug; they go before those in case folders.
    """

    ways: Mapping[str, Way]
    default: str
    of_cases: Mapping[str, Sequence[str]] = field(default_factory=dict)


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
                why = _closed_because(planned, hours)
                self._note(
                    FILE,
                    f"action_days: {planned:%A} {planned} is {why}: letters leave on "
                    f"{hours.day(begins):%A} {hours.day(begins)}",
                )

    def _routes(self, target: TargetFile) -> tuple[str, ...]:
        set_here = self._routing.of_cases.get(self._slug)
        where = FILE if set_here is None else "ASSISTANT_ROUTES"
        routes = tuple(target.routes if set_here is None else set_here)
        for route in routes:
            name, _, to = route.partition(":")
            way = self._routing.ways.get(name)
            if way is None:
                known = ", ".join(sorted(self._routing.ways))
                self._wrong(where, f"routes: no carrier for '{name}'; there is: {known}")
            elif problem := way.refuses(to):
                self._wrong(where, f"routes: {name}: {problem}")
        if not routes:
            self._note(FILE, f"no route to the office is set: letters go to the {self._routing.default}")
        return routes or (self._routing.default,)

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


def _closed_because(day: date, hours: Hours) -> str:
    if day.isoweekday() not in hours.workdays and not hours.on_weekends:
        return 'no workday there (target.weekends = "move")'
    return 'a public holiday there (target.holidays = "move")'
