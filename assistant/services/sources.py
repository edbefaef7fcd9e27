"""How many chats each link brought, as it may be shown."""

from collections.abc import Mapping

from assistant.store import chats
from assistant.store.database import Store

FEW = 10  # a smaller count could point at a person


async def chats_by_source(store: Store) -> Mapping[str, str]:
    """How many chats came by each source, in order of their names; "<10" for fewer than ten."""
    async with store.read() as tx:
        counted = await chats.by_source(tx)
    return {source: str(count) if count >= FEW else f"<{FEW}" for source, count in sorted(counted.items())}
