"""Case folders, loaded and checked. What is wrong is told to people who do not program."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import structlog
from markupsafe import Markup

from assistant.content import actions, translations
from assistant.content.actions import BRIEFING_MAX, ActionReader
from assistant.content.case_files import Unreadable, oddities, read_all, read_file
from assistant.content.casefile import (
    SLUG_PATTERN,
    CaseFile,
    CaseFileWithTarget,
    TargetFile,
    TranslationsFile,
    parse_date,
)
from assistant.content.folder import Finding, Folder, Report, shown
from assistant.content.leftovers import written
from assistant.content.proofreading import compared
from assistant.content.richtext import from_markdown
from assistant.content.routing import Routing
from assistant.content.targets import TargetReader, closed_days
from assistant.content.translations import Made, Original
from assistant.domain.actions import Action
from assistant.domain.cases import Case, FrequentQuestion, Letterhead, Update
from assistant.domain.errors import Misconfigured
from assistant.domain.richtext import plain
from assistant.domain.targets import Target
from assistant.domain.texts import Written

FILE = "case.toml"
LETTERHEAD = "letterhead.typ"
UPDATES, TARGETS = "updates", "targets"
# What is at these addresses of our web server is no case.
RESERVED = frozenset({"chat", "static", "healthz", "readyz", "metrics", "telegram", "telnyx", "dashboard"})
SLUG = re.compile(SLUG_PATTERN)  # fits a Telegram deep link and, with its mark, a button
UPDATE_MAX = 600  # characters as read
SHARE_MAX = 280

_FAQ = re.compile(r"^faq\.([A-Za-z-]+)\.md$")
_QUESTION = re.compile(r"^## +(.+)$", re.MULTILINE)
_BRIEFING = re.compile(r"^briefing\.([A-Za-z-]+)\.md$")
_UPDATE = re.compile(r"^((\d{4}(?:-\d{2}){0,2})-[a-z][a-z0-9-]*)\.([A-Za-z-]+)\.md$")
_BESIDE_LETTERHEAD = (".typ", ".png", ".jpg", ".jpeg", ".svg", ".gif")


log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A case folder read: the case where it can be used, and what was found.

    `room`: how many characters of text still fit, by file; below 0: how many are too many. `closed`: workdays
    to come on which an office is closed, by target. `has_old_form`: its one action stands in its case.toml.
    `texts`: all that is translated; `made`: of which text that was said to be.
    """

    slug: str
    case: Case | None
    findings: tuple[Finding, ...]
    room: Mapping[str, int] = field(default_factory=dict)
    closed: Mapping[str, Sequence[date]] = field(default_factory=dict)
    has_old_form: bool = False
    texts: Sequence[Original] = ()
    made: Made = field(default_factory=dict)

    @property
    def problem(self) -> str | None:
        """The first thing that keeps the case from being used; None where nothing does."""
        serious = (f"{finding.where}: {finding.what}" for finding in self.findings if finding.serious)
        return next(serious, None)


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
        elif checked.problem:
            reasons[checked.slug] = checked.problem
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
        _CaseFolder(folder, routing, thorough, today).read() for root in roots for folder in _folders_in(root)
    ]
    _check_routes(routing, checked)
    for slug, count in Counter(each.slug for each in checked).items():
        if count > 1:
            raise Misconfigured(of_one_name(slug, count))
    return _with_comparison(checked) if thorough else checked


def read_folder(folder: Path, routing: Routing) -> Checked:
    """One case folder, with everything that may keep it from being used: also that it can be printed."""
    return _CaseFolder(folder, routing, False, None, on_paper=True).read()


def of_one_name(slug: str, count: int) -> str:
    """What is wrong where several folders have the same name."""
    return f"There are {count} case folders called '{slug}'. Give each its own name."


