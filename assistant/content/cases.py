"""Case folders, loaded and checked. What is wrong is told to people who do not program."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar

from babel import Locale, UnknownLocaleError
from markupsafe import Markup, escape
from pydantic import ValidationError

from assistant.content.casefile import CaseFile, TargetFile, name_of_control, parse_date
from assistant.content.casefile_errors import explain, explain_toml, misplaced
from assistant.content.leftovers import written
from assistant.content.letters import BadTemplate, read_template
from assistant.content.proofreading import compared, remarks
from assistant.content.richtext import from_markdown
from assistant.domain.cases import ActionDay, Case, FrequentQuestion, Target, Update
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.letters import LetterTemplate, Route
from assistant.domain.office_hours import Hours
from assistant.domain.office_pace import Pace
from assistant.domain.richtext import plain
from assistant.domain.texts import Written
from assistant.domain.validation import NAME_MAX, PERSONAL_LINE_MAX, control_in

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

    def check_days(self, country: str, days: Sequence[ActionDay], hours: Hours, today: date | None) -> None:
        """Tell of action days that are over, or on which the office is closed, and of what is not known."""
        if not PublicHolidays(country).are_known:
            self._note(FILE, f"target.country: no public holidays are known for {country}")
        for day in days:
            begins = day.begins(hours)
            if begins is None:
                self._note(FILE, f"action_days: {day.date} is no single day, so letters do not wait for it")
            elif today and hours.day(begins) < today:
                self._note(FILE, f"action_days: {day.date} is over, so letters do not wait for it")
            elif str(hours.day(begins)) != str(day.date):
                planned = date.fromisoformat(str(day.date))
                why = _closed_because(planned, day.at, hours)
                self._note(
                    FILE,
                    f"action_days: {planned:%A} {planned} is {why}: letters are sent on "
                    f"{hours.day(begins):%A} {hours.day(begins)}",
                )

    def try_printing(
        self, letters: Mapping[str, LetterTemplate], target: Target, letterhead: Path | None
    ) -> None:
        """The letter with the longest name, country and line, as it would be sent."""
        template = letters.get(target.language)
        if template is None:
            return
        from assistant.content.documents import Broken, Documents  # typst, which no other check needs

        where = f"letter.{target.language}.txt"
        try:
            if not Documents().fits(template, target, target.language, letterhead):
                self._wrong(where, "with the longest name, country and line it does not fit on one page")
        except Failure as failure:
            self._wrong(LETTERHEAD if isinstance(failure.__cause__, Broken) else where, failure.reason)

    def _routes(self, target: TargetFile) -> tuple[Route, ...]:
        set_here = self._routing.of_cases.get(self._slug)
        where = FILE if set_here is None else "ASSISTANT_ROUTES"
        routes = [Route.parse(each) for each in (target.routes if set_here is None else set_here)]
        for route in routes:
            if problem := self._problem(route, routes):
                self._wrong(where, f"routes: {problem}")
        if not routes:
            self._note(FILE, f"no route to the office is set: letters go to the {self._routing.default}")
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

    def _pace(self, target: TargetFile, route: Route) -> Pace:
        way = self._routing.ways.get(route.carrier)
        usual = way.per_minute if way else 0
        return Pace(usual if target.per_minute is None else target.per_minute, target.per_day or 0)


def _closed_because(day: date, at: time, hours: Hours) -> str:
    if hours.is_open(day):
        return f"over for the office at {at:%H:%M}, because it closes at {hours.closes:%H:%M}"
    if day.isoweekday() not in hours.workdays and not hours.on_weekends:
        return 'no workday there (target.weekends = "move")'
    return 'a public holiday there (target.holidays = "move")'


SLUG = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")  # fits a Telegram deep link and, with its mark, a button
BRIEFING_MAX = 700  # characters as read; more is not read on a phone
UPDATE_MAX = 600
SHARE_MAX = 280
COUNTRY_MAX = 9  # characters that are counted for a country
LETTER_MAX = 2600  # characters with the longest name and line: one page of A4

_FAQ = re.compile(r"^faq\.([A-Za-z-]+)\.md$")
_QUESTION = re.compile(r"^## +(.+)$", re.MULTILINE)
_BRIEFING = re.compile(r"^briefing\.([A-Za-z-]+)\.md$")
_LETTER = re.compile(r"^letter\.([A-Za-z-]+)\.txt$")
_UPDATE = re.compile(r"^((\d{4}(?:-\d{2}){0,2})-[a-z][a-z0-9-]*)\.([A-Za-z-]+)\.md$")
_BESIDE_LETTERHEAD = (".typ", ".png", ".jpg", ".jpeg", ".svg", ".gif")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a case folder. Only what is `serious` keeps the case from being used."""

    where: str
    what: str
    serious: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """A case folder read: the case where it can be used, and what was found.

    `room`: how many characters of text still fit, by file; below 0: how many are too many.
    """

    slug: str
    case: Case | None
    findings: tuple[Finding, ...]
    room: Mapping[str, int] = field(default_factory=dict)


