"""Every chat's key is wrapped by a new key: how long, beside an UPDATE of a readable column."""

import argparse
import asyncio
import time
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert, update

from assistant.services.keys import KeyRotation
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import chats
from benchmarks.databases import folder, postgres

AT_ONCE = 20_000  # chats in one INSERT


async def fill(store: Store, count: int) -> None:
    """So many chats."""
    today = date(2026, 11, 30)
    for start in range(1, count + 1, AT_ONCE):
        rows = [
            {
                "id": number,
                "lookup": number.to_bytes(16, "big"),
                "key": store.vault.new_key(number)[0],
                "account": "telegram:1",
                "address": bytes(97),
                "recent": "",
                "created_on": today,
                "active_on": today,
                "forgotten": False,
            }
            for number in range(start, min(start + AT_ONCE, count + 1))
        ]
        async with store.write() as tx:
            await tx.connection.execute(insert(chats), rows)


async def measure(name: str, url: str, keyring: Path, count: int) -> None:
    """Both, and how long a key takes to be destroyed."""
    store = await Store.open(url, KeyringFile(keyring))
    await fill(store, count)
    rotation = KeyRotation(store)
    began = time.perf_counter()
    await rotation.rotate("shell")
    rotated = time.perf_counter()
    async with store.write() as tx:
        await tx.connection.execute(update(chats).values(recent="x"))
    updated = time.perf_counter()
    await rotation.destroy("shell", timedelta(0))
    destroyed = time.perf_counter()
    wrapping, plain = rotated - began, updated - rotated
    print(
        f"{name}, {count:,} chats: wrapped anew in {wrapping:.1f} s, updated in {plain:.1f} s "
        f"(ratio {wrapping / plain:.1f}), a key destroyed in {destroyed - updated:.1f} s"
    )
    await store.close()


async def main(count: int) -> None:
    with folder() as at:
        await measure("SQLite", f"sqlite:///{at / 'bench.sqlite'}", at / "one.json", count)
        with postgres(at) as url:
            await measure("PostgreSQL", url, at / "other.json", count)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=100_000)
    asyncio.run(main(parser.parse_args().chats))
