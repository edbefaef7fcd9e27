"""Rows that are changed a piece at a time: neither turns nor leases wait for more."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Delete, Table, Update, func, select

from assistant.store.database import Tx

PIECE = 2_000  # rows of a kind that one transaction changes

Due = Mapping[str, tuple[Table, tuple[ColumnElement[bool], ...]]]
"""What is kept no longer: by what it is, in which table, and which rows."""


def some(table: Table, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """A piece of those rows, without those that somebody else is changing: they come the next time."""
    free = select(table.c.id).where(*where).limit(PIECE).with_for_update(key_share=True, skip_locked=True)
    return table.c.id.in_(select(free.cte("piece").c.id))


async def change(tx: Tx, pieces: Mapping[str, Update | Delete]) -> dict[str, int]:
    """Carry these out. Returns how many rows each has changed."""
    # The rows themselves, because SQLite's driver does not count those of a statement that begins with WITH.
    return {
        name: len((await tx.connection.execute(piece.returning(piece.table.c.id))).all())
        for name, piece in pieces.items()
    }


async def count(tx: Tx, due: Due) -> dict[str, int]:
    """How much is due, by what it is. It reads whole tables."""
    found = {}
    for name, (table, where) in due.items():
        found[name] = await tx.connection.scalar(select(func.count()).select_from(table).where(*where)) or 0
    return found
