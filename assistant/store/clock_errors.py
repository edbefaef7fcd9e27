"""Moments that lie ahead and cannot: the clock was wrong when they were stored.

What is chosen lies ahead: when a letter, a message or a broadcast is due, when something ends. What has
happened does not.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Table,
    bindparam,
    cast,
    exists,
    literal,
    select,
    tuple_,
    update,
)

from assistant.domain.letters import UNSENT, Letter
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.store import lanes as lane_store
from assistant.store.database import Tx
from assistant.store.letters import read_letter
from assistant.store.tables import (
    answers,
    broadcasts,
    chats,
    copies,
    has,
    lanes,
    letter_versions,
    letters,
    messages,
    pauses,
    subscriptions,
)

AT_ONCE = 200  # lanes, letters or messages in one transaction
_DAY = 86_400_000  # milliseconds

_HAPPENED: tuple[Column[datetime], ...] = (
    letters.c.created_at,
    letters.c.left_at,
    letters.c.ended_at,
    letters.c.asked_at,
    letter_versions.c.since,
    answers.c.received_at,
    answers.c.settled_at,
    answers.c.told_at,
    pauses.c.paused_at,
    broadcasts.c.created_at,
    broadcasts.c.started_at,
    broadcasts.c.ended_at,
)
_DATES = (chats.c.created_on, chats.c.active_on, subscriptions.c.since)


async def resting_lanes(tx: Tx, now: datetime) -> list[int]:
    """The lanes that rest until a moment that lies ahead."""
    return list(await tx.connection.scalars(select(lanes.c.id).where(lanes.c.next_at > now)))


async def retry_messages(tx: Tx, now: datetime, longest: timedelta, since: datetime) -> int:
    """Have messages sent now that would be tried again later than `longest` from now, or were due at once.

    `since`: who was answered after that is awake, and gets notices now, too. Returns how many there were: at
    most `AT_ONCE`, and the same again finds more.
    """
    late, due = now + longest, literal(now, messages.c.due_at.type)
    put_back = messages.c.reason.is_not(None) & (messages.c.due_at > late)
    answered = messages.alias()
    awake = exists().where(
        answered.c.chat_id == messages.c.chat_id,
        ~answered.c.notice,
        answered.c.due_at.between(since, now),
    )
    at_once = (~messages.c.notice | awake) & (messages.c.due_at > now)
    if found := await _due_at(tx, messages, put_back | at_once, due, now):
        return found
    return await _due_at(tx, copies, copies.c.reason.is_not(None) & (copies.c.due_at > late), due, now)


async def unsleeping_messages(tx: Tx, now: datetime, numbers: Collection[int]) -> int:
    """Have notices, and copies of these broadcasts, that wait for the morning wait for the next one.

    They keep their time of day. Returns as `retry_messages` does.
    """
    found = await _one_night_at_most(tx, messages, messages.c.notice, now)
    return found or await _one_night_at_most(tx, copies, copies.c.broadcast_id.in_(numbers), now)


async def _one_night_at_most(tx: Tx, queue: Table, which: ColumnElement[bool], now: datetime) -> int:
    today = cast(literal(now, queue.c.due_at.type), BigInteger)
    due = cast(queue.c.due_at, BigInteger)
    earlier = due - (due - today) // _DAY * _DAY
    ahead = queue.c.due_at > now + timedelta(days=1, hours=1)  # a night in which the clocks go back
    return await _due_at(tx, queue, which & ahead, earlier, now)


async def _due_at(
    tx: Tx,
    queue: Table,
    which: ColumnElement[bool],
    at: ColumnElement[int] | ColumnElement[datetime],
    now: datetime,
) -> int:
    key = tuple_(*queue.primary_key.columns)
    queued = has(queue.c.status, MessageStatus.QUEUED)
    query = select(*queue.primary_key.columns, queue.c.lane_id).where(queued, which).limit(AT_ONCE)
    in_order = query.order_by(queue.c.chat_id, *queue.primary_key.columns)  # as turns lock them
    found = (await tx.connection.execute(in_order.with_for_update(skip_locked=True))).all()
    if found:
        changed = update(queue).where(key.in_([tuple(row[:-1]) for row in found]))
        await tx.connection.execute(changed.values(due_at=at))
        lane_store.wake(tx, {row.lane_id for row in found}, now)
    return len(found)


async def retry_letters(tx: Tx, now: datetime, longest: timedelta) -> int:
    """Have letters tried again now that would be later than `longest` from now. Returns how many."""
    late = (has(letters.c.status, LetterStatus.RETRY_WAIT), letters.c.due_at > now + longest)
    await _lock_lanes(tx, now, *late)
    changed = await tx.connection.execute(update(letters).where(*late).values(due_at=now))
    return changed.rowcount


async def _lock_lanes(tx: Tx, now: datetime, *which: ColumnElement[bool]) -> None:
    """Lock, and wake, the lanes of these letters: before the letters, as whoever hands them over does."""
    found = set(await tx.connection.scalars(select(letters.c.lane_id).where(*which).distinct()))
    await lane_store.lock(tx, found)
    lane_store.wake(tx, found, now)


async def written_ahead(tx: Tx, now: datetime) -> list[Letter]:
    """Letters that have not left, and are said to have been written at a time that has not come."""
    ahead = (has(letters.c.status, *UNSENT), letters.c.created_at > now)
    await _lock_lanes(tx, now, *ahead)
    return [read_letter(tx, row) for row in await tx.connection.execute(select(letters).where(*ahead))]


_AFRESH = (
    update(letters)
    .where(letters.c.id == bindparam("letter"), has(letters.c.status, *UNSENT))
    .values(due_at=bindparam("new_due_at"), created_at=bindparam("new_created_at"))
)


async def write_afresh(tx: Tx, due: Sequence[tuple[Letter, datetime]], now: datetime) -> None:
    """These letters were written now, and are due then."""
    rows = [{"letter": each.id, "new_due_at": at, "new_created_at": now} for each, at in due]
    if rows:
        await tx.connection.execute(_AFRESH, rows)


async def look_sooner(tx: Tx, now: datetime) -> None:
    """Carriers are asked about letters that left ahead of time as long after now as after that."""
    ahead = (has(letters.c.status, LetterStatus.SUBMITTED), letters.c.left_at > now)
    await _lock_lanes(tx, now, *ahead)
    waits = cast(letters.c.look_at, BigInteger) - cast(letters.c.left_at, BigInteger)
    from_now = cast(literal(now, letters.c.look_at.type), BigInteger) + waits
    await tx.connection.execute(
        update(letters).where(*ahead, letters.c.look_at.is_not(None)).values(look_at=from_now)
    )


async def settle_happened(tx: Tx, now: datetime) -> dict[str, int]:
    """What is said to have happened later than now has happened now. Returns how many, by column."""
    found: dict[str, int] = {}
    tomorrow = now.date() + timedelta(days=1)  # of whoever is ahead of UTC
    for column in _HAPPENED:
        changed = update(column.table).where(column > now).values({column.name: now})
        found[f"{column.table.name}.{column.name}"] = (await tx.connection.execute(changed)).rowcount
    for day in _DATES:
        late = update(day.table).where(day > tomorrow).values({day.name: now.date()})
        found[f"{day.table.name}.{day.name}"] = (await tx.connection.execute(late)).rowcount
    return {name: count for name, count in found.items() if count}


async def keep_no_longer(tx: Tx, now: datetime, longest: timedelta) -> None:
    """End pauses of lanes, and the time for which sent messages are kept, as if they had begun now."""
    pause = lanes.c.paused_until > now + longest
    await lane_store.lock(tx, set(await tx.connection.scalars(select(lanes.c.id).where(pause))))
    await tx.connection.execute(update(lanes).where(pause).values(paused_until=now + longest))
    over = has(messages.c.status, MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN)
    sent = (over, messages.c.body.is_not(None), messages.c.due_at > now + longest)
    await tx.connection.execute(update(messages).where(*sent).values(due_at=now))
