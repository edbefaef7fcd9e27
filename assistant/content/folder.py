"""The files of a case folder, read with what is wrong about them."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from markupsafe import Markup, escape
from pydantic import BaseModel, ValidationError

from assistant.content.case_files import Unreadable, read_file
from assistant.content.casefile import name_of_control
from assistant.content.casefile_errors import explain
from assistant.content.leftovers import written
from assistant.content.proofreading import remarks
from assistant.content.richtext import from_markdown
from assistant.content.toml import BadToml, read_toml
from assistant.domain.richtext import plain
from assistant.domain.texts import Written
from assistant.domain.validation import control_in

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a case folder. Only what is `serious` keeps the case from being used."""

    where: str
    what: str
    serious: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table. `office`: whose it is, where that is known."""

    number: int
    office: str = ""


LINES_NAMED = 8
MARKUP_MAX = 20  # times what is read of it: links are long, and parsing takes the square in time
_SHEETS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")
_DOCUMENTS = (".docx", ".doc", ".odt", ".rtf", ".pages", ".pdf")


@dataclass(slots=True)
class Report:
    """What is found in a case folder.

    `room`: how many characters of text still fit, by file. `thorough`: what takes a second is looked at, too.
    """

    thorough: bool
    room: dict[str, int] = field(default_factory=dict)
    _found: dict[Finding, list[Line]] = field(default_factory=dict)

    def wrong(self, where: str, what: str, line: Line | None = None) -> None:
        """Tell of something that keeps the case from being used."""
        self._tell(Finding(where, what), line)

    def note(self, where: str, what: str, line: Line | None = None) -> None:
        """Tell of something that keeps nothing from being used."""
        self._tell(Finding(where, what, serious=False), line)

    def _tell(self, finding: Finding, line: Line | None) -> None:
        lines = self._found.setdefault(finding, [])
        if line and line not in lines:
            lines.append(line)

    @property
    def findings(self) -> list[Finding]:
        """In the order in which they were made; what is the same in several lines of a table is one."""
        return [replace(each, what=_of_lines(lines) + each.what) for each, lines in self._found.items()]

    @property
    def is_good(self) -> bool:
        """Whether nothing keeps the case from being used."""
        return not any(finding.serious for finding in self._found)


def _of_lines(lines: Sequence[Line]) -> str:
    if not lines:
        return ""
    numbers = _listed([str(each.number) for each in lines])
    offices = _listed([each.office for each in lines if each.office])
    named = f"line {numbers}" if len(lines) == 1 else f"lines {numbers}"
    return f"{named} ({offices}): " if offices else f"{named}: "


def _listed(names: Sequence[str]) -> str:
    more = len(names) - LINES_NAMED
    return ", ".join(names[:LINES_NAMED]) + (f" and {more} more" if more > 0 else "")


def shown(name: str) -> str:
    """The name of a file as a terminal can show it, whatever its characters do there."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in name)


