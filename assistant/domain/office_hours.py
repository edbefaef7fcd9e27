"""An office's hours: on which days, and from when until when, letters are sent to it."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from assistant.domain.errors import Misconfigured

DAY = timedelta(days=1)
LOOK_AHEAD = 400  # days: no office is closed for longer than a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When an office takes letters. Days and times are those of its own time zone.

    `on_weekends`, `on_holidays`: letters are sent on days that are no workdays, or that are public holidays,
    all the same.
    """

    timezone: str  # IANA name
    opens: time
    closes: time
    workdays: frozenset[int]  # Monday is 1
    holidays: Container[date] = ()
    on_weekends: bool = False
    on_holidays: bool = False

    def day(self, moment: datetime) -> date:
        """Which day it is at the office."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def clock(self, moment: datetime) -> str:
        """What a clock at the office shows, such as 09:12."""
        return f"{moment.astimezone(ZoneInfo(self.timezone)):%H:%M}"

    def moment(self, day: date, at: time) -> datetime:
        """When a clock there shows that time on that day, UTC."""
        return datetime.combine(day, at, ZoneInfo(self.timezone)).astimezone(UTC)

    def is_open(self, day: date) -> bool:
        """Whether letters are sent on that day."""
        works = self.on_weekends or day.isoweekday() in self.workdays
        if not works or (not self.on_holidays and day in self.holidays):
            return False
        opens, closes = self.window(day)
        return opens < closes  # not where clocks are put forward over all of its hours

    def window(self, day: date) -> tuple[datetime, datetime]:
        """From when until when (UTC) letters are sent on that day, were it an open one: the end excluded."""
        return self.moment(day, self.opens), self.moment(day, self.closes)

    def next_open(self, moment: datetime) -> datetime:
        """`moment` where it is in office hours, otherwise the next opening.

        Raises Misconfigured where the office never opens.
        """
        day = self.day(moment)
        if self.is_open(day):
            opens, closes = self.window(day)
            if moment < closes:
                return max(moment, opens)
        return self.opening_after(day)

    def opening_after(self, day: date) -> datetime:
        """The first opening on a later day than that. Raises Misconfigured where there is none."""
        for ahead in range(1, LOOK_AHEAD):
            later = day + ahead * DAY
            if self.is_open(later):
                return self.window(later)[0]
        raise Misconfigured("An office of a case never opens: see its workdays and holidays in case.toml.")
