"""When people sleep: what nobody asked for waits until the morning."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

zone = cache(ZoneInfo)  # itself it remembers eight, and reads the others from the disk each time
WAKES = 8  # o'clock, where the reader lives
SLEEPS = 21
_HOUR = timedelta(hours=1)
_LOOK_AHEAD = 24  # hours


def after_the_night(moment: datetime, zones: Sequence[str]) -> datetime:
    """`moment` where it is day in all of these time zones, otherwise the next whole hour (UTC) that is.

    Where there is no such hour, the one at which it is day in the most of them.
    """
    whole = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    candidates = (moment, *(whole + hours * _HOUR for hours in range(1, _LOOK_AHEAD + 1)))
    return max(candidates, key=lambda each: _awake(each, zones))


def _awake(moment: datetime, zones: Sequence[str]) -> int:
    """In how many of them it is day."""
    return sum(WAKES <= moment.astimezone(zone(name)).hour < SLEEPS for name in zones)


def day_everywhere(zones: Sequence[str]) -> bool:
    """Whether there is an hour at which it is day in all of these time zones."""
    hours = (datetime(2012, 1, 23, hour, tzinfo=UTC) for hour in range(24))  # any day: it moves by an hour
    return any(_awake(hour, zones) == len(zones) for hour in hours)
