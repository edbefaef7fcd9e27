"""When people sleep: what nobody asked for waits until the morning."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

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
    return sum(WAKES <= moment.astimezone(ZoneInfo(zone)).hour < SLEEPS for zone in zones)
