"""The queue of an office: letters that are due, letters with a carrier, letters that a crash left behind."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    null,
    select,
    true,
    update,
)

from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane
from assistant.domain.letters import WAITING, Letter, SignedLetter, Transition
from assistant.domain.lifecycle import LetterStatus
from assistant.store import pauses
from assistant.store.barred_letters import NOTHING, Barred, leaving
from assistant.store.database import Tx
from assistant.store.letters import (
    CANCELLED,
    LANE,
    apply_transitions,
    lane_name,
    read_letter,
    read_signed,
    with_keys,
    write_log,
)
from assistant.store.tables import UNPRINTED, has, lanes, letters

_RANKS: tuple[ColumnElement[bool], ...] = (~letters.c.behind, letters.c.behind)
_GRAIN = 60_000  # milliseconds: letters that become due within a minute are counted together


async def cancel_forgotten(tx: Tx, lane: Lane, now: datetime) -> None:
    """Cancel the lane's letters that were with a carrier when their chat was forgotten, and came back."""
    statement = (
        update(letters)
        .where(letters.c.lane_id == lane.id, has(letters.c.status, *WAITING), letters.c.body.is_(None))
        .values(CANCELLED | {"ended_at": now})
        .returning(letters.c.id)
    )
    ids = list(await tx.connection.scalars(statement))
    await write_log(tx, ids, LetterStatus.CANCELLED, "forgotten", now)


async def upcoming(
    tx: Tx, lane: Lane, now: datetime, limit: int, barred: Barred = NOTHING
) -> list[SignedLetter]:
    """The lane's next letters that are due, in the order in which they are sent.

    One whose text does not open is held for a person.
    """
    rows: list[Row[Any]] = []  # Any: SQLAlchemy's row
    for rank in _RANKS:
        query = (
            with_keys()
            .where(letters.c.lane_id == lane.id, has(letters.c.status, *WAITING), letters.c.due_at <= now)
            .where(rank, letters.c.body.is_not(None), *leaving(barred))
            .order_by(letters.c.due_at, letters.c.id)
            .limit(limit - len(rows))
        )
        if len(rows) < limit:
            rows += (await tx.connection.execute(query)).all()
    signed: list[SignedLetter] = []
    for row in rows:
        try:
            signed.append(read_signed(tx, row))
        except Failure as failure:
            await apply_transitions(
                tx,
                [Transition(letter=read_letter(tx, row), status=LetterStatus.HELD, reason=failure.reason)],
                now,
            )
    return signed


_MARK = (
    update(letters)
    .where(letters.c.id.in_(bindparam("ids", expanding=True)), has(letters.c.status, *WAITING))
    .where(letters.c.body.is_not(None), letters.c.due_at <= bindparam("now", type_=letters.c.due_at.type))
    .values(
        status=LetterStatus.SUBMITTING,
        sealed_reference=null(),
        reference=null(),  # what is reported of an earlier try must not be taken for news of this one
        print_run=null(),
        telling=false(),
        team_told=false(),
        epoch=bindparam("new_epoch"),
        left_at=bindparam("new_left_at"),
        attempts=letters.c.attempts + 1,
    )
    .returning(letters)
)


async def mark(
    tx: Tx,
    lane: Lane,
    letter_ids: Collection[int],
    now: datetime,
    barred: Barred = NOTHING,
) -> list[Letter]:
    """Mark these letters `submitting`, unless they were withdrawn, put off, held or forgotten meanwhile.

    Returns those that are. Call after `lanes.fence`, in the same transaction.
    """
    if not letter_ids:
        return []
    marked = {"ids": list(letter_ids), "new_epoch": lane.epoch, "new_left_at": now, "now": now}
    statement = _MARK.where(*leaving(barred))
    found = [read_letter(tx, row) for row in await tx.connection.execute(statement, marked)]
    ids = [letter.id for letter in found]
    await write_log(tx, ids, LetterStatus.SUBMITTING, "handed to the carrier", now)
    return sorted(found, key=lambda letter: (letter.behind, letter.due_at or now, letter.id))


_TELL = (
    update(letters)
    .where(letters.c.id == bindparam("letter"), letters.c.epoch == bindparam("our_epoch"))
    .where(has(letters.c.status, LetterStatus.SUBMITTING))
    .values(telling=true())
)


async def tell(tx: Tx, lane: Lane, letter_id: int) -> bool:
    """Note that the carrier is about to have this letter; False where it is not ours to hand over any more.

    Call after `lanes.fence`, in the same transaction.
    """
    ours = {"letter": letter_id, "our_epoch": lane.epoch}
    return bool((await tx.connection.execute(_TELL, ours)).rowcount)


async def unsent(tx: Tx, lane: Lane, actions: Collection[str], limit: int) -> list[Letter]:
    """Letters of these actions on the lane that nobody but us has got yet, also those to be printed."""
    found: list[Letter] = []
    for kept_here in (  # each has an index of its own
        has(letters.c.status, *WAITING),
        has(letters.c.status, LetterStatus.HELD),
        UNPRINTED,
    ):
        query = select(letters).where(letters.c.lane_id == lane.id, letters.c.action_slug.in_(actions))
        rows = await tx.connection.execute(query.where(kept_here).limit(limit - len(found)))
        found += [read_letter(tx, row) for row in rows]
    return found


async def waited_for(tx: Tx, lane: Lane, actions: Collection[str]) -> set[str]:
    """For which of these actions letters wait on the lane."""
    found = set()
    for action in actions:
        ours = (letters.c.lane_id == lane.id, letters.c.action_slug == action)
        for status in ((*WAITING,), (LetterStatus.HELD,)):
            query = select(letters.c.id).where(*ours, has(letters.c.status, *status)).limit(1)
            if await tx.connection.scalar(query) is not None:
                found.add(action)
    return found