class Folder:
    """A folder: that of a case, or one in it. Its files are named as they lie in that of the case."""

    def __init__(self, path: Path, report: Report, root: Path | None = None, country: str = "") -> None:
        """`country`: of the office, by which telephone numbers are found in texts."""
        self.path = path
        self.report = report
        self.root = root or path
        self.country = country
        self.line: Line | None = None
        self.used: set[str] = set()

    def at(self, line: Line) -> "Folder":
        """The same folder, for what is told of one line of a table in it."""
        folder = copy(self)
        folder.line = line
        return folder

    def within(self, *parts: str, country: str | None = None) -> "Folder":
        """A folder in it."""
        path = self.path.joinpath(*parts)
        return Folder(path, self.report, self.root, self.country if country is None else country)

    def name(self, file: Path | str) -> str:
        """The file as it is called to people."""
        return shown((self.path / file).relative_to(self.root).as_posix())

    def written(self) -> list[Path]:
        """What people put there; nothing where there is no such folder."""
        return written(self.path) if self.path.is_dir() else []

    def wrong(self, file: Path | str, what: str) -> None:
        """Tell of something that keeps the case from being used."""
        self.report.wrong(self.name(file), what, self.line)

    def note(self, file: Path | str, what: str) -> None:
        """Tell of something that keeps nothing from being used."""
        self.report.note(self.name(file), what, self.line)

    def toml(self, file: str, model: type[M]) -> M | None:
        """What a TOML file says; None where it cannot be read so."""
        self.used.add(file)
        if not (self.path / file).exists():
            self._tell_missing(file)
            return None
        text = self.text(self.path / file, many_lines=True)
        if text is None:
            return None
        try:
            return model.model_validate(read_toml(text))
        except BadToml as error:
            self.wrong(file, str(error))
        except ValidationError as error:
            for told in explain(error, model):
                self.wrong(file, told)
        return None

    def _tell_missing(self, file: str) -> None:
        alike = get_close_matches(file, [each.name for each in self.written()], 1)
        self.used.update(alike)
        instead = f"rename {alike[0]}" if alike else "write it; the README of the cases shows one"
        self.wrong(file, f"is missing; {instead}")

    def text(self, file: Path, *, many_lines: bool = False) -> str | None:
        """What stands in a file. `many_lines`: of values, which say themselves what they may hold."""
        try:
            # Some editors begin UTF-8 with a mark, and end lines with two characters.
            written = read_file(self.root, file.relative_to(self.root)).decode("utf-8-sig")
        except UnicodeDecodeError:
            self.wrong(file, "save it as UTF-8")
        except Unreadable as error:
            self.wrong(file, error.reason)
        else:
            text = written.replace("\r\n", "\n").replace("\r", "\n")
            if not text.strip():
                self.wrong(file, "is empty")
            elif found := "" if many_lines else control_in(text.replace("\n", "").replace("\t", "")):
                number = text[: text.index(found)].count("\n") + 1
                self.wrong(file, f"line {number} has {name_of_control(found)}: delete it")
            else:
                return text
        return None

    def files(self, pattern: re.Pattern[str], read: Callable[[Path, str], T | None]) -> dict[str, T]:
        """What `read` makes of every file whose name fits, by language, the pattern's last part."""
        found: dict[str, T] = {}
        for file in self.written():
            if name := pattern.match(file.name):
                self.used.add(file.name)
                if (content := read(file, name[name.re.groups])) is not None:
                    found[name[name.re.groups]] = content
        return found

    def markdown(self, limit: int) -> Callable[[Path, str], Markup | None]:
        """Reads Markdown of at most so many characters, as they are read."""

        def read(file: Path, _language: str) -> Markup | None:
            source = self.text(file)
            if source is None or self.is_far_too_long(file, "the text", source, limit):
                return None
            text = from_markdown(source)
            self.fits(file, "the text", len(plain(text)), limit)
            self.remark(file, source, markdown=True)
            return text

        return read

    def is_far_too_long(self, file: Path, what: str, source: str, limit: int) -> bool:
        """Whether Markdown is so much longer than its text may be that it is not read, which is told."""
        is_long = len(source) > MARKUP_MAX * limit
        if is_long:
            self.fits(file, what, len(source), limit)
        return is_long

    def remark(self, file: Path | str, text: str, *, markdown: bool = False, entry: str = "") -> None:
        """Tell what a second pair of eyes sees in a text. `entry`: where it stands in the file."""
        for remark in remarks(text, self.country, markdown=markdown) if self.report.thorough else ():
            self.note(file, f"{entry}: {remark}" if entry else remark)

    def fits(self, file: Path | str, what: str, length: int, limit: int, *, has_room: bool = True) -> None:
        """Tell where a text is too long. `has_room`: the file is all for it."""
        if has_room:
            self.report.room[self.name(file)] = limit - length
        if length > limit:
            self.wrong(
                file,
                f"{what} is too long: {length} characters, at most {limit}; shorten it by {length - limit}",
            )

    def complete(self, what: str, found: Collection[str], languages: Iterable[str], name: str) -> None:
        """Tell of languages in which something is missing. `name`: of a file, with {} for the language."""
        for language in languages:
            if language not in found:
                file = name.format(language)
                if not any(finding.where == self.name(file) for finding in self.report.findings):
                    self.wrong(file, f"the {what} in '{language}' is missing")

    def in_languages(
        self, file: str, entry: str, texts: Mapping[str, str], languages: Iterable[str]
    ) -> Written:
        """A table of texts as one that can be said."""
        for language in languages:
            if not texts.get(language, "").strip():
                self.wrong(file, f"{entry}.{language} is missing")
        return Written({language: escape(text) for language, text in texts.items()})

    def tell_unused(self, *known: str) -> None:
        """Tell of files that nothing reads."""
        for file in self.written():
            if file.name not in self.used and file.name not in known:
                self.note(file.name, f"is not used; {_instead(file)}")


def _instead(file: Path) -> str:
    """What to do with a file that nothing reads."""
    if file.suffix.lower() in _SHEETS:
        return "save it as CSV (UTF-8) into targets/"
    if file.suffix.lower() in _DOCUMENTS:
        return "save it as plain text (UTF-8), with .txt or .md at the end of its name"
    if file.suffix.lower() == ".csv":
        return "a table of offices lies in targets/"
    return "its name may be misspelt"
