"""What is wrong in a case.toml, in sentences for people who do not program, each with what to write."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_CURLY = re.compile("[“”„‟«»‘’‚′″]")
_BARE_TIME = re.compile(r"=\s*\d{1,2}:\d{2}\s*(?:#.*)?$")
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
    return f"cannot be read: line {number}: {_advice(_PLACE.sub('', told), line)}"


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
    if line.count('"') % 2:
        return 'a quote is missing: text stands between two straight quotes, such as "GT"'
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


def explain(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Each thing that is wrong, with its entry: `target.opens: write it like "08:00"`."""
    told = [
        _explained(found["type"], found["loc"], found["msg"], found.get("input"), model)
        for found in error.errors()
    ]
    return list(dict.fromkeys(told))


def _explained(
    kind: str, place: tuple[int | str, ...], told: str, value: object, model: type[BaseModel]
) -> str:
    if kind != "missing" and (moved := _belongs_elsewhere(place, model)):
        return moved
    entry = ".".join(map(str, place))
    if kind == "extra_forbidden":
        return f"{entry}: {_unknown(str(place[-1]), _fields_at(place[:-1], model))}"
    wanted = _wanted(place, model)
    if kind == "missing":
        return f"{entry}: is missing; {wanted or 'write it'}"
    if kind == "value_error":
        return f"{entry}: {told.removeprefix('Value error, ')}"
    if kind == "string_type" and not isinstance(value, str | list | dict):
        return f'{entry}: put it between quotes: "{value}"'
    return f"{entry}: {wanted or 'this cannot be read; look at an example in the README of the cases'}"


def misplaced(texts: Mapping[str, str], where: str, model: type[BaseModel]) -> Iterator[str]:
    """Entries that stand below a table of texts by mistake: TOML takes them for languages."""
    for name in texts:
        if home := _home(name, model):
            yield f"{where}.{name}: {home}"


def _unknown(name: str, known: Mapping[str, FieldInfo]) -> str:
    close = get_close_matches(name, known, 1)
    if close:
        return f"there is no '{name}'; did you mean '{close[0]}'?"
    return f"there is no '{name}'; there is {', '.join(known)}"


def _belongs_elsewhere(place: tuple[int | str, ...], model: type[BaseModel]) -> str | None:
    """Where the entry is to be moved that stands below the wrong line in square brackets."""
    names = [at for at, part in enumerate(place) if isinstance(part, str)]
    last = names[-1]
    name = str(place[last])
    if name in _fields_at(place[:last], model):
        return None
    home = _home(name, model)
    return f"{'.'.join(map(str, place[: last + 1]))}: {home}" if home else None


def _home(name: str, model: type[BaseModel]) -> str | None:
    if field := model.model_fields.get(name):
        if _is_table(field):
            return f"write [{name}] on a line of its own, with nothing before it in the brackets"
        return f"move '{name}' up, above the first line in square brackets"
    for table, outer in model.model_fields.items():
        for inner in _tables(outer.annotation):
            if field := inner.model_fields.get(name):
                if _is_table(field):
                    return f"write [{table}.{name}] on the line above it"
                return f"move '{name}' up, right below [{table}]"
    return None


def _is_table(field: FieldInfo) -> bool:
    return bool(_tables(field.annotation)) or get_origin(field.annotation) is dict


def _fields_at(place: tuple[int | str, ...], model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """What can stand at that place of the file; nothing where it is a table of texts."""
    for part in place:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        tables = _tables(field.annotation) if field else []
        if not tables:
            return {}
        model = tables[0]
    return model.model_fields


def _tables(annotation: Any) -> list[type[BaseModel]]:  # what Python writes for a type has no type of its own
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [table for inner in get_args(annotation) for table in _tables(inner)]


def _wanted(place: tuple[int | str, ...], model: type[BaseModel]) -> str | None:
    """What to write at that place: the description of its field."""
    names = [part for part in place if isinstance(part, str)]
    for length in range(len(names), 0, -1):
        field = _fields_at(tuple(names[: length - 1]), model).get(names[length - 1])
        if field is not None:
            before = "".join(f"{name}." for name in names[: length - 1])
            return (field.description or "").replace("{at}", before)
    return None
