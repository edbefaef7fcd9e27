"""A full disk, a read-only one, and a database that another program keeps to itself."""

import asyncio
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import Installation, finish
from tests.support.processes.ports import reserved
from tests.support.processes.readiness import readiness_status_beginning, until_ready, until_said
from tests.support.processes.serving import serving, telegram_installation
from tests.support.processes.small_disk import MOUNT, MountedDisk, mounted_disk

pytestmark = pytest.mark.chance

SORRY = "Something is wrong on our side. Nothing is lost."


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[MountedDisk]:
    """A disk of 2 MB, where we may mount one."""
    with mounted_disk(tmp_path / "data", "2m") as disk:
        yield disk


def test_a_full_disk_is_told_and_the_chat_goes_on_where_it_was(
    tmp_path: Path, small_disk: MountedDisk
) -> None:
    installation = Installation(tmp_path)
    with installation.chat("--as", "Rosa", "--language", "en") as chat:
        chat.write_letter(until="verdict")
        small_disk.fill()
        chat.type("send")
        sorry = chat.next()
        assert sorry["text"].startswith(SORRY)
        assert sorry["asks"] is None
        chat.type("send")
        assert chat.next() == sorry
        small_disk.free()
        chat.type("send")
        chat.write_letter()
        done = chat.end()
    assert done.code == 0
    told = [line for line in done.err.splitlines() if line.startswith("The disk that holds the database")]
    assert len(told) == 2 and str(installation.database) in told[0] and "Make room" in told[0]
    assert len(installation.facts) == 1 and len(installation.tray) == 2
    assert [letter["status"] for letter in installation.letters()] == ["sent"]


async def test_a_full_disk_shows_where_a_supervisor_looks_and_its_end_too(
    tmp_path: Path, small_disk: MountedDisk
) -> None:
    async with FakeTelegram() as server:
        with reserved() as listen:
            async with serving(telegram_installation(tmp_path, server, listen=listen)):
                await until_ready(listen, {"database": "ok", "carrier tray": "ok"})
                await asyncio.to_thread(small_disk.fill)
                assert await readiness_status_beginning(listen, "database", "The disk that holds ") == 503
                await asyncio.to_thread(small_disk.free)
                await until_said(listen, {"database": "ok", "carrier tray": "ok"})


def test_a_first_start_on_a_full_disk_says_so(tmp_path: Path, small_disk: MountedDisk) -> None:
    small_disk.fill()
    done = Installation(tmp_path).run("run", "--until-idle")
    assert done.code == 1
    assert "disk" in done.sentence or "No space left" in done.sentence
    small_disk.free()
    assert Installation(tmp_path).run("run", "--until-idle").code == 0


def test_a_start_on_a_disk_that_is_full_by_now_says_so(tmp_path: Path, small_disk: MountedDisk) -> None:
    installation = Installation(tmp_path).make()
    small_disk.fill()
    done = installation.run("run", "--until-idle")
    assert done.code == 1
    assert "The disk that holds the database" in done.sentence and "Make room" in done.sentence


def test_a_read_only_folder_is_named(tmp_path: Path, small_disk: MountedDisk) -> None:
    installation = Installation(tmp_path).make()
    subprocess.run([MOUNT, "-o", "remount,ro", small_disk.folder], check=True)
    done = installation.run("chat", "--json", typed="go\n")
    assert (done.code, done.out) == (1, "")
    assert str(installation.database) in done.sentence and "permissions" in done.sentence
    idle = installation.run("run", "--until-idle")
    assert idle.code == 1 and str(installation.data) in idle.sentence
    nowhere = Installation(tmp_path, data_dir=small_disk.folder / "new")
    assert "cannot be made: Read-only file system" in nowhere.run("chat", "--json").sentence


@contextmanager
def locked_database(installation: Installation) -> Iterator[sqlite3.Connection]:
    """Keep the database locked, as another program's transaction does."""
    database = sqlite3.connect(installation.database, isolation_level=None, check_same_thread=False)
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
    finally:
        database.close()


def wait_until_settled(installation: Installation) -> None:
    """Return when the chat has stored that its messages were sent."""
    with closing(sqlite3.connect(installation.database)) as database:
        while database.execute("SELECT count(*) FROM messages WHERE status <> 'sent'").fetchone() != (0,):
            time.sleep(0.02)


def test_a_lock_of_a_moment_is_waited_for(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with installation.chat("--as", "Rosa", "--language", "en") as chat:
        chat.question("ready")
        with locked_database(installation) as other:
            chat.type("go")
            release = threading.Timer(1, other.execute, ["ROLLBACK"])
            release.start()
            assert chat.next()["asks"] == "country"
            release.join()
        done = chat.end()
    assert (done.code, len(chat.heard)) == (0, 2)


def test_a_lasting_lock_is_told_to_the_person_and_to_the_operator(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with installation.chat("--as", "Rosa", "--language", "en") as chat:
        chat.question("ready")
        wait_until_settled(installation)
        with locked_database(installation):
            chat.type("go")
            listing = installation.start("letters", "list")
            assert chat.next()["text"].startswith(SORRY)
            done = finish(listing)
        assert (done.code, done.out) == (1, "")
        assert "locked" in done.sentence and str(installation.database) in done.sentence
        chat.type("go")
        chat.write_letter()
        told = chat.end()
    assert told.code == 0
    assert f"Another program keeps the database {installation.database} locked" in told.err
    assert len(installation.facts) == 1


@pytest.mark.parametrize("kept", [0, 1024, 8192, 40_000])
def test_a_start_on_a_full_disk_says_that_it_is_full(
    tmp_path: Path, small_disk: MountedDisk, kept: int
) -> None:
    """`kept`: bytes that are left: SQLite fails at another place each time."""
    installation = Installation(tmp_path).make()
    small_disk.fill()
    with small_disk.filler.open("rb+") as file:
        file.truncate(small_disk.filler.stat().st_size - kept)
    for command in (("run", "--until-idle"), ("chat", "--json")):
        done = installation.run(*command, typed="go\n")
        assert done.code == 1
        assert done.sentence.startswith(f"The disk that holds the database {installation.database} is full.")
    small_disk.free()
    assert installation.run("run", "--until-idle").code == 0
