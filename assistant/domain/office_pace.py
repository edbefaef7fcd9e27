"""An office's pace: how many letters it can bear, and the moments at which letters to it are sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from assistant.domain.figures import Figure, of_known, roughly
from assistant.domain.office_hours import Hours

_MANY = 10**9  # letters
_TICK = timedelta(milliseconds=1)  # the store's precision
K = TypeVar("K")


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
    """Letters that are sent on one day, from the first moment to the last, evenly."""

    day: date  # at the office
    first: datetime
    last: datetime
    letters: int


def shown_portions(
    offices: Mapping[K, Sequence[Portion]],
) -> dict[K, Sequence[tuple[Portion, Figure]]]:
    """The portions for each office, with how many letters they are as it may be shown.

    How many wait for all of them is known elsewhere. Where it may not be said how many wait for an office,
    only the first portion is shown, as all of them: with the office's pace, the others would tell.
    """
    waiting = of_known(
        {office: sum(each.letters for each in portions) for office, portions in offices.items()}
    )
    return {
        office: [(each, roughly(each.letters)) for each in portions]
        if waiting[office].exact is not None
        else [(each, waiting[office]) for each in portions[:1]]
        for office, portions in offices.items()
    }


def room_on(hours: Hours, pace: Pace, begin: datetime) -> int | None:
    """How many letters can be sent there from `begin` until the office closes on that day; None: any number.

    `begin`: in its hours.
    """
    if not pace.per_minute and not pace.per_day:
        return None
    whole_day = Departures(hours, pace, begin).put(begin, _MANY)
    return next(whole_day).letters


class Departures:
    """The moments at which letters are sent, in the order in which they are put in."""

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
        """When a letter would be sent that may not be sent before `earliest`."""
        at = self._hours.next_open(max(self._at, earliest))
        full = self._pace.per_day and self._hours.day(at) == self._day and self._left >= self._pace.per_day
        return self._hours.opening_after(self._day) if full else at

    def put(self, earliest: datetime, count: int) -> Iterator[Portion]:
        """Put in `count` letters that may not be sent before `earliest`: they are sent in these portions."""
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
        """How many can be sent from then on until the office closes."""
        room = wanted
        if self._pace.per_minute:
            closes = self._hours.window(self._day)[1]
            room = max(1, 1 + (closes - at - _TICK) // self._pace.gap)
        if self._pace.per_day:
            room = min(room, self._pace.per_day - self._left)
        return room
