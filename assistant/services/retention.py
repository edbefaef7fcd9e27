"""Once an hour what is kept no longer is deleted, and what else is due is done."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from assistant.domain.clock import Clock
from assistant.domain.lanes import Lane
from assistant.services.inactivity import InactiveChats
from assistant.store import audit, forgetting, inactive_chats, lanes, retention
from assistant.store.database import Store, Tx

KIND = "housekeeping"
EVERY = timedelta(hours=1)
REST = 0.1  # seconds between pieces, in which others get their turn


class RetentionWorker:
    """The one lane of its kind (`engine.base.Worker`)."""

    kind = KIND

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *chores: Callable[[Tx], Awaitable[None]],
        inactive: InactiveChats | None = None,
    ) -> None:
        """`chores`: what else is to be done every hour."""
        self._chores = chores
        self._inactive = inactive
        self._store = store
        self._clock = clock
        self._vacuumed = 0  # up to which tombstone

    def serves(self, name: str) -> bool:  # noqa: ARG002  there is one such lane
        return True

    async def open(self) -> None:
        """See to it that the lane exists and runs."""
        async with self._store.write() as tx:
            ids = await lanes.lane_ids(tx, KIND, [KIND])
            lanes.wake(tx, list(ids.values()), self._clock())

    async def take(self, lane: Lane) -> Lane:
        async with self._store.write() as tx:
            return await lanes.take(tx, lane)

    async def step(self, lane: Lane) -> float | None:
        async with self._store.write() as tx:
            await lanes.fence(tx, lane)
            if not await retention.sweep(tx, self._clock()):
                return REST
        if self._inactive is not None:
            async with self._store.write() as tx:
                await lanes.fence(tx, lane)
                if not await self._inactive.tend(tx):
                    return REST
        async with self._store.write() as tx:  # anew, because organisers wait for no row that was swept
            await audit.lock(tx)
            await lanes.fence(tx, lane)
            for chore in self._chores:
                await chore(tx)
            await lanes.schedule(tx, lane, self._clock() + EVERY)
            newest = await forgetting.newest_tombstone(tx)
        if newest > self._vacuumed:
            await self._store.vacuum()
            self._vacuumed = newest
        return None


async def due(store: Store, now: datetime) -> Mapping[str, int]:
    """How much is due now, by what it is; nothing is changed. Raises Failure."""
    async with store.read() as tx:
        return await retention.counts(tx, now) | await inactive_chats.counts(tx, now.date())


async def keep_house(store: Store, now: datetime, inactive: InactiveChats) -> None:
    """Do what is due now, also where no assistant runs. Raises Failure."""
    for piece in (lambda tx: retention.sweep(tx, now), inactive.tend):
        done = False
        while not done:
            async with store.write() as tx:
                done = await piece(tx)
    await store.vacuum()
