"""The database: opening it, migrations, transactions, and what SQLite and PostgreSQL word differently."""

import asyncio
import os
import secrets
import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    event,
    inspect,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from assistant.domain.audit import Entry
from assistant.domain.errors import Failure, Misconfigured, NotInstalled, ServerAway
from assistant.domain.lanes import LEASE, Call, Lease
from assistant.files import is_there
from assistant.store import authenticity
from assistant.store.crypto import Vault
from assistant.store.keyring import KeyringSource
from assistant.store.sqlite import DatabaseFile, sqlite_engine, truncate_wal, try_to_write
from assistant.store.tables import PERSONAL, REVISION, Moment, processes, vault

if TYPE_CHECKING:
    from alembic.config import Config

# A server that is cut off is noticed in seconds, not when TCP gives up:
# https://www.postgresql.org/docs/16/libpq-connect.html#LIBPQ-PARAMKEYWORDS
IMPATIENT = {"connect_timeout": 10, "tcp_user_timeout": 10_000, "keepalives_idle": 30}
READABLE_UNTIL = "0021"  # earlier tables had readable names of letters and messages
ERASE_AGAIN = 0.2  # seconds between two tries to erase what was deleted
MIGRATION_LOCK = 0x41535354  # any number, the same for every process
# Why a server that is there lets nobody in for now: postmaster.c, "FATAL:" in whatever language it speaks.
_PASSES = (
    "starting up",
    "shutting down",
    "not yet accepting connections",
    "in recovery mode",
    "too many",
    "remaining connection slots",
    "terminating connection",
)


