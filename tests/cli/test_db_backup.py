"""A backup is whole whenever it is taken, and `check` finds what is wrong with it, or with the database."""

import asyncio
import os
import shutil
import signal
import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, text, update

from assistant.dialogue.script import Script
from assistant.store import audit
from assistant.store.tables import action_counts, letter_log, letters
from assistant.store.tables import audit as audit_table
from tests.support.harness import Harness
from tests.support.processes.installation import Completed, Installation
from tests.support.store.queued_rows import add_copy

pytestmark = pytest.mark.both_databases

PEOPLE = [f"person {number}" for number in range(8)]


def read(file: Path, query: str) -> list[tuple[object, ...]]:
    """Rows of the backup."""
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def backups_in(folder: Path) -> list[str]:
    """What is there of a backup, whole or not."""
    return [each.name for each in folder.iterdir() if "backup" in each.name]


@pytest.fixture
def installation(tmp_path: Path, empty_database_url: str) -> Installation:
    """An installation, on each kind of database."""
    return Installation(tmp_path, empty_database_url)


@pytest.fixture
async def harness(installation: Installation, script: Script) -> AsyncIterator[Harness]:
    """A process that works on it all the time, with letters that wait."""
    async with installation.harness(script) as opened:
        await opened.queue_letters(*PEOPLE)
        yield opened


async def call(installation: Installation, *arguments: str) -> Completed:
    return await asyncio.to_thread(installation.call, *arguments)


async def test_a_backup_holds_what_was_stored_a_moment_ago(
    installation: Installation, harness: Harness, tmp_path: Path
) -> None:
    done = await call(installation, "db", "backup", "backup.sqlite")
    assert (done.code, done.err) == (0, ""), done.err
    assert f"letters: {len(PEOPLE)} (queued {len(PEOPLE)})" in done.out
    assert "The keyring is not in it" in done.out and "assistant keys status" in done.out
    file = tmp_path / "backup.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with harness.store.read() as tx:
        stored = [tuple(row) for row in await tx.connection.execute(text("SELECT id, body FROM letters"))]
    assert sorted(read(file, "SELECT id, body FROM letters")) == sorted(stored)
    checked = await call(installation, "db", "check", "backup.sqlite")
    assert (checked.code, checked.err) == (0, "")
    assert "wrong" not in checked.out
    for subject in ("file", "references", "tables", "keyring", "audit", "sealed", "counts"):
        assert f"ok  {subject}" in checked.out


async def test_a_backup_taken_while_writers_write_is_of_one_moment(
    installation: Installation, harness: Harness, tmp_path: Path
) -> None:
    """A letter and its first log entry are written together; a backup never has one without the other."""
    writing = asyncio.create_task(_write_on(harness))
    try:
        for number in range(3):
            done = await asyncio.to_thread(installation.run, "db", "backup", f"{number}.sqlite")
            assert done.code == 0, done.err
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    found = []
    for number in range(3):
        file = tmp_path / f"{number}.sqlite"
        assert read(file, "PRAGMA integrity_check") == [("ok",)]
        (letters_there,) = read(file, "SELECT count(*) FROM letters")
        assert read(file, "SELECT count(*) FROM letter_log") == [letters_there]
        assert read(file, "SELECT seq FROM sqlite_sequence WHERE name = 'letters'") >= [letters_there]
        found.append(letters_there)
    assert found == sorted(set(found)), "each has more than the one before it"


async def _write_on(harness: Harness) -> None:
    for number in range(10_000):
        await harness.queue_letters(f"late person {number}")


async def test_a_backup_is_not_replaced_by_accident(
    installation: Installation, harness: Harness, tmp_path: Path
) -> None:
    file = tmp_path / "backup.sqlite"
    file.write_text("an older one")
    refused = await call(installation, "db", "backup", "backup.sqlite")
    assert refused.code == 1 and "is there already" in refused.sentence and "--force" in refused.sentence
    assert file.read_text() == "an older one"
    assert (await call(installation, "db", "backup", "backup.sqlite", "--force")).code == 0
    assert read(file, "SELECT count(*) FROM letters") == [(len(PEOPLE),)]
    for wrong, said in (("nowhere/backup", "There is no folder"), (".", "is a folder")):
        done = await call(installation, "db", "backup", wrong)
        assert done.code == 1 and said in done.sentence


async def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(
    installation: Installation, harness: Harness, tmp_path: Path
) -> None:
    """Stopped in the middle by SIGSTOP, wherever that is, then killed; the next one is whole."""
    await _grow(harness)
    part = tmp_path / ".backup.sqlite.part"
    process = installation.start("db", "backup", "backup.sqlite")
    with process:
        for _ in range(60_000):
            if part.exists() or process.poll() is not None:
                break
            await asyncio.sleep(0.001)
        assert process.poll() is None, "it was over before it could be killed"
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "backup.sqlite").exists()
    assert (await call(installation, "db", "backup", "backup.sqlite")).code == 0
    assert not part.exists()
    assert read(tmp_path / "backup.sqlite", "SELECT count(*) FROM letters") == [(len(PEOPLE),)]


