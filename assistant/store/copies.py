"""The copies of broadcasts: one row for each reader, from when it is addressed until its end is known.

No foreign keys: PostgreSQL checks each of them for each row, which took longer than all else (decision 43).
So whoever deletes a chat deletes its copies, and `soundness.dangling` tells of copies whose chat is gone.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    true,
    tuple_,
    update,
)

from assistant.domain.broadcasts import CopyStatus
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.domain.messages import Account
from assistant.store import broadcasts as broadcast_store
from assistant.store.broadcasts import LANE, CopyEnd
from assistant.store.database import Tx, insert_or_skip
from assistant.store.lanes import lane_ids
from assistant.store.messages import Done, end_of, finishing
from assistant.store.references import digest_of_message
from assistant.store.tables import DAY, broadcasts, copies, has, lanes, subscriptions

CopyKey = tuple[int, int]
"""The broadcast, and the chat that gets it."""
_UNKNOWN_BULK = "a crash hid whether it was sent"
_UNSUBSCRIBED = "unsubscribed"
_KEY = tuple_(copies.c.broadcast_id, copies.c.chat_id)
_ITS_DAY = literal_column(f"due_at - due_at % {DAY}", copies.c.due_at.type)
"""What is kept of when it was due, once it is over: a moment tells whose it is to who has seen it arrive."""
_UNFINISHED = has(  # of which copies may still wait
    broadcasts.c.status, BroadcastStatus.SENDING, BroadcastStatus.HALTED, BroadcastStatus.EXPIRED
)


async def give(
    tx: Tx, chat_id: int, account: Account, number: int, due_at: datetime, status: MessageStatus
) -> bool:
    """Give the chat a copy that counts as sent, or that waits until `due_at`.

    False where it has one that was, or will be, sent already.
    """
    name = str(account)
    lane = (await lane_ids(tx, LANE, [name]))[name]
    if status is MessageStatus.SENT:
        due_at = due_at.replace(hour=0, minute=0, second=0, microsecond=0)
    row = {
        "broadcast_id": number,
        "chat_id": chat_id,
        "lane_id": lane,
        "status": status,
        "epoch": 0,
        "attempts": 0,
        "due_at": due_at,
    }
    added = insert_or_skip(tx, copies).values(row).returning(copies.c.chat_id)
    if await tx.connection.scalar(added) is not None:
        return True
    called_off = (copies.c.broadcast_id == number, copies.c.chat_id == chat_id)
    again = (
        update(copies)
        .where(*called_off, has(copies.c.status, MessageStatus.CANCELLED))
        .values(status=status, reason=None, due_at=due_at)
        .returning(copies.c.chat_id)
    )
    return await tx.connection.scalar(again) is not None


_FINISH = (
    finishing(copies)
    .where(copies.c.broadcast_id == bindparam("copy_broadcast"), copies.c.chat_id == bindparam("copy_chat"))
    .values(due_at=func.coalesce(bindparam("new_due_at", type_=copies.c.due_at.type), _ITS_DAY))
)


async def finish(tx: Tx, done: Sequence[Done]) -> None:
    """Store what became of copies. Rows that another process has taken over meanwhile are left alone.

    Raises IllegalTransition where the table of lifecycles has no such step.
    """
    rows = [
        end_of(tx.vault, each) | {"copy_broadcast": each.message.broadcast, "copy_chat": each.message.chat_id}
        for each in done
    ]
    if rows:
        await tx.connection.execute(_FINISH, rows)


async def statuses(tx: Tx, keys: Collection[CopyKey]) -> dict[CopyKey, MessageStatus]:
    """Where these copies are; without those that are gone."""
    found: dict[CopyKey, MessageStatus] = {}
    for number, chats in _by_broadcast(keys).items():
        query = select(copies.c.chat_id, copies.c.status).where(
            copies.c.broadcast_id == number, copies.c.chat_id.in_(chats)
        )
        for chat, status in await tx.connection.execute(query):
            found[number, chat] = MessageStatus(status)
    return found


def _by_broadcast(keys: Collection[CopyKey]) -> dict[int, list[int]]:
    chats: defaultdict[int, list[int]] = defaultdict(list)
    for number, chat in sorted(keys):
        chats[number].append(chat)
    return chats


async def recover(tx: Tx, lane: Lane) -> None:
    """Copies that a dead runner of this lane was sending count as unknown: they may not arrive twice."""
    lost = await tx.connection.scalars(
        update(copies)
        .where(copies.c.lane_id == lane.id, has(copies.c.status, MessageStatus.SENDING))
        .where(copies.c.epoch < lane.epoch)
        .values(status=MessageStatus.UNKNOWN, reason=_UNKNOWN_BULK, due_at=_ITS_DAY)
        .returning(copies.c.broadcast_id)
    )
    ends = [CopyEnd(number, lane.id, CopyStatus.UNKNOWN, _UNKNOWN_BULK) for number in lost]
    await broadcast_store.count_copies(tx, ends)


async def references(tx: Tx, quoted: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of these references that stand for copies: by chat and the channel's reference."""
    named = {digest_of_message(tx.vault, *each): each for each in quoted}
    query = select(copies.c.reference).where(_of({chat for chat, _ in quoted}), copies.c.reference.in_(named))
    return {named[digest] for digest in await tx.connection.scalars(query)}


