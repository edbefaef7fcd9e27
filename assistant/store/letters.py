"""The ledger of letters: one row for each, and a log of every step. How they leave is in `dispatch.py`."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, literal, select, true, update
from sqlalchemy import case as when

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.model import Draft
from assistant.store import lanes
from assistant.store.chats import Chat
from assistant.store.database import Tx
from assistant.store.rows import new_ids
from assistant.store.steps import write_log
from assistant.store.tables import chats, has, letters
from assistant.store.tables import lanes as lanes_table

LANE = "letters"  # the kind of lanes that letters leave on, one an office
WAITING = (LetterStatus.QUEUED, LetterStatus.RETRY_WAIT)
UNSENT = (*WAITING, LetterStatus.HELD)
CHANGEABLE = (LetterStatus.QUEUED, LetterStatus.HELD)  # where no carrier has been tried yet


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
    key: str
    chat_id: int | None
    lane_id: int
    told: bool

    @property
    def way(self) -> str:
        """The carrier of its route."""
        return self.route.partition(":")[0]

    @property
    def to(self) -> str:
        """The address of its route; empty where that has none."""
        return self.route.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Signed:
    """A letter with all that its carrier needs."""

    letter: Letter
    name: str
    line: str | None
    text: str


async def lock_office(tx: Tx, case: str) -> None:
    """Lock the lane of the case's office: before its letters, as the mailroom does."""
    await lanes.lock(tx, list((await lanes.lane_ids(tx, LANE, [case])).values()))


async def queue(tx: Tx, chat: Chat, draft: Draft, route: str, now: datetime, due_at: datetime) -> None:
    """Put the letter in its office's lane. It does not leave before `due_at`."""
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
            due_at=due_at,
        )
    )
    await write_log(tx, [row_id], LetterStatus.QUEUED, "confirmed by the supporter", now)
    await lanes.wake(tx, [lane], due_at)


def _changeable(chat: Chat, case: str) -> tuple[ColumnElement[bool], ...]:
    no_carrier_yet = (has(letters.c.status, *CHANGEABLE), letters.c.left_at.is_(None))
    return (letters.c.chat_id == chat.id, letters.c.case_slug == case, *no_carrier_yet)


async def withdraw(tx: Tx, chat: Chat, case: str, reason: str, now: datetime) -> bool:
    """Cancel the chat's letter of that case; False where it is leaving, or has left."""
    statement = (
        update(letters)
        .where(*_changeable(chat, case))
        .values(status=LetterStatus.CANCELLED, due_at=now)
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
    kept_here = has(letters.c.status, LetterStatus.SUBMITTED) & (letters.c.reference == "")
    statement = (
        update(letters)
        .where(letters.c.chat_id == chat.id, has(letters.c.status, *UNSENT) | kept_here)
        .values(status=LetterStatus.CANCELLED)
        .returning(letters.c.id)
    )
    await write_log(
        tx, list(await tx.connection.scalars(statement)), LetterStatus.CANCELLED, "forgotten", now
    )


def with_keys() -> Any:  # Any: the select's row type has 18 columns
    """A query for letters with their chats' keys, to be read by `read_signed`."""
    return select(letters, chats.c.key.label("chat_key")).join(chats, chats.c.id == letters.c.chat_id)


def read_signed(tx: Tx, row: Row[Any]) -> Signed:  # Any: SQLAlchemy's row
    if row.body is None:  # kept no longer
        return Signed(read_letter(row), "", None, "")
    sealer = tx.vault.open_key(row.chat_key, row.chat_id)
    body = json.loads(sealer.open("letters.body", row.id, row.body))
    return Signed(read_letter(row), body["name"], body["line"], body["text"])


def read_letter(row: Row[Any]) -> Letter:  # Any: SQLAlchemy's row
    """The letter as organisers see it."""
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
        row.key,
        row.chat_id,
        row.lane_id,
        row.told,
    )


async def listed(tx: Tx, *, case: str | None = None, status: LetterStatus | None = None) -> list[Letter]:
    """Letters, the oldest first."""
    query = select(letters).order_by(letters.c.id)
    if case:
        query = query.where(letters.c.case_slug == case)
    if status:
        query = query.where(letters.c.status == status)
    return [read_letter(row) for row in await tx.connection.execute(query)]


async def named(tx: Tx, *, key: str | None = None, reference: str | None = None) -> Letter | None:
    """The letter with that key; or, where that is None, the newest one with that reference of a carrier."""
    known = letters.c.key == key if key is not None else letters.c.reference == reference
    query = select(letters).where(known, letters.c.reference.is_not(None) if key is None else true())
    row = (await tx.connection.execute(query.order_by(letters.c.id.desc()).limit(1))).first()
    return read_letter(row) if row else None


async def find(tx: Tx, letter_id: int) -> Letter | None:
    """The letter with that number."""
    row = (await tx.connection.execute(select(letters).where(letters.c.id == letter_id))).first()
    return read_letter(row) if row else None


async def of_chat(tx: Tx, chat: Chat) -> list[Signed]:
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
