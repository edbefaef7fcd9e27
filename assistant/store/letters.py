"""The ledger of letters: one row for each, and a log of every step."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from assistant.domain.lifecycle import LETTERS, LetterStatus
from assistant.domain.model import Draft
from assistant.store import lanes
from assistant.store.chats import Chat
from assistant.store.database import Tx
from assistant.store.lanes import Lane
from assistant.store.rows import new_ids
from assistant.store.tables import chats, has, letter_log, letters

LANE = "letters"  # the kind of lanes that letters leave on, one an office
_WAITING = (LetterStatus.QUEUED, LetterStatus.RETRY_WAIT)
_UNSENT = (*_WAITING, LetterStatus.HELD)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as organisers see it: nothing personal."""

    id: int
    case: str
    status: LetterStatus
    country: str
    language: str
    route: str
    attempts: int
    created_at: datetime
    due_at: datetime
    reference: str | None


@dataclass(frozen=True, slots=True)
class Signed:
    """A letter with all that its carrier needs."""

    letter: Letter
    key: str
    name: str
    line: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a letter's log."""

    at: datetime
    status: LetterStatus
    reason: str


async def queue(tx: Tx, chat: Chat, draft: Draft, route: str, now: datetime) -> None:
    """Put the letter in its office's lane."""
    lane = (await lanes.lane_ids(tx, LANE, [draft.case]))[draft.case]
    (row_id,) = await new_ids(tx, letters, 1)
    body = json.dumps({"name": draft.name, "line": draft.line, "text": draft.text}, ensure_ascii=False)
    await tx.connection.execute(
        insert(letters).values(
            id=row_id,
            key=f"{draft.case}-{secrets.token_hex(8)}",
            chat_id=chat.id,
            lane_id=lane,
            case_slug=draft.case,
            country=draft.country,
            language=draft.language,
            route=route,
            body=chat.sealer.seal("letters.body", row_id, body),
            status=LetterStatus.QUEUED,
            epoch=0,
            attempts=0,
            created_at=now,
            due_at=now,
        )
    )
    await _log(tx, [row_id], LetterStatus.QUEUED, "confirmed by the supporter", now)
    await lanes.wake(tx, [lane], now)


async def cancel_unsent(tx: Tx, chat: Chat, now: datetime) -> None:
    """Cancel the chat's letters that no carrier has got yet."""
    statement = (
        update(letters)
        .where(letters.c.chat_id == chat.id, has(letters.c.status, *_UNSENT))
        .values(status=LetterStatus.CANCELLED)
        .returning(letters.c.id)
    )
    await _log(tx, list(await tx.connection.scalars(statement)), LetterStatus.CANCELLED, "forgotten", now)


async def cancel_forgotten(tx: Tx, lane: Lane, now: datetime) -> None:
    """Cancel the lane's letters that were with a carrier when their chat was forgotten, and came back."""
    statement = (
        update(letters)
        .where(letters.c.lane_id == lane.id, has(letters.c.status, *_WAITING), letters.c.body.is_(None))
        .values(status=LetterStatus.CANCELLED)
        .returning(letters.c.id)
    )
    await _log(tx, list(await tx.connection.scalars(statement)), LetterStatus.CANCELLED, "forgotten", now)


async def claim(tx: Tx, lane: Lane, now: datetime, limit: int) -> list[Signed]:
    """The lane's next letters, marked `submitting`. Call after `lanes.hold`, in the same transaction."""
    query = (
        _with_keys()
        .where(letters.c.lane_id == lane.id, has(letters.c.status, *_WAITING), letters.c.due_at <= now)
        .order_by(letters.c.due_at, letters.c.id)
        .limit(limit)
        .with_for_update(of=letters)  # what is cancelled meanwhile is passed over
    )
    signed = [_signed(tx, row) for row in await tx.connection.execute(query)]
    ids = [each.letter.id for each in signed]
    statement = update(letters).where(letters.c.id.in_(ids))
    await tx.connection.execute(
        statement.values(status=LetterStatus.SUBMITTING, epoch=lane.epoch, attempts=letters.c.attempts + 1)
    )
    await _log(tx, ids, LetterStatus.SUBMITTING, "handed to the carrier", now)
    return [
        replace(
            each,
            letter=replace(each.letter, status=LetterStatus.SUBMITTING, attempts=each.letter.attempts + 1),
        )
        for each in signed
    ]


