"""What a lane sends next: replies and notices first, then the copies of each broadcast under way."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, exists, func, select, update

from assistant.domain.broadcasts import Version, version_for
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus, MessageStatus
from assistant.domain.messages import Account, Address
from assistant.store import authenticity
from assistant.store import broadcasts as broadcast_store
from assistant.store import copies as copies_store
from assistant.store import messages as messages_store
from assistant.store.broadcasts import LANE
from assistant.store.crypto import Sealer
from assistant.store.database import Tx, Value
from assistant.store.messages import Ready, load_reply
from assistant.store.tables import broadcasts, chats, copies, has, letters, messages

ROUNDS = 20  # batches of sleeping readers that are put off in one transaction
Morning = Callable[[str | None, str | None], datetime | None]
"""When it is day again for a reader of that country and language; None where it is day."""


@dataclass(frozen=True, slots=True)
class _Broadcast:
    """One whose copies leave. `case`: its slug, empty where it is of no single one. `versions`: its texts."""

    number: int
    case: str
    urgent: bool
    versions: Mapping[str, Version]


def _behind(*statuses: MessageStatus, here: bool = False) -> ColumnElement[bool]:
    """Whether an earlier reply of the same chat has one of these statuses, on whatever lane; `here`: on its
    own."""
    ahead = messages.alias("ahead")
    return exists().where(
        *([ahead.c.lane_id == messages.c.lane_id] if here else []),
        ahead.c.chat_id == messages.c.chat_id,
        ahead.c.id < messages.c.id,
        ~ahead.c.notice,  # those may wait for the morning
        has(ahead.c.status, MessageStatus.QUEUED, MessageStatus.SENDING),  # as the index has it
        has(ahead.c.status, *statuses),
    )


def _next(queue: Table, number: ColumnElement[int], *conditions: ColumnElement[bool]) -> Select[Any]:
    """The queue's rows that are due on a lane. `number`: decides between those of the same moment."""
    return (  # Any: columns of each type
        select(queue, chats.c.key, chats.c.account, chats.c.address, chats.c.forgotten)
        .join(chats, chats.c.id == queue.c.chat_id)
        .where(queue.c.lane_id == bindparam("lane"), has(queue.c.status, MessageStatus.QUEUED))
        .where(queue.c.due_at <= bindparam("now", type_=queue.c.due_at.type), *conditions)
        .order_by(queue.c.due_at, number)
        .limit(bindparam("at_most"))
        # Who unsubscribes or is forgotten at this moment is passed over; nobody waits for each other.
        .with_for_update(of=queue, skip_locked=True)
    )


def _first(queue: Table) -> Select[datetime]:
    return select(func.min(queue.c.due_at, type_=queue.c.due_at.type)).where(
        queue.c.lane_id == bindparam("lane"), has(queue.c.status, MessageStatus.QUEUED)
    )


# Put together once: that takes SQLAlchemy as long as running them.
_REPLIES = _next(messages, messages.c.id, ~_behind(MessageStatus.QUEUED, MessageStatus.SENDING))
_WROTE = exists().where(
    letters.c.chat_id == chats.c.id,
    letters.c.case_slug == bindparam("case"),
    ~has(letters.c.status, LetterStatus.CANCELLED),
)
_OF_IT = copies.c.broadcast_id == bindparam("broadcast")
_COPIES = _next(copies, copies.c.chat_id, _OF_IT).add_columns(
    chats.c.language, chats.c.country, _WROTE.label("wrote")
)
_UNDER_WAY = (
    select(broadcasts)
    .where(has(broadcasts.c.status, BroadcastStatus.SENDING))
    .where(
        broadcasts.c.expires_at.is_(None)
        | (broadcasts.c.expires_at > bindparam("now", type_=broadcasts.c.expires_at.type))
    )
    .order_by(broadcasts.c.urgent.desc(), broadcasts.c.id)
)
# What waits behind a reply on another lane is looked at again: nobody tells this lane when that one is sent.
_FIRST_REPLY = _first(messages).where(~_behind(MessageStatus.QUEUED, here=True))
_FIRST_COPY = _first(copies).where(_OF_IT)


async def claim(tx: Tx, lane: Lane, now: datetime, limit: int, morning: Morning) -> list[Ready]:
    """The lane's next messages, marked `sending`. Of a chat's replies only the oldest, so that order is kept.

    What was halted, or is worthless by now, is not looked at; whose reader sleeps by now is put off. Call
    after `lanes.fence`, in the same transaction.
    """
    ready = await _claim_replies(tx, lane, now, limit)
    for broadcast in await _under_way(tx, lane, now):
        if len(ready) >= limit:
            break
        ready += await _claim_copies(tx, lane, broadcast, now, limit - len(ready), morning)
    return ready