def load_cases(
    roots: Iterable[Path], routing: Routing, skipped: dict[str, str] | None = None
) -> Mapping[str, Case]:
    """Every case by slug, without those that cannot be used: why goes into `skipped`, by slug.

    Raises Misconfigured where none can be used, or where nobody wants to know why: `skipped` is None.
    """
    cases: dict[str, Case] = {}
    reasons: dict[str, str] = {}
    for checked in check_cases(roots, routing, thorough=False):
        if checked.case:
            cases[checked.slug] = checked.case
        else:
            first = next(finding for finding in checked.findings if finding.serious)
            reasons[checked.slug] = f"{first.where}: {first.what}"
    if reasons and (skipped is None or not cases):
        slug, reason = next(iter(reasons.items()))
        raise Misconfigured(
            f"The case '{slug}' cannot be used. {reason}. "
            "`assistant cases check` lists everything that is wrong."
        )
    if not cases:
        raise Misconfigured(
            "There is no case. Put a case folder into the folder that ASSISTANT_CASES_DIR names."
        )
    if skipped is not None:
        skipped.update(reasons)
    return cases


def check_cases(
    roots: Iterable[Path], routing: Routing, *, thorough: bool = True, today: date | None = None
) -> list[Checked]:
    """Read every case folder. `thorough`: with what takes a second, and keeps no case from being used.

    `today`: by which action days are over; None: none is. Raises Misconfigured where a folder of cases does
    not exist.
    """
    checked = [
        _Folder(folder, routing, thorough, today).read() for root in roots for folder in _folders_in(root)
    ]
    _check_routes(routing, [each.slug for each in checked])
    for slug, count in Counter(each.slug for each in checked).items():
        if count > 1:
            raise Misconfigured(f"There are {count} case folders called '{slug}'. Give each its own name.")
    return _with_comparison(checked) if thorough else checked


def check_folder(
    folder: Path, roots: Iterable[Path], routing: Routing, today: date | None = None
) -> list[Checked]:
    """One case folder anywhere, or each in a folder of them, thoroughly, beside the cases in `roots`."""
    within = written(folder) if folder.is_dir() and not (folder / FILE).exists() else []
    found = [each for each in within if (each / FILE).exists()] or [folder]
    checked = [_Folder(each, routing, True, today).read() for each in found]
    slugs = {each.slug for each in checked}
    others = [
        _Folder(each, routing, False, today).read()
        for root in roots
        for each in _folders_in(root)
        if each.name not in slugs
    ]
    return _with_comparison([*checked, *others])[: len(checked)]


def _folders_in(root: Path) -> list[Path]:
    try:
        folders = [folder for folder in written(root) if folder.is_dir()]
    except OSError as error:
        raise Misconfigured(f"The folder of cases {root} cannot be read: {error.strerror}.") from error
    if not folders:
        raise Misconfigured(
            f"There is no case in {root}. ASSISTANT_CASES_DIR names the folder that holds case folders."
        )
    return folders


