"""The targets that a case folder describes: in files of their own, in tables, or in an action."""

import csv
import io
from collections.abc import Collection, Container, Iterator, Sequence
from datetime import date, time, timedelta
from functools import cached_property

from markupsafe import escape
from pydantic import ValidationError

from assistant.content.casefile import TargetFile
from assistant.content.casefile_errors import explain
from assistant.content.folder import Folder
from assistant.content.routing import Routing
from assistant.domain.letters import Route
from assistant.domain.office_hours import Hours
from assistant.domain.office_pace import Pace
from assistant.domain.targets import Target
from assistant.domain.texts import Written

ROUTE_MAX = 200  # characters, as the table of letters has it
AHEAD = timedelta(days=90)  # so far closed days are named
_DELIMITERS = ";,\t"  # spreadsheets write one or the other, by the language that they are set to
_LISTS = {"for", "workdays", "closed_days"}  # columns that hold several, with spaces between


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


class TargetReader:
    """Makes targets of what their files say. What is wrong keeps the case from being used."""

    def __init__(self, case: str, routing: Routing, languages: Collection[str]) -> None:
        """`languages`: those in which supporters of the case read."""
        self._case = case
        self._routing = routing
        self._languages = languages
        self.alone = True  # the case has one target

    def read(self, folder: Folder, file: str, facts: TargetFile, slug: str, table: str = "") -> Target:
        """The target that stands there. `table`: below which line in square brackets, or which row."""
        place = _Place(folder, file, f"{table}." if table else "")
        for_office = {*self._languages, facts.language}
        routes = self._routes(place, facts, slug)
        if facts.serves and not facts.government:
            place.note(
                f'{place.before}for is set. Is this an embassy? Then write government = "..." for the '
                f'country that it is of. If not, write government = "{facts.country}"'
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
        folder.used.add(file)
        text = folder.text(folder.path / file, many_lines=True)
        if text is None:
            return
        head = text.splitlines()[0]
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=head.count))
        for row in rows:
            facts = _facts_of({(name or "").strip(): value for name, value in row.items()})
            if not facts:  # an empty line
                continue
            slug = str(facts.pop("slug", "")).strip()
            if not slug:
                folder.wrong(file, f"line {rows.line_num}: slug is missing; write a short name for it")
                continue
            try:
                known = TargetFile.model_validate(facts)
            except ValidationError as error:
                for told in explain(error, TargetFile):
                    folder.wrong(file, f"line {rows.line_num}: {told}")
            else:
                yield self.read(folder, file, known, slug, f"line {rows.line_num}")

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
        if not routes:
            place.note(f"no route to the office is set: letters go to the {self._routing.default}")
        return tuple(routes) or (Route.parse(self._routing.default),)

    def _problem(self, route: Route, routes: Sequence[Route]) -> str | None:
        name = route.carrier
        way = self._routing.ways.get(name)
        if way is None:
            known = ", ".join(sorted(self._routing.ways))
            hint = self._routing.settings.get(name)
            return f"no carrier for '{name}'; there is: {known}" + (f". Set {hint} for it" if hint else "")
        if routes.count(route) > 1:
            return f"the same route by {name} stands there twice"
        if len(str(route)) > ROUTE_MAX:
            return f"{name}: the address is too long, at most {ROUTE_MAX} characters"
        refused = way.refuses(route.address)
        return f"{name}: {refused}" if refused else None

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


def _facts_of(row: dict[str, object]) -> dict[str, object]:
    """A line of a table as a TOML file would have it: `office.en` is a language of the office's name."""
    facts: dict[str, object] = {}
    for name, value in row.items():
        text = str(value or "").strip()
        if not name or not text:
            continue
        table, _, language = name.partition(".")
        if language:
            inner = facts.setdefault(table, {})
            assert isinstance(inner, dict)  # noqa: S101  for the type checker: a name without a dot is no table
            inner[language] = text
        else:
            facts[name] = _value(name, text)
    return facts


def _value(name: str, text: str) -> object:
    if name == "for" and text == "others":
        return text
    if name == "routes":  # an address by post has blanks
        return [each.strip() for each in text.split("|")]
    if name in _LISTS:
        parts = text.replace(",", " ").split()
        return [int(each) if each.isdecimal() else each for each in parts] if name == "workdays" else parts
    return int(text) if name in ("per_minute", "per_day") and text.isdecimal() else text


def closed_days(hours: Hours, today: date) -> list[date]:
    """The workdays to come on which the office is closed, for some months."""
    ahead = (today + timedelta(days=days) for days in range(AHEAD.days))
    return [day for day in ahead if day.isoweekday() in hours.workdays and not hours.is_open(day)]