def check_folder(
    folder: Path, roots: Iterable[Path], routing: Routing, today: date | None = None
) -> list[Checked]:
    """One case folder anywhere, or each in a folder of them, thoroughly, beside the cases in `roots`.

    It may be meant for another machine: a carrier that is not set up here is no mistake of its own.
    """
    within = written(folder) if folder.is_dir() and not (folder / FILE).exists() else []
    found = [each for each in within if (each / FILE).exists()] or [folder]
    checked = [_CaseFolder(each, routing.for_drafts(), True, today).read() for each in found]
    slugs = {each.slug for each in checked}
    others = [
        _CaseFolder(each, routing, False, today).read()
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


def _check_routes(routing: Routing, checked: Sequence[Checked]) -> None:
    """Routes that are set are for a case that there is; and for a target, where it has several."""
    slugs = {each.slug: each.case for each in checked}
    for named in routing.of_cases:
        slug, _, target = named.partition("/")
        if slug not in slugs:
            raise Misconfigured(
                f"ASSISTANT_ROUTES: there is no case '{slug}'; there is: {', '.join(sorted(slugs))}."
            )
        case = slugs[slug]
        if case is None:
            continue
        known = ", ".join(f"{slug}/{each}" for each in case.targets)
        if target and target not in case.targets:
            raise Misconfigured(f"ASSISTANT_ROUTES: there is no target '{named}'; there is: {known}.")
        if not target and len(case.targets) > 1:
            raise Misconfigured(f"ASSISTANT_ROUTES: {slug} has several targets; name one of {known}.")


class _CaseFolder:
    """A case folder being read: in the form with actions/, or with its one action in its case.toml."""

    def __init__(
        self, path: Path, routing: Routing, thorough: bool, today: date | None, *, on_paper: bool = False
    ) -> None:
        """`on_paper`: its letters are printed, and its calendars read; when `thorough`, they always are."""
        self.report = Report(thorough)
        self.on_paper = on_paper or thorough
        self.folder = Folder(path.resolve(), self.report)
        self.slug = self.folder.path.name
        self.routing = routing
        self.today = today
        self.has_old_form = False
        self.texts: Sequence[Original] = ()
        self.made: Made = {}

    def read(self) -> Checked:
        """What is found. No folder keeps others from being read, whatever stands in it."""
        try:
            return self._checked()
        except Exception as error:
            log.exception("a case folder could not be read, which should not happen", case=self.slug)
            self.report.wrong(
                self.slug, f"This is a mistake of ours: {type(error).__name__}. Please report it"
            )
            return self._found(None)

    def _checked(self) -> Checked:
        if not SLUG.match(self.slug):
            self.report.wrong("folder name", "use small letters a-z, digits and single hyphens, at most 40")
        elif self.slug in RESERVED:
            self.report.wrong(
                "folder name", f"our web pages have something else at /{self.slug}: give another one"
            )
        case = None
        try:
            case = None if self._tell_oddities() else self._case()
        except OSError as error:  # of one file it is told where it is read; this is a folder
            where = Path(error.filename or self.folder.path)
            self.report.wrong(str(where), f"cannot be read: {error.strerror}; see to its permissions")
        usable = case if self.report.is_good else None
        if usable and self.on_paper:
            for target in usable.targets.values():
                target.hours.next_open(datetime.now(UTC))  # reads the calendar, which takes a while
        return self._found(usable)

    def _found(self, usable: Case | None) -> Checked:
        return Checked(
            slug=self.slug,
            case=usable,
            findings=tuple(self.report.findings),
            room=self.report.room,
            closed=_closed(usable, self.today) if self.report.thorough and usable and self.today else {},
            has_old_form=self.has_old_form,
            texts=self.texts,
            made=self.made,
        )

    def _tell_oddities(self) -> bool:
        """Tell of what no case folder may have in it: then nothing of it is read."""
        found = list(oddities(self.folder.path)) if self.folder.path.is_dir() else []
        for name, told in found:
            self.report.wrong(shown(name), told)
        return bool(found)

    def _case(self) -> Case | None:
        folder = self.folder
        self.has_old_form = self._has_old_form()
        if not (folder.path / FILE).exists():
            folder.wrong(FILE, self._missing_file())
            return None
        self._tell_misspelt()
        facts: CaseFile | None = folder.toml(FILE, CaseFileWithTarget if self.has_old_form else CaseFile)
        if facts is None:
            return None
        case = self._of(facts)
        folder.tell_unused()
        return case

    def _has_old_form(self) -> bool:
        """Whether its one action stands in its case.toml, and the letters beside it."""
        path = self.folder.path
        if not path.is_dir() or self._inside(actions.FOLDER) is not None:
            return False
        with suppress(Unreadable):  # which is told where it is read
            if re.search(rb"^[ \t]*\[?target\b", read_file(path, FILE), re.MULTILINE):
                return True
        return any(file.match("letter.*.txt") for file in self.folder.written())

    def _inside(self, name: str) -> Path | None:
        """The folder of that name, also where it is written a little differently, which is told."""
        folders = [each for each in self.folder.written() if each.is_dir()]
        alike = [each for each in folders if each.name.casefold().rstrip("s") == name.rstrip("s")]
        found = next((each for each in alike if each.name == name), None) or next(iter(alike), None)
        if found:
            self.folder.used.add(found.name)
        return found

    def _within(self, name: str) -> Folder:
        found = self._inside(name)
        return self.folder.within(found.name if found else name)

    def _tell_misspelt(self) -> None:
        for name in (UPDATES, *(() if self.has_old_form else (TARGETS, actions.FOLDER))):
            found = self._inside(name)
            if found and found.name != name:
                self.folder.wrong(found, f"rename this folder to {name}")

    def _missing_file(self) -> str:
        path = self.folder.path
        if not path.is_dir():
            return f"there is no folder {path}"
        alike = next((file.name for file in written(path) if FILE in file.name.lower()), None)
        return f"{self.slug} has no {FILE}" + (f"; rename {alike}" if alike else "")

    def _of(self, facts: CaseFile) -> Case | None:
        languages = facts.languages
        letterhead = self._letterhead()
        reader = TargetReader(self.slug, self.routing, languages)
        acting = ActionReader(self.slug, reader, languages, letterhead)
        if isinstance(facts, CaseFileWithTarget):
            self.folder.country = facts.target.country
        found = self._actions(facts, acting, reader)
        folder = self.folder
        if found:
            folder.country = found[0][1].main.country
        briefing = folder.files(_BRIEFING, folder.markdown(BRIEFING_MAX))
        folder.complete("briefing", briefing, languages, "briefing.{}.md")
        for language, text in facts.share.items():
            folder.fits(FILE, f"share.{language}", len(text), SHARE_MAX, has_room=False)
        for language, text in (facts.closed or {}).items():
            folder.fits(FILE, f"closed.{language}", len(text), UPDATE_MAX, has_room=False)
        self._proofread(facts)
        updates = self._updates(facts)
        faq = folder.files(_FAQ, self._questions)
        if not found:
            return None
        case = Case(
            slug=self.slug,
            person=facts.person,
            title=folder.in_languages(FILE, "title", facts.title, languages),
            briefing=Written(briefing),
            share=folder.in_languages(FILE, "share", facts.share, languages),
            follow={language: tuple(map(str, links)) for language, links in facts.follow.items()},
            actions={action.slug: action for _, action in found},
            letterhead=letterhead,
            updates=updates,
            faq=faq,
            closed=folder.in_languages(FILE, "closed", facts.closed, languages)
            if facts.closed is not None
            else None,
            careful=frozenset(facts.careful),
        )
        if self.report.is_good:
            self._try(acting, found)
        return self._translated(case, languages)

    def _translated(self, case: Case, languages: Sequence[str]) -> Case:
        """The case without what was translated of texts that read otherwise now; which is told."""
        self.texts = translations.originals(case, languages[0], has_old_form=self.has_old_form)
        if (self.folder.path / translations.FILE).exists():
            facts = self.folder.toml(translations.FILE, TranslationsFile)
            self.made = facts.made_of if facts else {}
        for where, told in translations.remarks(self.slug, self.texts, self.made):
            self.folder.note(where, told)
        return translations.without_stale(case, self.texts, self.made)

    def _try(self, acting: ActionReader, found: Sequence[tuple[Folder, Action]]) -> None:
        """What takes a second."""
        file = FILE if self.has_old_form else actions.FILE
        for where, action in found:
            if self.report.thorough:
                acting.check(where, file, action, self.today)
            if self.on_paper:
                acting.try_printing(where, action)

    def _actions(
        self, facts: CaseFile, acting: ActionReader, reader: TargetReader
    ) -> list[tuple[Folder, Action]]:
        """Each with the folder that its letters lie in."""
        if isinstance(facts, CaseFileWithTarget):
            only = acting.only(self.folder, FILE, facts.action, facts.target)
            return [(self.folder, only)]
        shared = self._targets(reader)
        if self._inside(actions.FOLDER) is None:
            self.folder.wrong(
                actions.FOLDER, "there is no such folder; make it, and in it a folder for an action"
            )
            return []
        folders = [
            self.folder.within(*each.relative_to(self.folder.path).parts) for each in self._action_folders()
        ]
        read = [(folder, acting.read(folder, shared)) for folder in folders]
        found = [(folder, action) for folder, action in read if action]
        self._check_former_names(found)
        self._tell_what_is_read_first(found)
        if not folders:
            self.folder.wrong(actions.FOLDER, "there is no action in it; make a folder for one")
        return found

    def _check_former_names(self, found: Sequence[tuple[Folder, Action]]) -> None:
        """Letters that were written for a former name go on with one action: each name leads to one."""
        there = {each.name for each in self._action_folders()}
        taken: dict[str, str] = {}
        for folder, action in found:
            for name in action.formerly:
                if name in there:
                    told = f"formerly: '{name}' is the name of an action now; its letters would leave it"
                    folder.wrong(actions.FILE, f"{told}: delete the name here")
                elif name in taken:
                    told = f"formerly: '{name}' stands in {taken[name]}, too; delete it in one of both"
                    folder.wrong(actions.FILE, told)
                taken.setdefault(name, f"{actions.FOLDER}/{action.slug}")

    def _tell_what_is_read_first(self, found: Sequence[tuple[Folder, Action]]) -> None:
        """The briefing of a case may tell of one action's request, and be read before another's letter."""
        for folder, action in found if len(found) > 1 else ():
            if not action.briefing and not action.asks:
                folder.note(
                    actions.FILE,
                    "asks is not set, and there is no briefing of its own: people read the case's briefing "
                    "before its letter. Does that ask for the same?",
                )

    def _action_folders(self) -> list[Path]:
        folder = self._inside(actions.FOLDER)
        return [each for each in written(folder) if each.is_dir()] if folder else []

    def _targets(self, reader: TargetReader) -> Mapping[str, Target]:
        folder = self._within(TARGETS)
        files = [each for each in folder.written() if each.suffix.lower() in (".toml", ".csv")]
        reader.alone = len(files) == 1 and files[0].suffix.lower() == ".toml"
        targets: dict[str, Target] = {}
        for file in files:
            for target in self._in_file(folder, file, reader):
                if not SLUG.match(target.slug):
                    told = f"the name '{target.slug}' needs small letters a-z, digits and single hyphens"
                    folder.wrong(file, told)
                if target.slug in targets:
                    folder.wrong(file, f"there are two targets '{target.slug}'; give each its own name")
                targets[target.slug] = target
        folder.tell_unused()
        return targets

    def _in_file(self, folder: Folder, file: Path, reader: TargetReader) -> Iterable[Target]:
        if file.suffix.lower() == ".csv":
            return reader.table(folder, file.name)
        facts = folder.toml(file.name, TargetFile)
        if facts is None:
            reader.unread.names.add(file.stem)
            return []
        return [reader.read(folder, file.name, facts, file.stem)]

    def _letterhead(self) -> Letterhead | None:
        folder = self.folder
        if not (folder.path / LETTERHEAD).is_file():
            return None
        folder.used |= {file.name for file in folder.written() if file.suffix in _BESIDE_LETTERHEAD}
        try:
            files = read_all(folder.path)
            return Letterhead(f"{self.slug}/{LETTERHEAD}", files[LETTERHEAD], files)
        except Unreadable as error:
            folder.wrong(LETTERHEAD, error.reason)
            return None

    def _updates(self, facts: CaseFile) -> Mapping[str, Update]:
        found: dict[str, dict[str, Markup]] = {}
        all_read = True  # what cannot be read is there all the same
        folder = self._within(UPDATES)
        for file in folder.written():
            name = _UPDATE.match(file.name)
            if name is None and file.suffix not in (".md", ".txt"):
                folder.note(file, "is not used")
                continue
            if name is None:
                folder.wrong(file, "name it like 2011-09-conviction.en.md")
            text = folder.markdown(UPDATE_MAX)(file, name[3]) if name else None
            if name and text is not None:
                found.setdefault(name[1], {})[name[3]] = text
            else:
                all_read = False
        updates: dict[str, Update] = {}
        for slug, texts in found.items():
            folder.complete(f"update {slug}", texts, facts.languages, f"{slug}.{{}}.md")
            digits = re.match(r"[\d-]*\d", slug)
            try:
                dated = parse_date(digits[0] if digits else "")
            except ValueError as error:
                folder.wrong(slug, str(error))
                continue
            outcome, replaces = slug in facts.outcomes, slug in facts.updates
            updates[slug] = Update(
                slug=slug, date=dated, text=Written(texts), outcome=outcome, replaces_letter=replaces
            )
        for entry, slugs in (("outcomes", facts.outcomes), ("updates", facts.updates)):
            for slug in slugs:
                if slug not in found and all_read:
                    self.folder.wrong(FILE, f"{entry}: there is no update '{slug}' in updates/")
        return updates

    def _questions(self, file: Path, _language: str) -> tuple[FrequentQuestion, ...] | None:
        source = self.folder.text(file)
        if source is None:
            return None
        _before, *parts = _QUESTION.split(source)
        if not parts:
            self.folder.wrong(file, "there is no question: write lines such as '## Is she safe?'")
        return tuple(
            self._question(file, title.strip(), body)
            for title, body in zip(parts[::2], parts[1::2], strict=True)
        )

    def _question(self, file: Path, title: str, body: str) -> FrequentQuestion:
        words, _, answer = body.strip().partition("\n")
        phrases = tuple(" ".join(each.split()) for each in words.split(",") if each.strip())
        if not phrases or not answer.strip():
            told = f"'{title}' needs a line of words, with commas between, and an answer below it"
            self.folder.wrong(file, told)
        what = f"the answer to '{title}'"
        if self.folder.is_far_too_long(file, what, answer, UPDATE_MAX):
            return FrequentQuestion(phrases, Markup(), title)
        text = from_markdown(answer)
        self.folder.fits(file, what, len(plain(text)), UPDATE_MAX)
        self.folder.remark(file, answer, markdown=True)
        return FrequentQuestion(phrases, text, title)

    def _proofread(self, facts: CaseFile) -> None:
        """The texts of case.toml."""
        tables = {"title": facts.title, "share": facts.share, "closed": facts.closed or {}}
        if isinstance(facts, CaseFileWithTarget):
            tables |= {"target.office": facts.target.office, "target.place": facts.target.place}
            days = enumerate(facts.action_days)
            tables |= {f"action_days.{at}.title": day.title for at, day in days}
        self.folder.remark(FILE, facts.person)
        for entry, texts in tables.items():
            for language, text in texts.items() if not entry.startswith("target.") else ():
                self.folder.remark(FILE, text, entry=f"{entry}.{language}")


def _closed(case: Case, today: date) -> Mapping[str, Sequence[date]]:
    found = {slug: closed_days(target.hours, today) for slug, target in case.targets.items()}
    return {slug: days for slug, days in found.items() if days}