def _with_comparison(checked: Sequence[Checked]) -> list[Checked]:
    told: dict[str, list[Finding]] = {each.slug: [] for each in checked}
    for remark in compared({each.slug: each.case for each in checked if each.case}):
        told[remark.case].append(Finding(remark.where, remark.what, serious=False))
    return [replace(each, findings=(*each.findings, *told[each.slug])) for each in checked]


def _check_routes(routing: Routing, slugs: Collection[str]) -> None:
    for slug in routing.of_cases:
        if slug not in slugs:
            raise Misconfigured(
                f"ASSISTANT_ROUTES: there is no case '{slug}'; there is: {', '.join(sorted(slugs))}."
            )


class _Folder:
    def __init__(self, path: Path, routing: Routing, thorough: bool, today: date | None) -> None:
        self.path = path.resolve()
        self.thorough = thorough
        self.today = today
        self.slug = self.path.name
        self.targets = TargetReader(self.slug, routing, self.wrong, self.note)
        self.findings: list[Finding] = []
        self.used = {FILE}
        self.room: dict[str, int] = {}
        self.country = ""

    def read(self) -> Checked:
        if not SLUG.match(self.slug):
            self.wrong("folder name", "use small letters a-z, digits and hyphens, at most 40")
        case = None
        try:
            if facts := self._facts():
                case = self._case(facts)
                self._unused()
        except OSError as error:  # of one file it is told where it is read; this is a folder
            where = Path(error.filename or self.path)
            self.wrong(str(where), f"cannot be read: {error.strerror}; see to its permissions")
        usable = not any(finding.serious for finding in self.findings)
        return Checked(self.slug, case if usable else None, tuple(self.findings), self.room)

    def wrong(self, where: str, what: str) -> None:
        self.findings.append(Finding(where, what))

    def note(self, where: str, what: str) -> None:
        self.findings.append(Finding(where, what, serious=False))

    def _facts(self) -> CaseFile | None:
        if not (self.path / FILE).exists():
            self.wrong(FILE, self._missing_file())
            return None
        text = self._text(self.path / FILE)
        if text is None:
            return None
        try:
            return CaseFile.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            self.wrong(FILE, explain_toml(error, text))
        except ValidationError as error:
            for told in explain(error, CaseFile):
                self.wrong(FILE, told)
        return None

    def _missing_file(self) -> str:
        if not self.path.is_dir():
            return f"there is no folder {self.path}"
        alike = next((file.name for file in written(self.path) if FILE in file.name.lower()), None)
        return f"{self.slug} has no {FILE}" + (f"; rename {alike}" if alike else "")

    def _case(self, facts: CaseFile) -> Case:
        languages, self.country = facts.languages, facts.target.country
        briefing = self._files(_BRIEFING, self._markdown(BRIEFING_MAX))
        self._complete("briefing", briefing, languages, "briefing.{}.md")
        letters = self._files(_LETTER, self._letter)
        self._complete("letter", letters, {*languages, facts.target.language}, "letter.{}.txt")
        for language, text in facts.share.items():
            self._fits(FILE, f"share.{language}", len(text), SHARE_MAX)
        for_office = {*languages, facts.target.language}
        target = self.targets.read(
            facts,
            self._written("target.office", facts.target.office, for_office),
            self._written("target.place", facts.target.place, for_office),
        )
        action_days = tuple(
            ActionDay(
                parse_date(day.date),
                self._written("action_days.title", day.title, languages),
                time.fromisoformat(day.at),
            )
            for day in facts.action_days
        )
        self._proofread(facts)
        letterhead = self._letterhead()
        if self.thorough and not any(finding.serious for finding in self.findings):
            self.targets.check_days(target.country, action_days, target.hours, self.today)
            self.targets.try_printing(letters, target, letterhead)
            self._measure(letters)
        return Case(
            slug=self.slug,
            person=facts.person,
            title=self._written("title", facts.title, languages),
            briefing=Written(briefing),
            share=self._written("share", facts.share, languages),
            follow={language: tuple(map(str, links)) for language, links in facts.follow.items()},
            target=target,
            letters=letters,
            subjects=facts.subject_lines,
            letterhead=letterhead,
            updates=self._updates(languages, facts.outcomes),
            faq=self._files(_FAQ, self._questions),
            action_days=action_days,
        )

    def _letterhead(self) -> Path | None:
        path = self.path / LETTERHEAD
        if not path.is_file():
            return None
        self.used |= {file.name for file in written(self.path) if file.suffix in _BESIDE_LETTERHEAD}
        return path

    def _updates(self, languages: Collection[str], outcomes: Collection[str]) -> Mapping[str, Update]:
        found: dict[str, dict[str, Markup]] = {}
        folder = self.path / "updates"
        for file in written(folder) if folder.is_dir() else []:
            name = _UPDATE.match(file.name)
            if name is None and file.suffix == ".md":
                self.wrong(f"updates/{file.name}", "name it like 2011-09-conviction.en.md")
            elif name is None:
                self.note(f"updates/{file.name}", "is not used")
            if name is None:
                continue
            text = self._markdown(UPDATE_MAX)(file, name[3])
            if text is not None:
                found.setdefault(name[1], {})[name[3]] = text
        updates: dict[str, Update] = {}
        for slug, texts in found.items():
            self._complete(f"update {slug}", texts, languages, f"updates/{slug}.{{}}.md")
            digits = re.match(r"[\d-]*\d", slug)
            try:
                dated = parse_date(digits[0] if digits else "")
                updates[slug] = Update(slug, dated, Written(texts), slug in outcomes)
            except ValueError as error:
                self.wrong(f"updates/{slug}", str(error))
        for slug in outcomes:
            if slug not in found:
                self.wrong(FILE, f"outcomes: there is no update '{slug}' in updates/")
        return updates

    def _files(self, pattern: re.Pattern[str], read: Callable[[Path, str], T | None]) -> dict[str, T]:
        """What `read` makes of every file whose name fits, by language."""
        found: dict[str, T] = {}
        for file in written(self.path):
            if name := pattern.match(file.name):
                self.used.add(file.name)
                if (content := read(file, name[1])) is not None:
                    found[name[1]] = content
        return found

    def _markdown(self, limit: int) -> Callable[[Path, str], Markup | None]:
        def read(file: Path, _language: str) -> Markup | None:
            source = self._text(file)
            if source is None:
                return None
            text = from_markdown(source)
            self._fits(self._name(file), "the text", len(plain(text)), limit)
            self._remark(self._name(file), source, markdown=True)
            return text

        return read

    def _questions(self, file: Path, _language: str) -> tuple[FrequentQuestion, ...] | None:
        source = self._text(file)
        if source is None:
            return None
        _before, *parts = _QUESTION.split(source)
        if not parts:
            self.wrong(self._name(file), "there is no question: write lines such as '## Is she safe?'")
        return tuple(
            self._question(self._name(file), title.strip(), body)
            for title, body in zip(parts[::2], parts[1::2], strict=True)
        )

    def _question(self, where: str, title: str, body: str) -> FrequentQuestion:
        words, _, answer = body.strip().partition("\n")
        phrases = tuple(" ".join(each.split()) for each in words.split(",") if each.strip())
        if not phrases or not answer.strip():
            self.wrong(where, f"'{title}' needs a line of words, with commas between, and an answer below it")
        text = from_markdown(answer)
        self._fits(where, f"the answer to '{title}'", len(plain(text)), UPDATE_MAX)
        self._remark(where, answer, markdown=True)
        return FrequentQuestion(phrases, text)

    def _letter(self, file: Path, language: str) -> LetterTemplate | None:
        source = self._text(file)
        if source is None:
            return None
        try:
            Locale.parse(language, sep="-")
        except (UnknownLocaleError, ValueError):
            self.wrong(self._name(file), f"'{language}' is not a language; examples are es and pt-BR")
            return None
        try:
            template = read_template(source, language)
            name, country, line = "n" * NAME_MAX, "c" * COUNTRY_MAX, "l" * PERSONAL_LINE_MAX
            longest = template.fill(name=name, country=country, personal_line=line)
        except BadTemplate as error:
            self.wrong(self._name(file), str(error))
            return None
        for placeholder, filled_in in (("country", country), ("line", line)):
            if filled_in not in longest:
                told = f"{{{{ {placeholder} }}}} is missing: the chat promises that the letter has it"
                self.wrong(self._name(file), told)
        self._fits(self._name(file), "the letter with the longest name and line", len(longest), LETTER_MAX)
        self._remark(self._name(file), template.fill(name="", country="", personal_line=None))
        return template

    def _remark(self, where: str, text: str, *, markdown: bool = False) -> None:
        if self.thorough:
            for remark in remarks(text, self.country, markdown=markdown):
                self.note(where, remark)

    def _proofread(self, facts: CaseFile) -> None:
        """The texts of case.toml, and tables that other entries slipped into."""
        tables = {
            "title": facts.title,
            "share": facts.share,
            "target.office": facts.target.office,
            "target.place": facts.target.place,
            **{f"action_days.{at}.title": day.title for at, day in enumerate(facts.action_days)},
        }
        self._remark(FILE, facts.person)
        for entry, texts in tables.items():
            for told in misplaced(texts, entry, CaseFile):
                self.wrong(FILE, told)
            for language, text in texts.items():
                for remark in remarks(text, self.country) if self.thorough else ():
                    self.note(FILE, f"{entry}.{language}: {remark}")

    def _measure(self, letters: Mapping[str, LetterTemplate]) -> None:
        from assistant.content.long_words import too_wide  # the typefaces, which no other check needs

        for language, letter in letters.items():
            for word in too_wide(letter.fill(name="", country="", personal_line=None), language):
                self.note(
                    f"letter.{language}.txt", f"'{word[:20]}...' is wider than a line, and is broken in it"
                )

    def _text(self, file: Path) -> str | None:
        try:
            text = file.read_text("utf-8-sig")  # some editors begin UTF-8 with a mark
        except UnicodeDecodeError:
            self.wrong(self._name(file), "save it as UTF-8")
        except OSError as error:
            self.wrong(self._name(file), f"cannot be read: {error.strerror}")
        else:
            if not text.strip():
                self.wrong(self._name(file), "is empty")
            elif found := control_in(text.replace("\n", "").replace("\t", "") if file.name != FILE else ""):
                number = text[: text.index(found)].count("\n") + 1
                self.wrong(self._name(file), f"line {number} has {name_of_control(found)}: delete it")
            else:
                return text
        return None

    def _fits(self, where: str, what: str, length: int, limit: int) -> None:
        if where != FILE:
            self.room[where] = limit - length
        if length > limit:
            self.wrong(
                where,
                f"{what} is too long: {length} characters, at most {limit}; shorten it by {length - limit}",
            )

    def _complete(self, what: str, found: Collection[str], languages: Iterable[str], name: str) -> None:
        for language in languages:
            if language not in found:
                file = name.format(language)
                if not any(finding.where == file for finding in self.findings):
                    self.wrong(file, f"the {what} in '{language}' is missing")

    def _written(self, entry: str, texts: Mapping[str, str], languages: Iterable[str]) -> Written:
        for language in languages:
            if not texts.get(language, "").strip():
                self.wrong(FILE, f"{entry}.{language} is missing")
        return Written({language: escape(text) for language, text in texts.items()})

    def _unused(self) -> None:
        for file in written(self.path):
            if file.name not in self.used and file.name != "updates":
                self.note(file.name, "is not used; its name may be misspelt")

    def _name(self, file: Path) -> str:
        return str(file.relative_to(self.path))
