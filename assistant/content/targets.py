"""The targets that a case folder describes: in files of their own, in tables, or in an action."""

import re
from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cached_property

from markupsafe import escape

from assistant.content.casefile import TargetFile
from assistant.content.folder import Folder
from assistant.content.routing import NotSetUp, Routing
from assistant.content.target_tables import rows_of
from assistant.domain.letters import Route
from assistant.domain.office_hours import Hours
from assistant.domain.office_pace import Pace
from assistant.domain.targets import Target
from assistant.domain.texts import Written

_NUMBER = re.compile(r"^\+?[\d\s()./-]{6,}$")
ROUTE_MAX = 200  # characters, as the table of letters has it
AHEAD = timedelta(days=90)  # so far closed days are named


class PublicHolidays:
    """The public holidays of a country or of its region, looked up when first asked for: in 0.4 seconds.

    `region`: its subdivision as in ISO 3166-2, without the country: `ENG`, `ON`. `own`: days of the office.
    """

    def __init__(self, country: str, region: str | None = None, own: Collection[date] = ()) -> None:
        self._country = country
        self._region = region
        self.own = frozenset(own)

    def __contains__(self, day: object) -> bool:
        return day in self.own or day in self._known

    @property
    def are_known(self) -> bool:
        """Whether there is a list for that country."""
        return self._known is not _NONE

    @cached_property
    def _known(self) -> Container[object]:
        import holidays

        try:
            return holidays.country_holidays(self._country, subdiv=self._region)
        except NotImplementedError:
            return _NONE


_NONE: Container[object] = frozenset()


@dataclass(slots=True)
class Unread:
    """Targets that are there, but have mistakes. `all`: there may be any, in a table that cannot be read."""

    names: set[str] = field(default_factory=set)
    all: bool = False

    def may_have(self, slug: str) -> bool:
        """Whether there may be a target of that name."""
        return self.all or slug in self.names

    def __bool__(self) -> bool:
        return self.all or bool(self.names)


class TargetReader:
    """Makes targets of what their files say. What is wrong keeps the case from being used."""

    def __init__(self, case: str, routing: Routing, languages: Collection[str]) -> None:
        """`languages`: those in which supporters of the case read."""
        self._case = case
        self._routing = routing
        self._languages = languages
        self.alone = True  # the case has one target
        self.unread = Unread()

    def read(self, folder: Folder, file: str, facts: TargetFile, slug: str, table: str = "") -> Target:
        """The target that stands there. `table`: below which line in square brackets."""
        place = _Place(folder, file, f"{table}." if table else "")
        for_office = {*self._languages, facts.language}
        routes = self._routes(place, facts, slug)
        if facts.serves and not facts.government:
            place.note(
                f"{place.before}government: is this an embassy? Write the country whose government it is of, "
                "also where that is the country it is in"
            )
        return Target(
            slug=slug,
            office=place.in_languages("office", facts.office, for_office),
            place=place.in_languages("place", facts.place, for_office),
            country=facts.country,
            government=facts.government or "",
            hours=_hours(place, facts),
            pace=self._pace(facts, routes[0]),
            language=facts.language,
            routes=routes,
            salutation=(
                Written({language: escape(text) for language, text in facts.salutation.items()})
                if facts.salutation
                else None
            ),
            serves=frozenset(facts.serves) if isinstance(facts.serves, list) else frozenset(),
            others=facts.serves == "others",
        )

    def table(self, folder: Folder, file: str) -> Iterator[Target]:
        """The targets of a table that a spreadsheet wrote, one a line."""
        rows = rows_of(folder, file, self._languages)
        if rows is None:
            self.unread.all = True
            return
        for row in rows:
            if row.facts is None:
                self.unread.names.add(row.line.office)
            else:
                yield self.read(folder.at(row.line), file, row.facts, row.line.office)

    def _routes(self, place: "_Place", facts: TargetFile, slug: str) -> tuple[Route, ...]:
        set_here = self._routing.of_cases.get(f"{self._case}/{slug}")
        if set_here is None and self.alone:
            set_here = self._routing.of_cases.get(self._case)
        routes = [Route.parse(each) for each in (facts.routes if set_here is None else set_here)]
        for route in routes:
            if problem := self._problem(route, routes):
                if set_here is None:
                    place.wrong("routes", problem, bare=True)
                else:
                    place.folder.report.wrong("ASSISTANT_ROUTES", f"routes: {problem}")
        for name in dict.fromkeys(route.carrier for route in routes):
            if isinstance(way := self._routing.ways.get(name), NotSetUp):
                place.note(f"routes: {name} is not set up here: whoever runs the server sets {way.setting}")
        if not routes:
            place.note(f"no route to the office is set: letters go to the {self._routing.default}")
        return tuple(routes) or (Route.parse(self._routing.default),)

    def _problem(self, route: Route, routes: Sequence[Route]) -> str | None:
        name = route.carrier
        way = self._routing.ways.get(name)
        if way is None:
            return self._unknown(route)
        if routes.count(route) > 1:
            return f"the same route by {name} stands there twice"
        if len(str(route)) > ROUTE_MAX:
            return f"{name}: the address is too long, at most {ROUTE_MAX} characters"
        refused = way.refuses(route.address)
        return f"{name}: {refused}" if refused else None

    def _unknown(self, route: Route) -> str:
        """What to write or to set, where there is no way of that name."""
        name, known = route.carrier, (*self._routing.ways, *self._routing.not_set_up)
        if missing := self._routing.not_set_up.get(name):
            return f"no carrier for '{name}' is set up; whoever runs the server sets {missing.setting} for it"
        if (meant := name.strip().casefold()) in known:
            return f"write {meant}: in small letters, with nothing before it"
        if "@" in str(route):
            return f"write email: before the address: email:{route.address or name}"
        if _NUMBER.match(name):
            return "write fax: before the number, such as fax:+50255550100"
        if len(str(route).split()) > 1:
            return "write post: before an address by post, such as post:Street 1;Town"
        return f"no carrier for '{name}'; there is: {', '.join(sorted(self._routing.ways))}"

    def _pace(self, facts: TargetFile, route: Route) -> Pace:
        way = self._routing.ways.get(route.carrier)
        usual = way.per_minute if way else 0
        return Pace(usual if facts.per_minute is None else facts.per_minute, facts.per_day or 0)


