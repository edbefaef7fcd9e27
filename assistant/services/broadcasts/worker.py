"""Broadcasts are counted and tested, addressed when their time has come, and brought to an end.

One lane for all of them, with one runner. Each step is a transaction of its own; sending is the outbox's.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog

from assistant.domain.broadcasts import NOT_AS_APPROVED, Broadcast, Progress
from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure, Refused
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Account
from assistant.domain.quiet_hours import QuietHours
from assistant.services.broadcasts.approval import ITSELF, WORKER_LANE, BroadcastService, wake
from assistant.services.broadcasts.progress import ProgressMessages
from assistant.services.broadcasts.rendering import Renderer
from assistant.services.letters import versions
from assistant.services.notifier import Notifier
from assistant.store import audit, broadcasts, copies, fanout, lanes
from assistant.store.database import Store, Tx

CHUNK = 20_000  # readers a transaction: the longest one measured took 92 ms
LOOK = timedelta(seconds=1)  # between looks at a broadcast that is leaving
_B = BroadcastStatus

log = structlog.get_logger()


class BroadcastWorker:
    """Runs the one lane of its kind (`engine.base.Worker`)."""

    kind = WORKER_LANE

    def __init__(
        self,
        store: Store,
        broadcast_service: BroadcastService,
        renderer: Renderer,
        notifier: Notifier,
        progress_messages: ProgressMessages,
        quiet_hours: QuietHours,
        rates: Mapping[Account, float],
        clock: Clock,
    ) -> None:
        """`rates`: how many messages a second each account sends to many; 0: as fast as it goes."""
        self._store = store
        self._broadcast_service = broadcast_service
        self._renderer = renderer
        self._notifier = notifier
        self._progress_messages = progress_messages
        self._quiet_hours = quiet_hours
        self._rates = rates
        self._clock = clock

    def serves(self, name: str) -> bool:  # noqa: ARG002  there is one such lane
        return True

    async def open(self) -> None:
        """See to it that the lane exists and runs."""
        async with self._store.write() as tx:
            await wake(tx, self._clock())

    async def take(self, lane: Lane) -> Lane:
        async with self._store.write() as tx:
            return await lanes.take(tx, lane)

    async def step(self, lane: Lane) -> float | None:
        async with self._store.read() as tx:
            found = await broadcasts.open_ones(tx)
            over = await copies.uncleared(tx)
            shown = await broadcasts.unfinished_watched(tx, self._clock())
            unfinished = [each for each in [await broadcasts.find(tx, number) for number in shown] if each]
        busy = [await self._try(lane, each) for each in found]
        busy += [await self._clear(lane, number) for number in over]
        for each in unfinished:
            await self._progress_messages.show(each)
        if any(busy):
            return 0.0
        await self._rest(lane)
        return None

    async def _try(self, lane: Lane, found: Broadcast) -> bool:
        """A broken broadcast holds up no other."""
        try:
            return await self._advance(lane, found)
        except Failure:
            raise
        except Exception:
            log.exception("a broadcast failed in a way it should not", broadcast=found.id)
            return False

    @asynccontextmanager
    async def _holding(self, lane: Lane, replacing: Case | None = None) -> AsyncIterator[Tx]:
        """A transaction of the lane's runner. Organisers wait for it, as it does for them: see `audit.lock`.

        `replacing`: the case whose letters stand on old facts after it. Raises LaneLost.
        """
        async with self._store.write() as tx:
            await audit.lock(tx)
            if replacing:
                await versions.lock(tx, replacing)
            await lanes.fence(tx, lane)
            yield tx

    async def _advance(self, lane: Lane, found: Broadcast) -> bool:
        """Take the broadcast's next step; whether there is more to do at once."""
        now = self._clock()
        match found.status:
            case _B.DRAFT if found.counts is None:
                await self._count(lane, found)
            case _B.PROPOSED | _B.APPROVED | _B.HALTED if found.is_worthless(now):
                await self._end(lane, found, _B.EXPIRED)
                return True  # its copies are still to be taken out of the queues
            case _B.APPROVED | _B.SENDING if not await self._is_approved(found):
                await self._halt_forged(lane, found)
            case _B.APPROVED if found.starts_at is not None and found.starts_at <= now:
                await self._begin(lane, found)
                return True
            case _B.SENDING:
                return await self._send(lane, found)
            case _B.HALTED if found.started_at is not None:
                await self._progress_messages.show(found)
        return False

    async def _rest(self, lane: Lane) -> None:
        """Settle when to look again: soon while one is leaving, else when the next one begins or is over."""
        now = self._clock()
        async with self._holding(lane) as tx:
            moments = [_next_look(each, now) for each in await broadcasts.open_ones(tx)]
            if await broadcasts.unfinished_watched(tx, now):
                moments.append(now)
            upcoming = [max(moment, now + LOOK) for moment in moments if moment is not None]
            await lanes.schedule(tx, lane, min(upcoming, default=None))

    # Counting and testing

    async def _count(self, lane: Lane, found: Broadcast) -> None:
        """Count whom it would reach, and send its author the test and the preview."""
        async with self._store.read() as tx:
            counts = await fanout.count(tx, found.announcement.audience)
        async with self._holding(lane) as tx:
            if not await broadcasts.set_counts(tx, found.id, found.digest, counts):
                return  # it has been edited meanwhile
            await self._renderer.refresh_outcome(tx, found)
            if found.author is not None:
                versions = (await broadcasts.versions(tx, [found.id])).get(found.id, {})
                counted = await broadcasts.find(tx, found.id)
                told = self._notifier.team_messages.preview(counted or found, self._rates)
                shown = self._notifier.shown(versions)
                await self._notifier.tell(tx, self._clock(), *shown, told, only=found.author)

    # Sending

    async def _is_approved(self, found: Broadcast) -> bool:
        """Whether it and its texts are as the assistant wrote them when somebody approved it."""
        if not found.authentic:
            return False
        async with self._store.read() as tx:
            return found.id in await broadcasts.versions(tx, [found.id])

    async def _halt_forged(self, lane: Lane, found: Broadcast) -> None:
        try:
            async with self._holding(lane) as tx:
                await self._broadcast_service.halt(tx, ITSELF, found.id, NOT_AS_APPROVED)
        except Refused:
            return  # somebody was faster
        log.error("a broadcast is not what was approved: it was halted", broadcast=found.id)

    async def _begin(self, lane: Lane, found: Broadcast) -> None:
        now = self._clock()
        replaced = self._renderer.replaced(found.announcement)
        async with self._holding(lane, replaced) as tx:
            if not await broadcasts.move(
                tx, found.id, found.status, _B.SENDING, found.digest, started_at=now, reached=0
            ):
                return  # somebody has halted or edited it meanwhile
            await self._renderer.refresh_outcome(tx, found)
            await audit.add(tx, now, audit.ASSISTANT, "began", f"broadcast {found.id}", found.digest)
            if replaced:
                held = await versions.replace(tx, replaced, found.announcement.update, now)
                waiting = self._notifier.team_messages.letters_held(replaced, held)
                await self._notifier.tell(tx, now, waiting)
            begun = await broadcasts.find(tx, found.id)
            told = self._notifier.team_messages.progress(Progress(begun or found, ()))
            for seat, message in await self._notifier.tell(tx, now, told):
                await broadcasts.add_watcher(tx, found.id, seat.chat.id, message)

    async def _send(self, lane: Lane, found: Broadcast) -> bool:
        """Address the next piece; at the end look whether every copy has come to its end."""
        if found.is_worthless(self._clock()):
            await self._end(lane, found, _B.EXPIRED)
            return True
        async with self._store.read() as tx:
            reached = await fanout.reached(tx, found.id)
            open_copies = reached is not None or await copies.any_open(tx, found.id)
        if reached is not None:
            await self._address(lane, found, reached)
            return True
        if not open_copies:
            await self._end(lane, found, _B.DONE)
            return False
        await self._progress_messages.show(found)
        return False

    async def _address(self, lane: Lane, found: Broadcast, after: int) -> None:
        now = self._clock()
        if not after:
            async with self._store.read() as tx:
                self._quiet_hours.learn(await fanout.homes(tx))
        departures = self._quiet_hours.departures(found, now)
        async with self._holding(lane) as tx:
            if not await fanout.is_sending(tx, found.id):
                return  # somebody has halted it meanwhile
            audience = found.announcement.audience
            piece = await fanout.address(tx, found.id, audience, departures, now.date(), after, CHUNK)
            await fanout.reach(tx, found.id, piece.last, piece.added)
            await lanes.wake_kind(tx, broadcasts.LANE, now)

    async def _end(self, lane: Lane, found: Broadcast, how: BroadcastStatus) -> None:
        now = self._clock()
        async with self._holding(lane) as tx:
            if not await broadcasts.move(tx, found.id, found.status, how, ended_at=now):
                return
            if found.started_at is None:
                await broadcasts.release(tx, found.id)
            await audit.add(tx, now, audit.ASSISTANT, how.value, f"broadcast {found.id}", found.digest)
            counted = (await broadcasts.tallies_of(tx, [found.id]))[found.id]
            ended = await broadcasts.find(tx, found.id) or found
            await self._notifier.tell(tx, now, self._notifier.team_messages.ended(Progress(ended, counted)))
        await self._progress_messages.show(ended)

    async def _clear(self, lane: Lane, number: int) -> bool:
        """Take copies of an expired one out of the queues."""
        async with self._holding(lane) as tx:
            return await copies.clear(tx, number, CHUNK) > 0


def _next_look(found: Broadcast, now: datetime) -> datetime | None:
    match found.status:
        case _B.SENDING:
            return now + LOOK
        case _B.APPROVED:
            return found.starts_at
        case _B.PROPOSED | _B.HALTED:
            return found.worthless_from
        case _B.DRAFT if found.counts is None:
            return now
    return None
