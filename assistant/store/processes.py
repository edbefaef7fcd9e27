"""The processes that work on this database: each is listed while it lives, and says so again and again."""

import os
from importlib import metadata
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, text, update

from assistant.domain.lanes import LEASE
from assistant.domain.processes import Process
from assistant.store.database import Tx, real_time
from assistant.store.tables import processes

_LOCK = 0x50524F43  # any number, the same for every process


async def lock(tx: Tx) -> None:
    """Let no other process begin before this transaction ends."""
    if tx.dialect == "postgresql":
        await tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


async def living(tx: Tx) -> list[Process]:
    """The processes that have said lately that they live, the oldest first."""
    said = processes.c.seen_at > real_time(tx, -LEASE), processes.c.seen_at <= real_time(tx, LEASE)
    query = select(processes).where(*said).order_by(processes.c.id)
    return [_process(row) for row in await tx.connection.execute(query)]


async def heartbeats(tx: Tx) -> list[tuple[Process, float]]:
    """Every process that is listed, with the real seconds since it last said that it lives."""
    query = select(processes, real_time(tx).label("now")).order_by(processes.c.id)
    return [
        (_process(row), max(0.0, (row.now - row.seen_at).total_seconds()))
        for row in await tx.connection.execute(query)
    ]


def _process(row: Row[Any]) -> Process:  # Any: SQLAlchemy's own
    return Process(
        name=row.name,
        place=row.place,
        pid=row.pid,
        role=row.role,
        engine=row.engine,
        version=row.version,
        started_at=row.started_at,
        seen_at=row.seen_at,
        newest_key=row.newest_key,
        active_key=row.active_key,
    )


async def add(tx: Tx, place: str, role: str, engine: str) -> None:
    """List this process; those that have not said for a while that they live are listed no more."""
    silent = or_(processes.c.seen_at <= real_time(tx, -LEASE), processes.c.seen_at > real_time(tx, LEASE))
    await tx.connection.execute(delete(processes).where(silent))
    now = real_time(tx)
    row = {"name": tx.process, "place": place, "pid": os.getpid(), "role": role, "engine": engine}
    row |= {"version": metadata.version("letters-assistant"), "started_at": now, "seen_at": now}
    row |= _keys(tx)
    await tx.connection.execute(insert(processes).values(row))


async def renew(tx: Tx) -> bool:
    """Say that this process lives; whether it is listed."""
    ours = update(processes).where(processes.c.name == tx.process).values(seen_at=real_time(tx), **_keys(tx))
    return (await tx.connection.execute(ours)).rowcount > 0


def _keys(tx: Tx) -> dict[str, int]:
    return {"newest_key": tx.vault.keyring.wrapping[-1].id, "active_key": tx.vault.active.id}


async def remove(tx: Tx, name: str) -> None:
    """List that process no more."""
    await tx.connection.execute(delete(processes).where(processes.c.name == name))
