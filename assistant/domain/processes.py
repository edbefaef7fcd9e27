"""The processes that work on one database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

EMBEDDED = "embedded"  # the engine that shares its database with no other


class ProcessRole(StrEnum):
    """What a process does."""

    ALL = "all"
    WEB = "web"  # it talks with people
    WORK = "work"  # it sends letters and what goes to many, and keeps house
    CHAT = "chat"  # a conversation in a terminal, which is in nobody's way


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process.

    `name`: unlike any other's. `place`: the same for processes that can see each other; empty where that
    cannot be said. `pid`: its number there. `role`: what it does. `engine`: what runs its lanes.
    `started_at`, `seen_at`: real time, UTC. `newest_key`: the newest wrapping key of the keyring that it has,
    `active_key`: the one that it wraps with, by their numbers.
    """

    name: str
    place: str
    pid: int
    role: str
    engine: str
    version: str
    started_at: datetime
    seen_at: datetime
    newest_key: int
    active_key: int