class _Place:
    """Where a target stands, for what is told of it."""

    def __init__(self, folder: Folder, file: str, before: str) -> None:
        self.folder = folder
        self.file = file
        self.before = before

    def wrong(self, entry: str, what: str, *, bare: bool = False) -> None:
        self.folder.wrong(self.file, f"{'' if bare else self.before}{entry}: {what}")

    def note(self, what: str) -> None:
        self.folder.note(self.file, what)

    def in_languages(self, entry: str, texts: dict[str, str], languages: Collection[str]) -> Written:
        for language, text in texts.items():
            self.folder.remark(self.file, text, entry=f"{self.before}{entry}.{language}")
        return self.folder.in_languages(self.file, f"{self.before}{entry}", texts, languages)


def _hours(place: _Place, facts: TargetFile) -> Hours:
    if facts.closes <= facts.opens:
        place.wrong("closes", "the office closes before it opens")
    for entry in ("weekends", "holidays"):
        if getattr(facts, entry) is None:
            place.note(
                f'{place.before}{entry} is not set: letters wait for a working day ("move"); '
                'the other choice is "send"'
            )
    own = [date.fromisoformat(day) for day in facts.closed_days]
    holidays = PublicHolidays(facts.country, facts.region, own)
    if place.folder.report.thorough and not holidays.are_known:
        if facts.region and PublicHolidays(facts.country).are_known:
            told = f"no holidays are known there in {facts.country}; leave it out, or see ISO 3166-2"
            place.wrong("region", told)
        else:
            place.note(f"{place.before}country: no public holidays are known for {facts.country}")
    return Hours(
        timezone=facts.timezone,
        opens=time.fromisoformat(facts.opens),
        closes=time.fromisoformat(facts.closes),
        workdays=frozenset(facts.workdays),
        holidays=holidays,
        on_weekends=facts.weekends == "send",
        on_holidays=facts.holidays == "send",
    )


def closed_days(hours: Hours, today: date) -> list[date]:
    """The workdays to come on which the office is closed, for some months."""
    ahead = (today + timedelta(days=days) for days in range(AHEAD.days))
    return [day for day in ahead if day.isoweekday() in hours.workdays and not hours.is_open(day)]
