"""A transaction that is given up while the disk, or another process, keeps it waiting."""

import asyncio
import gc
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from tests.support.databases import copy_sqlite

pytestmark = pytest.mark.chance


async def test_a_write_given_up_while_it_waits_holds_up_nobody(tmp_path: Path) -> None:
    url = f"sqlite:///{copy_sqlite(tmp_path / 'assistant.sqlite')}"
    ours, other = [await Store.open(url, KeyringFile(tmp_path / "keyring.json")) for _ in range(2)]

    async def write() -> None:
        async with ours.write(brief=True):
            pass

    async with asyncio.timeout(5):  # SQLite waits for 10
        async with other.write():
            waiting = asyncio.create_task(write())
            await asyncio.sleep(0.1)  # until its thread waits for the lock
            waiting.cancel()
            await asyncio.sleep(0.1)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await write()
    await ours.close()
    await other.close()


async def test_what_is_given_up_in_the_middle_leaves_no_lock(tmp_path: Path) -> None:
    store = await Store.open(
        f"sqlite:///{copy_sqlite(tmp_path / 'assistant.sqlite')}", KeyringFile(tmp_path / "keyring.json")
    )
    slow = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) "
        "SELECT max(i) FROM n UNION ALL SELECT 1 UNION ALL SELECT 2"
    )

    async def write() -> None:
        async with store.write() as tx:
            await tx.connection.execute(text("CREATE TABLE given_up (id INTEGER)"))
            await tx.connection.execute(text(slow))

    gc.disable()  # what the error holds is not freed by chance
    try:
        writing = asyncio.create_task(write())
        await asyncio.sleep(0.2)  # until its thread is at the slow statement
        writing.cancel()
        with pytest.raises(asyncio.CancelledError) as given_up:
            await writing
        async with asyncio.timeout(5), store.write() as tx:  # SQLite waits for 10
            assert (
                await tx.connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'given_up'"))
            ).first() is None
        assert given_up.value is not None
    finally:
        gc.enable()
    await store.close()
