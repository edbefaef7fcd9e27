"""When letters are sent, as far as it can be foreseen: for supporters, and for organisers' plans."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta

import structlog

from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.letters import WAITING, ExpectedDeparture
from assistant.domain.office_pace import Departures, Portion
from assistant.store import letter_queue, letters
from assistant.store.database import Store, Tx

STALE = timedelta(minutes=10)  # after which a look is waited for
FRESH = timedelta(minutes=1)  # how long a look at the queues is good for

log = structlog.get_logger()


async def departures(tx: Tx, case: Case, lane_id: int, now: datetime) -> Departures:
    """What can be sent to the case's office from now on, after what was sent already."""
    hours, pace = case.target.hours, case.target.pace
    left = await letter_queue.departed(tx, lane_id, hours.moment(hours.day(now), time()), pace.per_day)
    return Departures(hours, pace, now, left.last, left.count)


async def plan(tx: Tx, case: Case, now: datetime) -> Iterator[Portion]:
    """In which portions all that waits for the case's office is sent."""
    queue = await letter_queue.queue_of(tx, case.slug, now)
    if queue is None:
        return iter(())
    leaving = await departures(tx, case, queue.lane_id, now)
    return (portion for earliest, count in queue.waiting for portion in leaving.put(earliest, count))


async def foreseen(tx: Tx, case: Case, now: datetime) -> Mapping[int, datetime]:
    """When each letter that waits for the case's office is expected to be sent, by its number.

    Raises Misconfigured where the office never opens.
    """
    queue = await letter_queue.queue_of(tx, case.slug, now)
    if queue is None:
        return {}
    leaving = await departures(tx, case, queue.lane_id, now)
    listed = await letters.listed(tx, case=case.slug, status=None)
    waiting = sorted((max(each.due_at or now, now), each.id) for each in listed if each.status in WAITING)
    return {number: next(leaving.put(earliest, 1)).first for earliest, number in waiting}


class DepartureSchedule:
    """Foresees when a letter queued now will be sent. What it knows is at most a minute old."""

    def __init__(self, store: Store, cases: Mapping[str, Case], undo: timedelta, clock: Clock) -> None:
        """`undo`: how long a letter can be changed at least."""
        self._store = store
        self._cases = cases
        self._undo = undo
        self._clock = clock
        self._tails: dict[str, Departures] = {}  # what is sent after all that waits
        self._looking: asyncio.Task[None] | None = None
        self._looked_at: datetime | None = None

    def earliest(self, slug: str, now: datetime) -> datetime:
        """Before when a letter of that case, written now, is not sent."""
        return max(now + self._undo, self._cases[slug].waits_for(now) or now)

    def kept_until(self, now: datetime) -> datetime:
        """Until when a letter is kept whose writer wants to change it now."""
        return now + self._undo

    def leaving(self, now: datetime) -> Mapping[str, ExpectedDeparture]:
        """When a letter of each case, queued now, is expected to be sent; worked out when asked."""
        return _Foreseen(self._cases, lambda slug: self._leaving(slug, now))

    def _leaving(self, slug: str, now: datetime) -> ExpectedDeparture:
        case = self._cases[slug]
        hours, pace = case.target.hours, case.target.pace
        ahead = self._tails.get(slug) or Departures(hours, pace, now)
        day = hours.day(ahead.next(self.earliest(slug, now)))
        action_day = case.action_day_ahead(now)
        if action_day and hours.day(action_day.begins) != day:
            action_day = None
        return ExpectedDeparture(day, today=day == hours.day(now), action_day=action_day)

    def queued(self, slug: str, now: datetime) -> None:
        """One more letter waits."""
        if tail := self._tails.get(slug):
            deque(tail.put(self.earliest(slug, now), 1), maxlen=0)

    async def look(self, now: datetime) -> None:
        """See to it that the queues are looked at once a minute; only the first look is waited for."""
        if self._looked_at is not None and now - self._looked_at < FRESH:
            return
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(now))
        if self._looked_at is None or now - self._looked_at > STALE:
            await asyncio.shield(self._looking)

    async def _look(self, now: datetime) -> None:
        try:
            async with self._store.read() as tx:
                for slug, case in self._cases.items():
                    self._tails[slug] = await self._tail(tx, case, now)
        except Failure as failure:
            log.warning("it cannot be foreseen when letters are sent", reason=failure.reason)
        self._looked_at = now

    async def _tail(self, tx: Tx, case: Case, now: datetime) -> Departures:
        queue = await letter_queue.queue_of(tx, case.slug, now)
        if queue is None:
            return Departures(case.target.hours, case.target.pace, now)
        leaving = await departures(tx, case, queue.lane_id, now)
        for earliest, count in queue.waiting:
            deque(leaving.put(earliest, count), maxlen=0)
        return leaving

    async def close(self) -> None:
        """Let a look that is under way end."""
        if self._looking is not None:
            await self._looking


class _Foreseen(Mapping[str, ExpectedDeparture]):
    def __init__(self, cases: Mapping[str, Case], foresee: Callable[[str], ExpectedDeparture]) -> None:
        self._cases = cases
        self._foresee = foresee

    def __getitem__(self, slug: str) -> ExpectedDeparture:
        if slug not in self._cases:
            raise KeyError(slug)
        return self._foresee(slug)

    def __iter__(self) -> Iterator[str]:
        return iter(self._cases)

    def __len__(self) -> int:
        return len(self._cases)
