"""Whether a database is sound: its pages, its references, what is sealed in it, what is counted in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Table, and_, func, inspect, select, text
from sqlalchemy.sql.elements import ColumnElement

from assistant.domain.errors import Failure
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus, MessageStatus
from assistant.store.crypto import Sealer
from assistant.store.database import Tx
from assistant.store.database import version as version_of
from assistant.store.tables import (
    action_counts,
    answers,
    broadcasts,
    chats,
    copies,
    has,
    lanes,
    letters,
    messages,
    metadata,
    organisers,
    tallies,
    vault,
)

SAMPLE = 200  # rows of a table whose sealed values are opened: the oldest and the newest
_SHOWN = 3  # faults of a kind
_BEGUN = (
    BroadcastStatus.SENDING,
    BroadcastStatus.HALTED,
    BroadcastStatus.DONE,
)


async def version(tx: Tx) -> str | None:
    """Of which revision the tables are; None where there are none of ours."""
    return await tx.connection.run_sync(version_of)


async def proof(tx: Tx) -> bytes | None:
    """What tells whether a keyring belongs to it; None where nothing was ever stored."""
    found: bytes | None = await tx.connection.scalar(select(vault.c.proof))
    return found


async def damage(tx: Tx) -> list[str]:
    """What SQLite finds wrong with its file; of PostgreSQL, the tables that cannot be read to their end."""
    if tx.dialect == "sqlite":
        said = await tx.connection.scalars(text(f"PRAGMA integrity_check({_SHOWN})"))
        return [each for each in said if each != "ok"]
    for table in await _tables(tx):
        try:
            await tx.connection.scalar(select(func.count()).select_from(metadata.tables[table]))
        except Exception as error:
            return [f"table {table}: {type(getattr(error, 'orig', None) or error).__name__}"]
    return []


async def _tables(tx: Tx) -> dict[str, set[str]]:
    """Those of ours that are there, with their columns: a database of an earlier version has fewer."""

    def look(connection: Connection) -> dict[str, set[str]]:
        inspector = inspect(connection)
        there = metadata.tables.keys() & set(inspector.get_table_names())
        return {name: {column["name"] for column in inspector.get_columns(name)} for name in sorted(there)}

    return await tx.connection.run_sync(look)


async def dangling(tx: Tx) -> dict[str, int]:
    """How many rows refer to a row that is not there, by the column they do it with."""
    found, there = {}, await _tables(tx)
    for child, parent in _references():
        if any(each.name not in there.get(each.table.name, ()) for each in (child, parent)):
            continue
        target = parent.table.alias("parent")
        missing = (
            select(func.count())
            .select_from(child.table.outerjoin(target, target.c[parent.key] == child))
            .where(child.is_not(None), target.c[parent.key].is_(None))
        )
        if count := await tx.connection.scalar(missing):
            found[f"{child.table.name}.{child.name}"] = int(count)
    return found


def _references() -> Iterator[tuple[Column[Any], Column[Any]]]:  # Any: columns of each type
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            yield key.parent, key.column
    yield from ((copies.c.chat_id, chats.c.id), (copies.c.broadcast_id, broadcasts.c.id))
    yield copies.c.lane_id, lanes.c.id


async def unopened(tx: Tx) -> tuple[int, dict[str, int]]:
    """How many sealed values of a sample were tried, and how many do not open, by their column."""
    tried, failed = 0, dict[str, int]()
    sealers = _Sealers(tx)
    for table, column, chat in (
        (chats, chats.c.address, chats.c.id),
        (letters, letters.c.body, letters.c.chat_id),
        (messages, messages.c.body, messages.c.chat_id),
        (organisers, organisers.c.name, organisers.c.chat_id),
    ):
        for number, sealed, chat_id in await _sample(tx, table, column, chat):
            name = f"{table.name}.{column.name}"
            tried += 1
            try:
                (await sealers.of(chat_id)).open(name, number, sealed)
            except Failure:
                failed[name] = failed.get(name, 0) + 1
    return tried, failed


class _Sealers:
    """Of chats, each opened once."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._known: dict[int, Sealer] = {}

    async def of(self, chat_id: int) -> Sealer:
        if chat_id not in self._known:
            key = await self._tx.connection.scalar(select(chats.c.key).where(chats.c.id == chat_id))
            if key is None:
                raise Failure("The chat is gone.")
            self._known[chat_id] = self._tx.vault.open_key(key, chat_id)
        return self._known[chat_id]


async def _sample(
    tx: Tx, table: Table, column: ColumnElement[bytes], chat: ColumnElement[int]
) -> set[tuple[int, bytes, int]]:
    query = select(table.c.id, column, chat).where(column.is_not(None), chat.is_not(None)).limit(SAMPLE // 2)
    found: set[tuple[int, bytes, int]] = set()
    for order in (table.c.id, table.c.id.desc()):
        found |= {
            (row[0], bytes(row[1]), row[2]) for row in await tx.connection.execute(query.order_by(order))
        }
    return found


async def miscounted(tx: Tx) -> list[str]:
    """Broadcasts and actions of which what was counted is not what there is."""
    return [*await _miscounted_broadcasts(tx), *await _miscounted_actions(tx)]


async def _miscounted_broadcasts(tx: Tx) -> list[str]:
    """Every copy of a broadcast has come to an end that was counted, or still waits."""
    ended = select(tallies.c.broadcast_id, func.sum(tallies.c.count)).group_by(tallies.c.broadcast_id)
    waiting = (
        select(copies.c.broadcast_id, func.count())
        .where(has(copies.c.status, MessageStatus.QUEUED, MessageStatus.SENDING))
        .group_by(copies.c.broadcast_id)
    )
    known = {row[0]: int(row[1]) for row in await tx.connection.execute(ended)}
    open_ones = {row[0]: int(row[1]) for row in await tx.connection.execute(waiting)}
    begun = select(broadcasts.c.id, broadcasts.c.recipients).where(
        has(broadcasts.c.status, *_BEGUN),
        broadcasts.c.started_at.is_not(None),
        broadcasts.c.announcement.is_not(None),  # earlier versions did not count
    )
    return [
        f"broadcast {row.id}"
        for row in await tx.connection.execute(begun.order_by(broadcasts.c.id))
        if known.get(row.id, 0) + open_ones.get(row.id, 0) != row.recipients
    ]


async def _miscounted_actions(tx: Tx) -> list[str]:
    of_action = and_(
        letters.c.case_slug == action_counts.c.case_slug, letters.c.action_slug == action_counts.c.action_slug
    )
    arrived = (
        select(func.count())
        .where(of_action, has(letters.c.status, LetterStatus.DELIVERED))
        .correlate(action_counts)
        .scalar_subquery()
    )
    wrong = select(action_counts).where(action_counts.c.arrived != arrived)
    return [f"action {row.case_slug}/{row.action_slug}" for row in await tx.connection.execute(wrong)]


async def counts(tx: Tx) -> Mapping[str, Mapping[str, int]]:
    """How many rows of what people care about there are: by table, then by state; "" where there is none."""
    found: dict[str, dict[str, int]] = {}
    for table in (chats, organisers, answers):
        found[table.name] = {"": await tx.connection.scalar(select(func.count()).select_from(table)) or 0}
    for table in (letters, broadcasts, messages, copies):
        query = select(table.c.status, func.count()).group_by(table.c.status).order_by(table.c.status)
        found[table.name] = {row[0]: row[1] for row in await tx.connection.execute(query)}
    return found