async def orphans(tx: Tx, lane: Lane) -> list[tuple[Letter, str]]:
    """Letters that a dead runner of this lane was handing over, with the keys to ask their carrier by."""
    submitting = has(letters.c.status, LetterStatus.SUBMITTING)
    query = select(letters).where(letters.c.lane_id == lane.id, submitting, letters.c.epoch < lane.epoch)
    return [(_letter(row), row.key) for row in await tx.connection.execute(query)]


def _with_keys() -> Any:  # Any: the select's row type has 16 columns
    return select(letters, chats.c.key.label("chat_key")).join(chats, chats.c.id == letters.c.chat_id)


def _signed(tx: Tx, row: Row[Any]) -> Signed:  # Any: SQLAlchemy's row
    sealer = tx.vault.open_key(row.chat_key, row.chat_id)
    body = json.loads(sealer.open("letters.body", row.id, row.body))
    return Signed(_letter(row), row.key, body["name"], body["line"], body["text"])


def _letter(row: Row[Any]) -> Letter:  # Any: SQLAlchemy's row
    return Letter(
        row.id,
        row.case_slug,
        LetterStatus(row.status),
        row.country,
        row.language,
        row.route,
        row.attempts,
        row.created_at,
        row.due_at,
        row.reference,
    )


async def move(
    tx: Tx,
    letter: Letter,
    status: LetterStatus,
    reason: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    reference: str | None = None,
) -> None:
    """Take the letter to another status. Raises IllegalMove where the table of lifecycles has no such step.

    A letter that is no longer where `letter` says is left alone.
    """
    LETTERS.check(letter.status, status)
    statement = (
        update(letters)
        .where(letters.c.id == letter.id, letters.c.status == letter.status)
        .values(status=status, due_at=due_at or letter.due_at, reference=reference or letter.reference)
    )
    if (await tx.connection.execute(statement)).rowcount:
        await _log(tx, [letter.id], status, reason, now)


async def _log(tx: Tx, ids: Sequence[int], status: LetterStatus, reason: str, now: datetime) -> None:
    rows = [{"letter_id": letter_id, "at": now, "status": status, "reason": reason} for letter_id in ids]
    if rows:
        await tx.connection.execute(insert(letter_log), rows)


async def next_due(tx: Tx, lane: Lane) -> datetime | None:
    """When the lane's next letter is due."""
    query = select(func.min(letters.c.due_at, type_=letters.c.due_at.type)).where(
        letters.c.lane_id == lane.id, has(letters.c.status, *_WAITING)
    )
    moment: datetime | None = await tx.connection.scalar(query)
    return moment


async def listed(tx: Tx, *, case: str | None = None, status: LetterStatus | None = None) -> list[Letter]:
    """Letters, the oldest first."""
    query = select(letters).order_by(letters.c.id)
    if case:
        query = query.where(letters.c.case_slug == case)
    if status:
        query = query.where(letters.c.status == status)
    return [_letter(row) for row in await tx.connection.execute(query)]


async def find(tx: Tx, letter_id: int) -> Letter | None:
    """The letter with that number."""
    row = (await tx.connection.execute(select(letters).where(letters.c.id == letter_id))).first()
    return _letter(row) if row else None


async def log(tx: Tx, letter_id: int) -> list[Step]:
    """Every step of a letter, the first one first."""
    query = select(letter_log).where(letter_log.c.letter_id == letter_id).order_by(letter_log.c.id)
    return [Step(row.at, LetterStatus(row.status), row.reason) for row in await tx.connection.execute(query)]


async def of_chat(tx: Tx, chat: Chat) -> list[Signed]:
    """The chat's own letters, whole."""
    query = _with_keys().where(letters.c.chat_id == chat.id).order_by(letters.c.id)
    return [_signed(tx, row) for row in await tx.connection.execute(query)]