async def _grow(harness: Harness) -> None:
    """As many rows as take a while."""
    async with harness.store.write() as tx:
        row = {"letter_id": 1, "at": harness.clock(), "status": "queued", "reason": "x" * 900}
        await tx.connection.execute(insert(letter_log), [row] * 30_000)


async def test_no_keyring_another_keyring_and_no_database_are_told_apart(
    installation: Installation, harness: Harness, tmp_path: Path
) -> None:
    assert (await call(installation, "db", "backup", "backup.sqlite")).code == 0
    other = Installation(tmp_path / "other")
    other.folder.mkdir()
    other.make()
    keyring = installation.data / "keyring.json"
    kept = keyring.read_bytes()
    for name in ((), ("backup.sqlite",)):
        keyring.unlink()
        done = await call(installation, "db", "check", *name)
        assert done.code == 1 and "keyring.json is missing" in done.sentence
        shutil.copy(other.data / "keyring.json", keyring)
        done = await call(installation, "db", "check", *name)
        assert done.code == 1 and "belongs to another database" in done.sentence
        keyring.write_bytes(kept)
    (tmp_path / "letter.txt").write_text("Dear Madam Attorney General, " * 100)
    assert "is not a database of ours" in (await call(installation, "db", "check", "letter.txt")).sentence
    assert "There is no file" in (await call(installation, "db", "check", "nowhere.sqlite")).sentence
    sqlite3.connect(tmp_path / "empty.sqlite").execute("CREATE TABLE something (id)").connection.close()
    done = await call(installation, "db", "check", "empty.sqlite")
    assert "no database of the assistant" in done.sentence


async def test_what_was_changed_behind_its_back_is_found(
    installation: Installation, harness: Harness
) -> None:
    async with harness.store.write() as tx:
        for action in ("drafted", "approved", "began"):
            await audit.add(tx, harness.clock(), "shell", action, "broadcast 1")
    faults = {
        "audit": update(audit_table).where(audit_table.c.id == 2).values(actor="nobody"),
        "sealed": update(letters).where(letters.c.id == 3).values(body=b"nonsense"),
        "counts": insert(action_counts).values(case_slug="norma-cruz", action_slug="fax-2012", arrived=5),
    }
    assert (await call(installation, "db", "check")).code == 0
    for subject, fault in faults.items():
        async with harness.store.write() as tx:
            await tx.connection.execute(fault)
        done = await call(installation, "db", "check")
        assert done.code == 1
        assert f"wrong  {subject}" in done.out
        assert done.err.strip(), "it says what to do"


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
async def test_a_damaged_page_and_a_row_that_is_gone_are_found(
    installation: Installation, harness: Harness, tmp_path: Path
) -> None:
    assert (await call(installation, "db", "backup", "backup.sqlite")).code == 0
    file = tmp_path / "backup.sqlite"
    whole = file.read_bytes()
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("DELETE FROM chats WHERE id = 1")
    connection.close()
    done = await call(installation, "db", "check", "backup.sqlite")
    assert done.code == 1 and "wrong  references" in done.out and "letters.chat_id: 1" in done.out
    page = 4096
    file.write_bytes(whole[: 5 * page] + os.urandom(page) + whole[6 * page :])
    done = await call(installation, "db", "check", "backup.sqlite")
    assert done.code == 1 and "wrong" in done.out and "backup" in done.err.lower()


async def test_a_copy_of_a_broadcast_whose_chat_is_gone_is_found(
    installation: Installation, harness: Harness
) -> None:
    await add_copy(harness.store, 1, chat=999, due_at=harness.clock())
    done = await call(installation, "db", "check")
    assert done.code == 1 and "wrong  references" in done.out and "copies.chat_id: 1" in done.out


async def test_a_backup_of_a_database_that_has_a_fault_is_kept_and_the_fault_is_told(
    installation: Installation, harness: Harness, tmp_path: Path
) -> None:
    async with harness.store.write() as tx:
        await tx.connection.execute(update(letters).where(letters.c.id == 3).values(body=b"nonsense"))
    done = await call(installation, "db", "backup", "backup.sqlite")
    assert done.code == 1 and "is written and checked" in done.out and "sealed was changed" in done.sentence
    assert read(tmp_path / "backup.sqlite", "SELECT count(*) FROM letters") == [(len(PEOPLE),)]


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
async def test_a_backup_that_could_not_be_used_is_not_kept(
    installation: Installation, harness: Harness, tmp_path: Path
) -> None:
    connection = sqlite3.connect(tmp_path / "assistant.sqlite")  # nothing keeps it from leaving letters alone
    with connection:
        connection.execute("DELETE FROM chats WHERE id = 1")
    connection.close()
    done = await call(installation, "db", "backup", "backup.sqlite")
    assert done.code == 1 and "was not kept" in done.sentence
    assert backups_in(tmp_path) == []