OnWake = Callable[[AsyncConnection, Sequence[Call]], Awaitable[None]]
"""Hears, in a transaction, which lanes have something to do after it, and when."""
OnRecord = Callable[["Tx", Entry], Awaitable[None]]
"""Hears, in its transaction, what was written into the record; its error undoes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tx:
    """One open transaction. `process`: by which others know this process. `lease`: of its lanes.

    `on_wake`: hears, in the transaction, which lanes have something to do. `on_record`: hears what is written
    into the record. `locked`: what it has locked for
    good, see `audit.lock`.
    `erases`: what is deleted in it for good: see `Store.erase`.
    `wakes`: the lanes that run when it is committed, by id or by kind and name, and from when on; see
    `lanes.wake`. `before_commit`: what is done last.
    """

    connection: AsyncConnection
    vault: Vault
    process: str
    lease: Lease
    on_wake: OnWake | None = None
    on_record: OnRecord | None = None
    locked: set[int] = field(default_factory=set, init=False)
    erases: list[str] = field(default_factory=list, init=False)
    wakes: dict[int | tuple[str, str], datetime] = field(default_factory=dict, init=False)
    before_commit: list[Callable[["Tx"], Awaitable[None]]] = field(default_factory=list, init=False)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name


class Store:
    """Transactions over one database.

    Writers of one process queue up here for SQLite, which takes one at a time: waiting in line is faster
    and fairer than its own busy-waiting.

    `on_wake`: hears in each transaction which lanes have something to do after it; its error undoes it.
    `on_record`: hears in each transaction what is written into the record; its error undoes it.
    `process`: by which other processes know this one. `lease`: whether its lanes are surely its own.
    """

    def __init__(self, engine: AsyncEngine, keyring: Vault) -> None:
        self._engine = engine
        self._engines = {each: engine.execution_options(purpose=each) for each in ("read", "write", "brief")}
        self._vault = keyring
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else None
        self.process = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.lease = Lease()
        self.on_wake: OnWake | None = None
        self.on_record: OnRecord | None = None
        self._file = DatabaseFile.at(engine.url.database) if self._turn and engine.url.database else None
        self._erasing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: str, keyring: KeyringSource, *, create: bool = True) -> "Store":
        """The database at `url`, with its tables brought up to date.

        `create`: where there is none, it is made, and its keyring. Raises NotInstalled where it may not be
        made, and Misconfigured where it cannot be used as it is, with what to change.
        """
        engine = _engine(url)
        try:
            if not create:
                see_that_it_is_there(engine.url)
            fitting, before = await _prepare(engine, keyring, create)
            opened = cls(engine, fitting)
            await opened.erase()  # what a crash has left
            if before is not None and before < READABLE_UNTIL:
                await opened.vacuum(rewrite=True)
            return opened
        except (DBAPIError, OSError) as error:
            await engine.dispose()
            raise explained(error, engine.url) from error
        except BaseException:
            await engine.dispose()
            raise

    @classmethod
    @asynccontextmanager
    async def as_it_is(cls, url: str, keyring: Vault, *, is_kept: bool = False) -> AsyncIterator["Store"]:
        """The database at `url`, with the tables that it has, whichever those are: for who looks only.

        `is_kept`: it is a backup's file, which nobody uses and nothing may change.
        """
        opened = cls(sqlite_engine(parsed(url), read_only=True) if is_kept else _engine(url), keyring)
        try:
            yield opened
        finally:
            await opened.close()

    def secret(self, purpose: str) -> bytes:
        """A key of the keyring's for that purpose, the same every time: 32 bytes."""
        return self._vault.secret(purpose)

    @property
    def vault(self) -> Vault:
        """The keyring in use."""
        return self._vault

    def refresh_keyring(self) -> None:
        """Take the keyring as it is kept now. Raises Misconfigured with what to do; it blocks."""
        self._vault.refresh()

    async def check_writable(self) -> None:
        """Write a little. Raises Failure where the database takes nothing now, or its file is gone."""
        if self._turn is None or self._file is None:
            async with self.write() as tx:
                await tx.connection.execute(update(vault).values(proof=vault.c.proof))
            return
        async with self._turn:
            try:
                await asyncio.to_thread(try_to_write, self._file)
            except (sqlite3.Error, OSError) as error:
                raise explained(error, self._engine.url) from error

    @asynccontextmanager
    async def write(self, *, brief: bool = False) -> AsyncIterator[Tx]:
        """A transaction that may change things; committed at the end, undone where an error leaves it.

        `brief`: each statement touches a few rows, found by an index. Raises Failure where the database
        cannot take it.
        """
        purpose = "brief" if brief else "write"
        if self._turn is None:
            async with self._transaction(purpose) as tx:
                yield tx
        else:
            async with self._turn:
                async with self._transaction(purpose) as tx:
                    yield tx
                if tx.erases:
                    await self._erase()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that only looks. Raises Failure where the database cannot be read."""
        async with self._transaction("read") as tx:
            yield tx

    @asynccontextmanager
    async def _transaction(self, purpose: str) -> AsyncIterator[Tx]:
        try:
            async with self._engines[purpose].begin() as connection:
                tx = Tx(
                    connection=connection,
                    vault=self._vault,
                    process=self.process,
                    lease=self.lease,
                    on_wake=self.on_wake,
                    on_record=self.on_record,
                )
                yield tx
                for last in tx.before_commit:
                    await last(tx)
        except PoolTimeoutError as error:
            raise Failure("All connections to the database are in use. It may be slow, or hang.") from error
        except (DBAPIError, OSError) as error:
            raise explained(error, self._engine.url) from error

    async def erase(self) -> None:
        """Have no file of ours hold what was deleted. On PostgreSQL that is the server's: see `vacuum`.

        Where somebody still reads what was there, it is tried again until they do not.
        """
        if self._turn is not None:
            async with self._turn:
                await self._erase()

    async def _erase(self) -> None:
        if self._file is None or self._erasing is not None:
            return
        if not await self._is_erased():
            self._erasing = asyncio.create_task(self._keep_erasing())

    async def _is_erased(self) -> bool:
        assert self._file is not None  # noqa: S101  for the type checker: `_erase` has looked
        try:
            return await asyncio.to_thread(truncate_wal, self._file.path)
        except sqlite3.Error:
            return False

    async def _keep_erasing(self) -> None:
        done = False
        while not done:
            await asyncio.sleep(ERASE_AGAIN)
            done = await self._is_erased()
        self._erasing = None

    async def vacuum(self, *, rewrite: bool = False) -> None:
        """Have PostgreSQL use the room of what was deleted anew. On SQLite `erase` has seen to it.

        `rewrite`: write the tables anew, without what was changed or deleted in them; nobody may be at work.
        Otherwise, until that room is used, or the key of what lies there is destroyed, its files may hold it.
        """
        if self._turn is not None:
            return
        try:
            async with self._engine.connect() as connection:
                outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
                for table in PERSONAL:
                    how = "(FULL, ANALYZE)" if rewrite else ""
                    await outside.execute(text(f"VACUUM {how} {table.name}"))
        except (DBAPIError, OSError) as error:
            raise explained(error, self._engine.url) from error

    async def close(self) -> None:
        """Close every connection."""
        if self._erasing is not None:
            self._erasing.cancel()
            await asyncio.gather(self._erasing, return_exceptions=True)
        await self._engine.dispose()
        if self._erasing is not None:
            await self._is_erased()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """A database as it is, without a change to it.

    `version`: of the software, such as "PostgreSQL 16.4". `revision`: of our tables. `now`: the time there,
    None where that is ours; `asked_at`: our own time, in the middle of asking.
    """

    version: str
    revision: str
    proof: bytes
    now: datetime | None
    asked_at: datetime

    @property
    def is_old(self) -> bool:
        """Whether the tables are brought up to date when they are opened."""
        return self.revision != REVISION

    def check_keyring(self, keyring: KeyringSource) -> None:
        """See that the keyring is there, and the one of this database. Raises Misconfigured."""
        _fitting(keyring, self.proof)


async def database_facts(url: str) -> DatabaseFacts:
    """What there is at that address. Raises NotInstalled where nothing of ours is, or Failure."""
    engine = _engine(url)
    try:
        see_that_it_is_there(engine.url)
        async with engine.execution_options(purpose="read").begin() as connection:
            revision = await connection.run_sync(version)
            if revision is None:
                raise _empty(engine.url)
            if revision != REVISION and not is_known(revision):
                raise _newer(revision)
            proof = await connection.scalar(select(vault.c.proof))
            if proof is None:
                raise _empty(engine.url)
            return await _facts(connection, revision, proof)
    except (DBAPIError, OSError) as error:
        raise explained(error, engine.url) from error
    finally:
        await engine.dispose()


async def _facts(connection: AsyncConnection, revision: str, proof: bytes) -> DatabaseFacts:
    began = datetime.now(UTC)
    if connection.dialect.name == "sqlite":
        version, now = await connection.scalar(text("SELECT sqlite_version()")), None
    else:
        now = await connection.scalar(text("SELECT clock_timestamp()"))
        version = await connection.scalar(text("SHOW server_version"))
    return DatabaseFacts(
        version=f"{'SQLite' if now is None else 'PostgreSQL'} {version}",
        revision=revision,
        proof=proof,
        now=now,
        asked_at=began + (datetime.now(UTC) - began) / 2,
    )


DATABASE_URL = "ASSISTANT_DATABASE_URL"


def parsed(address: str, setting: str = DATABASE_URL) -> URL:
    """The address of a database, with the drivers that we use. `setting`: where it was written.

    Raises Misconfigured where it is none; what was written is not repeated, as it may hold a password.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise Misconfigured(f"{setting} is not a database address.") from error
    match url.get_backend_name():
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case "sqlite":
            if "?" in address:
                raise Misconfigured(
                    f"{setting}: nothing can follow the file of an SQLite database. A ? in its "
                    "name is written %3F."
                )
            return url.set(drivername="sqlite+aiosqlite")
    raise Misconfigured(f"{setting} has to begin with sqlite:/// or postgresql://.")


