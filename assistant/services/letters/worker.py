"""Letters are sent: each lane is an office, and one runner at a time hands its letters to a carrier."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane
from assistant.domain.letters import PAUSE_TOLD_AFTER, Letter, SignedLetter, Transition
from assistant.services.letters.delivery import CarrierDelivery, Prepared
from assistant.services.letters.schedule import departures
from assistant.services.letters.transitions import LetterTransitions
from assistant.store import lanes, letter_queue, letters, organisers
from assistant.store.database import Store, Tx
from assistant.store.lanes import LaneLost

log = structlog.get_logger()

STEP = 2.0  # seconds that one step goes on for at most, while there is something to do
LOOKS = 200  # letters that a carrier is asked about at a time
TELLS = 200  # writers who are told of a pause at a time
LOOK_AGAIN = timedelta(seconds=30)  # after there was no news
BREATH = timedelta(milliseconds=10)  # at least, between two looks at a lane with nothing to do
PERSISTENCE = (0.1, 1.0)  # seconds between tries to store what became of letters
NEVER = datetime.max.replace(tzinfo=UTC)
SOON = 1.0  # seconds: a shorter wait is slept through rather than left to the engine


@dataclass(slots=True)
class _Hands:
    """What a runner holds between two commits.

    `printed`: letters that are ready to be marked, by their ids. `steps`: what became of
    others; `silent`: those of which there was no news.
    """

    printed: dict[int, Prepared] = field(default_factory=dict)
    steps: list[Transition] = field(default_factory=list)
    silent: list[Letter] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Work:
    """What comes next: letters to hand over, to print, and to ask carriers about.

    `wait`: the real seconds until there is more, where that is soon.
    """

    batch: Sequence[tuple[Letter, Prepared]] = ()
    upcoming: Sequence[SignedLetter] = ()
    looks: Sequence[Letter] = ()
    wait: float | None = None

    def __bool__(self) -> bool:
        return bool(self.batch or self.upcoming or self.looks)


class LetterWorker:
    """Works on the lanes of letters (`engine.base.Worker`)."""

    kind = letters.LANE

    def __init__(
        self,
        store: Store,
        cases: Mapping[str, Case],
        delivery: CarrierDelivery,
        transitions: LetterTransitions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._cases = cases
        self._delivery = delivery
        self._transitions = transitions
        self._clock = clock
        self._hands: dict[int, _Hands] = {}  # by lane

    def serves(self, name: str) -> bool:
        return name in self._cases

    async def take(self, lane: Lane) -> Lane:
        """Run the lane from now on; carriers are asked about the letters that a dead runner left."""
        async with self._store.write(brief=True) as tx:
            taken = await lanes.take(tx, lane)
            orphans = await letter_queue.orphans(tx, taken)
        for letter in orphans:
            step = await self._delivery.after_crash(letter)
            async with self._store.write(brief=True) as tx:
                await lanes.fence(tx, taken)
                await self._transitions.enter(tx, [step], self._clock())
        self._hands[taken.id] = _Hands()
        return taken

    async def step(self, lane: Lane) -> float | None:
        """Hand letters over for a while. Raises Failure where a carrier is down.

        Letters are printed before they are marked, while those before them are on their way; each commit
        stores what became of some, and marks the next ones.
        """
        ours, hands = lane, self._hands.setdefault(lane.id, _Hands())
        ends = asyncio.get_running_loop().time() + STEP
        looking = True
        while work := await self._sure(ours, hands, looking=looking):
            printing = asyncio.create_task(self._delivery.prepare(work.upcoming))
            try:
                hands.steps, down = await self._delivery.hand_over(work.batch)
                news, hands.silent = await self._delivery.ask(work.looks)
                hands.printed = await printing
            finally:
                printing.cancel()
            hands.steps += news
            looking = bool(work.looks)
            if down is not None or asyncio.get_running_loop().time() > ends:
                await self._sure(ours, hands, looking=False, more=False)
                if down is not None:
                    raise Failure(down.reason, retry_after=down.retry_after)
                return 0.0
        return work.wait

    async def _sure(self, lane: Lane, hands: _Hands, *, looking: bool, more: bool = True) -> _Work:
        """Turn over; where the database fails, see to it that what became of letters is not lost.

        Raises Failure all the same: the lane is taken anew, in case the marks were stored. `more`: letters
        are wanted to go on with.
        """
        try:
            return await self._turn_over(lane, hands, looking=looking, more=more)
        except LaneLost:
            raise
        except Failure:
            await self._keep_results(lane, hands)
            raise

    async def _keep_results(self, lane: Lane, hands: _Hands) -> None:
        for wait in PERSISTENCE:
            await asyncio.sleep(wait)
            try:
                await self._turn_over(lane, hands, looking=False, more=False)
            except LaneLost:
                raise
            except Failure as failure:
                log.warning("what became of letters cannot be stored yet", reason=failure.reason)
            else:
                return

    async def _turn_over(self, lane: Lane, hands: _Hands, *, looking: bool, more: bool) -> _Work:
        """Store what became of letters and, in the same commit, mark those that are printed."""
        async with self._store.write(brief=True) as tx:
            work = await self._turned_over(tx, lane, hands, looking=looking, more=more)
        hands.steps, hands.silent = [], []
        if more:
            hands.printed = {}
        return work

    async def _turned_over(self, tx: Tx, lane: Lane, hands: _Hands, *, looking: bool, more: bool) -> _Work:
        now = await self._entered(tx, lane, hands)
        if not more:
            return _Work()
        paused = await organisers.paused_since(tx, lane.name)
        marked = [] if paused else await letter_queue.mark(tx, lane, hands.printed.keys(), now)
        batch = [(letter, hands.printed[letter.id]) for letter in marked]
        looks: list[Letter] = []
        if looking:
            await letter_queue.cancel_forgotten(tx, lane, now)
            looks = await letter_queue.on_their_way(tx, lane, now, LOOKS)
        upcoming = [] if paused else await self._upcoming(tx, lane, now)
        if batch or upcoming or looks:
            return _Work(batch, upcoming, looks)
        if paused:
            await self._tell_paused(tx, lane, paused, now)
        return _Work(wait=await self._rest(tx, lane, now, paused))

    async def _entered(self, tx: Tx, lane: Lane, hands: _Hands) -> datetime:
        """Enter what became of letters. Returns the time of that."""
        await lanes.fence(tx, lane)
        now = self._clock()
        await self._transitions.enter(tx, hands.steps, now, awake=lane.id)
        await letter_queue.look_later(tx, [letter.id for letter in hands.silent], now + LOOK_AGAIN)
        return now

    async def _upcoming(self, tx: Tx, lane: Lane, now: datetime) -> list[SignedLetter]:
        """The letters that may be sent now, by the hours and the pace of their office."""
        target = self._cases[lane.name].target
        if not (target.pace.per_minute or target.pace.per_day):
            limit, leaves_at = self._delivery.in_flight(lane.name), target.hours.next_open(now)
        else:
            limit, leaves_at = 1, await self._leaves_at(tx, lane, now) or NEVER
        return await letter_queue.upcoming(tx, lane, now, limit) if leaves_at <= now else []

    async def _leaves_at(self, tx: Tx, lane: Lane, now: datetime) -> datetime | None:
        """When the lane's next letter is sent; None where none waits."""
        due = await letter_queue.next_due(tx, lane)
        if due is None:
            return None
        return (await departures(tx, self._cases[lane.name], lane.id, now)).next(due)

    async def _tell_paused(self, tx: Tx, lane: Lane, since: datetime, now: datetime) -> None:
        """Let writers know who have waited a while for a case that is paused that long."""
        if since + PAUSE_TOLD_AFTER <= now:
            waiting = await letter_queue.untold(tx, lane, now - PAUSE_TOLD_AFTER, TELLS)
            if waiting:
                await self._transitions.tell_paused(tx, waiting, now)

    async def _tells_at(self, tx: Tx, lane: Lane, since: datetime) -> datetime | None:
        """When the next writer is told of the pause; None where there is none."""
        due = await letter_queue.next_untold(tx, lane)
        return max(due, since) + PAUSE_TOLD_AFTER if due else None

    async def _rest(self, tx: Tx, lane: Lane, now: datetime, paused: datetime | None) -> float | None:
        """Settle until when the lane rests. Returns the real seconds, where they are few."""
        begins = self._tells_at(tx, lane, paused) if paused else self._leaves_at(tx, lane, now)
        times = (await begins, await letter_queue.next_look(tx, lane))
        upcoming = [at for at in times if at is not None]
        next_at = max(min(upcoming), now + BREATH) if upcoming else None
        await lanes.schedule(tx, lane, next_at)
        if next_at is None:
            return None
        seconds = (next_at - now).total_seconds() / self._clock.speed
        return seconds if 0 < seconds <= SOON else None
