"""SQLite the way we use it: durable, erasing what is deleted, and without a thread hop for every row.

aiosqlite sends each call to a thread and waits for the answer: making a cursor, executing, fetching and
closing are four hops a statement, 24 for a turn. A statement that touches a few rows by an index takes
less time than one hop. So a *brief* transaction runs its statements where it is awaited; what can wait for
the disk or for another process (begin, commit) still goes to the thread. Measured in docs/performance.md.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from assistant.domain.errors import Misconfigured

BUSY_SECONDS = 10  # how long SQLite waits for another process's transaction
PROBE_SECONDS = 1.5  # how long a probe does
ERASE_SECONDS = 0.2  # how long erasing does, before it is tried again
_WAITING = ("BEGIN", "PRAGMA")
_SETTINGS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "cache_size = -65536",  # KiB
    "mmap_size = 268435456",  # bytes
)
_LOOKING = ("query_only = ON", "mmap_size = 268435456")  # that change nothing in the file
_CHUNK = 64  # rows fetched at a time when iterating

T = TypeVar("T")


class BriefConnection(aiosqlite.Connection):
    """An aiosqlite connection that can run statements in place. One task uses it at a time."""

    brief = False
    _given_up = False  # the thread may still be at a call that nobody waits for any more

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:  # Any: aiosqlite's own
        idle = None if self._given_up else self._connection
        if self.brief and idle is not None and not _waits(fn, args, idle):
            return fn(*args, **kwargs)
        try:
            result: T = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]  # untyped there
        except asyncio.CancelledError:
            self._given_up = True
            raise
        return result

    async def close(self) -> None:
        """Close it, as is done where a task was cancelled in a call; what was not committed is rolled back.

        SQLite keeps a closed connection, and the lock of its transaction, as long as a statement has rows to
        give (https://www.sqlite.org/c3ref/close.html): one that an error still holds, say.
        """
        if self._connection is not None:
            await self._execute(self._roll_back)
        await super().close()

    def stop(self) -> "asyncio.Future[Any] | None":  # Any: aiosqlite's own
        """The same where nobody can wait for it."""
        self._tx.put_nowait((None, self._roll_back))
        return super().stop()

    def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            self._connection.rollback()


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    """A file as it was when it was opened, wherever its name leads by now."""

    path: Path
    device: int
    inode: int

    @classmethod
    def at(cls, path: str) -> "DatabaseFile":
        """The file of that name. Raises OSError."""
        found = Path(path).stat()
        return cls(Path(path).absolute(), found.st_dev, found.st_ino)

    def check(self) -> None:
        """Raises Misconfigured where the name leads elsewhere, or nowhere."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != (self.device, self.inode):
            raise Misconfigured(
                f"The database {self.path} was removed or replaced while we use it: what is stored now is "
                "lost. End this process, and put the backup copy back."
            )


def try_to_write(file: DatabaseFile) -> None:
    """Write a number that nothing else uses, over a connection of its own. It blocks.

    A row that is written as it was would not reach the disk: SQLite sees that nothing has changed
    (btreeOverwriteContent in btree.c). Raises sqlite3.Error, OSError, and Misconfigured where the file is
    gone.
    """
    file.check()
    connection = sqlite3.connect(
        f"{file.path.as_uri()}?mode=rw", timeout=PROBE_SECONDS, isolation_level=None, uri=True
    )
    with closing(connection):
        connection.execute("BEGIN IMMEDIATE")
        [(last,)] = connection.execute("PRAGMA user_version")
        connection.execute(f"PRAGMA user_version = {(last + 1) % 2**31}")
        connection.execute("COMMIT")


def truncate_wal(path: Path) -> bool:
    """Have no file beside the database hold what was deleted from it; it blocks, for a moment.

    SQLite deletes by writing new pages into its log, where the old ones stay until it is begun anew:
    https://www.sqlite.org/pragma.html#pragma_wal_checkpoint. Returns False where somebody still reads, or the
    file is gone: to be tried again. Raises sqlite3.Error.
    """
    if not path.exists():
        return False
    connection = sqlite3.connect(uri_of(path, "rw"), timeout=ERASE_SECONDS, isolation_level=None, uri=True)
    with closing(connection):
        [(is_busy, _, _)] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return not is_busy


def _waits(fn: Callable[..., object], args: tuple[object, ...], connection: sqlite3.Connection) -> bool:
    """Whether a call may have to wait for the disk or for another process."""
    name = getattr(fn, "__name__", "")
    if name in ("commit", "rollback"):
        return connection.in_transaction
    return name == "execute" and str(args[0]).startswith(_WAITING)


def sqlite_engine(url: URL, *, read_only: bool = False) -> AsyncEngine:
    """An engine whose transactions begin as the option `purpose` says: read, write or brief.

    `read_only`: the file stays as it is to the last byte; nobody may be writing to it.
    """

    async def connect() -> aiosqlite.Connection:
        return await _opened(url.database or ":memory:", read_only=read_only)

    engine = create_async_engine(url, hide_parameters=True, async_creator=connect)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def uri_of(path: Path, mode: str) -> str:
    """The file as SQLite's own kind of address. `mode`: ro, rw or rwc."""
    return f"{path.absolute().as_uri()}?mode={mode}"


async def _opened(path: str, *, read_only: bool) -> BriefConnection:
    place = uri_of(Path(path), "ro") if read_only else path

    def connector() -> sqlite3.Connection:
        connection = sqlite3.connect(
            place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=read_only
        )
        try:
            for setting in _LOOKING if read_only else _SETTINGS:
                connection.execute(f"PRAGMA {setting}").fetchall()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    connection = BriefConnection(connector, _CHUNK)
    connection._thread.daemon = True
    try:
        await connection
    except BaseException:
        connection._thread.join()  # it is ending; later it would find the event loop closed, and say so
        raise
    return connection


def _begin(connection: Connection) -> None:
    purpose = connection.get_execution_options().get("purpose", "write")
    driver: Any = connection.connection.driver_connection  # Any: a pool may hold any driver's
    driver.brief = purpose == "brief"
    connection.exec_driver_sql("BEGIN" if purpose == "read" else "BEGIN IMMEDIATE")