# Readers who want them no more


async def call_off(tx: Tx, chat_ids: Collection[int]) -> list[CopyEnd]:
    """Call off what waits for these chats. Returns what is to be counted."""
    return await _call_off(tx, _of(chat_ids, _UNFINISHED))


async def call_off_unsubscribed(tx: Tx, keys: Collection[CopyKey]) -> list[CopyEnd]:
    """Call off those of these copies whose readers have unsubscribed while they were on their way.

    Returns what is to be counted.
    """
    if not keys:
        return []
    reads = exists().where(subscriptions.c.chat_id == copies.c.chat_id)
    return await _call_off(tx, _KEY.in_(sorted(keys)) & ~reads)


async def _call_off(tx: Tx, which: ColumnElement[bool]) -> list[CopyEnd]:
    called_off = await tx.connection.execute(
        update(copies)
        .where(which, has(copies.c.status, MessageStatus.QUEUED))
        .values(status=MessageStatus.CANCELLED, reason=_UNSUBSCRIBED, due_at=_ITS_DAY)
        .returning(copies.c.broadcast_id, copies.c.lane_id)
    )
    return [CopyEnd(row.broadcast_id, row.lane_id, CopyStatus.CANCELLED, _UNSUBSCRIBED) for row in called_off]


async def bring(tx: Tx, chat_id: int, lane: int) -> bool:
    """Have what waits for this chat sent on that lane, because the chat has moved. Returns whether there is
    something."""
    waiting = _of([chat_id], _UNFINISHED) & has(copies.c.status, MessageStatus.QUEUED)
    brought = await tx.connection.execute(update(copies).where(waiting).values(lane_id=lane))
    return bool(brought.rowcount)


async def remove(tx: Tx, chat_id: int) -> None:
    """Delete what there is of this chat, which is about to be deleted."""
    await tx.connection.execute(delete(copies).where(_of([chat_id])))


def _of(chat_ids: Collection[int], which: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """The copies of these chats, of these broadcasts: by a look for each of them."""
    numbers = select(broadcasts.c.id).where(true() if which is None else which)
    return copies.c.broadcast_id.in_(numbers) & copies.c.chat_id.in_(chat_ids)


# All copies of a broadcast


def _on_lanes(status: MessageStatus) -> ColumnElement[bool]:
    """Whether copies of the broadcast are in that state, in a query of `broadcasts`.

    By a look at each lane: so it costs the same however many copies there are."""
    found = exists().where(
        copies.c.lane_id == lanes.c.id, copies.c.broadcast_id == broadcasts.c.id, has(copies.c.status, status)
    )
    return exists().where(lanes.c.kind == LANE, found.correlate(lanes, broadcasts)).correlate(broadcasts)


async def any_open(tx: Tx, number: int) -> bool:
    """Whether copies of it wait, or are on their way."""
    is_open = _on_lanes(MessageStatus.QUEUED) | _on_lanes(MessageStatus.SENDING)
    query = select(broadcasts.c.id).where(broadcasts.c.id == number, is_open)
    return await tx.connection.scalar(query) is not None


async def uncleared(tx: Tx) -> list[int]:
    """The broadcasts that are worthless, while copies of them still wait in a queue."""
    ended = broadcasts.c.ended_at.is_not(None) & has(broadcasts.c.status, BroadcastStatus.EXPIRED)
    query = select(broadcasts.c.id).where(ended, _on_lanes(MessageStatus.QUEUED)).order_by(broadcasts.c.id)
    return list(await tx.connection.scalars(query))


async def clear(tx: Tx, number: int, limit: int) -> int:
    """Take copies that will never leave out of the queues, at most so many. Returns how many there were."""
    queued = has(copies.c.status, MessageStatus.QUEUED)
    waiting = (
        select(copies.c.chat_id)
        .where(copies.c.lane_id.in_(select(lanes.c.id).where(lanes.c.kind == LANE)))
        .where(copies.c.broadcast_id == number, queued)
        .limit(limit)
    )
    cleared = await tx.connection.execute(
        update(copies)
        .where(copies.c.broadcast_id == number, copies.c.chat_id.in_(waiting), queued)  # not just claimed
        .values(status=MessageStatus.EXPIRED, due_at=_ITS_DAY)
    )
    return cleared.rowcount


async def delete_first(tx: Tx, number: int, limit: int) -> int:
    """Delete copies of the broadcast, at most so many: those of its first chats. Returns how many."""
    of_it = copies.c.broadcast_id == number
    first = select(copies.c.chat_id).where(of_it).order_by(copies.c.chat_id).limit(limit).subquery()
    last = select(func.max(first.c.chat_id)).scalar_subquery()
    deleted = await tx.connection.execute(delete(copies).where(of_it, copies.c.chat_id <= last))
    return deleted.rowcount
