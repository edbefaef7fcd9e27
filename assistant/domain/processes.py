"""The processes that work on one database."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process.

    `name`: unlike any other's. `place`: the same for processes that can see each other; empty where that
    cannot be said. `pid`: its number there. `role`: what it does. `engine`: what runs its lanes.
    `started_at`, `seen_at`: real time, UTC.
    """

    name: str
    place: str
    pid: int
    role: str
    engine: str
    version: str
    started_at: datetime
    seen_at: datetime
