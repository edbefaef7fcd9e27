"""Once an hour what is kept no longer is deleted, and what else is due is done."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from assistant.domain.clock import Clock
from assistant.domain.lanes import Lane
from assistant.domain.retention import Gone, Retention
from assistant.services.metrics import Metrics
from assistant.services.sole_lane import SoleLane
from assistant.store import (
    audit,
    careful_chats,
    forgetting,
    inactive_chats,
    lanes,
    unsettled_letters,
)
from assistant.store import retention as retention_store
from assistant.store.database import Store, Tx

KIND = "housekeeping"
EVERY = timedelta(hours=1)
REST = 0.1  # seconds between pieces, in which others get their turn

Piece = Callable[[Tx], Awaitable[Gone]]
"""Deletes a piece of what is kept no longer, in a transaction of its own."""

log = structlog.get_logger()


class RetentionWorker(SoleLane):
    """The one lane of its kind (`engine.base.Worker`)."""

    kind = KIND

    def __init__(
        self,
        store: Store,
        clock: Clock,
        retention: Retention,
        *chores: Callable[[Tx], Awaitable[None]],
        pieces: Sequence[Piece] = (),
        metrics: Metrics | None = None,
    ) -> None:
        """`chores`: what else is to be done every hour. `pieces`: what else is deleted, a piece at a time.

        `metrics`: of the process.
        """
        super().__init__(store, clock)
        self._retention = retention
        self._metrics = metrics
        self._gone = Counter[str]()  # in this hour's run, by what it was
        self._chores = chores
        self._pieces = (self._sweep, self._sweep_careful, *pieces)
        self._vacuumed = 0  # up to which tombstone

    async def step(self, lane: Lane) -> float | None:
        planned = await self.begin(lane)  # who is forgotten from now on has it run again
        for piece in self._pieces:
            async with self._store.write() as tx:
                await lanes.fence(tx, lane)
                gone = await piece(tx)
            self._count(gone.counts)
            if not gone.done:
                return REST
        async with self._store.write() as tx:  # anew, because organisers wait for no row that was swept
            await audit.lock(tx)
            await lanes.fence(tx, lane)
            for chore in self._chores:
                await chore(tx)
            await lanes.reschedule(tx, lane, planned, self._clock() + EVERY)
            newest = await forgetting.newest_tombstone(tx)
        if self._gone:
            log.info("what is kept no longer is deleted", counts=dict(self._gone))
            self._gone = Counter()
        if newest > self._vacuumed:
            await self._store.vacuum()
            self._vacuumed = newest
        return None

    def _count(self, counts: Mapping[str, int]) -> None:
        for kind, count in counts.items():
            if count:
                self._gone[kind] += count
            if count and self._metrics:
                self._metrics.deleted(kind, count)

    async def _sweep(self, tx: Tx) -> Gone:
        return await retention_store.sweep(tx, self._clock(), self._retention)

    async def _sweep_careful(self, tx: Tx) -> Gone:
        return await careful_chats.sweep(tx, self._clock())


async def due(store: Store, now: datetime, retention: Retention) -> Mapping[str, int]:
    """How much is due now, by what it is; nothing is changed. Raises Failure."""
    async with store.read() as tx:
        kept = await retention_store.counts(tx, now, retention) | await careful_chats.counts(tx, now)
        inactive = await inactive_chats.counts(tx, now.date(), retention)
        return kept | await unsettled_letters.counts(tx, now) | inactive


async def keep_house(store: Store, now: datetime, retention: Retention, pieces: Sequence[Piece]) -> None:
    """Do what is due now, also where no assistant runs. Raises Failure."""
    ours = (lambda tx: retention_store.sweep(tx, now, retention), lambda tx: careful_chats.sweep(tx, now))
    for piece in (*ours, *pieces):
        done = False
        while not done:
            async with store.write() as tx:
                done = (await piece(tx)).done
    await store.vacuum()
