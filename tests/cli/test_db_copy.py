"""An installation moves from one database to another, and nothing is lost, changed or sent twice."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock
from sqlalchemy import insert

from assistant.dialogue.script import Script
from assistant.store.tables import letter_log
from tests.support import databases
from tests.support.chance import budget
from tests.support.harness import Harness
from tests.support.processes.installation import Completed, Installation

pytestmark = pytest.mark.both_databases

PEOPLE = ["ana", "ben", "cleo"]
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.fixture
def installation(tmp_path: Path, empty_database_url: str) -> Installation:
    """An installation, on each kind of database."""
    return Installation(tmp_path, empty_database_url)


@pytest.fixture
def other(request: pytest.FixtureRequest, empty_database_url: str, tmp_path: Path) -> Iterator[str]:
    """An empty database of the other kind."""
    if empty_database_url.startswith("postgresql"):
        yield f"sqlite:///{tmp_path / 'other.sqlite'}"
        return
    with databases.new_postgres(request.getfixturevalue("postgres"), tables=False) as url:
        yield url


async def call(installation: Installation, *arguments: str) -> Completed:
    """A command that works."""
    done = await asyncio.to_thread(installation.call, *arguments)
    assert done.code == 0, done.err
    return done


@pytest.fixture
async def filled(installation: Installation, script: Script) -> Installation:
    """Three letters: two wait, one has been sent; and a started talk."""
    done = await asyncio.to_thread(installation.run, "run", "--until-idle")
    assert done.code == 0, done.err
    async with installation.harness(script) as harness:
        await harness.queue_letters(*PEOPLE)
        await harness.receive("dora", "/start norma-cruz", language="en")
    await call(installation, "letters", "cancel", "2", "--yes")
    return installation


def shown(installation: Installation) -> list[object]:
    """What people see of it, but for when letters are expected to leave: the clock goes on."""
    letters = [{**each, "due_on": None} for each in installation.letters()]
    return [letters, installation.json("audit", "list"), installation.log(1)]


async def test_all_is_there_afterwards_and_goes_on(filled: Installation, other: str, script: Script) -> None:
    before = shown(filled)
    done = await asyncio.to_thread(filled.run, "db", "copy", "--to", other)
    assert done.code == 0, done.err
    assert "the same on both sides" in done.out and "ASSISTANT_DATABASE_URL" in done.out
    assert "letters" in done.out and "checksum" in done.out
    filled.set(database_url=other)
    assert shown(filled) == before
    checked = await call(filled, "db", "check")
    assert "wrong" not in checked.out
    async with filled.harness(script) as harness:
        await harness.receive("dora", "go")
        assert "name" in harness.last_text_to("dora").lower(), "her talk goes on"
        await harness.queue_letters("ed")
    ran = await asyncio.to_thread(filled.run, "run", "--until-idle")
    assert ran.code == 0 and "older" not in ran.err, ran.err
    assert [(each["id"], each["status"]) for each in filled.letters()] == [
        (1, "sent"),
        (2, "cancelled"),
        (3, "sent"),
        (4, "sent"),
    ]


async def test_the_old_one_is_noticed_when_it_is_used_again(
    filled: Installation, empty_database_url: str, other: str
) -> None:
    await call(filled, "db", "copy", "--to", other)
    filled.set(database_url=other)
    assert (await asyncio.to_thread(filled.run, "run", "--until-idle")).code == 0
    tray = filled.tray
    filled.set(database_url=empty_database_url)
    ran = await asyncio.to_thread(filled.run, "run", "--until-idle")
    assert "older than what was there" in ran.err
    assert filled.tray == tray


def put_something_into(address: str) -> None:
    """It is somebody else's."""
    if address.startswith("sqlite"):
        Path(address.removeprefix("sqlite:///")).write_text("something else")
    else:
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE something_else (id integer)")


async def test_what_is_not_empty_is_refused(filled: Installation, other: str, tmp_path: Path) -> None:
    put_something_into(other)
    done = await asyncio.to_thread(filled.call, "db", "copy", "--to", other)
    assert done.code == 1 and "Name an empty one" in done.sentence
    if other.startswith("sqlite"):
        assert (tmp_path / "other.sqlite").read_bytes() == b"something else"
        return
    with psycopg.connect(other) as connection:
        connection.execute("DROP TABLE something_else")
    await call(filled, "db", "copy", "--to", other)
    again = await asyncio.to_thread(filled.call, "db", "copy", "--to", other)
    assert again.code == 1 and "a complete copy" in again.sentence


async def test_a_password_is_in_no_error(filled: Installation, tmp_path: Path) -> None:
    address = "postgresql://assistant:Tr0ub4dor@127.0.0.1:9/assistant"
    (tmp_path / "address").write_text(address + "\n")
    (tmp_path / "wrong").write_text("mysql://assistant:Tr0ub4dor@127.0.0.1:9/assistant")
    for given, said in (
        (["--to", address], "see --to"),
        (["--to-file", "address"], "see --to-file"),
        (["--to-file", "wrong"], "--to-file has to begin with"),
    ):
        done = await asyncio.to_thread(filled.run, "db", "copy", *given)
        assert done.code == 1 and said in done.sentence
        assert "Tr0ub4dor" not in done.out + done.err


async def test_it_is_refused_while_an_assistant_is_at_work(filled: Installation, other: str) -> None:
    with FileLock(filled.data / "engine.lock"):
        done = await asyncio.to_thread(filled.call, "db", "copy", "--to", other)
    assert done.code == 1 and "Another assistant is at work" in done.sentence


@pytest.mark.timeout(300)
async def test_killed_in_the_middle_nothing_is_there_and_it_begins_again(
    filled: Installation, other: str, script: Script, rng: random.Random
) -> None:
    async with filled.harness(script) as harness:
        await grow(harness)
    done = 0
    for _ in range(budget(4, 20)):
        with filled.start("db", "copy", "--to", other) as process:
            await asyncio.sleep(rng.uniform(0.5, 4))
            process.kill()
        done += await asyncio.to_thread(holds_something, other)
        if done:
            break
    last = await asyncio.to_thread(filled.call, "db", "copy", "--to", other)
    assert last.code == (1 if done else 0), last.err
    filled.set(database_url=other)
    assert len(filled.letters()) == 3
    assert len(filled.log(1)) == 20_001
    assert "wrong" not in (await call(filled, "db", "check")).out


async def grow(harness: Harness) -> None:
    """As many rows as take a while."""
    async with harness.store.write() as tx:
        row = {"letter_id": 1, "at": harness.clock(), "status": "queued", "reason": "x" * 90}
        await tx.connection.execute(insert(letter_log), [row] * 20_000)


def holds_something(address: str) -> bool:
    """Whether the copy is there. It is there as a whole."""
    query = "SELECT count(*) FROM letter_log WHERE letter_id = 1"
    if address.startswith("sqlite"):
        file = Path(address.removeprefix("sqlite:///"))
        if not file.exists():
            return False
        connection = sqlite3.connect(file)
        (count,) = connection.execute(query).fetchone()
        connection.close()
    else:
        with psycopg.connect(address) as server:
            with suppress(psycopg.errors.UndefinedTable):
                (count,) = server.execute(query.encode()).fetchone() or (0,)
                assert count == 20_001
                return True
            return False
    assert count == 20_001
    return True
