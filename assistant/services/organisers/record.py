"""The record of what organisers did: read, and checked for changes behind the assistant's back."""

from collections import deque

from assistant.domain.audit import Entry, Verified
from assistant.store import audit
from assistant.store.database import Store


async def newest(store: Store, limit: int) -> list[Entry]:
    """So many entries, the newest last."""
    async with store.read() as tx:
        found: deque[Entry] = deque(maxlen=limit)
        async for entry in audit.listed(tx):
            found.append(entry)
        return list(found)


async def verify(store: Store, noted: str) -> Verified:
    """Look through the whole chain: see `store.audit.verify`. Raises Failure."""
    async with store.read() as tx:
        return await audit.verify(tx, noted)
