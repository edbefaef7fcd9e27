"""What a PostgreSQL server does meanwhile: processor time, commits, its log, and what it waits for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from benchmarks.databases import postmaster
from benchmarks.processes import cpu_of_family

SAMPLE = 0.05  # seconds between looks at what is waited for
# Of each connection that has something to do: `running`, or what kind of thing it waits for. `Client` is our
# own process in the middle of a transaction.
_WAITS = """
SELECT CASE state WHEN 'active' THEN coalesce(wait_event_type, 'running') ELSE 'Client' END, count(*)
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'
GROUP BY 1
"""
_COUNTED = "SELECT xact_commit, pg_current_wal_insert_lsn() - '0/0' FROM pg_stat_database WHERE datname = %s"


@dataclass
class ServerLoad:
    """Of one stretch of time.

    `cpu`: seconds of a core. `wal`: bytes of its log. `waits`: samples, by kind.
    """

    cpu: float = 0.0
    commits: int = 0
    wal: int = 0
    waits: Counter[str] = field(default_factory=Counter)

    def shares(self) -> Mapping[str, float]:
        """Of connections that had something to do: running, or waiting for what."""
        total = self.waits.total() or 1
        return {kind: count / total for kind, count in self.waits.most_common()}


class Server:
    """A server of our own: see `databases.postgres`."""

    def __init__(self, url: str, at: Path) -> None:
        """`at`: the folder that it was made in."""
        self.url = url
        self._parent = postmaster(at)

    @asynccontextmanager
    async def watched(self, database: str) -> AsyncIterator[ServerLoad]:
        """What it does until the end. Commits are those of that database."""
        load = ServerLoad()
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
            commits, wal = await _counted(connection, database)
            before = cpu_of_family(self._parent)
            sampling = asyncio.create_task(_sample(connection, load.waits))
            try:
                yield load
            finally:
                load.cpu = cpu_of_family(self._parent) - before
                sampling.cancel()
                with suppress(asyncio.CancelledError):
                    await sampling
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
            after = await _counted(connection, database)
            load.commits, load.wal = after[0] - commits, after[1] - wal

    async def size(self, database_url: str, *tables: str) -> int:
        """Bytes of these tables with their indexes, after a VACUUM."""
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            total = 0
            for table in tables:
                await connection.execute(f"VACUUM ANALYZE {table}".encode())
                row = await (
                    await connection.execute("SELECT pg_total_relation_size(%s::regclass)", [table])
                ).fetchone()
                assert row is not None
                total += row[0]
            return total

    async def connections(self, database: str) -> int:
        """How many there are to that database."""
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
            asked = await connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                [database],
            )
            row = await asked.fetchone()
            assert row is not None
            return int(row[0])


async def _counted(connection: psycopg.AsyncConnection, database: str) -> tuple[int, int]:
    row = await (await connection.execute(_COUNTED, [database])).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


async def _sample(connection: psycopg.AsyncConnection, waits: Counter[str]) -> None:
    while True:
        for kind, count in await (await connection.execute(_WAITS)).fetchall():
            waits[kind] += count
        await asyncio.sleep(SAMPLE)
