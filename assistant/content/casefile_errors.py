"""What is wrong in a case.toml, in sentences for people who do not program, each with what to write."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from assistant.content.casefile import LIST, TABLE, TEXT

MISTAKES_TOLD = 100  # of a file
_LINE_LOOKED_AT = 1000  # characters
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_CURLY = re.compile("[“”„‟«»‘’‚′″]")
_BARE_TIME = re.compile(r"=\s*\d{1,2}:\d{2}\s*(?:#.*)?$")
_BARE_DATE = re.compile(r"=\s*(\d{4}(?:-\d{1,2}){0,2})\s*(?:#.*)?$")
_PARTED_NUMBER = re.compile(r"=\s*(\d{1,3}(?:[., ']\d{3})+)\s*(?:#.*)?$")
_QUOTE_INSIDE = re.compile(r'=\s*"(?:[^"\\]|\\.)*"\s*[^\s#",\]}]')
_BARE_TEXT = re.compile(r"[=\[,]\s*(?!(?:true|false|inf|nan)\b)[^\W\d_]")
_HEADER = re.compile(r"\s*\[")

_QUOTES = 'put the text between straight quotes, such as "GT"'


def explain_toml(error: tomllib.TOMLDecodeError, text: str) -> str:
    """Why `text` is no TOML, by its line."""
    told = str(error)
    place = _PLACE.search(told)
    lines = text.splitlines()
    number = int(place[1]) if place and place[1] else len(lines)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    return f"cannot be read: line {number}: {_advice(_PLACE.sub('', told), line[:_LINE_LOOKED_AT])}"


def _advice(told: str, line: str) -> str:
    value = line.partition("=")[2]
    if _CURLY.search(line) and '"' not in value:
        return f'write straight quotes ("), not curly ones ({"".join(_CURLY.findall(line))})'
    if "twice" in told or "overwrite" in told:
        return "this stands in the file twice; delete one of the two"
    if "\\" in line and ("escape" in told or "Unescaped" in told or "hex" in told):
        return r"a \ has a meaning of its own here; write \\ for it"
    if _BARE_TIME.search(line):
        return 'put the time between quotes, such as "08:00"'
    if parted := _PARTED_NUMBER.search(line):
        return f"write the number without points, commas and spaces: {re.sub(r'[^0-9]', '', parted[1])}"
    if bare := _BARE_DATE.search(line):
        return f'put the date between quotes: "{bare[1]}"'
    if line.count('"') % 2:
        return (
            'a quote is missing: a text stands between two straight quotes, such as "GT". '
            "Write it on one line, however long it is"
        )
    if _QUOTE_INSIDE.search(line):
        return r'a " inside a text ends it: write \" for it, or use curly quotes there'
    if _HEADER.match(line) and "=" not in line and line.count("[") != line.count("]"):
        return "a square bracket is missing, as in [title]"
    if "array" in told:
        return 'in a list, put commas between its parts and ] behind it, such as ["en", "es"]'
    if _BARE_TEXT.search(line):
        return _QUOTES
    if line.strip() and "=" not in line:
        return 'write a name, = and the value, such as country = "GT"; notes for yourself begin with #'
    return (
        f"look at the quotes, brackets and commas of this line and of the one above it: {line.strip()[:60]}"
    )


def explain(
    error: ValidationError, model: type[BaseModel], columns: Mapping[str, str] | None = None
) -> list[str]:
    """Each thing that is wrong, with its entry: `target.opens: write it like "08:00"`.

    `columns`: what to write in each column, where the facts are a line of a table.
    """
    found = error.errors()
    told = (
        _in_column(each, columns) if columns is not None else _in_toml(each, model)
        for each in found[:MISTAKES_TOLD]
    )
    more = ["has many more mistakes; mend these first"] if len(found) > MISTAKES_TOLD else []
    return [*dict.fromkeys(told), *more]


_Place = tuple[int | str, ...]
_KEY = "[key]"  # behind the key of a table, where that is wrong and not its value
_CANNOT = "this cannot be read; look at an example in the README of the cases"
_TOO_LONG = ("string_too_long", "too_long")
_PARTED = re.compile(r"^\d{1,3}([., '\u00a0\u202f])\d{3}(?:\1\d{3})*$")


def _in_column(found: ErrorDetails, columns: Mapping[str, str]) -> str:
    column = str(found["loc"][0])
    return f"{column}: {_refusal(found) or columns.get(column, _CANNOT)}"


def _in_toml(found: ErrorDetails, model: type[BaseModel]) -> str:
    kind, value = found["type"], found["input"]
    place = tuple(part for part in found["loc"] if part not in (TEXT, LIST, TABLE, _KEY))
    entry = _named(place)
    if kind != "missing" and (moved := _belongs_elsewhere(place, value, model)):
        return moved
    if kind == "extra_forbidden":
        return f"{entry}: {_unknown(str(place[-1]), _fields_at(place[:-1], model))}"
    wanted = _wanted(place, model)
    if kind == "missing":
        return f"{entry}: is missing; {wanted or 'write it'}"
    return f"{entry}: {_refusal(found) or _quoted(kind, value, place, model) or wanted or _CANNOT}"


def _named(place: _Place) -> str:
    """The entry as people find it: parts of a list are counted from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place)


