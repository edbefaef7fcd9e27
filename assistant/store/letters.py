"""Letters: one row for each, a log of every transition, and print runs."""

import json
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, insert, literal, or_, select, true, update
from sqlalchemy import case as when

from assistant.domain.letters import (
    CHANGEABLE,
    ENDED,
    UNSENT,
    Draft,
    Letter,
    LogEntry,
    Route,
    SignedLetter,
    Transition,
)
from assistant.domain.lifecycle import LETTERS, LetterStatus
from assistant.store import lanes
from assistant.store.chats import Chat
from assistant.store.database import Tx, new_ids
from assistant.store.tables import chats, has, letter_log, letters
from assistant.store.tables import lanes as lanes_table


async def write_log(tx: Tx, ids: Sequence[int], status: LetterStatus, reason: str, now: datetime) -> None:
    """Write a transition of these letters down."""
    rows = [{"letter_id": letter_id, "at": now, "status": status, "reason": reason} for letter_id in ids]
    if rows:
        await tx.connection.execute(insert(letter_log), rows)


async def log(tx: Tx, letter_id: int) -> list[LogEntry]:
    """Every transition of a letter, the first one first."""
    query = select(letter_log).where(letter_log.c.letter_id == letter_id).order_by(letter_log.c.id)
    return [
        LogEntry(row.at, LetterStatus(row.status), row.reason) for row in await tx.connection.execute(query)
    ]


LANE = lanes.LETTERS


async def lock_office(tx: Tx, case: str) -> None:
    """Lock the lane of the case's office: before its letters, as the mailroom does."""
    await lanes.lock(tx, list((await lanes.lane_ids(tx, LANE, [case])).values()))


async def queue(tx: Tx, chat: Chat, draft: Draft, route: Route, now: datetime, due_at: datetime) -> None:
    """Put the letter in its office's lane. It is not sent before `due_at`."""
    lane = (await lanes.lane_ids(tx, LANE, [draft.case]))[draft.case]
    (row_id,) = await new_ids(tx, letters, 1)
    written = {
        "name": draft.name,
        "country": draft.country,
        "line": draft.personal_line,
        "text": draft.text,
    }
    body = json.dumps(written, ensure_ascii=False)
    await tx.connection.execute(
        insert(letters).values(
            id=row_id,
            key=f"{draft.case}-{secrets.token_hex(8)}",
            chat_id=chat.id,
            lane_id=lane,
            case_slug=draft.case,
            country=draft.lives_in,
            language=draft.language,
            route=str(route),
            body=chat.sealer.seal("letters.body", row_id, body),
            status=LetterStatus.QUEUED,
            epoch=0,
            attempts=0,
            created_at=now,
            due_at=due_at,
        )
    )
    await write_log(tx, [row_id], LetterStatus.QUEUED, "confirmed by the supporter", now)
    lanes.wake(tx, [lane], due_at)


CANCELLED = {"status": LetterStatus.CANCELLED, "due_at": None, "look_at": None}


def _changeable(chat: Chat, case: str) -> tuple[ColumnElement[bool], ...]:
    no_carrier_yet = (has(letters.c.status, *CHANGEABLE), letters.c.left_at.is_(None))
    return (letters.c.chat_id == chat.id, letters.c.case_slug == case, *no_carrier_yet)


async def withdraw(tx: Tx, chat: Chat, case: str, reason: str, now: datetime) -> bool:
    """Cancel the chat's letter of that case; False where it is leaving, or has left."""
    statement = (
        update(letters)
        .where(*_changeable(chat, case))
        .values(CANCELLED | {"ended_at": now})
        .returning(letters.c.id)
    )
    ids = list(await tx.connection.scalars(statement))
    await write_log(tx, ids, LetterStatus.CANCELLED, reason, now)
    return bool(ids)


async def postpone(tx: Tx, chat: Chat, case: str, until: datetime) -> bool:
    """Keep the chat's letter of that case at least until then; False where it is leaving, or has left."""
    asked = literal(until, letters.c.due_at.type)
    later = when((letters.c.due_at < asked, asked), else_=letters.c.due_at)
    changed = await tx.connection.execute(
        update(letters).where(*_changeable(chat, case)).values(due_at=later)
    )
    return bool(changed.rowcount)


async def cancel_unsent(tx: Tx, chat: Chat, now: datetime) -> None:
    """Cancel the chat's letters that nobody but us has got yet: also those that wait to be printed."""
    with_nobody = letters.c.reference.is_(None) & letters.c.print_run.is_(None)
    kept_here = has(letters.c.status, LetterStatus.SUBMITTED) & with_nobody
    statement = (
        update(letters)
        .where(letters.c.chat_id == chat.id, has(letters.c.status, *UNSENT) | kept_here)
        .values(CANCELLED | {"ended_at": now})
        .returning(letters.c.id)
    )
    await write_log(
        tx, list(await tx.connection.scalars(statement)), LetterStatus.CANCELLED, "forgotten", now
    )


