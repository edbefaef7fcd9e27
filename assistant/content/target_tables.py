"""Tables of offices that spreadsheets write as CSV: one office a line, a column for each entry."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import get_origin

from pydantic import ValidationError

from assistant.content.casefile import SLUG_PATTERN, TargetFile
from assistant.content.casefile_errors import explain
from assistant.content.codes import OTHERS, check_language
from assistant.content.folder import Folder, Line
from assistant.content.languages import language_code

SLUG = "slug"
_ALIKE = 0.75  # of 1: less is another word
_DELIMITERS = ";,\t"  # spreadsheets write one or the other, by the language that they are set to
_SEPARATOR = re.compile(r"^\ufeff?\"?sep=(.)\"?\r?\n", re.IGNORECASE)  # what Excel reads as the delimiter
_BLANK_BEHIND_QUOTE = re.compile(r'"[ \u00a0]+(?=[;,\t\r\n])')
_TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::00)?$")
_SPACED = re.compile(r"^(\w+?)[\s_:(-]+([A-Za-z]{2,3}(?:-[A-Za-z]+)?)\)?$")  # office en, office (en)
_ENTRIES = {each.alias or name: each for name, each in TargetFile.model_fields.items()}
_BY_LANGUAGE = frozenset(name for name, each in _ENTRIES.items() if get_origin(each.annotation) is dict)
_PLAIN = (SLUG, *(name for name in _ENTRIES if name not in _BY_LANGUAGE))
_REQUIRED = (SLUG, *(name for name in _PLAIN if name in _ENTRIES and _ENTRIES[name].is_required()))
_IN_EVERY_LANGUAGE = tuple(name for name in _ENTRIES if name in _BY_LANGUAGE and _ENTRIES[name].is_required())
_WHAT_TO_WRITE = {
    SLUG: "write a short name for the office, such as london",
    "for": "write countries with spaces between, such as GB IE, or others, or leave it empty for everybody",
    "country": "write two capital letters, such as GB",
    "government": "write two capital letters, such as GH",
    "timezone": "write it such as Europe/London",
    "opens": "write hours and minutes, such as 08:00",
    "closes": "write hours and minutes, such as 17:00",
    "workdays": "write the days as numbers with spaces between, 1 is Monday: 1 2 3 4 5",
    "weekends": "write move (letters wait for the next working day) or send (they leave all the same)",
    "holidays": "write move (letters wait for the next working day) or send (they leave all the same)",
    "region": "write what ISO 3166-2 has behind the hyphen, such as ENG or ON, or leave it empty",
    "closed_days": "write days with spaces between, such as 2026-12-24 2026-12-31",
    "per_minute": "write a number from 1 to 6000, or leave it empty",
    "per_day": "write a number from 1 on, or leave it empty",
    "language": "write the code of the language that it reads, such as en",
    "routes": "write routes with | between two, such as email:office@example.org | fax:+50255550100",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An office. `facts`: None where they have mistakes, which are told."""

    line: Line
    facts: TargetFile | None


@dataclass(frozen=True, slots=True)
class _Cells:
    """A line as it stands there. `number`: the first one, of a row with line breaks in it."""

    number: int
    texts: Sequence[str]


def rows_of(folder: Folder, file: str, languages: Collection[str]) -> list[Row] | None:
    """The offices of a table; None where its first line cannot be read, and so none of them can.

    `languages`: those in which every office is named. What is wrong is told.
    """
    folder.used.add(file)
    text = folder.text(folder.path / file, many_lines=True)
    lines = _lines(folder, file, text) if text is not None else None
    if lines is None:
        return None
    if not lines:
        folder.wrong(
            file, "there is nothing in it; write the names of columns, and below them an office a line"
        )
        return None
    head, *rows = lines
    first = folder.at(Line(head.number))
    columns = _columns(first, file, head, languages)
    if columns is None:
        return None
    if not rows:
        folder.wrong(file, "there is no office below the first line; write one a line, or delete the file")
        return None
    found = [_row(folder, file, columns, each) for each in rows]
    for slug, count in Counter(row.line.office for row in found).items():
        if slug and count > 1:
            numbers = " and ".join(str(row.line.number) for row in found if row.line.office == slug)
            folder.wrong(file, f"lines {numbers}: there are {count} targets '{slug}'; give each its own name")
    return list({row.line.office: row for row in found}.values())


