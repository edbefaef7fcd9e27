"""Backups: a file with all of a database as it was at one moment, whichever kind the database is of."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from assistant.domain.errors import Misconfigured
from assistant.files import is_there, sync_folder
from assistant.store.copying import Progress, copy_tables, one_transaction
from assistant.store.database import explained, file_address, migrate
from assistant.store.sqlite import uri_of

_STEPS = 20_000  # of SQLite's machine between two looks at how far it is


@contextmanager
def scratch(file: Path) -> Iterator[Path]:
    """An empty file beside this one to write into, for us alone; gone at the end, unless it was renamed.

    What a crash has left of another one is overwritten. Raises OSError.
    """
    beside = file.with_name(f".{file.name}.part")
    _remove(beside)
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield beside
    finally:
        _remove(beside)


def _remove(file: Path) -> None:
    """With what SQLite keeps beside a file that it writes to."""
    for ending in ("", "-journal", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


@contextmanager
def staged(file: Path) -> Iterator[Path]:
    """The same; at the end it is on the disk, and has the name; where an error leaves it, nothing changes."""
    with scratch(file) as beside:
        yield beside
        flush(beside)
        beside.replace(file)
        sync_folder(file.parent)


def flush(file: Path) -> None:
    """See to it that what was written into the file is on the disk. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_backup(source: URL, to: Path, tell: Progress) -> None:
    """Write all of the database, as it is at this moment, into that empty file. Nobody waits for it.

    Raises Failure.
    """
    if source.get_backend_name() == "sqlite":
        copy_file(Path(source.database or ""), to, tell)
    else:
        with one_transaction(source, looking=True) as connection, fresh_tables(to) as target:
            copy_tables(connection, target, tell)


@contextmanager
def fresh_tables(file: Path) -> Iterator[Connection]:
    """The transaction in which the tables of now are made in that empty file, and filled."""
    with one_transaction(file_address(file), looking=False) as target:
        migrate(target, None)
        yield target


def copy_file(source: Path, to: Path, tell: Progress, *, kept: bool = False) -> None:
    """The same from an SQLite file, whether it is being written to or not: see decision 0040.

    `kept`: it is a backup, which nothing may change.
    """
    with closing(_opened(source, "ro" if kept else "rw")) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        whole = pages * connection.execute("PRAGMA page_size").fetchone()[0]
        stopped = False

        def look() -> int:
            nonlocal stopped
            try:
                tell("database", min(to.stat().st_size, whole), whole)
            except BaseException:
                stopped = True
                raise
            return 0

        connection.set_progress_handler(look, _STEPS)
        try:
            connection.execute("VACUUM INTO ?", (str(to),))
        except sqlite3.Error as error:
            if stopped:  # Ctrl-C: SQLite keeps what a handler raises to itself
                raise KeyboardInterrupt from error
            raise explained(error, file_address(source)) from error
        tell("database", whole, whole)


def _opened(source: Path, mode: str) -> sqlite3.Connection:
    try:
        return sqlite3.connect(uri_of(source, mode), uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise explained(error, file_address(source)) from error


def check_name(file: Path, *, replace: bool) -> None:
    """Raises Misconfigured where no backup can be written there, or one is there and must not be lost."""
    if not file.parent.is_dir():
        raise Misconfigured(f"There is no folder {file.parent.absolute()}: make it, or name another file.")
    if file.is_dir():
        raise Misconfigured(f"{file} is a folder: name a file.")
    if is_there(file) and not replace:
        raise Misconfigured(f"{file} is there already. Name another file, or replace it with --force.")
