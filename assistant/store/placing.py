"""A database that is ready takes the place of another one, which is kept, in one step."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.engine import URL

from assistant.domain.errors import Failure, Misconfigured, Refused
from assistant.files import is_there, sync_folder
from assistant.store import generation
from assistant.store.backup import flush, fresh_tables
from assistant.store.copying import Progress, TableCopy, copy_tables, one_transaction
from assistant.store.database import MIGRATION_LOCK, explained, file_address, is_known, migrate, version
from assistant.store.tables import metadata, processes, tombstones, vault

NOT_EMPTY = "There is something in that database already. Name an empty one: nothing is replaced."
COMPLETE = (
    "There is a complete copy of this database already. Change the settings; or, where this one was at work "
    "since, empty that one and copy again."
)
_PATIENCE = 2.0  # seconds: for a command that is just reading
_BESIDE = ("-wal", "-shm")


def number_there(url: URL) -> int:
    """The number of the database that is there; 0 where there is none, or it cannot be read any more."""
    if url.get_backend_name() == "sqlite" and not is_there(Path(url.database or "")):
        return 0
    with suppress(Failure, Exception), one_transaction(url, looking=True) as connection:
        return generation.look_directly(connection).number
    return 0


def tombstones_there(url: URL) -> set[bytes]:
    """Who was forgotten by the database that is there, as far as it can be read."""
    if url.get_backend_name() == "sqlite" and not is_there(Path(url.database or "")):
        return set()
    with suppress(Failure, Exception), one_transaction(url, looking=True) as connection:
        return set(connection.scalars(select(tombstones.c.digest)))
    return set()


def lists_processes(url: URL) -> bool:
    """Whether the database that is there can be asked who works on it: it is not missing, damaged or old."""
    if url.get_backend_name() == "sqlite" and not is_there(Path(url.database or "")):
        return False
    with suppress(Failure, Exception), one_transaction(url, looking=True) as connection:
        connection.execute(select(processes).limit(1)).all()
        return True
    return False


def into_one_file(file: Path) -> None:
    """See to it that nothing of the database is in other files. Raises Misconfigured where it is in use."""
    try:
        with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as connection:
            # It needs the file to itself: https://www.sqlite.org/pragma.html#pragma_journal_mode
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    except sqlite3.Error as error:
        raise explained(error, file_address(file)) from error


def replace_file(ready: Path, file: Path, now: datetime) -> str | None:
    """Put `ready` in the place of the file. Returns where what was there is kept; None where nothing was.

    The name always is of a whole database: of the one before, then of the new one. Raises Misconfigured where
    another process has what is there open.
    """
    flush(ready)
    aside = None
    if is_there(file):
        _merge(file)
        aside = _keep(file, now)
        for each in _BESIDE:  # otherwise SQLite would take it for the new one's
            _named(file, each).unlink(missing_ok=True)
    ready.replace(file)
    sync_folder(file.parent)
    return aside


def _merge(file: Path) -> None:
    """What was written last is in the file itself then; of one that is damaged, all files are kept."""
    try:
        into_one_file(file)
    except Failure as failure:
        if "locked" in failure.reason:
            raise Misconfigured(
                f"Another program has the database {file} open: an `assistant chat`, say. End it first."
            ) from failure


def _keep(file: Path, now: datetime) -> str:
    """Under a second name, so that there is no moment without the first one."""
    aside = file.with_name(f"{file.name}.before-{now:%Y%m%dT%H%M%S}")
    for each in ("", *_BESIDE):
        if is_there(_named(file, each)):
            _named(aside, each).unlink(missing_ok=True)
            os.link(_named(file, each), _named(aside, each))
    sync_folder(file.parent)
    return str(aside)


def _named(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def replace_tables(ready: Path, url: URL, now: datetime, tell: Progress) -> str | None:
    """Put the tables of the file `ready` in the place of those on the server, in one transaction.

    Returns the schema in which those that were there are kept; None where there were none.
    """
    with (
        one_transaction(file_address(ready), looking=True) as source,
        one_transaction(url, looking=False) as target,
    ):
        target.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        aside = _move_aside(target, now)
        migrate(target, None)
        copy_tables(source, target, tell)
    return aside


def fill(source: URL, target: URL, tell: Progress) -> list[TableCopy]:
    """Copy all of the database into an empty one on a server, in one transaction: killed, nothing is there.

    Returns what was copied. Raises Refused where the target is not empty.
    """
    with one_transaction(source, looking=True) as there, one_transaction(target, looking=False) as here:
        here.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        _see_that_it_is_empty(there, here)
        migrate(here, None)
        return copy_tables(there, here, tell)


def _see_that_it_is_empty(source: Connection, target: Connection) -> None:
    if not inspect(target).get_table_names():
        return
    proof, is_ours = select(vault.c.proof), version(target) == version(source)
    is_copy = is_ours and target.scalar(proof) == source.scalar(proof)
    raise Refused(COMPLETE if is_copy else NOT_EMPTY)


def fill_file(source: URL, file: Path, tell: Progress) -> list[TableCopy]:
    """The same into a file, which is empty."""
    with one_transaction(source, looking=True) as there, fresh_tables(file) as here:
        return copy_tables(there, here, tell)


def _move_aside(connection: Connection, now: datetime) -> str | None:
    current = version(connection)
    if current is None:
        return None
    if not is_known(current):
        raise Refused("The database was made by a newer version of the assistant: install that one first.")
    schema = f"before_{now:%Y%m%dt%H%M%S}"
    connection.execute(text(f"CREATE SCHEMA {schema}"))
    there = set(inspect(connection).get_table_names())
    for name in sorted(there & {*metadata.tables, "alembic_version"}):
        connection.execute(text(f"ALTER TABLE {name} SET SCHEMA {schema}"))
    return schema
