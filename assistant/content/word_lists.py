"""The word lists: one file for each language in `words/`, with what is held in it and why."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from assistant.domain.errors import Misconfigured
from assistant.domain.phrases import BadPhrase
from assistant.domain.review import LISTED, Entry, Reviewer, WordList

FOLDER = Path(__file__).parent / "words"


@cache
def make_reviewer(folder: Path = FOLDER) -> Reviewer:
    """What tells which letters are looked at. Raises Misconfigured where a list cannot be read."""
    try:
        return Reviewer(load_word_lists(folder))
    except BadPhrase as error:
        raise Misconfigured(f"A word list in {folder} cannot be read: {error}.") from error


def load_word_lists(folder: Path = FOLDER) -> Sequence[WordList]:
    """All of them, by language. Raises Misconfigured where one cannot be read."""
    return [_read(each) for each in sorted(folder.glob("*.toml"))]


def _read(path: Path) -> WordList:
    try:
        written = tomllib.loads(path.read_text("utf-8"))
        return WordList(
            language=path.stem,
            entries={finding: _entries(written.get(finding, [])) for finding in LISTED},
            sets=written.get("sets", {}),
            numerals={
                word: digits
                for digits, spelled in written.get("numerals", {}).items()
                for word in spelled.split("|")
            },
            **{what: written[what].split("|") for what in ("dots", "ats", "calls", "between")},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Misconfigured(f"The word list {path} cannot be read: {error}") from error


def _entries(written: Sequence[dict[str, Any]]) -> Sequence[Entry]:  # Any: TOML
    """Each has a reason: whoever holds people's letters says why."""
    return [Entry(tuple(each["says"]), each["reason"]) for each in written]
