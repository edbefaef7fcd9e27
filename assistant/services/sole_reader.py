"""What may be read by one process only is read by one: the others stand by until it dies."""

import asyncio
from collections.abc import Awaitable, Callable

from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane, LaneHeld
from assistant.outages import Outage
from assistant.store import lanes
from assistant.store.database import Store

KIND = "reading"  # the kind of lanes that are held by who reads; nothing is ever due on them
LOOK = 0.5  # seconds between looks whether we may read, or still may


class SoleReader:
    """Reads under a lease: of several processes, one does, and another one as soon as it is dead."""

    def __init__(self, store: Store, name: str) -> None:
        """`name`: of what is read."""
        self._store = store
        self._name = name
        self.stands_by = False  # another process reads
        self._outage = Outage(f"finding out who reads {name.partition(':')[0]}")

    async def run(self, read: Callable[[], Awaitable[None]]) -> None:
        """Read while we may, until cancelled or until reading ends. Raises what reading raises."""
        while True:
            lane = await self._wait_for_lease()
            reading = asyncio.ensure_future(read())
            try:
                while not reading.done() and self._store.lease.holds(lane.id, lane.epoch):
                    await asyncio.wait({reading}, timeout=LOOK)
                if reading.done():
                    return await reading
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _wait_for_lease(self) -> Lane:
        while True:
            try:
                async with self._store.write(brief=True) as tx:
                    (lane_id,) = (await lanes.lane_ids(tx, KIND, [self._name])).values()
                    lane = await lanes.take(tx, Lane(lane_id, KIND, self._name))
                self._outage.over()
                self.stands_by = False
            except LaneHeld:
                self._outage.over()
                self.stands_by = True
            except Failure as failure:
                self._outage.failed("it cannot be found out who reads", reason=failure.reason)
            else:
                if self._store.lease.lasts():
                    return lane
            await asyncio.sleep(LOOK)