def _refusal(found: ErrorDetails) -> str | None:
    """What the value itself tells of what to write instead."""
    kind, written = found["type"], str(found["input"]).strip()
    if kind == "value_error":
        return found["msg"].removeprefix("Value error, ")
    if kind in _TOO_LONG:
        most = found["ctx"]["max_length"]
        return f"it is too long: {len(found['input'])} characters, at most {most}"
    if kind.startswith("int_") and (parted := _PARTED.match(written)):
        mark = {".": "a point", ",": "a comma"}.get(parted[1], "a mark in it")
        return f"write {''.join(filter(str.isdecimal, written))}, without {mark}"
    if kind.startswith("int_") and re.fullmatch(r"\d+\.0+", written):
        return f"write {written.partition('.')[0]}, without a point"
    return None


def _quoted(kind: str, value: object, place: _Place, model: type[BaseModel]) -> str | None:
    """The value as a text, where it is one but for its quotes."""
    if kind != "string_type" or isinstance(value, list | dict):
        return None
    if isinstance(value, date):
        return f'put it between quotes: "{value}"'
    if isinstance(value, time):
        return f'put it between quotes: "{value:%H:%M}"'
    is_text = isinstance(place[-1], str) and place[-1] not in _fields_at(place[:-1], model)
    return f'put it between quotes: "{value}"' if is_text else None


def _unknown(name: str, known: Mapping[str, FieldInfo]) -> str:
    close = get_close_matches(name, known, 1)
    if close:
        return f"there is no '{name}'; did you mean '{close[0]}'?"
    return f"there is no '{name}'; there is {', '.join(known)}"


def _belongs_elsewhere(place: _Place, value: object, model: type[BaseModel]) -> str | None:
    """Where the entry is to be moved that stands below the wrong line in square brackets."""
    names = [at for at, part in enumerate(place) if isinstance(part, str)]
    last = names[-1]
    name = str(place[last])
    if name in _fields_at(place[:last], model):
        return None
    home = _home(name, value, model, is_first=last == 0)
    return f"{_named(place[: last + 1])}: {home}" if home else None


def _home(name: str, value: object, model: type[BaseModel], *, is_first: bool) -> str | None:
    if not is_first and (field := _fields(model).get(name)):
        return _moved(name, value, field, "", "above the first line in square brackets")
    for table, outer in _fields(model).items():
        for inner in _tables(outer.annotation):
            if field := _fields(inner).get(name):
                if _is_keyed(outer.annotation):
                    return outer.description
                return _moved(name, value, field, f"{table}.", f"right below [{table}]")
    return None


def _moved(name: str, value: object, field: FieldInfo, before: str, where: str) -> str:
    if not _is_table(field.annotation):
        return f"move '{name}' up, {where}"
    if not isinstance(value, dict):
        return (field.description or "").replace("{at}", before)
    if before:
        return f"write [{before}{name}] on the line above it"
    return f"write [{name}] on a line of its own, with nothing before it in the brackets"


def _fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """By the names that they have in files."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _fields_at(place: _Place, model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """What can stand at that place of the file; nothing where its keys are free, or where it is no table."""
    is_free = False
    for part in place:
        if isinstance(part, int):
            continue
        if is_free:
            is_free = False
            continue
        field = _fields(model).get(part)
        tables = _tables(field.annotation) if field else []
        if field is None or not tables:
            return {}
        model, is_free = tables[0], _is_keyed(field.annotation)
    return {} if is_free else _fields(model)


# What Python writes for a type has no type of its own: hence Any.
def _tables(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [table for inner in get_args(annotation) for table in _tables(inner)]


def _is_table(annotation: Any) -> bool:
    """Whether it can only be written as a table."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Annotated, list):
        return _is_table(inner[0])
    if origin in (Union, UnionType):
        return all(_is_table(each) for each in inner if each is not NoneType)
    return origin is dict or bool(_tables(annotation))


def _is_keyed(annotation: Any) -> bool:
    """Whether it is a table of tables, each with a name of its own."""
    return get_origin(annotation) is dict


def _wanted(place: _Place, model: type[BaseModel]) -> str | None:
    """What to write at that place: the description of its field."""
    for length in range(len(place), 0, -1):
        field = _fields_at(place[: length - 1], model).get(str(place[length - 1]))
        if field is not None:
            before = "".join(f"{name}." for name in place[: length - 1] if isinstance(name, str))
            return (field.description or "").replace("{at}", before)
    return None
