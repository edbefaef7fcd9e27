"""What has changed between two texts, word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\S+\s*|\s+")  # with what is after each: single spaces would be found alike everywhere


class Change(StrEnum):
    """What became of a piece of a text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that were kept, removed or added together."""

    change: Change
    text: str


def compare(before: str, after: str) -> Sequence[Piece]:
    """Both texts in one: without what was added it is the first, without what was removed the second."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Piece] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        removed, added = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if kind == "equal":
            found.append(Piece(Change.KEPT, removed))
            continue
        found += [Piece(Change.REMOVED, removed)] if removed else []
        found += [Piece(Change.ADDED, added)] if added else []
    return found
