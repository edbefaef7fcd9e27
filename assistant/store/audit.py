"""What organisers did, as a chain: each entry's code covers the code of the one before it.

Nobody without the keyring can change, add or remove an entry unnoticed. What a chain cannot show by itself
is that its newest entries are missing: for that, keep the code that `verify` returns somewhere else.
"""

import hmac
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, text

from assistant.domain.audit import Entry, RecordChanged, Verified
from assistant.store.database import Tx
from assistant.store.tables import audit

KEEP = timedelta(days=365)
ASSISTANT = "assistant"  # the actor of what nobody in particular did
PAGE = 1000  # entries read at a time
LATELY = 300  # entries among which is found what was done lately
SHORTENED = "shortened"  # the entry that says up to which number entries were deleted
_PURPOSE = "audit"
_LOCK = 0x41554449  # any number, the same for every process


async def lock(tx: Tx) -> None:
    """Make organisers' actions wait for each other, until this transaction ends.

    Take it before any row that they change, so that no two of them wait for each other's.
    """
    if tx.dialect == "postgresql" and _LOCK not in tx.locked:
        await tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        tx.locked.add(_LOCK)


async def add(tx: Tx, at: datetime, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Write an entry down. `at`: UTC. Nothing in it may name a supporter, or hold what they wrote."""
    await lock(tx)
    last = (await tx.connection.execute(select(audit).order_by(audit.c.id.desc()).limit(1))).one_or_none()
    entry = Entry(
        id=last.id + 1 if last else 1, at=at, actor=actor, action=action, subject=subject, detail=detail
    )
    code = _code(tx, entry, last.mac if last else b"")
    row = {"id": entry.id, "at": at, "actor": actor, "action": action, "subject": subject, "detail": detail}
    await tx.connection.execute(insert(audit).values(row | {"mac": code}))
    if tx.on_record is not None:
        await tx.on_record(tx, entry)


async def shorten(tx: Tx, now: datetime) -> None:
    """Delete entries that are kept no longer, and write down the last one's number and code.

    Found from the oldest on, so that a year of entries need not be read to find that none is too old.
    """
    kept = select(audit.c.id).where(audit.c.at >= now - KEEP).order_by(audit.c.id).limit(1)
    first = await tx.connection.scalar(kept)
    old = select(audit).order_by(audit.c.id.desc()).limit(1)
    if first is not None:
        old = old.where(audit.c.id == first - 1)
    last = (await tx.connection.execute(old)).one_or_none()
    if last is not None:
        await add(tx, now, ASSISTANT, SHORTENED, str(last.id), last.mac.hex())
        await tx.connection.execute(delete(audit).where(audit.c.id <= last.id))


async def newest(tx: Tx) -> tuple[Entry, str] | None:
    """The newest entry with its code; None where there is none."""
    row = (await tx.connection.execute(select(audit).order_by(audit.c.id.desc()).limit(1))).one_or_none()
    return (_entry(row), row.mac.hex()) if row else None


async def latest_of_ours(tx: Tx, action: str) -> Entry | None:
    """The newest entry of that action by the assistant itself, among the last `LATELY` ones."""
    lately = select(audit).order_by(audit.c.id.desc()).limit(LATELY).subquery()
    ours = (lately.c.action == action, lately.c.actor == ASSISTANT)
    query = select(lately).where(*ours).order_by(lately.c.id.desc()).limit(1)
    row = (await tx.connection.execute(query)).one_or_none()
    return _entry(row) if row else None


async def listed(tx: Tx) -> AsyncIterator[Entry]:
    """Every entry, the oldest first."""
    async for row in _rows(tx):
        yield _entry(row)


async def newest_first(tx: Tx, limit: int, *, before: int | None = None) -> list[Entry]:
    """So many entries at most: the newest, or the newest of those before that number."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    return [_entry(row) for row in await tx.connection.execute(query)]


async def _rows(tx: Tx) -> AsyncIterator[Row[Any]]:  # Any: SQLAlchemy's row
    """Every row, in order, a page at a time."""
    after = -(2**63)
    while page := (
        await tx.connection.execute(select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(PAGE))
    ).all():
        for row in page:
            yield row
        after = page[-1].id


async def verify(tx: Tx, noted: str = "") -> Verified:
    """Look through the whole chain.

    `noted`: the code that an earlier `verify` returned, which still has to be part of it. Raises
    RecordChanged, which names the first entry that is not as it was written.
    """
    count, first, before, anchor, seen = 0, None, b"", {0: b""}, not noted
    async for row in _rows(tx):
        entry = _entry(row)
        if first is None:
            first = (entry, row.mac)
        elif entry.id != first[0].id + count:
            raise RecordChanged(
                f"Entries are missing from the audit: number {first[0].id + count} is not there."
            )
        else:
            _check(tx, entry, row.mac, before)
        if entry.action == SHORTENED and entry.actor == ASSISTANT:
            anchor |= _anchor(entry)
        before = row.mac
        seen = seen or noted.lower() in (row.mac.hex(), entry.detail)  # or of the last one deleted
        count += 1
    if first is not None:
        if first[0].id - 1 not in anchor:
            raise RecordChanged(f"Entries are missing from the audit: those before number {first[0].id}.")
        _check(tx, *first, anchor[first[0].id - 1])
    if not seen:
        raise RecordChanged(
            "The audit has no entry with the code that was noted. Unless that is more than a year old, "
            "its newest entries are missing."
        )
    return Verified(count, before.hex())


def _anchor(entry: Entry) -> dict[int, bytes]:
    """The number and the code of the last entry that was deleted; nothing where that cannot be read."""
    try:
        return {int(entry.subject): bytes.fromhex(entry.detail)}
    except ValueError:
        return {}


def _check(tx: Tx, entry: Entry, mac: bytes, before: bytes) -> None:
    if not hmac.compare_digest(mac, _code(tx, entry, before)):
        raise RecordChanged(f"Entry {entry.id} of the audit is not as it was written.")


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id, at=row.at, actor=row.actor, action=row.action, subject=row.subject, detail=row.detail
    )


def _code(tx: Tx, entry: Entry, before: bytes) -> bytes:
    facts = [
        entry.id,
        round(entry.at.timestamp() * 1000),
        entry.actor,
        entry.action,
        entry.subject,
        entry.detail,
    ]
    message = before + json.dumps(facts, ensure_ascii=False).encode()
    return hmac.digest(tx.vault.secret(_PURPOSE), message, "sha256")
