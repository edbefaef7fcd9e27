"""Letters leave: each lane is an office, and one runner at a time hands its letters to a carrier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.model import Case
from assistant.engine.base import Held
from assistant.services.handover import Handover
from assistant.services.lanes import stored
from assistant.services.letterbook import Letterbook
from assistant.services.timetable import departures
from assistant.store import dispatch, lanes, letters
from assistant.store.database import Store, Tx
from assistant.store.lanes import Lane
from assistant.store.letters import Letter, Signed
from assistant.store.moves import Move

ROUNDS = 5  # commits of one step: each stores what became of some letters, and marks the next ones
LOOKS = 200  # letters that a carrier is asked about at a time
LOOK_AGAIN = timedelta(seconds=30)  # after there was no news
BREATH = timedelta(milliseconds=10)  # at least, between two looks at a lane with nothing to do
SOON = 1.0  # seconds: a shorter wait is slept through rather than left to the engine


@dataclass(frozen=True, slots=True)
class _Work:
    """What a lane has to do now: letters to hand over, and letters to ask carriers about."""

    batch: Sequence[Signed] = ()
    looks: Sequence[Letter] = ()
    wait: float | None = None  # seconds until there is more, where that is soon

    def __bool__(self) -> bool:
        return bool(self.batch or self.looks)


class Mailroom:
    """Works on the lanes of letters (`engine.base.Worker`)."""

    kind = letters.LANE

    def __init__(
        self, store: Store, cases: Mapping[str, Case], handover: Handover, book: Letterbook, clock: Clock
    ) -> None:
        self._store = store
        self._cases = cases
        self._handover = handover
        self._book = book
        self._clock = clock

    def serves(self, name: str) -> bool:
        return name in self._cases

    async def take(self, lane: Held) -> Held:
        """Run the lane from now on; carriers are asked about the letters that a dead runner left."""
        async with self._store.write(brief=True) as tx:
            taken = await lanes.take(tx, stored(lane))
            orphans = await dispatch.orphans(tx, taken)
        for letter in orphans:
            step = await self._handover.after_crash(letter)
            async with self._store.write(brief=True) as tx:
                await lanes.hold(tx, taken)
                await self._book.enter(tx, [step], self._clock())
        return taken

    async def step(self, lane: Held) -> float | None:
        """Some rounds of handing over and storing what came of it. Raises Failure where a carrier is down."""
        ours = stored(lane)
        work = await self._turn_over(ours, [], [])
        for number in range(ROUNDS):
            if not work:
                return work.wait
            steps, down = await self._handover.hand_over(work.batch)
            news, silent = await self._handover.ask(work.looks)
            more = number + 1 < ROUNDS and down is None
            work = await self._turn_over(ours, [*steps, *news], silent, more=more)
            if down is not None:
                raise Failure(down.reason, retry_after=down.retry_after)
        return 0.0

    async def _turn_over(
        self, lane: Lane, steps: Sequence[Move], silent: Sequence[Letter], *, more: bool = True
    ) -> _Work:
        """Store what became of letters and, in the same commit, mark those that come next."""
        async with self._store.write(brief=True) as tx:
            await lanes.hold(tx, lane)
            now = self._clock()
            await self._book.enter(tx, steps, now)
            await dispatch.look_later(tx, [letter.id for letter in silent], now + LOOK_AGAIN)
            if not more:
                return _Work()
            await dispatch.cancel_forgotten(tx, lane, now)
            looks = await dispatch.on_their_way(tx, lane, now, LOOKS)
            leaves_at = await self._leaves_at(tx, lane, now)
            batch = await self._claim(tx, lane, now, leaves_at)
            if looks or batch:
                return _Work(batch, looks)
            return _Work(wait=await self._rest(tx, lane, now, leaves_at))

    async def _leaves_at(self, tx: Tx, lane: Lane, now: datetime) -> datetime | None:
        """When the lane's next letter leaves; None where none waits."""
        due = await dispatch.next_due(tx, lane)
        if due is None:
            return None
        return (await departures(tx, self._cases[lane.name], lane.id, now)).next(due)

    async def _claim(self, tx: Tx, lane: Lane, now: datetime, leaves_at: datetime | None) -> list[Signed]:
        if leaves_at is None or leaves_at > now:
            return []
        pace = self._cases[lane.name].target.pace
        limited = pace.per_minute or pace.per_day
        return await dispatch.claim(tx, lane, now, 1 if limited else self._handover.in_hand(lane.name))

    async def _rest(self, tx: Tx, lane: Lane, now: datetime, leaves_at: datetime | None) -> float | None:
        """Settle until when the lane rests. Returns the real seconds, where they are few."""
        looks_at = await dispatch.next_look(tx, lane)
        upcoming = [at for at in (leaves_at, looks_at) if at is not None]
        next_at = max(min(upcoming), now + BREATH) if upcoming else None
        await lanes.settle(tx, lane, next_at)
        if next_at is None:
            return None
        seconds = (next_at - now).total_seconds() / self._clock.speed
        return seconds if 0 < seconds <= SOON else None
