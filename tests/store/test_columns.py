"""Every column has been thought about, and holds what is said of it."""

from pathlib import Path

import pytest
from sqlalchemy import Column, LargeBinary, select, text, update

from assistant.domain.errors import Failure
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Open
from assistant.store import copies as copy_store
from assistant.store.columns import COLUMNS, Privacy
from assistant.store.crypto import VERSION
from assistant.store.tables import DAY, chats, copies, letter_log, letters, messages, metadata, source_counts
from tests.support.harness import LETTER, Harness
from tests.support.publishing import CASE

pytestmark = pytest.mark.both_databases
ALL = [column for table in metadata.sorted_tables for column in table.c]


def _privacy(column: Column[object]) -> Privacy:
    return COLUMNS[column.table.name][column.key]


def test_each_column_of_each_table_is_listed_and_no_other() -> None:
    listed = {(table, column) for table, columns in COLUMNS.items() for column in columns}
    assert listed == {(column.table.name, column.key) for column in ALL}


def test_what_is_sealed_is_bytes() -> None:
    sealed = [column for column in ALL if _privacy(column) is Privacy.SEALED]
    assert sealed
    assert [str(column) for column in sealed if not isinstance(column.type, LargeBinary)] == []


def test_bytes_are_sealed_or_digests() -> None:
    found = [column for column in ALL if isinstance(column.type, LargeBinary)]
    assert {_privacy(column) for column in found} == {Privacy.SEALED, Privacy.DIGEST}


async def test_values_in_those_columns_are_really_sealed_and_filled_up(
    harness: Harness, tmp_path: Path
) -> None:
    await harness.receive_all("ana", LETTER)
    await harness.engine(harness.letter_worker(tmp_path / "tray")).run_until_idle()
    seen = set()
    for column in ALL:
        if _privacy(column) is not Privacy.SEALED:
            continue
        for row in await harness.rows(select(column).where(column.is_not(None))):
            (value,) = row.values()
            seen.add(str(column))
            assert value[0] == VERSION
            assert str(column) in ("chats.key", "vault.proof") or (len(value) - 33) % 64 == 0, str(column)
    assert seen >= {
        *("chats.key", "chats.address", "letters.body", "messages.body"),
        *("letters.sealed_key", "letters.sealed_reference", "messages.sealed_reference"),
    }


@pytest.mark.parametrize("name", ["Bo", "Quillabamba Testperson de la Invención"])
async def test_the_length_of_what_is_stored_does_not_tell_the_length_of_a_name(
    harness: Harness, name: str
) -> None:
    await harness.receive_all("ana", [*LETTER[:4], name, *LETTER[5:]])
    await harness.receive_all("ben", LETTER)
    first, second = await harness.rows(select(letters.c.body).order_by(letters.c.id))
    assert abs(len(first["body"]) - len(second["body"])) in (0, 256)
    assert len({len(row["address"]) for row in await harness.rows(select(chats.c.address))}) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_server_keeps_no_statistics_of_what_is_sealed(harness: Harness) -> None:
    async with harness.store.read() as tx:
        query = text(
            "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE attnum > 0 AND relkind = 'r' AND coalesce(attstattarget, -1) <> 0"
        )
        kept = {tuple(row) for row in await tx.connection.execute(query)}
    sealed = {
        (column.table.name, column.name)
        for column in ALL
        if _privacy(column) is Privacy.SEALED and column.table.name != "vault"
    }
    assert sealed & kept == set()


async def test_the_name_of_a_letter_on_the_other_side_stands_nowhere_in_the_database(
    harness: Harness, tmp_path: Path
) -> None:
    await harness.receive_all("ana", LETTER)
    await harness.engine(harness.letter_worker(tmp_path / "tray")).run_until_idle()
    (file,) = (tmp_path / "tray").glob("*.json")
    (shown,) = await harness.letters()
    assert shown.key == file.stem
    said = str([await harness.rows(select(table)) for table in metadata.sorted_tables])
    assert file.stem not in said and file.stem.rpartition("-")[2] not in said


async def test_a_day_after_its_end_a_letter_and_a_message_keep_their_days(
    harness: Harness, tmp_path: Path
) -> None:
    await harness.receive_all("ana", LETTER)
    await harness.engine(harness.letter_worker(tmp_path / "tray")).run_until_idle()
    await harness.run_retention()
    assert _exact(await _moments(harness)), "they are as they were on the first day"
    harness.clock.advance(days=2)
    await harness.run_retention()
    assert _exact(await _moments(harness)) == set()
    assert await harness.letters(), "and everything else is"


@pytest.mark.parametrize("end", ["sent", "failed", "stopped", "expired"])
async def test_a_copy_that_is_over_keeps_the_day_on_which_it_was_due(harness: Harness, end: str) -> None:
    await harness.subscribe("ana", "ben")
    harness.clock.advance(minutes=7)
    if end == "failed":
        harness.channel.faults["ana"].append(Failure("never", permanent=True))
    if end == "stopped":
        harness.channel.faults["ana"].append(Failure("an outage"))
    await harness.publish()
    await harness.engine().run_until_idle()
    if end == "stopped":
        (waits,) = await harness.rows(select(copies).where(copies.c.status == MessageStatus.QUEUED))
        assert waits["due_at"].minute, "until then it is exact"
        await harness.receive("ana", "stop")
    if end == "expired":
        async with harness.store.write() as tx:
            await tx.connection.execute(update(copies).values(status="queued", due_at=harness.clock()))
            assert await copy_store.clear(tx, 1, 10) == 2
    moments = {row["due_at"] for row in await harness.rows(select(copies))}
    assert {(each.hour, each.minute, each.second) for each in moments} == {(0, 0, 0)}


async def _moments(harness: Harness) -> dict[str, list[int]]:
    """Milliseconds, by column."""
    columns = {
        "letters": ("created_at", "ended_at", "left_at"),
        "letter_log": ("at",),
        "messages": ("due_at",),
    }
    found: dict[str, list[int]] = {}
    async with harness.store.read() as tx:
        for table, names in columns.items():
            for name in names:
                values = await tx.connection.scalars(text(f"SELECT {name} FROM {table}"))  # noqa: S608
                found[f"{table}.{name}"] = [value for value in values if value is not None]
    return found


def _exact(moments: dict[str, list[int]]) -> set[str]:
    return {name for name, values in moments.items() if any(value % DAY for value in values)}


async def test_only_the_operators_words_of_links_are_counted_and_no_chat_has_one(harness: Harness) -> None:
    for person, source in (("ana", "flyer"), ("ben", "flyer"), ("eva", "suspect-4711"), ("ida", None)):
        await harness.receive(person, Open(CASE, source), language="en")
    await harness.receive("ana", Open(CASE, "flyer"))
    counted = await harness.rows(select(source_counts))
    assert [(row["source"], row["chats"]) for row in counted] == [("flyer", 2)]
    said = str([await harness.rows(select(table)) for table in (chats, messages, letters, letter_log)])
    assert "flyer" not in said and "suspect" not in said
