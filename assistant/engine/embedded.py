"""The engine of a single process: one asyncio loop over due lanes."""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress

import structlog
from structlog.contextvars import bind_contextvars

from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane, LaneHeld
from assistant.engine.base import Lanes, Worker
from assistant.outages import Outage

BREATH = 0.01  # seconds, so that a lease is surely over
ROUND = 1.0  # seconds between looks at the lanes: other processes may have written to them
RETRY = 5.0  # seconds a lane rests after a failure that named no time of its own
ENDING = 3.0  # seconds that batches in flight have at the end
NEWS = 60.0  # seconds after its rest in which a failure still counts, unless the lane has run

log = structlog.get_logger()


class EmbeddedEngine:
    """Runs each due lane in a task of its own, so that a slow one holds up no other."""

    def __init__(self, lanes: Lanes, workers: Sequence[Worker], clock: Clock) -> None:
        self._lanes = lanes
        self._workers = {worker.kind: worker for worker in workers}
        self._clock = clock
        self._held: dict[int, Lane] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._resting: dict[int, float] = {}  # until when, by the event loop's time
        self._failing: dict[int, tuple[str, str, float]] = {}  # kind, why, and until when that is news
        self._failure: Failure | None = None
        self._reading = Outage("reading lanes")
        self._outages: dict[int, Outage] = {}  # of lanes, by their id
        self._woken = asyncio.Event()
        self._stopping = False

    @property
    def failing(self) -> Sequence[tuple[str, str]]:
        """Of each lane that rests after a failure, its kind and why; until it runs, or is not run again."""
        time = asyncio.get_running_loop().time()
        return [(kind, why) for kind, why, until in self._failing.values() if until > time]

    def neglects(self, lane: Lane) -> bool:
        """Whether this process should be at work on that lane, and is not. One that rests is no such lane."""
        worker = self._workers.get(lane.kind)
        busy = lane.id in self._running or lane.id in self._resting
        return worker is not None and not busy and worker.serves(lane.name)

    def wake(self) -> None:
        """Something may have become due: look now instead of at the next round."""
        self._woken.set()

    async def run(self) -> None:
        """Run what becomes due, until cancelled; then finish what is in flight."""
        self._stopping = False
        try:
            while True:
                self._woken.clear()
                try:
                    await self._start_due()
                    self._reading.over()
                except Failure as failure:
                    self._reading.failed("lanes cannot be read", level="error", reason=failure.reason)
                await self._wait()
        finally:
            await self._stop()

    async def run_until_idle(self) -> None:
        """Run everything that is due now, and what follows from it. Raises the last Failure met."""
        self._stopping, self._failure = False, None
        try:
            while True:
                await self._start_due()
                if not self._running:
                    break
                await asyncio.wait(self._running.values(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._stop()
        if self._failure is not None:
            raise self._failure

    async def _wait(self) -> None:
        upcoming = await self._seconds_to_next()
        # Not wait_for: in Python 3.11 it drops a cancellation that comes together with a wake.
        with suppress(TimeoutError):
            async with asyncio.timeout(min(ROUND, upcoming)):
                await self._woken.wait()

    async def _seconds_to_next(self) -> float:
        if self._running or self._resting:
            return ROUND
        kinds = list(self._workers)
        try:
            upcoming, free_in = await self._lanes.next_due(kinds), await self._lanes.free_in(kinds)
        except Failure:
            return ROUND
        waits = [ROUND] if free_in is None else [ROUND, free_in + BREATH]
        if upcoming is not None:
            seconds = (upcoming - self._clock()).total_seconds() / self._clock.speed
            waits += [seconds] if seconds > 0 else []  # what is due and does not run is another process's
        return min(waits)

    async def _start_due(self) -> None:
        time = asyncio.get_running_loop().time()
        self._resting = {lane: until for lane, until in self._resting.items() if until > time}
        for lane in await self._lanes.due(list(self._workers), self._clock()):
            busy = lane.id in self._running or lane.id in self._resting
            if not busy and self._workers[lane.kind].serves(lane.name):
                task = asyncio.create_task(self._run_lane(lane))
                self._running[lane.id] = task

    async def _run_lane(self, lane: Lane) -> None:
        worker = self._workers[lane.kind]
        outage = self._outages.setdefault(lane.id, Outage(f"a lane of {lane.kind}"))
        try:
            held = self._held.get(lane.id)
            if held is None:
                held = self._held[lane.id] = await worker.take(lane)
            pause: float | None = 0.0
            while pause is not None and not self._stopping:
                bind_contextvars(lane=lane.id, step=secrets.token_hex(4))
                pause = await worker.step(held)
                outage.over()
                self._failing.pop(lane.id, None)
                await asyncio.sleep(pause or 0.0)  # the pace of the lane
        except LaneHeld:  # somebody else was faster
            self._resting[lane.id] = asyncio.get_running_loop().time() + ROUND
        except Failure as failure:
            self._rest(lane, failure)
            outage.failed("lane stopped for now", level="error", kind=lane.kind, reason=failure.reason)
        except Exception as error:
            self._rest(lane, Failure(f"A lane of {lane.kind} failed: {type(error).__name__}."))
            log.exception("a lane failed in a way it should not", kind=lane.kind)
        finally:
            del self._running[lane.id]
            self.wake()

    def _rest(self, lane: Lane, failure: Failure) -> None:
        self._held.pop(lane.id, None)
        self._failure = failure
        until = asyncio.get_running_loop().time() + (failure.retry_after or RETRY)
        self._resting[lane.id] = until
        self._failing[lane.id] = lane.kind, failure.reason, until + NEWS

    async def _stop(self) -> None:
        """Let batches in flight end, so that nothing is left of unknown fate."""
        self._stopping = True
        if self._running:
            await asyncio.wait(self._running.values(), timeout=ENDING)
        for task in list(self._running.values()):
            task.cancel()
