"""A lane: one throttle domain with one runner at a time."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane. `kind` says what runs on it, `name` whose pace it keeps."""

    id: int
    kind: str
    name: str
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """A lane kept still: until when, why, and what an operator needs to end that."""

    kind: str
    until: datetime
    note: str | None
