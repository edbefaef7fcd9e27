"""The record of what organisers did: whatever is changed in it, added or taken out is found."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from assistant.domain.audit import Verified
from assistant.domain.errors import Failure
from assistant.store import audit
from assistant.store.audit import KEEP
from assistant.store.database import Store, Tx
from assistant.store.keyring import KeyringFile
from assistant.store.tables import audit as table

pytestmark = pytest.mark.both_databases

NOW = datetime(2012, 1, 24, 15, tzinfo=UTC)
ENTRIES = [
    ("shell", "invited", "owner", ""),
    ("organiser 1", "joined", "owner", ""),
    ("organiser 1", "drafted", "broadcast 1", "0123456789abcdef"),
    ("organiser 2", "approved", "broadcast 1", "0123456789abcdef"),
    ("assistant", "began", "broadcast 1", "0123456789abcdef"),
    ("organiser 3", "paused", "norma-cruz", ""),
]
Rows = list[dict[str, Any]]  # Any: column values
Change = Callable[[Rows], Rows]


class _RolledBack(Exception):
    """Ends a transaction of which nothing is kept."""


@pytest.fixture
async def written(store: Store) -> Store:
    """A store with some entries, an hour apart."""
    for hours, entry in enumerate(ENTRIES):
        async with store.write() as tx:
            await audit.add(tx, NOW + timedelta(hours=hours), *entry)
    return store


async def verified(store: Store, noted: str = "") -> Verified:
    async with store.read() as tx:
        return await audit.verify(tx, noted)


async def rows_of(tx: Tx) -> Rows:
    return [dict(row._mapping) for row in await tx.connection.execute(select(table).order_by(table.c.id))]


async def is_found(store: Store, change: Change) -> bool:
    """Whether it is found that the entries were changed like that; they are as before afterwards."""
    found = False
    with suppress(_RolledBack):
        async with store.write() as tx:
            changed = change(await rows_of(tx))
            await tx.connection.execute(delete(table))
            if changed:
                await tx.connection.execute(insert(table), changed)
            try:
                await audit.verify(tx)
            except Failure as failure:
                found = "audit" in failure.reason
            raise _RolledBack
    return found


async def test_what_nobody_has_touched_is_whole(written: Store) -> None:
    whole = await verified(written)
    assert (whole.entries, len(whole.code)) == (len(ENTRIES), 64)
    assert await verified(written) == whole
    assert not await is_found(written, lambda rows: rows)
    async with written.read() as tx:
        listed = [(each.actor, each.action, each.subject, each.detail) async for each in audit.listed(tx)]
    assert listed == ENTRIES


async def test_nothing_is_whole_too(store: Store) -> None:
    assert await verified(store) == Verified(0, "")


def with_values(place: int, **values: object) -> Change:
    return lambda rows: [*rows[:place], rows[place] | values, *rows[place + 1 :]]


def without(place: int) -> Change:
    return lambda rows: rows[:place] + rows[place + 1 :]


def twice(place: int) -> Change:
    return lambda rows: [*rows[: place + 1], *rows[place:]]


def exchanged(place: int) -> Change:
    """For the next one."""
    return lambda rows: [*rows[:place], rows[place + 1], rows[place], *rows[place + 2 :]]


def renumbered(change: Change) -> Change:
    return lambda rows: numbered(change(rows))


def changes() -> Iterator[Change]:
    """Each value of each entry changed; each entry taken out, with a gap or without; written twice ..."""
    new = {
        "at": NOW - timedelta(milliseconds=1),
        "actor": "organiser 9",
        "action": "discarded",
        "subject": "broadcast 9",
        "detail": "fedcba9876543210",
        "mac": bytes(32),
    }
    for place in range(len(ENTRIES)):
        yield from (with_values(place, **{column: value}) for column, value in new.items())
    for place in range(len(ENTRIES) - 1):
        yield without(place)
        yield from map(renumbered, (without(place), twice(place), exchanged(place)))
    yield lambda rows: rows[3:]
    yield lambda rows: numbered(rows[3:])
    yield lambda rows: numbered(rows[::-1])
    yield lambda rows: [*rows, rows[-1] | {"id": len(rows) + 1}]
    yield lambda rows: [rows[0] | {"id": 0}, *rows]


def numbered(rows: Rows) -> Rows:
    """The entries with numbers that have no gap."""
    return [row | {"id": number} for number, row in enumerate(rows, 1)]


async def test_every_change_is_found(written: Store) -> None:
    tried = list(changes())
    assert [await is_found(written, change) for change in tried] == [True] * len(tried)


@pytest.mark.parametrize("detail", ["", "no number", "00" * 32])
async def test_that_its_beginning_was_deleted_in_good_time_cannot_be_pretended(
    written: Store, detail: str
) -> None:
    forged = {"actor": "assistant", "action": audit.SHORTENED, "subject": "3", "detail": detail}
    assert await is_found(written, lambda rows: [rows[3] | forged, *rows[4:]])
    assert await is_found(written, lambda rows: [*rows[3:5], rows[5] | forged])


async def test_that_its_newest_entries_are_missing_is_found_by_who_has_noted_the_code(written: Store) -> None:
    whole = await verified(written)
    async with written.write() as tx:
        await audit.add(tx, NOW, "shell", "invited", "viewer")
    assert (await verified(written, whole.code)).entries == len(ENTRIES) + 1
    async with written.write() as tx:
        await tx.connection.execute(delete(table).where(table.c.id >= len(ENTRIES)))
    assert (await verified(written)).entries == len(ENTRIES) - 1, "the chain itself is whole"
    with pytest.raises(Failure, match="newest entries are missing"):
        await verified(written, whole.code.upper())


async def test_another_key_finds_every_entry_wrong(written: Store, tmp_path: Path) -> None:
    other = await Store.open(f"sqlite:///{tmp_path / 'other.sqlite'}", KeyringFile(tmp_path / "other.json"))
    async with written.read() as tx, other.write() as theirs:
        await theirs.connection.execute(insert(table), await rows_of(tx))
        with pytest.raises(Failure, match="Entry 2 of the audit is not as it was written"):
            await audit.verify(theirs)
    await other.close()


# After a year


async def shortened(store: Store, now: datetime) -> list[int]:
    """The numbers of the entries that are left."""
    async with store.write() as tx:
        await audit.shorten(tx, now)
        return [row["id"] for row in await rows_of(tx)]


async def test_after_a_year_entries_go_and_the_rest_is_whole(written: Store) -> None:
    noted = (await verified(written)).code
    assert await shortened(written, NOW + KEEP) == [1, 2, 3, 4, 5, 6]
    assert await shortened(written, NOW + KEEP + timedelta(hours=2, minutes=1)) == [4, 5, 6, 7]
    assert (await verified(written, noted)).entries == 4
    assert await shortened(written, NOW + KEEP + timedelta(hours=3, minutes=1)) == [5, 6, 7, 8]
    assert await shortened(written, NOW + KEEP + timedelta(hours=3, minutes=1)) == [5, 6, 7, 8]
    assert (await verified(written, noted)).entries == 4


async def test_even_where_none_of_them_is_left(written: Store) -> None:
    for years in (2, 4, 6):
        left = await shortened(written, NOW + years * KEEP)
        assert len(left) == 1
        assert (await verified(written)).entries == 1
    async with written.write() as tx:
        await audit.add(tx, NOW + 6 * KEEP, "shell", "invited", "viewer")
    assert (await verified(written)).entries == 2


async def test_what_is_changed_after_that_is_found_too(written: Store) -> None:
    await shortened(written, NOW + KEEP + timedelta(hours=2, minutes=1))
    assert not await is_found(written, lambda rows: rows)
    tried = [without(place) for place in range(3)]
    tried += [with_values(place, actor="shell") for place in range(4)]
    tried += [with_values(3, subject="4"), with_values(3, detail="")]
    assert [await is_found(written, change) for change in tried] == [True] * len(tried)


# Several at once


@pytest.fixture
async def others(store: Store, database_url: str, tmp_path: Path) -> AsyncIterator[list[Store]]:
    """Two processes with connections of their own."""
    opened = [store, await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))]
    yield opened
    await opened[1].close()


async def test_two_processes_that_write_at_once_make_one_chain(others: list[Store]) -> None:
    async def write(store: Store, number: int) -> None:
        async with store.write() as tx:
            await audit.add(tx, NOW, f"organiser {number}", "halted", "broadcast 1")

    await asyncio.gather(*(write(store, number) for number in range(20) for store in others))
    assert (await verified(others[0])).entries == 40
