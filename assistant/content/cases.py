"""Case folders, loaded and checked. What is wrong is told to people who do not program."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import TypeVar

from babel import Locale, UnknownLocaleError
from markupsafe import Markup, escape
from pydantic import ValidationError

from assistant.content.casefile import CaseFile, parse_date
from assistant.content.letters import BadTemplate, read_template
from assistant.content.richtext import from_markdown
from assistant.content.targets import FILE, LETTERHEAD, Routing, TargetReader
from assistant.domain.errors import Misconfigured
from assistant.domain.model import ActionDay, Case, LetterTemplate, Update
from assistant.domain.names import LINE_MAX, NAME_MAX
from assistant.domain.richtext import plain
from assistant.domain.speech import Written

SLUG = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")  # fits a Telegram deep link and, with its mark, a button
BRIEFING_MAX = 700  # characters as read; more is not read on a phone
UPDATE_MAX = 600
SHARE_MAX = 280
LETTER_MAX = 2600  # characters with the longest name and line: one page of A4

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
    """A case folder read: the case where it can be used, and what was found."""

    slug: str
    case: Case | None
    findings: tuple[Finding, ...]


def load_cases(roots: Iterable[Path], routing: Routing) -> Mapping[str, Case]:
    """Every case by slug. Raises Misconfigured where a folder cannot be used."""
    cases: dict[str, Case] = {}
    for checked in check_cases(roots, routing, thorough=False):
        if checked.case is None:
            first = next(finding for finding in checked.findings if finding.serious)
            raise Misconfigured(
                f"The case '{checked.slug}' cannot be used. {first.where}: {first.what}. "
                "`assistant cases check` lists everything that is wrong."
            )
        cases[checked.slug] = checked.case
    if not cases:
        raise Misconfigured(
            "There is no case. Put a case folder into the folder that ASSISTANT_CASES_DIR names."
        )
    return cases


def check_cases(roots: Iterable[Path], routing: Routing, *, thorough: bool = True) -> list[Checked]:
    """Read every case folder. `thorough`: with what takes a second, and keeps no case from being used.

    Raises Misconfigured where a folder of cases does not exist.
    """
    checked: list[Checked] = []
    for root in roots:
        try:
            folders = sorted(folder for folder in root.iterdir() if (folder / FILE).exists())
        except OSError as error:
            raise Misconfigured(f"The folder of cases {root} cannot be read: {error.strerror}.") from error
        if not folders:
            raise Misconfigured(
                f"There is no case in {root}. ASSISTANT_CASES_DIR names the folder that holds case folders."
            )
        checked += [_Folder(folder, routing, thorough).read() for folder in folders]
    _check_routes(routing, [each.slug for each in checked])
    for slug, count in Counter(each.slug for each in checked).items():
        if count > 1:
            raise Misconfigured(f"There are {count} case folders called '{slug}'. Give each its own name.")
    return checked


def _check_routes(routing: Routing, slugs: Collection[str]) -> None:
    for slug in routing.of_cases:
        if slug not in slugs:
            raise Misconfigured(
                f"ASSISTANT_ROUTES: there is no case '{slug}'; there is: {', '.join(sorted(slugs))}."
            )


class _Folder:
    def __init__(self, path: Path, routing: Routing, thorough: bool) -> None:
        self.path = path
        self.thorough = thorough
        self.slug = path.name
        self.targets = TargetReader(self.slug, routing, self.wrong, self.note)
        self.findings: list[Finding] = []
        self.used = {FILE}

    def read(self) -> Checked:
        if not SLUG.match(self.slug):
            self.wrong("folder name", "use small letters a-z, digits and hyphens, at most 40")
        facts = self._facts()
        case = self._case(facts) if facts else None
        if facts:
            self._unused()
        usable = not any(finding.serious for finding in self.findings)
        return Checked(self.slug, case if usable else None, tuple(self.findings))

    def wrong(self, where: str, what: str) -> None:
        self.findings.append(Finding(where, what))

    def note(self, where: str, what: str) -> None:
        self.findings.append(Finding(where, what, serious=False))

    def _facts(self) -> CaseFile | None:
        text = self._text(self.path / FILE)
        if text is None:
            return None
        try:
            return CaseFile.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            self.wrong(FILE, f"cannot be read: {error}")
        except ValidationError as error:
            for each in error.errors():
                entry = ".".join(str(part) for part in each["loc"])
                self.wrong(FILE, f"{entry}: {each['msg'].removeprefix('Value error, ')}")
        return None

    def _case(self, facts: CaseFile) -> Case:
        languages = facts.languages
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
        letterhead = self._letterhead()
        if self.thorough and not any(finding.serious for finding in self.findings):
            self.targets.check_days(target.country, action_days, target.hours)
            self.targets.try_printing(letters, target, letterhead)
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
            action_days=action_days,
        )

    def _letterhead(self) -> Path | None:
        path = self.path / LETTERHEAD
        if not path.is_file():
            return None
        self.used |= {file.name for file in _visible(self.path) if file.suffix in _BESIDE_LETTERHEAD}
        return path

    def _updates(self, languages: Collection[str], outcomes: Collection[str]) -> Mapping[str, Update]:
        found: dict[str, dict[str, Markup]] = {}
        folder = self.path / "updates"
        for file in _visible(folder) if folder.is_dir() else []:
            name = _UPDATE.match(file.name)
            if name is None:
                self.wrong(f"updates/{file.name}", "name it like 2011-09-conviction.en.md")
                continue
            text = self._markdown(UPDATE_MAX)(file, name[3])
            if text is not None:
                found.setdefault(name[1], {})[name[3]] = text
        updates: dict[str, Update] = {}
        for slug, texts in found.items():
            self._complete(slug, texts, languages, f"updates/{slug}.{{}}.md")
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
        for file in sorted(self.path.iterdir()):
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
            return text

        return read

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
            longest = template.fill(name="n" * NAME_MAX, country="GT", line="l" * LINE_MAX)
        except BadTemplate as error:
            self.wrong(self._name(file), str(error))
            return None
        self._fits(self._name(file), "the letter with the longest name and line", len(longest), LETTER_MAX)
        return template

    def _text(self, file: Path) -> str | None:
        try:
            text = file.read_text("utf-8-sig")  # some editors begin UTF-8 with a mark
        except UnicodeDecodeError:
            self.wrong(self._name(file), "save it as UTF-8")
        except OSError as error:
            self.wrong(self._name(file), f"cannot be read: {error.strerror}")
        else:
            if text.strip():
                return text
            self.wrong(self._name(file), "is empty")
        return None

    def _fits(self, where: str, what: str, length: int, limit: int) -> None:
        if length > limit:
            self.wrong(where, f"{what} is too long: {length} characters, at most {limit}")

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
        for file in _visible(self.path):
            if file.name not in self.used and file.name != "updates":
                self.wrong(file.name, "is not used; its name may be misspelt")

    def _name(self, file: Path) -> str:
        return str(file.relative_to(self.path))


def _visible(folder: Path) -> list[Path]:
    """What stands in the folder, without what an operating system hides there."""
    return sorted(file for file in folder.iterdir() if not file.name.startswith("."))