def with_keys() -> Any:  # Any: the select's row type has 18 columns
    """A query for letters with their chats' keys, to be read by `read_signed`."""
    return select(letters, chats.c.key.label("chat_key")).join(chats, chats.c.id == letters.c.chat_id)


def read_signed(tx: Tx, row: Row[Any]) -> SignedLetter:  # Any: SQLAlchemy's row
    if row.body is None:  # kept no longer
        return SignedLetter(read_letter(row), "", None, "")
    sealer = tx.vault.open_key(row.chat_key, row.chat_id)
    body = json.loads(sealer.open("letters.body", row.id, row.body))
    return SignedLetter(read_letter(row), body["name"], body["line"], body["text"])


def read_letter(row: Row[Any]) -> Letter:  # Any: SQLAlchemy's row
    """The letter as organisers see it."""
    return Letter(
        id=row.id,
        case=row.case_slug,
        status=LetterStatus(row.status),
        country=row.country,
        language=row.language,
        route=Route.parse(row.route),
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        reference=row.reference,
        print_run=row.print_run,
        key=row.key,
        chat_id=row.chat_id,
        lane_id=row.lane_id,
        told=row.told,
    )


async def listed(tx: Tx, *, case: str | None = None, status: LetterStatus | None = None) -> list[Letter]:
    """Letters, the oldest first."""
    query = select(letters).order_by(letters.c.id)
    if case:
        query = query.where(letters.c.case_slug == case)
    if status:
        query = query.where(letters.c.status == status)
    return [read_letter(row) for row in await tx.connection.execute(query)]


async def by_key_or_reference(
    tx: Tx, *, key: str | None = None, reference: str | None = None
) -> Letter | None:
    """The letter with that key; or, where that is None, the newest one with that reference of a carrier."""
    known = letters.c.key == key if key is not None else letters.c.reference == reference
    query = select(letters).where(known, letters.c.reference.is_not(None) if key is None else true())
    row = (await tx.connection.execute(query.order_by(letters.c.id.desc()).limit(1))).first()
    return read_letter(row) if row else None


async def find(tx: Tx, letter_id: int) -> Letter | None:
    """The letter with that number."""
    row = (await tx.connection.execute(select(letters).where(letters.c.id == letter_id))).first()
    return read_letter(row) if row else None


async def of_chat(tx: Tx, chat: Chat) -> list[SignedLetter]:
    """The chat's own letters, whole."""
    query = with_keys().where(letters.c.chat_id == chat.id).order_by(letters.c.id)
    return [read_signed(tx, row) for row in await tx.connection.execute(query)]


async def outcome(tx: Tx, case: str) -> tuple[int, int]:
    """How many letters of the case have arrived, and how many have left us."""
    named = (lanes_table.c.kind == LANE, lanes_table.c.name == case)
    lane = select(lanes_table.c.id, lanes_table.c.arrived).where(*named)
    row = (await tx.connection.execute(lane)).one_or_none()
    if row is None:
        return 0, 0
    left = select(func.count()).where(letters.c.lane_id == row.id, letters.c.left_at.is_not(None))
    return row.arrived, await tx.connection.scalar(left) or 0


