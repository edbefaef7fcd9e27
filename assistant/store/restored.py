"""A database is older than what was there: what it would send again stands still until people have looked.

Whatever waited in it may have been sent since. What people have decided since is not known any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, literal, or_, select, update

from assistant.domain.letters import WAITING, Letter
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus, MessageStatus
from assistant.store import broadcasts as broadcast_store
from assistant.store.database import Tx
from assistant.store.letters import of_last_step, read_letter
from assistant.store.tables import UNPRINTED, has, lanes, letter_log, letters, messages, processes

_L = LetterStatus
_B = BroadcastStatus
_MAY_HAVE_LEFT = "it may have been sent since"
_STILL_HELD = "it was held before that, and may have been released and sent since"
_WAITS = or_(has(letters.c.status, *WAITING, _L.SUBMITTING), UNPRINTED)
_LATEST = of_last_step(letter_log.c.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """How much stands still. `messages`: replies and notices that are not sent again. `forgotten`: chats of
    people who were forgotten since, and are so again."""

    letters: int
    messages: int
    broadcasts: Sequence[int]
    drafts: Sequence[int]
    forgotten: int


async def hold_letters(tx: Tx, of: str, by_itself: Sequence[str], now: datetime) -> int:
    """Hold every letter that could be sent again without a person's word about it. Returns how many.

    `of`: which database it is, for their logs. `by_itself`: reasons for which letters are held that are let
    go many at once. What an organiser holds stays held for that reason.
    """
    over = has(letters.c.status, _L.DELIVERED, _L.CANCELLED)
    await tx.connection.execute(update(letters).where(~over).values(restored_at=now))
    held = has(letters.c.status, _L.HELD)
    goes_by_itself = letters.c.asked_at.is_not(None) | func.coalesce(_LATEST, "").in_(by_itself)
    reason = f"{of}: {_MAY_HAVE_LEFT}"
    await _log(tx, held & ~goes_by_itself, f"{of}: {_STILL_HELD}", now)
    await _log(tx, or_(_WAITS, held & goes_by_itself), reason, now)
    stopped = await tx.connection.execute(
        update(letters)
        .where(or_(_WAITS, held & (reason == _LATEST)))
        .values(
            status=_L.HELD,
            due_at=func.coalesce(letters.c.due_at, literal(now, letters.c.due_at.type)),
            look_at=None,
            asked_at=None,
        )
    )
    return int(stopped.rowcount)


async def _log(tx: Tx, which: ColumnElement[bool], reason: str, now: datetime) -> None:
    entries = select(
        letters.c.id, literal(now, letter_log.c.at.type), literal(_L.HELD.value), literal(reason)
    ).where(which)
    await tx.connection.execute(
        insert(letter_log).from_select(
            ["letter_id", "at", "status", "reason"], entries.order_by(letters.c.id)
        )
    )


async def stop_messages(tx: Tx, reason: str) -> int:
    """Replies and notices that waited are not sent again. Returns how many.

    Copies of broadcasts stay where they are: those stand still themselves.
    """
    open_ones = has(messages.c.status, MessageStatus.QUEUED, MessageStatus.SENDING)
    stopped = await tx.connection.execute(
        update(messages).where(open_ones).values(status=MessageStatus.UNKNOWN, reason=reason)
    )
    return int(stopped.rowcount)


async def halt_broadcasts(tx: Tx, note: str) -> tuple[list[int], list[int]]:
    """Halt what is sent, or would be by itself; what waits for approval is a draft again.

    Returns the numbers of both.
    """
    halted, drafts = [], []
    for each in await broadcast_store.open_ones(tx):
        if each.status in (_B.APPROVED, _B.SENDING):
            halted.append(each.id)
            await broadcast_store.move(tx, each.id, each.status, _B.HALTED, note=note)
        elif each.status is _B.PROPOSED:
            drafts.append(each.id)
            nobody = {"approver": None, "starts_at": None, "expires_at": None}
            await broadcast_store.move(tx, each.id, each.status, _B.DRAFT, **nobody)
    return halted, drafts


async def take_lanes(tx: Tx) -> None:
    """Whoever runs a lane of another database than this one commits nothing on this one's."""
    await tx.connection.execute(select(lanes.c.id).order_by(lanes.c.id).with_for_update())
    theirs = {"epoch": lanes.c.epoch + 1, "held_by": None, "held_until": None}
    await tx.connection.execute(update(lanes).values(theirs))


async def forget_processes(tx: Tx) -> None:
    """List none: nobody works on a database that has just been put back."""
    await tx.connection.execute(delete(processes))


async def held(tx: Tx, case: str | None, after: int, limit: int) -> list[Letter]:
    """Letters that are held for that reason and no later one, above that number, in their order."""
    latest_is_ours = _LATEST.endswith(_MAY_HAVE_LEFT, autoescape=True)
    query = select(letters).where(
        letters.c.restored_at.is_not(None), has(letters.c.status, _L.HELD), latest_is_ours
    )
    if case is not None:
        query = query.where(letters.c.case_slug == case)
    rows = await tx.connection.execute(query.where(letters.c.id > after).order_by(letters.c.id).limit(limit))
    return [read_letter(tx, row) for row in rows]
