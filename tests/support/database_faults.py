"""A database that cannot be written to for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from assistant.store.database import Store


@asynccontextmanager
async def database_unwritable(store: Store) -> AsyncIterator[None]:
    """Meanwhile there is no table of messages."""
    async with store.write() as tx:
        await tx.connection.execute(text("ALTER TABLE messages RENAME TO messages_away"))
    yield
    async with store.write() as tx:
        await tx.connection.execute(text("ALTER TABLE messages_away RENAME TO messages"))
