"""When letters are sent, as far as it can be foreseen: for supporters, and for organisers' plans."""

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from datetime import datetime, time, timedelta

import structlog

from assistant.domain.cases import Case, target_of
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.letters import WAITING, ExpectedDeparture, LetterRef
from assistant.domain.office_pace import Departures, Portion
from assistant.domain.targets import Target
from assistant.store import letter_queue, letters
from assistant.store.database import Store, Tx

STALE = timedelta(minutes=10)  # after which a look is waited for
FRESH = timedelta(minutes=1)  # how long a look at the queues is good for
LEFT_AHEAD = (
    "letters have left at a time that has not come: the clock was wrong, or is; "
    "they do not count for the pace of their office"
)

log = structlog.get_logger()


async def departures(
    tx: Tx, target: Target, lane_id: int, now: datetime, told: set[int] | None = None
) -> Departures:
    """What can be sent to the office from now on, after what was sent already.

    `told`: lanes of which the log has it that letters have left at a time that has not come; others are
    told of there. None: nothing is told.
    """
    hours, pace = target.hours, target.pace
    today = hours.moment(hours.day(now), time())
    left = await letter_queue.departed(tx, lane_id, today, now, pace.per_day)
    if left.ahead and told is not None and lane_id not in told:
        told.add(lane_id)
        log.warning(LEFT_AHEAD, office=target.slug)
    return Departures(hours, pace, now, left.last, left.count)


async def plan(tx: Tx, case: str, target: Target, now: datetime) -> Iterator[Portion]:
    """In which portions all that waits for the office is sent."""
    queue = await letter_queue.queue_of(tx, case, target.slug, now)
    if queue is None:
        return iter(())
    leaving = await departures(tx, target, queue.lane_id, now)
    return (portion for earliest, count in queue.waiting for portion in leaving.put(earliest, count))


async def foreseen(tx: Tx, case: Case, target: Target, now: datetime) -> Mapping[int, datetime]:
    """When each letter that waits for the office is expected to be sent, by its number.

    Raises Misconfigured where the office never opens.
    """
    queue = await letter_queue.queue_of(tx, case.slug, target.slug, now)
    if queue is None:
        return {}
    leaving = await departures(tx, target, queue.lane_id, now)
    listed = await letters.listed(tx, case=case.slug, target=target.slug)
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
        self._queues: dict[tuple[str, str], _Queue] = {}  # by office
        self._looking: asyncio.Task[None] | None = None
        self._looked_at: datetime | None = None

    def earliest(self, ref: LetterRef, now: datetime) -> datetime:
        """Before when such a letter, written now, is not sent."""
        action, target = self._cases[ref.case].actions[ref.action], target_of(self._cases, ref)
        waits = action.waits_for(target or action.main, now)
        return max(now + self._undo, waits or now)

    def earliest_of(self, ref: LetterRef, now: datetime) -> datetime | None:
        """As `earliest`; None where there is no such action any more."""
        case = self._cases.get(ref.case)
        return self.earliest(ref, now) if case and ref.action in case.actions else None

    def kept_until(self, now: datetime) -> datetime:
        """Until when a letter is kept whose writer wants to change it now."""
        return now + self._undo

    def leaving(self, now: datetime) -> Mapping[LetterRef, ExpectedDeparture]:
        """When each letter, queued now, is expected to be sent; worked out when asked."""
        return _Foreseen(self._cases, lambda ref, target: self._leaving(ref, target, now))

    def _leaving(self, ref: LetterRef, target: Target, now: datetime) -> ExpectedDeparture | None:
        """None where its action may be over by then."""
        hours, pace = target.hours, target.pace
        action, earliest = self._cases[ref.case].actions[ref.action], self.earliest(ref, now)
        queue = self._queues.get((ref.case, ref.target)) or _Queue(Departures(hours, pace, now))
        leaves_at = queue.before(earliest).next(earliest)
        if action.closes_at and leaves_at >= action.closes_at:
            return None
        day, action_day = hours.day(leaves_at), action.action_day_ahead(now, target)
        if action_day and hours.day(action_day.begins) != day:
            action_day = None
        return ExpectedDeparture(day, today=day == hours.day(now), action_day=action_day)

    def queued(self, ref: LetterRef, now: datetime) -> None:
        """One more letter waits."""
        if target_of(self._cases, ref) and (queue := self._queues.get((ref.case, ref.target))):
            earliest = self.earliest(ref, now)
            _put(queue.before(earliest), earliest, 1)

    async def look(self, now: datetime) -> None:
        """See to it that the queues are looked at once a minute; only the first look is waited for."""
        if self._looked_at is not None and self._looked_at > now:
            self._looked_at = None  # the clock was set back
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
                    for target in case.targets.values():
                        self._queues[slug, target.slug] = await self._queue(tx, slug, target, now)
        except Failure as failure:
            log.warning("it cannot be foreseen when letters are sent", reason=failure.reason)
        self._looked_at = now

    async def _queue(self, tx: Tx, case: str, target: Target, now: datetime) -> "_Queue":
        waiting = await letter_queue.queue_of(tx, case, target.slug, now)
        if waiting is None:
            return _Queue(Departures(target.hours, target.pace, now))
        queue = _Queue(await departures(tx, target, waiting.lane_id, now))
        for earliest, count in waiting.waiting:
            queue.add(earliest, count)
        return queue

    async def close(self) -> None:
        """Let a look that is under way end."""
        if self._looking is not None:
            await self._looking


class _Queue:
    """What waits for an office, by when it may be sent: what is kept for a later day is in nobody's way."""

    def __init__(self, departures: Departures) -> None:
        self._earliest: list[datetime] = []
        self._after = [departures]  # all of before, and then each of those

    def add(self, earliest: datetime, count: int) -> None:
        """So many letters that may not be sent before that; call it in the order of that."""
        self._earliest.append(earliest)
        self._after.append(copy(self._after[-1]))
        _put(self._after[-1], earliest, count)

    def before(self, earliest: datetime) -> Departures:
        """After all letters that may be sent by then."""
        return self._after[bisect_right(self._earliest, earliest)]


def _put(departures: Departures, earliest: datetime, count: int) -> None:
    deque(departures.put(earliest, count), maxlen=0)


class _Foreseen(Mapping[LetterRef, ExpectedDeparture]):
    def __init__(
        self, cases: Mapping[str, Case], foresee: Callable[[LetterRef, Target], ExpectedDeparture | None]
    ) -> None:
        self._cases = cases
        self._foresee = foresee

    def __getitem__(self, ref: LetterRef) -> ExpectedDeparture:
        target = target_of(self._cases, ref)
        foreseen = self._foresee(ref, target) if target else None
        if foreseen is None:
            raise KeyError(ref)
        return foreseen

    def __iter__(self) -> Iterator[LetterRef]:
        for case in self._cases.values():
            for action in case.actions.values():
                yield from (LetterRef(*action.ref, target.slug) for target in action.targets)

    def __len__(self) -> int:
        return sum(1 for _ in self)
