"""What most tests stand on: both databases, the real script, a clock that stands still."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import is_hypothesis_test
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import add_log_level

from assistant.dialogue.script import Script
from assistant.services.messages import results
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.wiring.content import make_script
from tests.support import chance, databases
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import Harness

os.environ.setdefault("PTB_TIMEDELTA", "true")


chance.set_up_hypothesis()
# A traceback as structlog draws it by itself, in boxes and colours, takes a second each.
structlog.configure([add_log_level, ConsoleRenderer(colors=False, exception_formatter=plain_traceback)])
databases.compile_statements_once()
RUN = pytest.StashKey[Path | None]()


def pytest_configure(config: pytest.Config) -> None:
    """Before any test, also before other processes are started to run some."""
    config.stash[RUN] = databases.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """After every test, in all processes."""
    if folder := config.stash.get(RUN, None):
        databases.end_run(folder)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what draws lots, for `make flaky`; leave what takes long to `make test-long`."""
    left_out = [item for item in items if item.get_closest_marker("long") and not chance.LONG]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        drawn = {"seed", "rng"} & set(getattr(item, "fixturenames", ()))
        if drawn or is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("chance")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests on SQLite; on PostgreSQL too where statements are what they test, or in `make test-long`."""
    chosen = {name for mark in metafunc.definition.iter_markers("parametrize") for name in mark.args[:1]}
    if "database_url" in metafunc.fixturenames and "database_url" not in chosen:
        both = metafunc.definition.get_closest_marker("both_databases")
        postgresql = pytest.param("postgresql", marks=() if both else pytest.mark.long)
        metafunc.parametrize("database_url", ["sqlite", postgresql], indirect=True)


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results of sending are stored at once: almost every test waits for that, turn by turn."""
    monkeypatch.setattr(results, "LINGER", 0.0)
    monkeypatch.setattr(results, "LINGER_COPIES", 0.0)


@pytest.fixture
def seed() -> int:
    """What the test draws from."""
    return chance.draw_seed()


@pytest.fixture
def rng(seed: int) -> random.Random:
    """What chance decides."""
    return random.Random(seed)  # noqa: S311  no secret


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server."""
    with databases.postgres_server() as server:
        yield server


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new database of the test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{databases.copy_sqlite(tmp_path / 'assistant.sqlite')}"
        return
    with databases.new_postgres(request.getfixturevalue("postgres"), tables=True) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without our tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'assistant.sqlite'}"
        return
    with databases.new_postgres(request.getfixturevalue("postgres"), tables=False) as url:
        yield url


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """An open store on that database."""
    opened = await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))
    yield opened
    await _end_what_still_runs()
    await opened.close()


async def _end_what_still_runs() -> None:
    """A task that outlives its test holds a connection, about which another test would be warned."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture(scope="session")
def script() -> Script:
    """The conversations, sentences and cases as they are shipped."""
    return make_script(Settings(_env_file=None))


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


@pytest.fixture
def channel() -> MemoryChannel:
    """A channel in memory."""
    return MemoryChannel()


@pytest.fixture
async def harness(store: Store, script: Script, channel: MemoryChannel, clock: FakeClock) -> Harness:
    """One process over an empty database."""
    return await Harness.open(store, script, channel, clock)
