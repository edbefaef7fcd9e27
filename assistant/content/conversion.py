"""A case folder of the old form (one target in its case.toml, letters beside it) as one of the new form."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from assistant.content import actions, translations
from assistant.content.actions import REF_MAX
from assistant.content.case_files import TEXT_MAX, TOGETHER_MAX, Unreadable, read_file
from assistant.content.casefile import SLUG_PATTERN, CaseFile, TranslationsFile
from assistant.content.folder_writer import encoded, slug_of_office
from assistant.content.leftovers import written
from assistant.content.scaffold import ACTION, action_toml, case_toml, target_toml
from assistant.domain.actions import ONLY_ACTION
from assistant.domain.cases import Case
from assistant.domain.errors import Refused
from assistant.domain.targets import ONLY_TARGET

_FILE = "case.toml"
_LETTER = re.compile(rf"^letter\.({ONLY_TARGET}\.)?([A-Za-z-]+\.txt)$")

_LETTER_NAME = re.compile(rf"^letter\.({ONLY_TARGET}\.)?txt$")  # in translations.toml


def converted(
    folder: Path, case: Case, *, target: str | None = None, action: str | None = None
) -> Mapping[str, bytes]:
    """The files of the new folder, by their path in it. `case`: what the old one has been read as.

    `target`, `action`: their names in it; by default one made of the office's name, and a usual one. Raises
    Refused where they cannot be used, or where a file cannot be read.
    """
    named = {language: text.unescape() for language, text in case.main.office.texts.items()}
    office = target or slug_of_office(named)
    call = action or ACTION[: REF_MAX - len(case.slug) - 2].rstrip("-")
    for name in (office, call):
        if not re.match(SLUG_PATTERN, name):
            raise Refused(f"'{name}' is no short name: use small letters a-z, digits and single hyphens.")
    facts = tomllib.loads(_read(folder, _FILE, TEXT_MAX).decode("utf-8-sig"))
    within = f"{actions.FOLDER}/{call}"
    files = encoded(
        {
            _FILE: case_toml({key: facts[key] for key in CaseFile.model_fields if key in facts}),
            f"targets/{office}.toml": target_toml(facts["target"]),
            f"{within}/{actions.FILE}": action_toml(_action(facts, office, call)),
        }
    )
    for path in _all(folder):
        name = path.relative_to(folder).as_posix()
        if letter := _LETTER.match(name):
            name = f"{within}/letter.{f'{office}.' if letter[1] else ''}{letter[2]}"
        if name == translations.FILE:
            files[name] = _translations(_read(folder, name, TEXT_MAX), within, office)
        elif name != _FILE and not name.startswith("targets/"):  # nothing read those
            files[name] = _read(folder, path.relative_to(folder), TOGETHER_MAX)
    return files


def _translations(written: bytes, within: str, office: str) -> bytes:
    """Of which texts translations were made, by what these texts are called now."""
    made = TranslationsFile.model_validate(tomllib.loads(written.decode("utf-8-sig"))).made_of
    renamed = {
        language: {new: digest for name, digest in found.items() for new in _names(name, within, office)}
        for language, found in made.items()
    }
    return translations.written(renamed).encode()


def _names(name: str, within: str, office: str) -> Iterator[str]:
    """What a text is called now; the case's title is its action's as well."""
    file, _, entry = name.partition(" ")
    if name == f"{_FILE} title":
        yield name
    if file == _FILE and entry.partition(".")[0] in ("title", "asks", "action_days"):
        yield f"{within}/{actions.FILE} {entry}"
    elif letter := _LETTER_NAME.match(name):
        yield f"{within}/letter.{f'{office}.' if letter[1] else ''}txt"
    elif file == "targets":
        yield f"{file} {office} {entry.partition(' ')[2]}"
    else:
        yield name


def _read(folder: Path, name: str | Path, most: int) -> bytes:
    try:
        return read_file(folder, name, most)
    except Unreadable as error:
        raise Refused(f"{folder / name} {error.reason}.") from error


def _action(facts: Mapping[str, object], office: str, call: str) -> Mapping[str, object]:
    return {
        "targets": [office],
        "formerly": [] if call == ONLY_ACTION else [ONLY_ACTION],
        "subjects": facts.get("subjects", []),
        "title": facts["title"],
        "action_days": facts.get("action_days", []),
    }


def _all(folder: Path) -> Iterator[Path]:
    for path in written(folder):
        if path.is_dir():
            yield from _all(path)
        else:
            yield path
