"""What a lane sends next: replies and notices first, then the copies of each broadcast under way."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, exists, func, select, update

from assistant.domain.broadcasts import Version, version_for
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus, MessageStatus
from assistant.domain.messages import Account, Address
from assistant.store import broadcasts as broadcast_store
from assistant.store.broadcasts import LANE
from assistant.store.database import Tx
from assistant.store.messages import Ready, load_reply
from assistant.store.tables import broadcasts, chats, has, letters, messages

ROUNDS = 20  # batches of sleeping readers that are put off in one transaction
Morning = Callable[[str | None, str | None], datetime | None]
"""When it is day again for a reader of that country and language; None where it is day."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where messages come from: a broadcast, or (None) replies and notices."""

    broadcast: int | None
    case: str = ""
    urgent: bool = True


def _behind(*statuses: MessageStatus, here: bool = False) -> ColumnElement[bool]:
    """Whether an earlier reply of the same chat has one of these statuses, on whatever lane; `here`: on its
    own."""
    ahead = messages.alias("ahead")
    return exists().where(
        *([ahead.c.lane_id == messages.c.lane_id] if here else []),
        ahead.c.chat_id == messages.c.chat_id,
        ahead.c.id < messages.c.id,
        ahead.c.broadcast_id.is_(None),
        ~ahead.c.notice,  # those may wait for the morning
        has(ahead.c.status, MessageStatus.QUEUED, MessageStatus.SENDING),  # as the index has it
        has(ahead.c.status, *statuses),
    )


def _next(*conditions: ColumnElement[bool]) -> Select[Any]:  # Any: columns of each type
    written = exists().where(
        letters.c.chat_id == chats.c.id,
        letters.c.case_slug == bindparam("case"),
        ~has(letters.c.status, LetterStatus.CANCELLED),
    )
    return (
        select(messages, chats.c.key, chats.c.account, chats.c.address, chats.c.language, chats.c.country)
        .add_columns(written.label("wrote"))
        .join(chats, chats.c.id == messages.c.chat_id)
        .where(messages.c.lane_id == bindparam("lane"), has(messages.c.status, MessageStatus.QUEUED))
        .where(messages.c.due_at <= bindparam("now", type_=messages.c.due_at.type), *conditions)
        .order_by(messages.c.due_at, messages.c.id)
        .limit(bindparam("at_most"))
        # Who unsubscribes or is forgotten at this moment is passed over; nobody waits for each other.
        .with_for_update(of=messages, skip_locked=True)
    )


# Put together once: that takes SQLAlchemy as long as running them.
_REPLIES = _next(messages.c.broadcast_id.is_(None), ~_behind(MessageStatus.QUEUED, MessageStatus.SENDING))
_COPIES = _next(messages.c.broadcast_id == bindparam("broadcast"))
_UNDER_WAY = (
    select(broadcasts.c.id, broadcasts.c.case_slug, broadcasts.c.urgent)
    .where(has(broadcasts.c.status, BroadcastStatus.SENDING))
    .where(
        broadcasts.c.expires_at.is_(None)
        | (broadcasts.c.expires_at > bindparam("now", type_=broadcasts.c.expires_at.type))
    )
    .order_by(broadcasts.c.urgent.desc(), broadcasts.c.id)
)
_FIRST = select(func.min(messages.c.due_at, type_=messages.c.due_at.type)).where(
    messages.c.lane_id == bindparam("lane"), has(messages.c.status, MessageStatus.QUEUED)
)
# What waits behind a reply on another lane is looked at again: nobody tells this lane when that one is sent.
_FIRST_REPLY = _FIRST.where(messages.c.broadcast_id.is_(None), ~_behind(MessageStatus.QUEUED, here=True))
_FIRST_COPY = _FIRST.where(messages.c.broadcast_id == bindparam("broadcast"))


async def claim(tx: Tx, lane: Lane, now: datetime, limit: int, morning: Morning) -> list[Ready]:
    """The lane's next messages, marked `sending`. Of a chat's replies only the oldest, so that order is kept.

    What was halted, or is worthless by now, is not looked at; whose reader sleeps by now is put off. Call
    after `lanes.fence`, in the same transaction.
    """
    rows: list[Row[Any]] = []  # Any: SQLAlchemy's row
    for source in await _sources(tx, lane, now):
        rows += await _due(tx, lane, source, now, limit - len(rows), morning)
        if len(rows) >= limit:
            break
    if not rows:
        return []
    numbers = {row.broadcast_id for row in rows if row.broadcast_id is not None}
    versions = await broadcast_store.versions(tx, numbers)
    marked = update(messages).where(messages.c.id.in_([row.id for row in rows]))
    await tx.connection.execute(marked.values(status=MessageStatus.SENDING, epoch=lane.epoch))
    return [_read(tx, lane, row, versions) for row in rows]


async def _due(
    tx: Tx, lane: Lane, source: _Source, now: datetime, limit: int, morning: Morning
) -> list[Row[Any]]:  # Any: SQLAlchemy's row
    wanted = {"lane": lane.id, "now": now, "at_most": limit, "case": source.case}
    if source.broadcast is None:
        return list(await tx.connection.execute(_REPLIES, wanted))
    for _ in range(ROUNDS):
        rows = list(await tx.connection.execute(_COPIES, wanted | {"broadcast": source.broadcast}))
        asleep: defaultdict[datetime, list[int]] = defaultdict(list)
        for row in rows if not source.urgent else []:
            if (moment := morning(row.country, row.language)) is not None:
                asleep[moment].append(row.id)
        for moment, ids in asleep.items():
            put_off = update(messages).where(messages.c.id.in_(ids))
            await tx.connection.execute(put_off.values(due_at=moment))
        sleeping = {number for ids in asleep.values() for number in ids}
        awake = [row for row in rows if row.id not in sleeping]
        if awake or not rows:
            return awake
    return []


async def next_due(tx: Tx, lane: Lane, now: datetime) -> datetime | None:
    """When the lane's next message is due; replies that wait behind another are not due before it."""
    moments: list[datetime | None] = []
    for source in await _sources(tx, lane, now):
        if source.broadcast is None:
            moments.append(await tx.connection.scalar(_FIRST_REPLY, {"lane": lane.id}))
        else:
            wanted = {"lane": lane.id, "broadcast": source.broadcast}
            moments.append(await tx.connection.scalar(_FIRST_COPY, wanted))
    return min((moment for moment in moments if moment is not None), default=None)


async def _sources(tx: Tx, lane: Lane, now: datetime) -> Sequence[_Source]:
    """In the order in which they are served."""
    if lane.kind != LANE:
        return [_Source(None)]
    under_way = await tx.connection.execute(_UNDER_WAY, {"now": now})
    return [_Source(None), *(_Source(row.id, row.case_slug, row.urgent) for row in under_way)]


def _read(tx: Tx, lane: Lane, row: Row[Any], versions: Mapping[int, Mapping[str, Version]]) -> Ready:
    sealer = tx.vault.open_key(row.key, row.chat_id)
    person = sealer.open("chats.address", row.chat_id, row.address)
    address = Address(Account.parse(row.account), person)
    if row.broadcast_id is None:
        reply = load_reply(sealer.open("messages.body", row.id, row.body))
    else:
        version = version_for(versions[row.broadcast_id], row.language)
        reply = version.copy(wrote=row.wrote)
    return Ready(
        id=row.id,
        chat_id=row.chat_id,
        lane=lane,
        address=address,
        reply=reply,
        attempts=row.attempts,
        broadcast=row.broadcast_id,
    )
