"""A lane: one throttle domain with one runner at a time."""

import time
from collections.abc import Callable, Mapping
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
    """Which lanes this process may rely on holding, and how long, by its own clock.

    Nothing is sent without: a process that was frozen, or cut off from its database, may have been taken
    for dead, and somebody else sends what it had begun.
    """

    def __init__(self, clock: Callable[[], float] = _passed) -> None:
        """`clock`: seconds."""
        self.clock = clock
        self._until: float | None = None
        self._held: dict[int, tuple[int, float]] = {}  # the epoch of each lane, and since when, by its id

    def took(self, lane: Lane) -> None:
        """It was taken in the database."""
        self._held[lane.id] = lane.epoch, self.clock()

    def renewed(self, asked_at: float, held: Mapping[int, int]) -> None:
        """It was renewed in the database, which was asked for that at `asked_at` by `clock`.

        `held`: the epochs of the lanes that are still ours, by their ids. Others have taken the rest.
        """
        taken_since = {lane: each for lane, each in self._held.items() if each[1] >= asked_at}
        self._held = {lane: (epoch, asked_at) for lane, epoch in held.items()} | taken_since
        self._until = asked_at + LEASE

    def lasts(self) -> bool:
        """Whether it was renewed in time. Until it is first renewed nobody looks after it, and it lasts."""
        return self._until is None or self.clock() < self._until

    def holds(self, lane_id: int, epoch: int | None = None) -> bool:
        """Whether that lane is surely ours; with `epoch`: and has been since it was taken with that one."""
        if self._until is None:
            return True
        ours = self._held.get(lane_id)
        return self.lasts() and ours is not None and epoch in (None, ours[0])
