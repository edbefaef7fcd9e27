"""A transaction that is given up while the disk, or another process, keeps it waiting."""

import asyncio
from pathlib import Path

import pytest

from assistant.store.database import Store
from tests.support.databases import copy_sqlite

pytestmark = pytest.mark.chance


async def test_a_write_given_up_while_it_waits_holds_up_nobody(tmp_path: Path) -> None:
    url = f"sqlite:///{copy_sqlite(tmp_path / 'assistant.sqlite')}"
    ours, other = [await Store.open(url, tmp_path / "keyring.json") for _ in range(2)]

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