def _end_transactions_of_the_frozen(connection: Any, _record: object) -> None:  # Any: a driver's connection
    """The server ends a transaction in which nothing is asked for longer than a lease, with its locks.

    Otherwise who takes over would wait for a process that is frozen.
    """
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{LEASE:g}s'")
    cursor.close()
    connection.commit()


def file_address(file: Path) -> URL:
    """The address of an SQLite database in that file."""
    return URL.create("sqlite+aiosqlite", database=str(file))


def _engine(address: str) -> AsyncEngine:
    url = parsed(address)
    if url.get_backend_name() == "sqlite":
        return sqlite_engine(url)
    engine = create_async_engine(url, hide_parameters=True, connect_args=IMPATIENT)
    event.listen(engine.sync_engine, "connect", _end_transactions_of_the_frozen)
    return engine


def see_that_it_is_there(url: URL) -> None:
    """Raises NotInstalled where it is not: SQLite makes a file of whatever it connects to."""
    file = Path(url.database or "")
    if url.get_backend_name() == "sqlite" and not (is_there(file) and file.stat().st_size):
        raise NotInstalled(
            f"There is nothing here yet: no database {file.absolute()}. Only `assistant run`, "
            "`assistant chat` and `assistant db migrate` make one. If yours is in another folder, go to "
            "where it was made, or set ASSISTANT_DATA_DIR."
        )


