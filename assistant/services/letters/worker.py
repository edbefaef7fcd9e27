"""Letters are sent: each lane is an office, and one runner at a time hands its letters to a carrier."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane, LaneLost
from assistant.domain.letters import (
    REMINDED_AFTER,
    Letter,
    SignedLetter,
    Transition,
)
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.pauses import TOLD_AFTER
from assistant.domain.targets import Target
from assistant.services.letters import offices
from assistant.services.letters.delivery import CarrierDelivery, Prepared
from assistant.services.letters.schedule import departures
from assistant.services.letters.stranded import StrandedLetters
from assistant.services.letters.transitions import LetterTransitions
from assistant.services.letters.unsettled import end_forgotten
from assistant.store import barred_letters, lanes, letter_queue, letter_versions, letters
from assistant.store.barred_letters import Barred
from assistant.store.database import Store, Tx
from assistant.store.stranded_letters import Standing

log = structlog.get_logger()

STEP = 2.0  # seconds that one step goes on for at most, while there is something to do
LOOKS = 200  # letters that a carrier is asked about at a time
TELLS = 200  # writers who are told of a pause at a time
HOLDS = 250  # letters that are held at a time, because their text is not true any more
LATE = 200  # letters that are withdrawn at a time, when an action is over
LOOK_AGAIN = timedelta(seconds=30)  # after there was no news
BREATH = timedelta(milliseconds=10)  # at least, between two looks at a lane with nothing to do
PERSISTENCE = (0.1, 1.0)  # seconds between tries to store what became of letters
CLEARED_AFTER = timedelta(hours=1)  # a turn that began before an action closed has ended long since
NEVER = datetime.max.replace(tzinfo=UTC)
SOON = 1.0  # seconds: a shorter wait is slept through rather than left to the engine


@dataclass(slots=True, kw_only=True)
class _Hands:
    """What a runner holds between two commits.

    `printed`: letters that are ready to be marked, by their ids. `steps`: what became of
    others; `silent`: those of which there was no news. `cleared`: actions that are over, and for which no
    letter waits any more. `standing`: by what none waits whose office is gone.
    """

    printed: dict[int, Prepared] = field(default_factory=dict)
    steps: list[Transition] = field(default_factory=list)
    silent: list[Letter] = field(default_factory=list)
    cleared: set[str] = field(default_factory=set)
    standing: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What comes next: letters to hand over, to print, and to ask carriers about.

    `wait`: the real seconds until there is more, where that is soon. `again`: there is more to turn over.
    """

    batch: Sequence[tuple[Letter, Prepared]] = ()
    upcoming: Sequence[SignedLetter] = ()
    looks: Sequence[Letter] = ()
    wait: float | None = None
    again: bool = False

    def __bool__(self) -> bool:
        return bool(self.batch or self.upcoming or self.looks or self.again)


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
        stranded: StrandedLetters | None = None,
    ) -> None:
        """`stranded`: what holds letters whose office is gone; None: they are left alone."""
        self._store = store
        self._cases = cases
        self._delivery = delivery
        self._transitions = transitions
        self._clock = clock
        self._stranded = stranded
        self._hands: dict[int, _Hands] = {}  # by lane
        self._told_ahead: set[int] = set()

    def serves(self, name: str) -> bool:
        if self._office(name):
            return True
        return self._stranded is not None and self._stranded.concerns(*letters.office_of(name))

    def _office(self, name: str) -> tuple[Case, Target] | None:
        """Whose lane that is; None where it is gone."""
        slug, target = letters.office_of(name)
        case = self._cases.get(slug)
        office = case.targets.get(target) if case else None
        return (case, office) if case and office else None

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
                hands.steps, down = await self._delivery.hand_over(
                    work.batch, lambda letter: self._tell(ours, letter)
                )
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

    async def _tell(self, lane: Lane, letter: Letter) -> None:
        """Note that the letter's carrier is about to have it. Raises Failure (`TellingOf`)."""
        async with self._store.write(brief=True) as tx:
            await lanes.fence(tx, lane)
            if not await letter_queue.tell(tx, lane, letter.id):
                raise Failure(f"Letter {letter.id} has moved on while it was handed over.")

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
        if await self._hold_stranded(tx, lane, hands, now):
            return _Work(again=True)
        office = self._office(lane.name)
        if office is None:
            return await self._ask_only(tx, lane, now, looking=looking)
        case, target = office
        barred = await barred_letters.of_case(tx, case.slug, target.slug)
        barred = replace(barred, unconfirmed=await offices.is_unconfirmed(tx, case, target))
        if await self._withdraw_late(tx, lane, hands, case, now):
            return _Work(again=True)
        if await self._hold(tx, lane, case, barred, now):
            return _Work(again=True)
        await self._remind(tx, lane, case, barred, now)
        marked = await letter_queue.mark(tx, lane, hands.printed.keys(), now, barred)
        batch = [(letter, hands.printed[letter.id]) for letter in marked]
        looks = await self._looks(tx, lane, now) if looking else []
        upcoming = await self._upcoming(tx, lane, target, now, barred)
        if hands.standing and not all(hands.standing.has(each.letter) for each in upcoming):
            hands.standing, upcoming = None, []  # somebody has let one go whose office is gone
            return _Work(batch=batch, upcoming=upcoming, looks=looks, again=True)
        if batch or upcoming or looks:
            return _Work(batch=batch, upcoming=upcoming, looks=looks)
        await self._tell_paused(tx, lane, barred, now)
        times = (
            await self._leaves_at(tx, lane, target, now, barred),
            await self._tells_at(tx, lane, barred),
            await letter_queue.next_look(tx, lane),
            await self._closes_at(tx, lane, case, now),
            await letter_versions.next_reminder(tx, lane, REMINDED_AFTER, barred.paused),
        )
        return _Work(wait=await self._rest(tx, lane, now, times))

    async def _ask_only(self, tx: Tx, lane: Lane, now: datetime, *, looking: bool) -> _Work:
        """Where the office is gone, nothing is sent; what becomes of letters that have left is asked."""
        if looks := await self._looks(tx, lane, now) if looking else []:
            return _Work(looks=looks)
        return _Work(wait=await self._rest(tx, lane, now, [await letter_queue.next_look(tx, lane)]))

    async def _looks(self, tx: Tx, lane: Lane, now: datetime) -> list[Letter]:
        """The letters about which carriers are to be asked now."""
        await letter_queue.cancel_forgotten(tx, lane, now)
        return await letter_queue.on_their_way(tx, lane, now, LOOKS)

    async def _hold_stranded(self, tx: Tx, lane: Lane, hands: _Hands, now: datetime) -> bool:
        """Hold letters whose office is gone; whether there were any. Looked for when cases have changed."""
        if self._stranded is None:
            return False
        standing = self._stranded.standing(letters.office_of(lane.name)[0])
        if standing is None or (standing == hands.standing and self._office(lane.name)):
            return False
        if await self._stranded.hold(tx, lane, standing, now):
            return True
        hands.standing = standing
        return False

    async def _entered(self, tx: Tx, lane: Lane, hands: _Hands) -> datetime:
        """Enter what became of letters. Returns the time of that."""
        await lanes.fence(tx, lane)
        now = self._clock()
        await self._transitions.enter(tx, hands.steps, now, awake=lane.id)
        await end_forgotten(tx, self._transitions, hands.silent, now, lane.id)
        await letter_queue.look_later(tx, [letter.id for letter in hands.silent], now + LOOK_AGAIN)
        return now

    async def _upcoming(
        self, tx: Tx, lane: Lane, target: Target, now: datetime, barred: Barred
    ) -> list[SignedLetter]:
        """The letters that may be sent now, by the hours and the pace of their office."""
        if not (target.pace.per_minute or target.pace.per_day):
            limit, leaves_at = self._delivery.in_flight(target), target.hours.next_open(now)
        else:
            limit, leaves_at = 1, await self._leaves_at(tx, lane, target, now, barred) or NEVER
        return await letter_queue.upcoming(tx, lane, now, limit, barred) if leaves_at <= now else []

    async def _leaves_at(
        self, tx: Tx, lane: Lane, target: Target, now: datetime, barred: Barred
    ) -> datetime | None:
        """When the lane's next letter is sent; None where none waits."""
        due = await letter_queue.next_due(tx, lane, barred)
        if due is None:
            return None
        return (await departures(tx, target, lane.id, now, self._told_ahead)).next(due)

    async def _withdraw_late(self, tx: Tx, lane: Lane, hands: _Hands, case: Case, now: datetime) -> bool:
        """Withdraw letters that wait for an action that is over, and tell their writers; whether any did."""
        ended = {action.slug for action in case.actions.values() if case.is_over(action, now)}
        hands.cleared &= ended  # one may have been opened again meanwhile
        over = ended - hands.cleared
        late = await letter_queue.unsent(tx, lane, over, LATE) if over else []
        if not late:
            hands.cleared |= {slug for slug in over if case.actions[slug].is_over(now - CLEARED_AFTER)}
            return False
        steps = [
            Transition(letter=each, status=LetterStatus.CANCELLED, reason="the action is over")
            for each in late
        ]
        await self._transitions.tell_over(
            tx, await self._transitions.enter(tx, steps, now, awake=lane.id), now
        )
        return True

    async def _hold(self, tx: Tx, lane: Lane, case: Case, barred: Barred, now: datetime) -> bool:
        """Hold letters whose text is not true any more, and ask their writers; whether there were any."""
        held = await letter_versions.hold(tx, lane, barred, now, HOLDS)
        news = {(each.action, each.version): each.update for each in barred.unsound}
        asked = [(each, case.updates.get(news[each.ref.action, each.version or ""] or "")) for each in held]
        await self._transitions.ask_to_confirm(tx, asked, now)
        return bool(held)

    async def _remind(self, tx: Tx, lane: Lane, case: Case, barred: Barred, now: datetime) -> None:
        """Remind writers, once, who have not answered whether the new text may be sent."""
        forgotten = await letter_versions.to_remind(tx, lane, now - REMINDED_AFTER, TELLS, barred.paused)
        open_now = [each for each in forgotten if each.ref.action in case.actions]
        await self._transitions.ask_to_confirm(tx, [(each, None) for each in open_now], now, again=True)

    async def _closes_at(self, tx: Tx, lane: Lane, case: Case, now: datetime) -> datetime | None:
        """When the next action closes for which letters wait on the lane."""
        closing = {action.slug: action.closes_at for action in case.actions.values() if action.closes_at}
        ahead = {slug: at for slug, at in closing.items() if at > now}
        waited_for = await letter_queue.waited_for(tx, lane, ahead) if ahead else set()
        return min((ahead[slug] for slug in waited_for), default=None)

    async def _tell_paused(self, tx: Tx, lane: Lane, barred: Barred, now: datetime) -> None:
        """Let writers know who have waited a while for what is paused that long."""
        for action, since in barred.paused.items():
            if since + TOLD_AFTER > now:
                continue
            waiting = await letter_queue.untold(tx, lane, action, now - TOLD_AFTER, TELLS)
            if waiting:
                await self._transitions.tell_paused(tx, waiting, now)

    async def _tells_at(self, tx: Tx, lane: Lane, barred: Barred) -> datetime | None:
        """When the next writer is told of the pause; None where there is none."""
        dues = [
            max(due, since) + TOLD_AFTER
            for action, since in barred.paused.items()
            if (due := await letter_queue.next_untold(tx, lane, action))
        ]
        return min(dues, default=None)

    async def _rest(
        self, tx: Tx, lane: Lane, now: datetime, times: Iterable[datetime | None]
    ) -> float | None:
        """Settle until when the lane rests: until the first of these times.

        Returns the real seconds, where they are few.
        """
        upcoming = [at for at in times if at is not None]
        next_at = max(min(upcoming), now + BREATH) if upcoming else None
        await lanes.schedule(tx, lane, next_at)
        if next_at is None:
            return None
        seconds = (next_at - now).total_seconds() / self._clock.speed
        return seconds if 0 < seconds <= SOON else None
