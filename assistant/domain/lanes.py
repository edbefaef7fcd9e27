"""A lane: one throttle domain with one runner at a time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane. `kind` says what runs on it, `name` whose pace it keeps."""

    id: int
    kind: str
    name: str
    epoch: int = 0