def _lines(folder: Folder, file: str, text: str) -> list[_Cells] | None:
    """The lines with something in them; None where they cannot be parted."""
    said = _SEPARATOR.match(text)
    body = text[said.end() :] if said else text
    skipped = 1 if said else 0
    head = next((line for line in body.splitlines() if line.strip(f'{_DELIMITERS} "')), "")
    delimiter = said[1] if said else max(_DELIMITERS, key=head.count)
    found: list[_Cells] = []
    begins = skipped + 1
    # Strict, because only then a quote without an end is an error. Blanks around quotes are none.
    stream = io.StringIO(_BLANK_BEHIND_QUOTE.sub('"', body), newline="")
    reader = csv.reader(stream, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for texts in reader:
            cells = [each.strip() for each in texts]
            if any(cells):
                found.append(_Cells(begins, cells))
            begins = skipped + reader.line_num + 1
    except csv.Error as error:
        folder.at(Line(begins)).wrong(file, _why_not_parted(str(error)))
        return None
    return found


def _why_not_parted(told: str) -> str:
    if "limit" in told:
        return f"a field has more than {csv.field_size_limit():,} characters; is a quote missing at its end?"
    if "NUL" in told:
        return "there is an invisible character (U+0000) in it; delete it"
    return 'look at the quotes: a text between quotes has one at each end, and " in it is written ""'


def _columns(folder: Folder, file: str, head: _Cells, languages: Collection[str]) -> list[str] | None:
    """The names of the columns; None where they cannot be used."""
    texts = list(head.texts)
    while not texts[-1]:
        texts.pop()
    names = [_column(each) for each in texts]
    if not any(name in _PLAIN or name.partition(".")[0] in _BY_LANGUAGE for name in names):
        folder.wrong(file, f"this line has to name the columns, such as {', '.join(_PLAIN[:4])}, office.en")
        return None
    mistakes = list(_mistakes(texts, names))
    meant = " ".join(mistakes)
    wanted = [f"{name}.{language}" for name in _IN_EVERY_LANGUAGE for language in languages]
    for missing in (*_REQUIRED, *wanted):
        if missing not in names and f"'{missing}'" not in meant:
            advice = _WHAT_TO_WRITE.get(missing)
            mistakes.append(f"the column '{missing}' is missing" + (f"; {advice}" if advice else ""))
    for told in mistakes:
        folder.wrong(file, told)
    return None if mistakes else names


def _column(text: str) -> str:
    """The name of a column, however its capitals are."""
    name, dot, language = text.partition(".")
    folded = name.strip().casefold()
    code = language_code(language) if dot else None
    if code and code.casefold() == language.strip().casefold():
        language = code
    return f"{folded}{dot}{language.strip()}"


def _mistakes(texts: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    for number, (text, name) in enumerate(zip(texts, names, strict=True), 1):
        entry, dot, language = name.partition(".")
        if not name:
            yield f"column {number} has no name; write one, or delete the column"
        elif names.index(name) < number - 1:
            yield f"the column '{text}' stands there twice; delete one of the two"
        elif entry in _BY_LANGUAGE and not language:
            yield f"'{text}' needs a language behind a dot: did you mean '{entry}.en'?"
        elif entry in _BY_LANGUAGE:
            yield from _no_language(text, language)
        elif dot and entry in _PLAIN:
            yield f"'{text}' has no languages; did you mean '{entry}'?"
        elif name not in _PLAIN:
            yield f"there is no column '{text}'{_meant(text)}"


def _no_language(text: str, language: str) -> Iterator[str]:
    try:
        check_language(language)
    except ValueError as error:
        yield f"{text}: {error}"


def _meant(text: str) -> str:
    spaced = _SPACED.match(text)
    if spaced and spaced[1].casefold() in _BY_LANGUAGE:
        return f"; did you mean '{spaced[1].casefold()}.{spaced[2]}'?"
    known = (*_PLAIN, *_BY_LANGUAGE)
    close = get_close_matches(text.casefold().replace(" ", ""), known, 1, _ALIKE)
    if not close:
        return f"; delete it, or write one of {', '.join(_PLAIN)}"
    return f"; did you mean '{close[0]}{'.en' if close[0] in _BY_LANGUAGE else ''}'?"


def _row(folder: Folder, file: str, columns: Sequence[str], cells: _Cells) -> Row:
    texts = dict(zip(columns, cells.texts, strict=False))
    line = Line(cells.number, texts.get(SLUG, ""))
    told = folder.at(line)
    if not _has_all_fields(told, file, columns, cells):
        return Row(line, None)
    if not re.match(SLUG_PATTERN, line.office):
        kept = f"'{line.office}' cannot be one; use small letters a-z, digits and single hyphens"
        told.wrong(file, f"{SLUG}: {kept if line.office else _WHAT_TO_WRITE[SLUG]}")
        return Row(line, None)
    try:
        return Row(line, TargetFile.model_validate(_facts(texts)))
    except ValidationError as error:
        for mistake in explain(error, TargetFile, _WHAT_TO_WRITE):
            told.wrong(file, mistake)
        return Row(line, None)


def _has_all_fields(told: Folder, file: str, columns: Sequence[str], cells: _Cells) -> bool:
    count = len(cells.texts)
    if any(cells.texts[len(columns) :]):
        told.wrong(
            file,
            f"it has {count} fields, the first line {len(columns)}; put quotes round a text with a comma or "
            "semicolon in it",
        )
        return False
    left_out = columns[count:]
    if any(each in _REQUIRED or each.partition(".")[0] in _IN_EVERY_LANGUAGE for each in left_out):
        told.wrong(
            file,
            f"it has {count} fields, the first line {len(columns)}; leave a field empty, but not out",
        )
        return False
    if left_out:  # spreadsheets leave out empty fields at the end
        told.note(file, f"it has {count} fields, the first line {len(columns)}: the last ones count as empty")
    return True


def _facts(texts: Mapping[str, str]) -> dict[str, object]:
    """A line as a TOML file would have it."""
    facts: dict[str, object] = {}
    tables: dict[str, dict[str, str]] = {name: {} for name in _BY_LANGUAGE}
    for name, text in texts.items():
        entry, _, language = name.partition(".")
        if text and language:
            tables[entry][language] = text
        elif text and name != SLUG:
            facts[name] = _value(name, text)
    return facts | tables


def _value(name: str, text: str) -> object:
    match name:
        case "for":
            return _served(text)
        case "routes":  # an address by post has blanks
            return [each.strip() for each in text.split("|")]
        case "workdays":
            return [int(each) if each.isdecimal() else each for each in _parts(text)]
        case "closed_days":
            return _parts(text)
        case "opens" | "closes":
            return f"{clock[1]:0>2}:{clock[2]}" if (clock := _TIME.match(text)) else text
        case "per_minute" | "per_day":
            return int(text) if text.isdecimal() else text
    return text


def _served(text: str) -> str | list[str]:
    if text.casefold() == OTHERS:
        return OTHERS
    parts = [each.strip() for each in re.split(r"[,;/|]", re.sub(r"[\[\]\"]", " ", text))]
    words = " ".join(parts).split()
    if all(len(each) == 2 for each in words):
        return words
    return [each for each in parts if each]  # names of countries have blanks


def _parts(text: str) -> list[str]:
    return text.replace(",", " ").split()