# Put together once: that takes SQLAlchemy as long as running them.
_STANDING = (
    select(letters.c.id, letters.c.status)
    .where(letters.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(letters.c.id)
    .with_for_update()
)
_MOVE = (
    update(letters)
    .where(letters.c.id == bindparam("letter"))
    .values(
        status=bindparam("new_status"),
        due_at=bindparam("new_due_at"),
        look_at=bindparam("new_look_at"),
        ended_at=bindparam("new_ended_at"),
        reference=bindparam("new_reference"),
        print_run=bindparam("new_print_run"),
        attempts=bindparam("new_attempts"),
        route=bindparam("new_route"),
    )
)
_LOG = insert(letter_log)
_TELL = (
    update(letters)
    .where(letters.c.id.in_(bindparam("ids", expanding=True)), ~letters.c.told)
    .values(told=true())
    .returning(letters.c.id)
)
_ARRIVED = select(lanes_table.c.id, lanes_table.c.arrived).where(
    lanes_table.c.id.in_(bindparam("ids", expanding=True))
)


async def apply_transitions(tx: Tx, steps: Sequence[Transition], now: datetime) -> list[Transition]:
    """Apply these transitions, one a letter; letters whose state has changed meanwhile are left alone.

    Returns those applied. Raises IllegalTransition where the table of lifecycles has no such transition.
    """
    for step in steps:
        LETTERS.check(step.letter.status, step.status)
    if not steps:
        return []
    rows = await tx.connection.execute(_STANDING, {"ids": [step.letter.id for step in steps]})
    standing = {row.id: row.status for row in rows}
    taken = [step for step in steps if standing.get(step.letter.id) == step.letter.status]
    if taken:
        await tx.connection.execute(_MOVE, [_transition_row(step, now) for step in taken])
        await tx.connection.execute(_LOG, [_log_row(step, now) for step in taken])
        await _count_arrived(tx, taken)
    return taken


def _transition_row(step: Transition, now: datetime) -> dict[str, object]:
    after, next_at = step.after, step.due_at or now
    return {
        "letter": after.id,
        "new_status": after.status,
        "new_due_at": next_at if after.status in UNSENT else None,
        "new_look_at": next_at if after.status is LetterStatus.SUBMITTED else None,
        "new_ended_at": now if after.status in ENDED else None,
        "new_reference": after.reference,
        "new_print_run": after.print_run,
        "new_attempts": after.attempts,
        "new_route": str(after.route),
    }


def _log_row(step: Transition, now: datetime) -> dict[str, object]:
    return {"letter_id": step.letter.id, "at": now, "status": step.status, "reason": step.reason}


async def _count_arrived(tx: Tx, taken: Sequence[Transition]) -> None:
    """Letters that have arrived are counted on the lane of their office."""
    arrived = Counter(step.letter.lane_id for step in taken if step.status is LetterStatus.DELIVERED)
    for lane_id, count in arrived.items():
        counted = (
            update(lanes_table)
            .where(lanes_table.c.id == lane_id)
            .values(arrived=lanes_table.c.arrived + count)
        )
        await tx.connection.execute(counted)


async def mark_told(tx: Tx, letter_ids: Collection[int]) -> set[int]:
    """Remember that the writers of these letters are told. Returns the letters of which they were not yet."""
    return set(await tx.connection.scalars(_TELL, {"ids": list(letter_ids)}))


async def arrived(tx: Tx, lane_ids: Collection[int]) -> dict[int, int]:
    """How many letters have arrived at the offices of these lanes."""
    return {row.id: row.arrived for row in await tx.connection.execute(_ARRIVED, {"ids": list(lane_ids)})}


async def count_waits(tx: Tx, letter: Letter) -> int:
    """How often the letter has been put off since it was queued last."""
    ours = letter_log.c.letter_id == letter.id
    queued = select(func.max(letter_log.c.id)).where(ours, has(letter_log.c.status, LetterStatus.QUEUED))
    put_off = has(letter_log.c.status, LetterStatus.RETRY_WAIT)
    query = select(func.count()).where(ours, put_off, letter_log.c.id > queued.scalar_subquery())
    return int(await tx.connection.scalar(query) or 0)


def _waits_for_print(case: str, carrier: str) -> tuple[ColumnElement[bool], ...]:
    lane = (
        select(lanes_table.c.id)
        .where(lanes_table.c.kind == LANE, lanes_table.c.name == case)
        .scalar_subquery()
    )
    by_carrier = or_(letters.c.route == carrier, letters.c.route.startswith(f"{carrier}:", autoescape=True))
    return (letters.c.lane_id == lane, has(letters.c.status, LetterStatus.SUBMITTED), by_carrier)


def _in_print_run(run: str | None) -> ColumnElement[bool]:
    return letters.c.print_run.is_(None) if run is None else letters.c.print_run == run


async def unposted(tx: Tx, case: str, carrier: str, run: str | None, limit: int) -> list[SignedLetter]:
    """Letters of the case that have not been posted: of that print run, or of none yet; the oldest first."""
    query = with_keys().where(
        *_waits_for_print(case, carrier), _in_print_run(run), letters.c.body.is_not(None)
    )
    rows = await tx.connection.execute(query.order_by(letters.c.id).limit(limit))
    return [read_signed(tx, row) for row in rows]


async def in_print_run(tx: Tx, case: str, carrier: str, run: str) -> list[Letter]:
    """The letters of a print run that nobody has said were posted."""
    rows = await tx.connection.execute(
        select(letters).where(*_waits_for_print(case, carrier), _in_print_run(run))
    )
    return [read_letter(row) for row in rows]


async def begin_print_run(tx: Tx, run: str, ids: Sequence[int]) -> int:
    """Make these letters part of a print run, unless they are part of one. Returns how many are now."""
    free = update(letters).where(letters.c.id.in_(ids), _in_print_run(None))
    return int((await tx.connection.execute(free.values(print_run=run))).rowcount)


async def print_runs(tx: Tx, case: str, carrier: str) -> dict[str, int]:
    """How many letters of each print run have not been posted; under an empty name, those not printed."""
    run = func.coalesce(letters.c.print_run, "")
    query = select(run, func.count()).where(*_waits_for_print(case, carrier)).group_by(run)
    return {row[0]: row[1] for row in await tx.connection.execute(query)}
