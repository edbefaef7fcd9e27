"""Rows on their way from one database into another, whichever kinds these are.

Tables go in the order of their foreign keys, each as a stream, out of one transaction that sees the same
from its beginning to its end. What was written is read again, and its checksum has to be that of what was
read: the sum of a digest of each row, because the two databases do not sort alike.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, create_engine, delete, event, func, insert, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from assistant.domain.errors import Failure
from assistant.store.database import IMPATIENT, explained
from assistant.store.sqlite import BUSY_SECONDS
from assistant.store.tables import metadata, processes

BATCH = 1000  # rows
_BITS = 128

Progress = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and how much there is."""


def in_silence(what: str, done: int, whole: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class TableCopy:
    """A table that was copied, with the checksum of its rows, the same on both sides."""

    table: str
    rows: int
    checksum: str


@contextmanager
def one_transaction(url: URL, *, looking: bool) -> Iterator[Connection]:
    """A transaction over the database, committed at the end, undone where an error leaves it.

    `looking`: it changes nothing, and sees the database as it was at its beginning. Raises Failure.
    """
    try:
        with _connected(url, looking=looking) as connection, connection.begin():
            yield connection
    except (DBAPIError, OSError) as error:
        raise explained(error, url) from error


@contextmanager
def _connected(url: URL, *, looking: bool) -> Iterator[Connection]:
    sqlite = url.get_backend_name() == "sqlite"
    given = {"timeout": BUSY_SECONDS} if sqlite else IMPATIENT
    drivername = "sqlite+pysqlite" if sqlite else "postgresql+psycopg"
    engine = create_engine(url.set(drivername=drivername), hide_parameters=True, connect_args=given)
    if sqlite:
        event.listen(engine, "connect", _without_begins)
        event.listen(engine, "begin", _begin_looking if looking else _begin_writing)
    seen: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    options = seen if looking and not sqlite else {}
    try:
        with engine.connect().execution_options(**options) as connection:
            yield connection
    finally:
        engine.dispose()


def _without_begins(driver: Any, _record: object) -> None:  # Any: of sqlite3
    driver.isolation_level = None  # otherwise it begins transactions of its own


def _begin_looking(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def copy_tables(source: Connection, target: Connection, tell: Progress = in_silence) -> list[TableCopy]:
    """Copy every row, and from where on new ones are numbered. Both have the tables of now.

    What the target's tables hold already is deleted. Raises Failure where something else arrives than left.
    """
    copied = []
    for table in metadata.sorted_tables:
        target.execute(delete(table))
        if table is processes:  # who works on the one works not on the other
            continue
        count = source.scalar(select(func.count()).select_from(table)) or 0
        checksum, done = 0, 0
        keys = table.columns.keys()  # older databases call some columns otherwise
        tell(table.name, 0, count)
        for rows in _pages(source, table):
            target.execute(insert(table), [dict(zip(keys, row, strict=True)) for row in rows])
            checksum += sum(map(_digest, rows))
            done += len(rows)
            tell(table.name, done, count)
        found = checksum_of(target, table)
        if found != TableCopy(table.name, done, _written(checksum)):
            raise Failure(
                f"Not all of the table {table.name} arrived as it left: {done:,} rows left and "
                f"{found.rows:,} arrived, or their checksums differ. See to the disk, and try again."
            )
        copied.append(found)
    _copy_numbering(source, target)
    return copied


def checksum_of(connection: Connection, table: Table) -> TableCopy:
    """How many rows the table has, and what they add up to."""
    checksum, count = 0, 0
    for rows in _pages(connection, table):
        checksum += sum(map(_digest, rows))
        count += len(rows)
    return TableCopy(table.name, count, _written(checksum))


def _pages(connection: Connection, table: Table) -> Iterator[list[Row[Any]]]:  # Any: columns of each type
    with connection.execute(select(table).execution_options(yield_per=BATCH)) as result:
        for page in result.partitions():
            yield list(page)


def _digest(row: Row[Any]) -> int:  # Any: columns of each type
    return int.from_bytes(hashlib.blake2b(repr(tuple(row)).encode(), digest_size=_BITS // 8).digest(), "big")


def _written(checksum: int) -> str:
    return f"{checksum % 2**_BITS:0{_BITS // 4}x}"


_LAST_ON_SQLITE = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
_NUMBER_ON_SQLITE = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)")
_FORGET_ON_SQLITE = text("DELETE FROM sqlite_sequence WHERE name = :table")
_NUMBER_ON_POSTGRESQL = text("SELECT setval(:table || '_id_seq', :last)")


def _copy_numbering(source: Connection, target: Connection) -> None:
    """No number is ever given twice, also not one whose row is gone."""
    for table in metadata.sorted_tables:
        if not table.dialect_options["sqlite"]["autoincrement"]:
            continue
        last = {"table": table.name, "last": _last_number(source, table)}
        if target.dialect.name == "sqlite":
            target.execute(_FORGET_ON_SQLITE, last)
            target.execute(_NUMBER_ON_SQLITE, last)
        elif last["last"]:
            target.execute(_NUMBER_ON_POSTGRESQL, last)


def _last_number(source: Connection, table: Table) -> int:
    if source.dialect.name == "sqlite":
        return source.scalar(_LAST_ON_SQLITE, {"table": table.name}) or 0
    last = text(f"SELECT last_value, is_called FROM {table.name}_id_seq")  # noqa: S608  of our own tables
    row = source.execute(last).one()
    return int(row.last_value) if row.is_called else 0