async def orphans(tx: Tx, lane: Lane) -> list[Letter]:
    """Letters that a dead runner of this lane was handing over."""
    submitting = has(letters.c.status, LetterStatus.SUBMITTING)
    query = select(letters).where(letters.c.lane_id == lane.id, submitting, letters.c.epoch < lane.epoch)
    return [read_letter(tx, row) for row in await tx.connection.execute(query)]


async def on_their_way(tx: Tx, lane: Lane, now: datetime, limit: int) -> list[Letter]:
    """Letters with a carrier that it is time to ask about, those that wait longest first."""
    query = (
        select(letters)
        .where(letters.c.lane_id == lane.id, has(letters.c.status, LetterStatus.SUBMITTED))
        .where(letters.c.look_at <= now)
        .order_by(letters.c.look_at)
        .limit(limit)
    )
    return [read_letter(tx, row) for row in await tx.connection.execute(query)]


async def look_later(tx: Tx, ids: Sequence[int], at: datetime) -> None:
    """Ask about these letters again at that time."""
    if ids:
        later = update(letters).where(letters.c.id.in_(ids), has(letters.c.status, LetterStatus.SUBMITTED))
        await tx.connection.execute(later.values(look_at=at))


async def next_due(tx: Tx, lane: Lane, barred: Barred = NOTHING) -> datetime | None:
    """When the lane's next letter may be handed over."""
    return await _first(tx, lane, letters.c.due_at, *WAITING, only=leaving(barred))


async def untold(tx: Tx, lane: Lane, action: str, before: datetime, limit: int) -> list[Letter]:
    """Letters that may have been sent since then, and whose writers have not been told of the pause.

    `action`: what is paused, by its slug, or `pauses.WHOLE`.
    """
    query = (
        select(letters)
        .where(letters.c.lane_id == lane.id, has(letters.c.status, *WAITING), *_untold(action))
        .where(letters.c.due_at <= before)
        .order_by(letters.c.due_at, letters.c.id)
        .limit(limit)
    )
    return [read_letter(tx, row) for row in await tx.connection.execute(query)]


async def next_untold(tx: Tx, lane: Lane, action: str) -> datetime | None:
    """Since when, or from when on, the first of these letters could be sent."""
    return await _first(tx, lane, letters.c.due_at, *WAITING, only=_untold(action))


def _untold(action: str) -> tuple[ColumnElement[bool], ...]:
    ours = () if action == pauses.WHOLE else (letters.c.action_slug == action,)
    return (~letters.c.told_paused, *ours)


async def mark_told_paused(tx: Tx, ids: Sequence[int]) -> None:
    """Remember that the writers of these letters know of the pause."""
    await tx.connection.execute(update(letters).where(letters.c.id.in_(ids)).values(told_paused=true()))


async def next_look(tx: Tx, lane: Lane) -> datetime | None:
    """When it is time to ask a carrier about the lane's letters."""
    return await _first(tx, lane, letters.c.look_at, LetterStatus.SUBMITTED)


async def _first(
    tx: Tx,
    lane: Lane,
    column: ColumnElement[datetime],
    *statuses: LetterStatus,
    only: Sequence[ColumnElement[bool]] = (),
) -> datetime | None:
    query = select(func.min(column, type_=column.type))
    moment: datetime | None = await tx.connection.scalar(
        query.where(letters.c.lane_id == lane.id, has(letters.c.status, *statuses), *only)
    )
    return moment


@dataclass(frozen=True, slots=True)
class Departed:
    """Letters that have left on a lane: when the last one did, and how many since a moment.

    `ahead`: whether some are said to have left at a time that has not come: the clock was wrong then.
    """

    last: datetime | None
    count: int
    ahead: bool = False


_LAST_LEFT = select(func.max(letters.c.left_at, type_=letters.c.left_at.type))


async def departed(tx: Tx, lane_id: int, since: datetime, now: datetime, most: int) -> Departed:
    """What has left on that lane by now. Counting stops at `most`."""
    left = (letters.c.lane_id == lane_id, letters.c.left_at.is_not(None))
    last = await tx.connection.scalar(_LAST_LEFT.where(*left))
    if ahead := last is not None and last > now:
        last = await tx.connection.scalar(_LAST_LEFT.where(*left, letters.c.left_at <= now))
    today = (letters.c.left_at >= since, letters.c.left_at <= now)
    lately = select(letters.c.id).where(*left, *today).limit(most).subquery()
    count = await tx.connection.scalar(select(func.count()).select_from(lately)) if most else 0
    return Departed(last, count or 0, ahead)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for an office: how many letters, by the minute from which on they may be sent."""

    lane_id: int
    waiting: tuple[tuple[datetime, int], ...]


async def queue_of(tx: Tx, case: str, target: str, now: datetime) -> Queue | None:
    """The queue of an office, the earliest first; what is due counts as of now. None before its first
    letter."""
    named = (lanes.c.kind == LANE, lanes.c.name == lane_name(case, target))
    lane_id = await tx.connection.scalar(select(lanes.c.id).where(*named))
    if lane_id is None:
        return None
    minute = cast(letters.c.due_at, BigInteger) // literal_column(str(_GRAIN))
    ours = (letters.c.lane_id == lane_id, has(letters.c.status, *WAITING))
    due = await tx.connection.scalar(select(func.count()).where(*ours, letters.c.due_at <= now))
    query = (
        select(minute, func.count()).where(*ours, letters.c.due_at > now).group_by(minute).order_by(minute)
    )
    later = [(_moment(row[0]), row[1]) for row in await tx.connection.execute(query)]
    return Queue(lane_id, tuple([(now, due or 0), *later] if due else later))


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * _GRAIN / 1000, UTC)
