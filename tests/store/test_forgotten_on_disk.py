"""What is left of a forgotten person in the files, as the product leaves them. Nothing is tidied up here."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from assistant.services.keys import KeyRotation
from assistant.store.crypto import Vault
from assistant.store.keyring import KeyringFile
from assistant.store.tables import chats, letters
from tests.support.canary import opened
from tests.support.harness import LETTER, NAME, PERSONAL_LINE, Harness

SEALED = 200  # bytes that are tried as the beginning of a sealed value, from each of its headers on


def _files(folder: Path) -> Iterator[bytes]:
    for each in sorted(folder.glob("assistant.sqlite*")):
        yield each.read_bytes()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_right_after_forget_no_file_of_the_database_holds_the_key_or_anything_under_it(
    harness: Harness, tmp_path: Path
) -> None:
    await harness.receive_all("ana", LETTER)
    (old,) = await harness.rows(select(chats))
    (letter,) = await harness.rows(select(letters))
    sealed = [old["key"], old["address"], old["state"], letter["body"]]
    assert any(value in each for value in sealed if value for each in _files(tmp_path)), "we do look there"
    await harness.receive_all("ana", ["forget", "yes"])
    left = [value for value in sealed if value and any(value in each for each in _files(tmp_path))]
    assert left == []
    assert (tmp_path / "assistant.sqlite-wal").stat().st_size == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_opens_anywhere_in_those_files_with_the_keyring_of_now(
    harness: Harness, tmp_path: Path
) -> None:
    """Every place that looks like a wrapped key is tried, as somebody with the disk and the keyring would."""
    await harness.receive_all("ben", LETTER)
    await harness.receive_all("ana", LETTER)
    (ben, ana) = [row["id"] for row in await harness.rows(select(chats.c.id).order_by(chats.c.id))]
    await harness.receive_all("ana", ["forget", "yes"])
    vault = Vault(KeyringFile(tmp_path / "keyring.json"))
    content = b"".join(_files(tmp_path))
    assert opened(vault, content, [ana, ben]) == {ben}, "who was not forgotten is found in this way"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_somebody_who_reads_meanwhile_delays_it_and_it_is_done_when_they_end(
    harness: Harness, tmp_path: Path
) -> None:
    await harness.receive_all("ana", LETTER)
    (old,) = await harness.rows(select(chats))
    async with harness.store.read() as tx:
        await tx.connection.scalar(select(chats.c.id))
        await harness.receive_all("ana", ["forget", "yes"])
        assert any(old["key"] in each for each in _files(tmp_path)), "the reader still sees it"
    for _ in range(100):
        if not any(old["key"] in each for each in _files(tmp_path)):
            break
        await asyncio.sleep(0.1)
    assert not any(old["key"] in each for each in _files(tmp_path))


@pytest.mark.both_databases
async def test_the_row_goes_with_its_last_message(
    harness: Harness,
) -> None:
    await harness.receive_all("ana", [*LETTER, "forget", "yes"])
    await harness.outbox.settle()
    assert await harness.rows(select(chats)) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_no_statistics_of_the_server_hold_a_sealed_value(harness: Harness) -> None:
    for person in ("ana", "ben", "eva"):
        await harness.receive_all(person, LETTER)
    rows = await harness.rows(select(chats))
    async with harness.store._engine.connect() as connection:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await outside.execute(text("ANALYZE"))
        found = await outside.execute(text("SELECT attname FROM pg_stats WHERE tablename = 'chats'"))
        columns = {row[0] for row in found}
    assert "language" in columns, "there are statistics"
    assert not columns & {"key", "address", "state", "lookup"}
    assert rows


@pytest.mark.both_databases
async def test_what_the_server_still_has_opens_no_more_once_the_key_of_that_week_is_destroyed(
    harness: Harness, tmp_path: Path
) -> None:
    await harness.receive_all("ana", LETTER)
    (old,) = await harness.rows(select(chats))
    await harness.receive_all("ana", ["forget", "yes"])
    rotation = KeyRotation(harness.store)
    await rotation.rotate("shell")
    await rotation.destroy("shell", timedelta(0))
    vault = Vault(KeyringFile(tmp_path / "keyring.json"))
    with pytest.raises(Exception, match="lacks key"):
        vault.open_key(old["key"], old["id"])


@pytest.mark.both_databases
async def test_nothing_readable_is_left_of_a_forgotten_person(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "forget", "yes"])
    await harness.outbox.settle()
    async with harness.store.read() as tx:
        said = ""
        for table in chats.metadata.sorted_tables:
            rows = (await tx.connection.execute(select(table))).all()
            said += json.dumps([list(map(repr, row)) for row in rows])
    for secret in (NAME, PERSONAL_LINE, "ana"):
        assert secret not in said
