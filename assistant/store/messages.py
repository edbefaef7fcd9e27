"""The ledger of chat messages: one row for each, from before it is sent until its end is known."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Row, bindparam, exists, func, insert, or_, select, true, update

from assistant.domain.lifecycle import MESSAGES, MessageStatus
from assistant.domain.messages import Address, Button, Paper, Reply
from assistant.store import lanes
from assistant.store.chats import Chat
from assistant.store.database import Tx
from assistant.store.lanes import Lane
from assistant.store.rows import new_ids
from assistant.store.tables import broadcast_texts, broadcasts, chats, has, messages

_UNKNOWN_BULK = "a crash hid whether it was sent"


@dataclass(frozen=True, slots=True)
class Ready:
    """A message to be sent now: its row says `sending` already."""

    id: int
    chat_id: int
    lane: Lane
    address: Address
    reply: Reply
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a message that was to be sent.

    `due_at`: when to try again, where it is queued. `reference`: the channel's own id of it. `doubtful`: it
    may have arrived all the same. `tried`: whether that was an attempt that failed, or only a wait.
    """

    message: Ready
    status: MessageStatus
    reason: str | None = None
    due_at: datetime | None = None
    reference: str | None = None
    doubtful: bool = False
    tried: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """Replies of one turn. `lane` is where its chat's replies run; `at_once`: this process sends them now."""

    chat: Chat
    replies: tuple[Reply, ...]
    lane: Lane
    at_once: bool


_ADD = insert(messages)


async def add_replies(tx: Tx, answers: Sequence[Answer], now: datetime) -> list[Ready]:
    """Write the replies down, in order. Returns those that this process is to send as soon as it commits."""
    ids = iter(await new_ids(tx, messages, sum(len(answer.replies) for answer in answers)))
    rows, ready, sleeping = [], [], set()
    for answer in answers:
        for reply in answer.replies:
            message = Ready(next(ids), answer.chat.id, answer.lane, answer.chat.address, reply)
            rows.append(_row(message, answer.chat, now, at_once=answer.at_once))
            if answer.at_once:
                ready.append(message)
            else:
                sleeping.add(answer.lane.id)
    if rows:
        await tx.connection.execute(_ADD, rows)
    if sleeping:
        await lanes.wake(tx, sleeping, now)
    return ready


