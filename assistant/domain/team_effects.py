"""What an organiser wants done. It is done only where their role is enough, and what they saw still holds."""

from dataclasses import dataclass

from assistant.domain.broadcasts import Announcement
from assistant.domain.team import Request


class TeamEffect:
    """The base of these effects."""


@dataclass(frozen=True, slots=True)
class Save(TeamEffect):
    """Keep this as a draft, in place of the broadcast of that number; it is counted and tested then."""

    announcement: Announcement
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Propose(TeamEffect):
    """Ask the others to approve the broadcast, which reads as `digest` says."""

    broadcast: int
    digest: str


@dataclass(frozen=True, slots=True)
class Approve(TeamEffect):
    """Let the broadcast leave, which reads as `digest` says."""

    broadcast: int
    digest: str


@dataclass(frozen=True, slots=True)
class Halt(TeamEffect):
    """Stop the broadcast; None: all of them."""

    broadcast: int | None


@dataclass(frozen=True, slots=True)
class Continue(TeamEffect):
    """Let the broadcast go on that was halted."""

    broadcast: int


@dataclass(frozen=True, slots=True)
class Discard(TeamEffect):
    """Drop the broadcast, which has not begun to leave."""

    broadcast: int


@dataclass(frozen=True, slots=True)
class PauseCase(TeamEffect):
    """Stop the letters, updates and alerts of the case."""

    case: str


@dataclass(frozen=True, slots=True)
class Ask(TeamEffect):
    """Want something that takes two persons."""

    request: Request


@dataclass(frozen=True, slots=True)
class Agree(TeamEffect):
    """Be the second person who wants that, or drop it."""

    request: int
    agreed: bool
