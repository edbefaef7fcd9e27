"""The engine of a single process: one asyncio loop over due lanes."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane
from assistant.engine.base import Lanes, Worker
from assistant.engine.runner import ENDING, LaneRunner
from assistant.outages import Outage

BREATH = 0.01  # seconds, so that a lease is surely over
ROUND = 1.0  # seconds between looks at the lanes: other processes may have written to them


class EmbeddedEngine:
    """Runs each due lane in a task of its own, so that a slow one holds up no other."""

    def __init__(self, lanes: Lanes, workers: Sequence[Worker], clock: Clock) -> None:
        self._lanes = lanes
        self._workers = {worker.kind: worker for worker in workers}
        self._clock = clock
        self._held: dict[int, Lane] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._resting: dict[int, float] = {}  # until when, by the event loop's time
        self._reading = Outage("reading lanes")
        self._woken = asyncio.Event()
        self._runner = LaneRunner()

    @property
    def failing(self) -> Sequence[tuple[str, str]]:
        return self._runner.failing

    def neglects(self, lane: Lane) -> bool:
        worker = self._workers.get(lane.kind)
        busy = lane.id in self._running or lane.id in self._resting
        return worker is not None and not busy and worker.serves(lane.name)

    def wake(self) -> None:
        """Something may have become due: look now instead of at the next round."""
        self._woken.set()

    async def run(self) -> None:
        """Run what becomes due, until cancelled; then finish what is in flight."""
        self._runner.stopping = False
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
        self._runner.stopping, self._runner.failure = False, None
        try:
            while True:
                await self._start_due()
                if not self._running:
                    break
                await asyncio.wait(self._running.values(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._stop()
        if self._runner.failure is not None:
            raise self._runner.failure

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

        async def hold() -> Lane:
            if lane.id not in self._held:
                self._held[lane.id] = await worker.take(lane)
            return self._held[lane.id]

        try:
            rest = await self._runner.run(worker, lane, hold)
            if rest is not None:
                self._held.pop(lane.id, None)
                self._resting[lane.id] = asyncio.get_running_loop().time() + rest
        finally:
            del self._running[lane.id]
            self.wake()

    async def _stop(self) -> None:
        """Let batches in flight end, so that nothing is left of unknown fate."""
        self._runner.stopping = True
        if self._running:
            await asyncio.wait(self._running.values(), timeout=ENDING)
        for task in list(self._running.values()):
            task.cancel()
