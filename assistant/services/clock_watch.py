"""A clock that was wrong for a minute stops nothing: what was stored by it is put right.

Whether the clock was wrong before it was set, or is wrong since, cannot be told. So what does no harm either
way is done at once: everything looks whether it has something to do, and what failed is tried again. The rest
waits until the clock has gone on for `TRUSTED_AFTER` without being set.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.letters import Letter
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.throttling import LONGEST_PAUSE
from assistant.outages import Outage, span
from assistant.services.letters.delivery import LONGEST_BACKOFF
from assistant.services.letters.notices import LATELY
from assistant.services.letters.schedule import DepartureSchedule
from assistant.services.messages.sender import LONGEST_BACKOFF as LONGEST_MESSAGE_BACKOFF
from assistant.store import audit, broadcasts, clock_errors, lanes
from assistant.store.database import Store, Tx

EVERY = 5.0  # seconds between two looks at the clock
SET = 30.0  # seconds: a clock that differs by more from what has passed was set
TRUSTED_AFTER = 600.0  # seconds that it has to go on for
LONGEST_REST = timedelta(days=1)  # for which a platform keeps an account still at most
_DUE = timedelta(minutes=1)  # a broadcast that begins so much too late is left alone

log = structlog.get_logger()


class ClockWatch:
    """Notices that the clock is set, and puts right what was stored while it was wrong."""

    def __init__(
        self,
        store: Store,
        schedule: DepartureSchedule,
        broadcast_undo: timedelta,
        clock: Clock,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`broadcast_undo`: how long what was approved can be called off. `seconds`: that pass in truth."""
        self._store = store
        self._schedule = schedule
        self._broadcast_undo = broadcast_undo
        self._clock = clock
        self._seconds = seconds
        self._read_at, self._read = seconds(), clock()
        self._set_at: float | None = self._read_at  # None: it is trusted, and all is put right
        self._outage = Outage("putting right what a wrong clock has left")

    async def run(self) -> None:
        """Look every few seconds, until cancelled."""
        while True:
            try:
                await self.look()
                self._outage.over()
            except Failure as failure:
                self._outage.failed("the clock's errors stay for now", reason=failure.reason)
            except Exception:
                log.exception("the clock's errors could not be looked for, which should not happen")
            await asyncio.sleep(EVERY)

    async def begin(self) -> None:
        """A process begins: the clock may have been set before. Raises Failure."""
        await self.set_back(LONGEST_PAUSE)

    async def look(self) -> None:
        """Do what the clock asks for. Raises Failure: look again then."""
        seconds, now = self._seconds(), self._clock()
        passed = (now - self._read).total_seconds() / self._clock.speed
        ahead = passed - (seconds - self._read_at)
        if abs(ahead) > SET:
            if ahead < 0:
                await self.set_back(timedelta(seconds=LONGEST_MESSAGE_BACKOFF))
            log.warning(
                "the clock was set, or this computer slept: see that it has the right time",
                by=f"{span(abs(ahead))} {'ahead' if ahead > 0 else 'back'}",
            )
            self._set_at = seconds
        self._read_at, self._read = seconds, now
        if self._set_at is not None and seconds - self._set_at >= TRUSTED_AFTER:
            await self.put_right()
            self._set_at = None

    async def set_back(self, longest: timedelta) -> None:
        """All lanes run, and what failed is tried again, unless that is soon. Raises Failure.

        `longest`: how long a message may have to wait for another try.
        """
        now = self._clock()
        async with self._store.read() as tx:
            resting = await clock_errors.resting_lanes(tx, now)
        for start in range(0, len(resting), clock_errors.AT_ONCE):
            async with self._store.write(brief=True) as tx:
                lanes.wake(tx, resting[start : start + clock_errors.AT_ONCE], now)
        while True:
            async with self._store.write() as tx:
                if await clock_errors.retry_messages(tx, now, longest, now - LATELY) < clock_errors.AT_ONCE:
                    break
        async with self._store.write() as tx:
            await clock_errors.retry_letters(tx, now, LONGEST_BACKOFF)

    async def put_right(self) -> None:
        """What lies ahead and cannot has happened now; what was due because of it is due anew.

        Raises Failure.
        """
        now = self._clock()
        async with self._store.write() as tx:
            await audit.lock(tx)
            numbers = await self._broadcasts(tx, now)
        while True:
            async with self._store.write() as tx:
                if await clock_errors.unsleeping_messages(tx, now, numbers) < clock_errors.AT_ONCE:
                    break
        async with self._store.write() as tx:
            written = await clock_errors.written_ahead(tx, now)
            await clock_errors.write_afresh(tx, [(each, self._due(each, now)) for each in written], now)
            await clock_errors.look_sooner(tx, now)
        async with self._store.write() as tx:
            await clock_errors.keep_no_longer(tx, now, LONGEST_REST)
            found = await clock_errors.settle_happened(tx, now)
        if found:
            log.warning(
                "moments lay ahead that cannot, because the clock was wrong: they were put right", **found
            )

    def _due(self, letter: Letter, now: datetime) -> datetime:
        """When a letter that was written by a wrong clock may be sent, as if it were written now."""
        return self._schedule.earliest_of(letter.ref, now) or now

    async def _broadcasts(self, tx: Tx, now: datetime) -> list[int]:
        """Have those begin in time that begin as soon as they may.

        Returns the numbers of those that are being sent, and whose copies wait for no day but the next.
        """
        sending: list[int] = []
        for each in await broadcasts.open_ones(tx):
            timing = each.announcement.timing
            starts = timing.starts(now + self._broadcast_undo)
            if each.status is BroadcastStatus.APPROVED and each.starts_at and each.starts_at > starts + _DUE:
                expires = timing.expires(timing.at or starts)
                await broadcasts.set_facts(tx, each.id, starts_at=starts, expires_at=expires)
            if each.status is BroadcastStatus.SENDING and timing.day is None:
                sending.append(each.id)
        return sending