async def _claim_replies(tx: Tx, lane: Lane, now: datetime, limit: int) -> list[Ready]:
    wanted = {"lane": lane.id, "now": now, "at_most": limit}
    rows = (await tx.connection.execute(_REPLIES, wanted)).all()
    if rows:
        marked = update(messages).where(messages.c.id.in_([row.id for row in rows]))
        await tx.connection.execute(marked.values(status=MessageStatus.SENDING, epoch=lane.epoch))
    return [_read_reply(tx, lane, row) for row in rows]


async def _claim_copies(
    tx: Tx, lane: Lane, broadcast: _Broadcast, now: datetime, limit: int, morning: Morning
) -> list[Ready]:
    rows = await _copies_for_who_is_awake(tx, lane, broadcast, now, limit, morning)
    if not rows:
        return []
    await _change(
        tx, broadcast, [row.chat_id for row in rows], status=MessageStatus.SENDING, epoch=lane.epoch
    )
    return [_read_copy(tx, lane, row, broadcast.versions) for row in rows]


async def _copies_for_who_is_awake(
    tx: Tx, lane: Lane, broadcast: _Broadcast, now: datetime, limit: int, morning: Morning
) -> list[Row[Any]]:  # Any: columns of each type
    wanted = {"lane": lane.id, "now": now, "at_most": limit}
    of_it = {"broadcast": broadcast.number, "case": broadcast.case}
    for _ in range(ROUNDS):
        rows = list(await tx.connection.execute(_COPIES, wanted | of_it))
        asleep: defaultdict[datetime, list[int]] = defaultdict(list)
        for row in rows if not broadcast.urgent else []:
            if (moment := morning(row.country, row.language)) is not None:
                asleep[moment].append(row.chat_id)
        for moment, chat_ids in asleep.items():
            await _change(tx, broadcast, chat_ids, due_at=moment)
        sleeping = {chat for chat_ids in asleep.values() for chat in chat_ids}
        awake = [row for row in rows if row.chat_id not in sleeping]
        if awake or not rows:
            return awake
    return []


async def _change(tx: Tx, broadcast: _Broadcast, chat_ids: Collection[int], **values: Value) -> None:
    of_it = (copies.c.broadcast_id == broadcast.number, copies.c.chat_id.in_(chat_ids))
    await tx.connection.execute(update(copies).where(*of_it).values(**values))


async def next_due(tx: Tx, lane: Lane, now: datetime) -> datetime | None:
    """When the lane's next message is due; replies that wait behind another are not due before it."""
    moments: list[datetime | None] = [await tx.connection.scalar(_FIRST_REPLY, {"lane": lane.id})]
    for broadcast in await _under_way(tx, lane, now):
        wanted = {"lane": lane.id, "broadcast": broadcast.number}
        moments.append(await tx.connection.scalar(_FIRST_COPY, wanted))
    return min((moment for moment in moments if moment is not None), default=None)


async def _under_way(tx: Tx, lane: Lane, now: datetime) -> list[_Broadcast]:
    """Of which copies may leave on the lane now, in the order in which they are served.

    Nothing of what somebody else than we has written: the worker of broadcasts will halt it.
    """
    if lane.kind != LANE:
        return []
    rows = await tx.connection.execute(_UNDER_WAY, {"now": now})
    ours = [row for row in rows if authenticity.is_authentic(tx.vault, broadcasts, row)]
    versions = await broadcast_store.versions(tx, [row.id for row in ours])
    return [
        _Broadcast(row.id, row.case_slug, row.urgent, versions[row.id]) for row in ours if row.id in versions
    ]


async def recover(tx: Tx, lane: Lane, now: datetime) -> None:
    """Deal with what a dead runner of this lane left in the middle."""
    await messages_store.recover(tx, lane, now)
    if lane.kind == LANE:
        await copies_store.recover(tx, lane)


def _read_reply(tx: Tx, lane: Lane, row: Row[Any]) -> Ready:  # Any: columns of each type
    sealer = tx.vault.open_key(row.key, row.chat_id)
    return Ready(
        id=row.id,
        chat_id=row.chat_id,
        lane=lane,
        address=_address(sealer, row),
        reply=load_reply(sealer.open("messages.body", row.id, row.body)),
        attempts=row.attempts,
        to_forgotten=row.forgotten,
        sealed=row.body,
    )


def _read_copy(tx: Tx, lane: Lane, row: Row[Any], versions: Mapping[str, Version]) -> Ready:  # Any: as above
    return Ready(
        chat_id=row.chat_id,
        lane=lane,
        address=_address(tx.vault.open_key(row.key, row.chat_id), row),
        reply=version_for(versions, row.language).copy(wrote=row.wrote),
        attempts=row.attempts,
        broadcast=row.broadcast_id,
    )


def _address(sealer: Sealer, row: Row[Any]) -> Address:  # Any: as above
    return Address(Account.parse(row.account), sealer.open("chats.address", row.chat_id, row.address))
