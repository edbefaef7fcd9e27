"""An office's hours, and the moments at which letters to it leave."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from assistant.domain.errors import Misconfigured

DAY = timedelta(days=1)
LOOK_AHEAD = 400  # days: no office is closed for longer than a year
_TICK = timedelta(milliseconds=1)  # the store's precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When an office takes letters. Days and times are those of its own time zone.

    `on_weekends`, `on_holidays`: letters leave on days that are no workdays, or that are public holidays,
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
        """Whether letters leave on that day."""
        works = self.on_weekends or day.isoweekday() in self.workdays
        if not works or (not self.on_holidays and day in self.holidays):
            return False
        opens, closes = self.window(day)
        return opens < closes  # not where clocks are put forward over all of its hours

    def window(self, day: date) -> tuple[datetime, datetime]:
        """From when until when (UTC) letters leave on that day, were it an open one: the end excluded."""
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


@dataclass(frozen=True, slots=True)
class Pace:
    """What an office can bear: letters a minute and a day; 0 is any number."""

    per_minute: int = 0
    per_day: int = 0

    @property
    def gap(self) -> timedelta:
        """The time between two letters."""
        return timedelta(minutes=1) / self.per_minute if self.per_minute else timedelta()


@dataclass(frozen=True, slots=True)
class Portion:
    """Letters that leave on one day, from the first moment to the last, evenly."""

    day: date  # at the office
    first: datetime
    last: datetime
    letters: int


class Departures:
    """The moments at which letters leave, in the order in which they are put in."""

    def __init__(
        self, hours: Hours, pace: Pace, begin: datetime, last: datetime | None = None, left_today: int = 0
    ) -> None:
        """From `begin` on. `last`: when one left before that; `left_today`: how many have on that day."""
        self._hours = hours
        self._pace = pace
        self._at = begin if last is None else max(begin, last + pace.gap)
        self._day = hours.day(begin)
        self._left = left_today  # on that day

    def next(self, earliest: datetime) -> datetime:
        """When a letter would leave that may not leave before `earliest`."""
        at = self._hours.next_open(max(self._at, earliest))
        full = self._pace.per_day and self._hours.day(at) == self._day and self._left >= self._pace.per_day
        return self._hours.opening_after(self._day) if full else at

    def put(self, earliest: datetime, count: int) -> Iterator[Portion]:
        """Put in `count` letters that may not leave before `earliest`: they leave in these portions."""
        while count > 0:
            at = self.next(earliest)
            day = self._hours.day(at)
            if day != self._day:
                self._day, self._left = day, 0
            taken = min(count, self._room(at, count))
            last = at + self._pace.gap * (taken - 1)
            self._at, self._left = last + self._pace.gap, self._left + taken
            count -= taken
            yield Portion(day, at, last, taken)

    def _room(self, at: datetime, wanted: int) -> int:
        """How many can leave from then on until the office closes."""
        room = wanted
        if self._pace.per_minute:
            closes = self._hours.window(self._day)[1]
            room = max(1, 1 + (closes - at - _TICK) // self._pace.gap)
        if self._pace.per_day:
            room = min(room, self._pace.per_day - self._left)
        return room