@asynccontextmanager
async def _migrating(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction in which tables may be made anew.

    SQLite changes little about a table that exists. A migration copies it, drops it and renames the copy,
    and with foreign keys enforced, to drop it would delete what refers to it. They cannot be switched off
    inside a transaction: https://www.sqlite.org/lang_altertable.html#otheralter
    """
    async with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            await _enforce_foreign_keys(connection, "OFF")
        async with connection.begin():
            yield connection
        if engine.dialect.name == "sqlite":
            await _enforce_foreign_keys(connection, "ON")


async def _enforce_foreign_keys(connection: AsyncConnection, setting: str) -> None:
    driver: Any = (
        await connection.get_raw_connection()
    ).driver_connection  # Any: a pool may hold any driver's
    await (await driver.execute(f"PRAGMA foreign_keys = {setting}")).close()


async def _prepare(engine: AsyncEngine, keyring: KeyringSource, create: bool) -> tuple[Vault, str | None]:
    """The keyring, and of which revision the tables were."""
    async with _migrating(engine) as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        current = await connection.run_sync(version)
        if current is None and not create:
            raise _empty(engine.url)
        if current not in (None, REVISION):
            await _see_that_nobody_works(connection)
        proof = None if current is None else await connection.scalar(select(vault.c.proof))
        opened = None if proof is None else _fitting(keyring, proof)
        await connection.run_sync(migrate, current, opened)
        if opened is not None and proof is not None:
            if not opened.has_signed(proof):
                await authenticity.sign_all(connection, opened)
                await connection.execute(vault.update().values(proof=opened.proof()))
            return opened, current
        if not create:
            raise _empty(engine.url)
        opened = Vault.load_or_create(keyring)
        await connection.execute(vault.insert().values(proof=opened.proof()))
        return opened, current


async def _see_that_nobody_works(connection: AsyncConnection) -> None:
    """Raises Misconfigured where a process has said lately that it works on these tables.

    It cannot be waited for: on SQLite this transaction keeps it from saying so again.
    """
    if not await connection.run_sync(lambda each: inspect(each).has_table(processes.name)):
        return  # no earlier version listed them
    lately = processes.c.seen_at.between(real_time(connection, -LEASE), real_time(connection, LEASE))
    query = select(processes.c.name, processes.c.version).where(lately).order_by(processes.c.id).limit(1)
    found = (await connection.execute(query)).one_or_none()
    if found is not None:
        raise Misconfigured(
            f"The tables have to change for this version, and {found.name}, of version {found.version}, "
            "works on them. End it, and whatever else works on this database, and try again. "
            f"If it was killed, that is known {LEASE:.0f} seconds later."
        )


def _fitting(keyring: KeyringSource, proof: bytes) -> Vault:
    if not keyring.exists():
        raise Misconfigured(
            f"{keyring.name} is missing, and without it the database cannot be read. "
            "Put its copy there, or name it in ASSISTANT_KEYRING."
        )
    opened = Vault(keyring)
    if not opened.belongs(proof):
        raise Misconfigured(
            f"{keyring.name} belongs to another database. Put the right one there, "
            "or name it in ASSISTANT_KEYRING."
        )
    return opened


def _empty(url: URL) -> NotInstalled:
    return NotInstalled(
        f"The database {_place(url)} holds nothing of ours yet. Only `assistant run`, `assistant chat` "
        "and `assistant db migrate` begin one. If yours is another one, see ASSISTANT_DATABASE_URL and "
        "ASSISTANT_DATA_DIR."
    )


def version(connection: Connection) -> str | None:
    """Of which revision the tables are; None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    current: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return current


def migrate(connection: Connection, current: str | None, keyring: Vault | None = None) -> None:
    """Bring the tables from that revision up to date, in the caller's transaction; None: make them.

    `keyring`: of what is in them already, some of which is sealed anew; None: there is nothing in them.
    Raises Misconfigured where a newer version of the assistant has made them.
    """
    if current == REVISION:
        return
    from alembic import command

    config = _alembic()
    if current is not None and not is_known(current):
        raise _newer(current)
    config.attributes["connection"] = connection
    config.attributes["keyring"] = keyring
    command.upgrade(config, "head")


def _newer(revision: str) -> Misconfigured:
    return Misconfigured(
        f"The database was made by a newer version of the assistant (its tables are {revision}, "
        f"this version knows {REVISION}). Install that version again."
    )


def is_known(revision: str) -> bool:
    """Whether this version of the assistant has made tables like that, or brings them up to date."""
    from alembic.script import ScriptDirectory

    return revision in {each.revision for each in ScriptDirectory.from_config(_alembic()).walk_revisions()}


def _alembic() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def explained(error: Exception, url: URL) -> Failure:
    """A database error in words for the operator. What was being stored is not part of it."""
    where = _place(url)
    what = str(getattr(error, "orig", None) or error).lower()
    if "readonly" in what or "read-only" in what:
        return Misconfigured(f"The database {where} cannot be written: make it and its folder writable.")
    fails = "disk i/o error" in what  # also where SQLite's shared memory finds no room
    if "disk is full" in what or "no space left" in what or (fails and _is_full(url)):
        return Failure(f"The disk that holds the database {where} is full. Make room; nothing is lost.")
    if fails:
        return Failure(f"The disk that holds the database {where} cannot be used: see the system's log.")
    if "deadlock" in what:
        return Failure("The database ended one of two steps that waited for each other. It is tried again.")
    if "locked" in what or "busy" in what:
        return Failure(
            f"Another program keeps the database {where} locked. End it, or try again in a moment."
        )
    if "not a database" in what or "malformed" in what:
        return Misconfigured(f"{where} is not a database of ours, or is damaged. Put its backup copy back.")
    if "unable to open" in what or "permission denied" in what:
        return Misconfigured(f"The database {where} cannot be opened: see to the folder and its permissions.")
    if _unreachable(error, url.get_dialect()()):
        if "fatal" in what and not any(each in what for each in _PASSES):
            return Misconfigured(
                f"The database server {where} refuses us: see the user, the password and the name of the "
                "database in ASSISTANT_DATABASE_URL."
            )
        return ServerAway(f"The database server {where} cannot be reached: see ASSISTANT_DATABASE_URL.")
    return Failure(f"The database {where} failed: {type(getattr(error, 'orig', None) or error).__name__}.")


ROOM = 1_000_000  # bytes: with less a disk counts as full


def _is_full(url: URL) -> bool:
    """Whether there is no room on the disk of an SQLite database."""
    try:
        return shutil.disk_usage(Path(url.database or ".").absolute().parent).free < ROOM
    except OSError:
        return False


def _place(url: URL) -> str:
    """A file, or a server's address; a socket's path would say nothing."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    return f"{url.host}:{url.port or 5432}" if url.host else "behind ASSISTANT_DATABASE_URL"


def _unreachable(error: Exception, dialect: Dialect) -> bool:
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or (dialect.name == "postgresql" and "OperationalError" in type(error).__name__)


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


def real_time(on: Tx | AsyncConnection, seconds: float = 0.0) -> ColumnElement[datetime]:
    """What time it is in so many seconds, by the clock that all who use the database share.

    It goes as real time goes, also in a rehearsal.
    """
    connection = on.connection if isinstance(on, Tx) else on
    if connection.dialect.name == "postgresql":
        milliseconds = round(seconds * 1000)
        return literal_column(
            f"((extract(epoch FROM clock_timestamp()) * 1000)::bigint + {milliseconds})", Moment
        )
    return literal(datetime.now(UTC) + timedelta(seconds=seconds), Moment)


async def add_counts(tx: Tx, column: Column[int], rows: Sequence[Mapping[str, Value]]) -> None:
    """Add what each row has in that column to the row with the same primary key, or make that row.

    They are locked in the order given: give one that is the same everywhere.
    """
    if rows:
        await tx.connection.execute(_adds(tx.dialect, column), list(rows))


@cache  # to put it together takes as long as to run it
def _adds(dialect: str, column: Column[int]) -> postgresql.Insert | sqlite.Insert:
    table = column.table
    added = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    return added.on_conflict_do_update(
        index_elements=[each.name for each in table.primary_key],
        set_={column.name: column + added.excluded[column.name]},
    )


def insert_or_skip(tx: Tx, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves out rows that are there already."""
    if tx.dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


_UPDATE_ON_POSTGRESQL = (
    "UPDATE {table} SET {column} = new.value"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:values AS bytea[])) AS new (id, value)"
    " WHERE {table}.id = new.id"
)
_UPDATE_ON_SQLITE = "UPDATE {table} SET {column} = ? WHERE id = ?"


async def update_each(tx: Tx, column: Column[bytes], values: Mapping[int, bytes]) -> None:
    """Give each of those rows, by id, a value of its own in that column of bytes.

    For many rows: on PostgreSQL one statement takes a sixth of the time of one for each row, and SQLite's
    driver gets them as they are.
    """
    if not values:
        return
    names = {"table": column.table.name, "column": column.name}
    if tx.dialect == "postgresql":
        lists = {"ids": list(values), "values": list(values.values())}
        await tx.connection.execute(text(_UPDATE_ON_POSTGRESQL.format(**names)), lists)
    else:
        rows = [(value, row_id) for row_id, value in values.items()]
        await tx.connection.exec_driver_sql(_UPDATE_ON_SQLITE.format(**names), rows)


async def insert_new(tx: Tx, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
    """Insert the rows, leaving out those that are there already."""
    if rows:
        await tx.connection.execute(insert_or_skip(tx, table), list(rows))
