"""People who were forgotten stay so when an older database is put back, and can be forgotten at the shell."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text

from assistant.domain.errors import Refused
from assistant.domain.lifecycle import LetterStatus
from assistant.services.databases.generation import GenerationWatch
from assistant.services.databases.tombstones import TombstoneFile
from assistant.services.forgetting import forget_person
from assistant.store import forgetting
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import audit, chats, letters, subscriptions
from assistant.wiring.stores import make_notifier
from tests.support.harness import LETTER, Harness
from tests.support.organisers import join

pytestmark = pytest.mark.both_databases


async def test_tombstones_are_kept_beside_the_keyring_and_name_nobody(
    harness: Harness, tmp_path: Path
) -> None:
    file = TombstoneFile(tmp_path / "keyring.tombstones")
    for person in ("ana", "ben"):
        await harness.receive_all(person, [*LETTER, "forget", "yes"])
        await file.copy_from(harness.store)
    assert len(file.read()) == 2
    assert b"ana" not in (tmp_path / "keyring.tombstones").read_bytes()
    assert (tmp_path / "keyring.tombstones").stat().st_mode & 0o077 == 0
    again = TombstoneFile(tmp_path / "keyring.tombstones")
    await again.copy_from(harness.store)
    assert len((tmp_path / "keyring.tombstones").read_text("ascii").split()) == 2


async def test_a_line_that_a_crash_has_cut_harms_no_other(harness: Harness, tmp_path: Path) -> None:
    path = tmp_path / "keyring.tombstones"
    path.write_text("\nabc", "ascii")
    await harness.receive_all("ana", [*LETTER, "forget", "yes"])
    await TombstoneFile(path).copy_from(harness.store)
    assert len(TombstoneFile(path).read()) == 1


async def test_an_older_database_is_cleared_of_who_was_forgotten_before_anything_is_sent(
    harness: Harness, tmp_path: Path
) -> None:
    for person in ("ana", "ben"):
        await harness.receive_all(person, LETTER)
    watch = GenerationWatch(
        harness.store,
        tmp_path / "noted.json",
        TombstoneFile(tmp_path / "stones"),
        make_notifier(),
        harness.clock,
    )
    await watch.raise_()
    kept = await _rows_of(harness)
    await harness.receive_all("ana", ["forget", "yes"])
    await watch.raise_()
    await _put_back(harness, kept)
    stood = await watch.raise_()
    assert stood is not None and stood.forgotten == 1
    (left,) = await harness.rows(select(chats))
    assert [row["chat_id"] for row in await harness.rows(select(subscriptions))] == [left["id"]]
    status = {row["chat_id"]: row["status"] for row in await harness.rows(select(letters))}
    assert status == {left["id"]: LetterStatus.HELD, None: LetterStatus.CANCELLED}
    await harness.receive("ana", "mydata")
    assert await watch.raise_() is None, "once"


async def _rows_of(harness: Harness) -> dict[str, list[dict[str, object]]]:
    """All chats, subscriptions and letters, as a backup has them."""
    return {
        table.name: [
            {column.key: row.get(column.key, row.get(column.name)) for column in table.c}
            for row in map(dict, await harness.rows(select(table)))
        ]
        for table in (chats, subscriptions, letters)
    }


async def _put_back(harness: Harness, kept: dict[str, list[dict[str, object]]]) -> None:
    async with harness.store.write() as tx:
        for table in (letters, subscriptions, chats):
            await tx.connection.execute(table.delete())
        for table in (chats, subscriptions, letters):
            await tx.connection.execute(table.insert(), kept[table.name])
        await tx.connection.execute(text("DELETE FROM tombstones"))
        await tx.connection.execute(text("UPDATE generation SET number = 0"))


async def test_who_comes_back_later_is_another_chat_which_stays(harness: Harness, tmp_path: Path) -> None:
    await harness.receive_all("ana", [*LETTER, "forget", "yes", *LETTER])
    async with harness.store.write() as tx:
        stones = [digest for _, digest in await forgetting.tombstones_after(tx, 0)]
        assert await forgetting.replay(tx, stones, harness.clock()) == (0, [])
    assert len(await harness.rows(select(chats))) == 1


async def test_an_operator_forgets_somebody_who_asks_by_mail(harness: Harness) -> None:
    for person in ("ana", "ben"):
        await harness.receive_all(person, LETTER)
    assert await forget_person(harness.store, "memory", "ana", harness.clock) == 1
    assert await forget_person(harness.store, "memory", "ana", harness.clock) == 0
    assert await forget_person(harness.store, "telegram", "ben", harness.clock) == 0
    assert await harness.letter_statuses() == [LetterStatus.CANCELLED, LetterStatus.QUEUED]
    (entry,) = await harness.rows(select(audit))
    assert (entry["actor"], entry["action"], entry["subject"]) == ("shell", "forgot", "memory")
    await harness.receive("ana", "hello")
    assert "Which language" in harness.last_text_to("ana")


async def test_an_organiser_leaves_the_team_first(harness: Harness) -> None:
    await join(harness, "olga")
    with pytest.raises(Refused, match="organisers remove"):
        await forget_person(harness.store, "memory", "olga", harness.clock)
    assert len(await harness.rows(select(chats))) == 1, "nothing was deleted"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_that_was_copied_back_by_hand_is_cleared_too(harness: Harness, tmp_path: Path) -> None:
    await harness.receive_all("ana", LETTER)
    with (
        closing(sqlite3.connect(tmp_path / "assistant.sqlite")) as source,
        closing(sqlite3.connect(tmp_path / "old.sqlite")) as copy,
    ):
        source.backup(copy)
    await harness.receive_all("ana", ["forget", "yes"])
    async with harness.store.read() as tx:
        stones = [digest for _, digest in await forgetting.tombstones_after(tx, 0)]
    shutil.copy(tmp_path / "old.sqlite", tmp_path / "there.sqlite")
    there = await Store.open(f"sqlite:///{tmp_path / 'there.sqlite'}", KeyringFile(tmp_path / "keyring.json"))
    try:
        async with there.write() as tx:
            forgotten, _ = await forgetting.replay(tx, stones, harness.clock())
            assert forgotten == 1
            assert (await tx.connection.execute(select(chats))).all() == []
    finally:
        await there.close()
