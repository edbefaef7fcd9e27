"""A lane: one throttle domain with one runner at a time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assistant.domain.errors import Failure

LEASE = 5.0  # seconds that a process holds its lanes for, unless it renews that


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane. `kind` says what runs on it, `name` whose pace it keeps."""

    id: int
    kind: str
    name: str
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A lane has something to do, at that time."""

    lane_id: int
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """A lane as it stands: when it has something to do, and until when it is kept still; UTC.

    `held_by`: the living process whose it is; None where nobody's.
    """

    lane: Lane
    next_at: datetime | None
    paused_until: datetime | None
    held_by: str | None


@dataclass(frozen=True, slots=True)
class Pause:
    """A lane kept still: until when, why, and what an operator needs to end that."""

    kind: str
    until: datetime
    note: str | None


class LaneLost(Failure):
    """Another process has taken the lane: what it runs is not ours to touch any more."""


class LaneHeld(Failure):
    """Another process works on the lane."""


def _passed() -> float:
    """Seconds that go on while the process is frozen, and where the system can tell, while it sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Lease:
    """How long this process may rely on holding its lanes, by its own clock.

    Nothing is sent without: a process that was frozen, or cut off from its database, may have been taken
    for dead, and somebody else sends what it had begun.
    """

    def __init__(self, clock: Callable[[], float] = _passed) -> None:
        """`clock`: seconds."""
        self.clock = clock
        self._until: float | None = None

    def renewed(self, asked_at: float) -> None:
        """It was renewed in the database, which was asked for that at `asked_at` by `clock`."""
        self._until = asked_at + LEASE

    def holds(self) -> bool:
        """Whether our lanes are surely ours. Until it is first renewed nobody has looked, and they are."""
        return self._until is None or self.clock() < self._until
