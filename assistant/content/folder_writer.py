"""Case folders, written: TOML with notes for people, and all files of a folder or none."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import tomlkit
from tomlkit.items import AoT, Item, Table

from assistant.content.countries import ARTICLES
from assistant.content.i18n import SOURCE_LANGUAGE
from assistant.content.territories import words_of
from assistant.domain.errors import Refused
from assistant.domain.targets import ONLY_TARGET

SLUG_MAX = 40  # characters
_WIDTH = 100  # characters of a list that stays on one line


def toml(facts: Mapping[str, object], notes: Mapping[str, str], heading: str, also: str = "") -> str:
    """A TOML file that says these facts, without those that are empty.

    `notes`: what stands above an entry, or beside the first line of a table. `also`: what stands below the
    last entry that is no table.
    """
    told = {key: value for key, value in facts.items() if value not in (None, {}, []) or key == "routes"}
    document = tomlkit.document()
    _note(document, heading)
    document.add(tomlkit.nl())
    for key, value in told.items():
        if not _is_table(value):
            _entry(document, key, value, notes)
    if also:
        document.add(tomlkit.nl())
        _note(document, also)
    for key, value in told.items():
        if _is_table(value):
            document.add(tomlkit.nl())
            _entry(document, key, value, notes)
    return re.sub(r"\n{3,}", "\n\n", tomlkit.dumps(document))


def _entry(document: tomlkit.TOMLDocument, key: str, value: object, notes: Mapping[str, str]) -> None:
    item, note = _item(value), notes.get(key, "")
    headed = item[0] if isinstance(item, AoT) else item
    if not isinstance(headed, Table):
        _note(document, note)
    elif note:
        headed.comment(note)
    document.add(key, item)


def _note(document: tomlkit.TOMLDocument, text: str) -> None:
    for line in text.splitlines():
        document.add(tomlkit.comment(line))


def _is_table(value: object) -> bool:
    return any(isinstance(each, dict) for each in (value if isinstance(value, list) else [value]))


def _item(value: object) -> Item:
    if isinstance(value, str):
        return tomlkit.string(value, multiline="\n" in value)
    if isinstance(value, dict):
        table = tomlkit.table()
        for key, inner in sorted(value.items(), key=lambda entry: _is_table(entry[1])):
            table.add(key, _item(inner))
        return table
    if _is_table(value):
        assert isinstance(value, list)  # noqa: S101  for the type checker
        tables = tomlkit.aot()
        for each in value:
            tables.append(_item(each))
        return tables
    item = tomlkit.item(value)
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(len(array.as_string()) > _WIDTH)
    return item


def slug_of(text: str, longest: int = SLUG_MAX) -> str:
    """A short name for links: its words in a-z and digits, as many as fit; empty where it has none."""
    words = [word for word in words_of(text) if word.isascii()]
    if len(words) > 1 and words[0] in ARTICLES:
        del words[0]
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:longest]
        if len(longer) > longest:
            break
        slug = longer
    return slug


def slug_of_office(names: Mapping[str, str]) -> str:
    """A short name for an office, made of its English name where it has one. `names`: by language."""
    first = [names[SOURCE_LANGUAGE]] if SOURCE_LANGUAGE in names else []
    slugs = (slug_of(name) for name in (*first, *names.values()))
    return next(filter(None, slugs), ONLY_TARGET)


def check_free(folder: Path) -> None:
    """Raises Refused where there is something of that name already, or where nothing can be written."""
    if folder.is_symlink() or (folder.exists() and not _is_empty(folder)):
        raise Refused(f"{folder} is there already, and nothing is overwritten: choose another name.")
    around = next(each for each in folder.absolute().parents if each.exists())
    if not around.is_dir() or not os.access(around, os.W_OK | os.X_OK):
        raise Refused(f"{folder} cannot be written: nothing can be put into {around}. Choose another place.")


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """A new folder with these files, by their path in it; or no folder, whatever happens meanwhile.

    Raises Refused where it is there already, or cannot be written.
    """
    check_free(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
        try:
            for name in files:
                (staged / name).parent.mkdir(parents=True, exist_ok=True)
                (staged / name).write_bytes(files[name])
            staged.rename(folder)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
    except OSError as error:
        raise Refused(f"{folder} cannot be written: {error.strerror}.") from error


def encoded(texts: Mapping[str, str]) -> dict[str, bytes]:
    """Texts as the files hold them."""
    return {name: text.encode() for name, text in texts.items()}


def known_names(roots: Iterable[Path]) -> set[str]:
    """The names of the folders in these, of cases that can be used or not."""
    return {each.name for root in roots if root.is_dir() for each in root.iterdir() if each.is_dir()}
