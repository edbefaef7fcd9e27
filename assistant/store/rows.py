"""What both databases can do, each in its own words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite

from assistant.store.database import Tx

Value = str | int | bytes | bool | date | datetime | None


_NEXT_ON_POSTGRESQL = text("SELECT nextval(:table || '_id_seq') FROM generate_series(1, :count)")
_NEXT_ON_SQLITE = text("UPDATE sqlite_sequence SET seq = seq + :count WHERE name = :table RETURNING seq")
_FIRST_ON_SQLITE = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :count)")


async def new_ids(tx: Tx, table: Table, count: int) -> list[int]:
    """Ids for rows about to be inserted: sealing a value needs its row's id beforehand."""
    if count == 0:
        return []
    wanted = {"table": table.name, "count": count}
    if tx.dialect == "postgresql":
        return [int(row[0]) for row in await tx.connection.execute(_NEXT_ON_POSTGRESQL, wanted)]
    last = await tx.connection.scalar(_NEXT_ON_SQLITE, wanted)
    if last is None:
        await tx.connection.execute(_FIRST_ON_SQLITE, wanted)
        last = count
    return list(range(last - count + 1, last + 1))


def insert_or_skip(tx: Tx, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves out rows that are there already."""
    if tx.dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


async def insert_new(tx: Tx, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
    """Insert the rows, leaving out those that are there already."""
    if rows:
        await tx.connection.execute(insert_or_skip(tx, table), list(rows))
