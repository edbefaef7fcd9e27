"""What time it is, for services: a clock, so that tests and rehearsals can have their own time."""

import re
from datetime import UTC, datetime
from typing import Protocol

SPEED_MAX = 100_000.0
YEARS = range(1970, 2201)

_MOVED = re.compile(r"(?P<start>[^@]+?)(?:@(?P<speed>[0-9]+(?:\.[0-9]+)?))?")


class Clock(Protocol):
    """Tells the time, UTC."""

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one real second."""

    def __call__(self) -> datetime:
        """Now."""


class SystemClock:
    """The real time (`Clock`)."""

    speed = 1.0

    def __call__(self) -> datetime:
        return datetime.now(UTC)


class MovedClock:
    """Shows `start` when the real time is `since`, and runs at that speed: for rehearsals (`Clock`)."""

    def __init__(self, start: datetime, speed: float, since: datetime) -> None:
        self.speed = speed
        self._start = start
        self._since = since

    def __call__(self) -> datetime:
        return self._start + (datetime.now(UTC) - self._since) * self.speed


system_clock = SystemClock()


def moved_clock(text: str, since: datetime) -> MovedClock:
    """`2012-01-23T14:55:00Z`, or with a speed `2012-01-23T14:55:00Z@600`.

    `since`: the real time at which it begins. Raises ValueError with a sentence.
    """
    parts = _MOVED.fullmatch(text.strip())
    try:
        start = datetime.fromisoformat(parts["start"]) if parts else None
    except ValueError:
        start = None
    if parts is None or start is None or start.tzinfo is None:
        raise ValueError(
            "write a moment such as 2012-01-23T14:55:00Z, or with a speed, 2012-01-23T14:55:00Z@600"
        )
    if start.year not in YEARS:
        raise ValueError(f"write a year from {YEARS.start} to {YEARS.stop - 1}")
    speed = float(parts["speed"] or 1)
    if not 0 < speed <= SPEED_MAX:
        raise ValueError(f"the speed has to be above 0 and at most {SPEED_MAX:,.0f}")
    return MovedClock(start.astimezone(UTC), speed, since)
