"""What organisers can read about how many: letters, readers, where they came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.domain.lifecycle import LetterStatus


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """The letters of a case by where they are, and its subscribers by language (empty: not known)."""

    letters: Mapping[LetterStatus, int] = field(default_factory=dict)
    subscribers: Mapping[str, int] = field(default_factory=dict)