def _row(message: Ready, chat: Chat, now: datetime, *, at_once: bool) -> dict[str, Any]:  # Any: column values
    return {
        "id": message.id,
        "chat_id": chat.id,
        "lane_id": message.lane.id,
        "body": chat.sealer.seal("messages.body", message.id, dump_reply(message.reply)),
        "status": MessageStatus.SENDING if at_once else MessageStatus.QUEUED,
        "epoch": message.lane.epoch if at_once else 0,
        "attempts": 0,
        "due_at": now,
    }


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a lane has to do next. `expired`: how many were worthless by now, and are over."""

    ready: list[Ready]
    expired: int


async def claim(tx: Tx, lane: Lane, now: datetime, limit: int) -> Claimed:
    """The lane's next messages, marked `sending`: at most one a chat, its oldest, so that order is kept.

    Call after `lanes.hold`, in the same transaction.
    """
    blocked = _behind(MessageStatus.QUEUED, MessageStatus.SENDING)
    query = (
        select(
            messages, chats.c.key, chats.c.line, chats.c.address, chats.c.language, broadcasts.c.expires_at
        )
        .join(chats, chats.c.id == messages.c.chat_id)
        .outerjoin(broadcasts, broadcasts.c.id == messages.c.broadcast_id)
        .where(messages.c.lane_id == lane.id, has(messages.c.status, MessageStatus.QUEUED))
        .where(messages.c.due_at <= now, ~blocked)
        .order_by(messages.c.due_at, messages.c.id)
        .limit(limit)
        .with_for_update(of=messages)  # who unsubscribes or is forgotten meanwhile is passed over
    )
    rows = (await tx.connection.execute(query)).all()
    over = [row.id for row in rows if row.expires_at is not None and row.expires_at <= now]
    if over:
        expired = update(messages).where(messages.c.id.in_(over))
        await tx.connection.execute(expired.values(status=MessageStatus.EXPIRED))
        rows = [row for row in rows if row.id not in set(over)]
    texts = await _texts(tx, {row.broadcast_id for row in rows if row.broadcast_id is not None})
    ready = [_read(tx, lane, row, texts) for row in rows]
    if ready:
        marked = update(messages).where(messages.c.id.in_([message.id for message in ready]))
        await tx.connection.execute(marked.values(status=MessageStatus.SENDING, epoch=lane.epoch))
    return Claimed(ready, len(over))


def _behind(*statuses: MessageStatus) -> ColumnElement[bool]:
    """Whether an earlier message of the same chat and lane has one of these statuses."""
    ahead = messages.alias("ahead")
    return exists().where(
        ahead.c.chat_id == messages.c.chat_id,
        ahead.c.lane_id == messages.c.lane_id,
        ahead.c.id < messages.c.id,
        ~ahead.c.notice,  # those may wait for the morning
        has(ahead.c.status, MessageStatus.QUEUED, MessageStatus.SENDING),  # as the index has it
        has(ahead.c.status, *statuses),
    )


async def _texts(tx: Tx, broadcast_ids: Collection[int]) -> dict[int, dict[str, str]]:
    texts: dict[int, dict[str, str]] = {}
    if broadcast_ids:
        query = select(broadcast_texts).where(broadcast_texts.c.broadcast_id.in_(broadcast_ids))
        for row in await tx.connection.execute(query):
            texts.setdefault(row.broadcast_id, {})[row.language] = row.html
    return texts


def _read(tx: Tx, lane: Lane, row: Row[Any], texts: dict[int, dict[str, str]]) -> Ready:  # Any: a row
    sealer = tx.vault.open_key(row.key, row.chat_id)
    channel, _, account = row.line.partition(":")
    address = Address(channel, account, sealer.open("chats.address", row.chat_id, row.address))
    if row.broadcast_id is None:
        reply = _load(sealer.open("messages.body", row.id, row.body))
    else:
        by_language = texts[row.broadcast_id]
        html = by_language.get(row.language) or next(iter(by_language.values()))
        reply = Reply(Markup(html), bulk=True)  # noqa: S704  rendered by us
    return Ready(row.id, row.chat_id, lane, address, reply, row.attempts)


_FINISH = (
    update(messages)
    .where(messages.c.id == bindparam("message_id"), messages.c.epoch == bindparam("message_epoch"))
    .where(messages.c.status == MessageStatus.SENDING)
    .values(
        status=bindparam("new_status"),
        reason=bindparam("new_reason"),
        due_at=func.coalesce(bindparam("new_due_at", type_=messages.c.due_at.type), messages.c.due_at),
        attempts=messages.c.attempts + bindparam("new_attempts", type_=messages.c.attempts.type),
        reference=bindparam("new_reference"),
        doubtful=or_(messages.c.doubtful, bindparam("new_doubt", type_=messages.c.doubtful.type)),
    )
)


async def finish(tx: Tx, done: Sequence[Done]) -> None:
    """Store what became of messages. Rows that another process has taken over meanwhile are left alone.

    Raises IllegalMove where the table of lifecycles has no such step.
    """
    for each in done:
        MESSAGES.check(MessageStatus.SENDING, each.status)
    rows = [
        {
            "message_id": each.message.id,
            "message_epoch": each.message.lane.epoch,
            "new_status": each.status,
            "new_reason": each.reason,
            "new_due_at": each.due_at,
            "new_attempts": int(each.tried),
            "new_reference": each.reference,
            "new_doubt": each.doubtful,
        }
        for each in done
    ]
    if rows:
        await tx.connection.execute(_FINISH, rows)


async def recover(tx: Tx, lane: Lane, now: datetime) -> None:
    """Deal with what a dead runner of this lane left: replies are sent again, all else counts as unknown."""
    sending = (messages.c.lane_id == lane.id, has(messages.c.status, MessageStatus.SENDING))
    orphaned = (*sending, messages.c.epoch < lane.epoch)
    reply = messages.c.body.is_not(None) & ~messages.c.notice
    await tx.connection.execute(
        update(messages)
        .where(*orphaned, reply)
        .values(status=MessageStatus.QUEUED, due_at=now, doubtful=true())
    )
    await tx.connection.execute(
        update(messages).where(*orphaned, ~reply).values(status=MessageStatus.UNKNOWN, reason=_UNKNOWN_BULK)
    )


async def next_due(tx: Tx, lane: Lane) -> datetime | None:
    """When the lane's next message is due; those that wait behind another are not due before it."""
    query = select(func.min(messages.c.due_at, type_=messages.c.due_at.type)).where(
        messages.c.lane_id == lane.id,
        has(messages.c.status, MessageStatus.QUEUED),
        ~_behind(MessageStatus.QUEUED),
    )
    moment: datetime | None = await tx.connection.scalar(query)
    return moment


async def marks(tx: Tx, quoted: Collection[tuple[Chat, str]]) -> dict[tuple[int, str], str | None]:
    """The marks of the questions that these references stand for, by chat and reference.

    None where the message asked nothing; missing where there is no such message any more.
    """
    by_chat = {chat.id: chat for chat, _ in quoted}
    query = select(messages.c.id, messages.c.chat_id, messages.c.reference, messages.c.body).where(
        messages.c.chat_id.in_(by_chat), messages.c.reference.in_({reference for _, reference in quoted})
    )
    found: dict[tuple[int, str], str | None] = {}
    for row in await tx.connection.execute(query):
        sealer = by_chat[row.chat_id].sealer
        reply = _load(sealer.open("messages.body", row.id, row.body)) if row.body is not None else None
        found[row.chat_id, row.reference] = reply.mark if reply else None
    return found


def dump_reply(reply: Reply) -> str:
    """The message as it is sealed."""
    buttons = [[button.value, button.label] for button in reply.buttons]
    paper = reply.paper and [reply.paper.case, reply.paper.language, reply.paper.text]
    parts = [reply.html, buttons, reply.asks, reply.conversation, reply.mark, paper, reply.first]
    return json.dumps(parts, ensure_ascii=False)


def _load(stored: str) -> Reply:
    html, buttons, asks, conversation, mark, *later = json.loads(stored)
    paper, first = later or (None, False)  # rows of the first version have neither
    return Reply(
        Markup(html),  # noqa: S704  rendered by us
        tuple(Button(value, label) for value, label in buttons),
        asks,
        conversation,
        mark,
        Paper(*paper) if paper else None,
        first,
    )
