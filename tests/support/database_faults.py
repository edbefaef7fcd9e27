"""A database that cannot be written to for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from assistant.domain.errors import ServerAway
from assistant.store.database import Store, Tx


@asynccontextmanager
async def database_unwritable(store: Store) -> AsyncIterator[None]:
    """Meanwhile there is no table of messages."""
    async with store.write() as tx:
        await tx.connection.execute(text("ALTER TABLE messages RENAME TO messages_away"))
    yield
    async with store.write() as tx:
        await tx.connection.execute(text("ALTER TABLE messages_away RENAME TO messages"))


def lose_the_answer_to_the_next_commit(store: Store, patch: pytest.MonkeyPatch) -> None:
    """What the next transaction changes is stored, and who wanted that is told that it may not be."""
    write = store.write

    @asynccontextmanager
    async def committed(*, brief: bool = False) -> AsyncIterator[Tx]:
        async with write(brief=brief) as tx:
            yield tx
        patch.setattr(store, "write", write)
        raise ServerAway("The database server cannot be reached.")

    patch.setattr(store, "write", committed)


def refuse_the_next_commit(store: Store, patch: pytest.MonkeyPatch) -> None:
    """What the next transaction changes is rolled back at its end, and who wanted that is told."""
    write = store.write

    @asynccontextmanager
    async def refused(*, brief: bool = False) -> AsyncIterator[Tx]:
        patch.setattr(store, "write", write)
        async with write(brief=brief) as tx:
            yield tx
            raise ServerAway("The disk is full.")

    patch.setattr(store, "write", refused)
