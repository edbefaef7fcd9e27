"""The engine's view of the lanes in the store."""

from datetime import datetime

from assistant.engine.base import Held
from assistant.store import lanes
from assistant.store.database import Store
from assistant.store.lanes import Lane


class StoredLanes:
    """`engine.base.Lanes` over the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def due(self, kinds: list[str], now: datetime) -> list[Held]:
        async with self._store.read() as tx:
            return list(await lanes.due(tx, kinds, now))

    async def next_due(self, kinds: list[str]) -> datetime | None:
        async with self._store.read() as tx:
            return await lanes.next_due(tx, kinds)


def stored(lane: Held) -> Lane:
    """The lane that an engine holds, as the store knows it."""
    return Lane(lane.id, lane.kind, lane.name, lane.epoch)
