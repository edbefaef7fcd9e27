"""A kind of lanes whose work a test decides on."""

import asyncio

from assistant.domain.lanes import Lane
from assistant.store import lanes
from assistant.store.database import Store
from tests.support.fakes.channel import FakeClock


class ScriptedWorker:
    """Steps to be done on lanes of one kind (`engine.base.Worker`)."""

    def __init__(self, store: Store, kind: str, steps: int = 1, fault: Exception | None = None) -> None:
        self.store = store
        self.kind = kind
        self.left = steps
        self.fault = fault
        self.done = 0
        self.taken = 0
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    def serves(self, name: str) -> bool:
        return not name.startswith("elsewhere")

    async def open(self, clock: FakeClock, name: str = "here") -> None:
        """Make the lane, due now."""
        async with self.store.write() as tx:
            lanes.wake(tx, list((await lanes.lane_ids(tx, self.kind, [name])).values()), clock())

    async def take(self, lane: Lane) -> Lane:
        self.taken += 1
        async with self.store.write() as tx:
            return await lanes.take(tx, Lane(lane.id, lane.kind, lane.name))

    async def step(self, lane: Lane) -> float | None:
        self.begun.set()
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        ours = Lane(lane.id, lane.kind, lane.name, lane.epoch)
        async with self.store.write() as tx:
            await lanes.fence(tx, ours)
            if not self.left:
                await lanes.schedule(tx, ours, None)
                return None
        self.left -= 1
        self.done += 1
        return 0.0
