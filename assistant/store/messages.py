"""The ledger of what single people are told: one row for each message, from before it is sent until its end
is known. What goes to many is in `copies`."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any, assert_never

from markupsafe import Markup
from pydantic import TypeAdapter
from sqlalchemy import Table, Update, bindparam, delete, exists, func, insert, or_, select, true, update

from assistant.domain.charts import Chart
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import MESSAGES, MessageStatus
from assistant.domain.messages import (
    Account,
    Address,
    Attachment,
    Button,
    Document,
    Erasure,
    Paper,
    Picture,
    Reply,
)
from assistant.domain.steps import CaseStep
from assistant.domain.targets import ONLY_TARGET
from assistant.store import lanes
from assistant.store.broadcasts import LANE
from assistant.store.chats import Chat
from assistant.store.crypto import Sealer, Vault
from assistant.store.database import Tx, new_ids
from assistant.store.references import MESSAGE, digest_of_message, seal, unseal
from assistant.store.tables import chats, has, messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A message to be sent now: its row says `sending` already.

    `id`: of that row; None for the copy of a broadcast, which is known by that and its chat. `to_forgotten`:
    its chat lives only until its last message has left. `sealed`: the row's text as it was written, which no
    other row has; None where nobody asks for the row again.
    """

    chat_id: int
    id: int | None = None
    lane: Lane
    address: Address
    reply: Reply
    attempts: int = 0
    broadcast: int | None = None
    to_forgotten: bool = False
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnReplies:
    """Replies of one turn. `lane` is where its chat's replies run; `at_once`: this process sends them now.

    `source`: by which of the operator's links the chat was begun in this turn. `steps`: what it has reached
    on the way to a letter, where that is counted.
    """

    chat: Chat
    replies: tuple[Reply, ...]
    lane: Lane
    at_once: bool
    source: str | None = None
    steps: tuple[CaseStep, ...] = ()


_ADD = insert(messages)


async def add_replies(tx: Tx, answers: Sequence[TurnReplies], now: datetime) -> list[Ready]:
    """Write the replies down, in order. Returns those that this process is to send as soon as it commits."""
    ids = iter(await new_ids(tx, messages, sum(len(answer.replies) for answer in answers)))
    rows, ready, sleeping = [], [], set()
    for answer in answers:
        for reply in answer.replies:
            number = next(ids)
            row = _row(number, answer.chat, answer.lane, reply, now, at_once=answer.at_once)
            rows.append(row)
            if answer.at_once:
                ready.append(
                    Ready(
                        id=number,
                        chat_id=answer.chat.id,
                        lane=answer.lane,
                        address=answer.chat.address,
                        reply=reply,
                        to_forgotten=answer.chat.forgotten,
                        sealed=row["body"],
                    )
                )
            else:
                sleeping.add(answer.lane.id)
    if rows:
        await tx.connection.execute(_ADD, rows)
    if sleeping:
        lanes.wake(tx, sleeping, now)
    return ready


async def being_sent(tx: Tx, ready: Sequence[Ready]) -> list[Ready]:
    """Those of these messages that are stored, and that this process is to send.

    Where they are not, others may have got their numbers: SQLite gives those of a transaction that was rolled
    back once more.
    """
    query = select(messages.c.id, messages.c.epoch, messages.c.body).where(
        messages.c.id.in_([each.id for each in ready]), has(messages.c.status, MessageStatus.SENDING)
    )
    stored = {row.id: (row.epoch, row.body) for row in await tx.connection.execute(query)}
    return [each for each in ready if stored.get(each.id or 0) == (each.lane.epoch, each.sealed)]


async def add_notifications(tx: Tx, told: Sequence[tuple[Chat, Reply]], now: datetime) -> list[int]:
    """Write down what people are told outside of a turn of theirs; it is sent as soon as replies are.

    Returns the messages' numbers.
    """
    if not told:
        return []
    known = ((str(chat.address.account), chat.reply_lane) for chat, _ in told)
    lane_ids = {account: lane for account, lane in known if lane is not None}
    if new := {str(chat.address.account) for chat, _ in told} - lane_ids.keys():
        lane_ids |= await lanes.lane_ids(tx, lanes.REPLIES, new)
    ids = await new_ids(tx, messages, len(told))
    rows = []
    for number, (chat, reply) in zip(ids, told, strict=True):
        name = str(chat.address.account)
        lane = Lane(lane_ids[name], lanes.REPLIES, name)
        rows.append(_row(number, chat, lane, reply, now, at_once=False))
    await tx.connection.execute(_ADD, rows)
    lanes.wake(tx, lane_ids.values(), now)
    return ids


def _row(
    number: int, chat: Chat, lane: Lane, reply: Reply, now: datetime, *, at_once: bool
) -> dict[str, Any]:  # Any: column values
    return {
        "id": number,
        "chat_id": chat.id,
        "lane_id": lane.id,
        "body": chat.sealer.seal("messages.body", number, dump_reply(reply)),
        "status": MessageStatus.SENDING if at_once else MessageStatus.QUEUED,
        "epoch": lane.epoch if at_once else 0,
        "attempts": 0,
        "due_at": now,
    }


def finishing(queue: Table) -> Update:
    """Stores what `end_of` says in a row that is being sent; not in one that was taken over meanwhile."""
    due_at, attempts = queue.c.due_at, queue.c.attempts
    return (
        update(queue)
        .where(queue.c.epoch == bindparam("sent_epoch"), has(queue.c.status, MessageStatus.SENDING))
        .values(
            status=bindparam("new_status"),
            reason=bindparam("new_reason"),
            due_at=func.coalesce(bindparam("new_due_at", type_=due_at.type), due_at),
            attempts=attempts + bindparam("new_attempts", type_=attempts.type),
            reference=bindparam("new_reference"),
        )
    )


def end_of(vault: Vault, done: Done) -> dict[str, Any]:  # Any: column values
    """What became of a message, for `finishing`.

    Raises IllegalTransition where the table of lifecycles has no such step.
    """
    MESSAGES.check(MessageStatus.SENDING, done.status)
    return {
        "sent_epoch": done.message.lane.epoch,
        "new_status": done.status,
        "new_reason": done.reason,
        "new_due_at": done.due_at,
        "new_attempts": int(done.tried),
        "new_reference": done.reference and digest_of_message(vault, done.message.chat_id, done.reference),
    }


_FINISH = (
    finishing(messages)
    .where(messages.c.id == bindparam("message_id"))
    .values(
        doubtful=or_(messages.c.doubtful, bindparam("new_doubt", type_=messages.c.doubtful.type)),
        sealed_reference=bindparam("new_sealed_reference"),
    )
)


_OVER = has(messages.c.status, MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN)


async def finish(tx: Tx, done: Sequence[Done]) -> None:
    """Store what became of messages. Rows that another process has taken over meanwhile are left alone.

    Of an erasure that came to its end nothing stays. Raises IllegalTransition where the table of lifecycles
    has no such step.
    """
    if done:
        await tx.connection.execute(_FINISH, [_finished(tx.vault, each) for each in done])
    if erasures := [each.message.id for each in done if each.message.reply.erasure is not None]:
        await tx.connection.execute(delete(messages).where(messages.c.id.in_(erasures), _OVER))


def _finished(vault: Vault, done: Done) -> dict[str, Any]:  # Any: column values
    number, name = done.message.id, done.reference
    assert number is not None  # noqa: S101  for the type checker: only copies have none
    sealed = None if name is None else seal(vault, MESSAGE, number, name)
    more = {"message_id": number, "new_doubt": done.doubtful, "new_sealed_reference": sealed}
    return end_of(vault, done) | more


async def recover(tx: Tx, lane: Lane, now: datetime) -> None:
    """What a dead runner of this lane was sending is sent again: twice is harmless, never is not."""
    orphaned = (has(messages.c.status, MessageStatus.SENDING), messages.c.epoch < lane.epoch)
    await tx.connection.execute(
        update(messages)
        .where(messages.c.lane_id == lane.id, *orphaned)
        .values(status=MessageStatus.QUEUED, due_at=now, doubtful=true())
    )


async def marks(tx: Tx, quoted: Collection[tuple[Chat, str]]) -> dict[tuple[int, str], str | None]:
    """The marks of the questions that these references stand for, by chat and reference.

    None where the message asked nothing; missing where there is no such message any more.
    """
    by_chat = {chat.id: chat for chat, _ in quoted}
    named = {
        digest_of_message(tx.vault, chat.id, reference): (chat.id, reference) for chat, reference in quoted
    }
    query = select(messages.c.id, messages.c.chat_id, messages.c.reference, messages.c.body).where(
        messages.c.chat_id.in_(by_chat), messages.c.reference.in_(named)
    )
    found: dict[tuple[int, str], str | None] = {}
    for row in await tx.connection.execute(query):
        sealer = by_chat[row.chat_id].sealer
        found[named[row.reference]] = load_reply(sealer.open("messages.body", row.id, row.body)).mark
    return found


_REFERENCES = (
    select(messages.c.id, messages.c.sealed_reference)
    .where(
        messages.c.chat_id == bindparam("chat"),
        messages.c.due_at >= bindparam("since", type_=messages.c.due_at.type),
        messages.c.sealed_reference.is_not(None),
    )
    .order_by(messages.c.id)
)


async def references(tx: Tx, chat_id: int, since: datetime) -> list[str]:
    """What the channel calls the messages that we have sent in that chat since the beginning of that day.

    Of older ones only the day is kept. Copies of broadcasts are not among them: their names are not kept.
    """
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = await tx.connection.execute(_REFERENCES, {"chat": chat_id, "since": day})
    return [unseal(tx.vault, MESSAGE, row.id, row.sealed_reference) for row in rows]


_LATER: list[Any] = [None, False, None, None, None, False]  # Any: JSON; what older rows do not have


def dump_reply(reply: Reply) -> str:
    """The message as it is sealed."""
    buttons = [[button.value, button.label, button.word] for button in reply.buttons]
    attachment = reply.attachment and _dump_file(reply.attachment)
    asked = [reply.asks, reply.conversation, reply.mark]
    parts = [reply.html, buttons, *asked, attachment, reply.first, reply.thread, reply.menu]
    if reply.erasure is not None:
        parts += [reply.erasure.references, reply.erasure.contact]
    return json.dumps(parts, ensure_ascii=False)


def _dump_file(file: Attachment) -> tuple[str, ...] | dict[str, Any]:  # Any: JSON
    match file:
        case Paper():
            return file.case, file.language, file.text, file.target
        case Document():
            return asdict(file)
        case Picture():
            return {"chart": asdict(file.chart)}
    assert_never(file)


def _load_file(stored: list[str] | dict[str, Any]) -> Attachment:  # Any: JSON
    if isinstance(stored, list):
        return _paper(*stored)
    return Picture(_charts().validate_python(stored["chart"])) if "chart" in stored else Document(**stored)


@cache
def _charts() -> TypeAdapter[Chart]:
    """Which of them it is, is told by its fields."""
    return TypeAdapter(Chart)


def _paper(case: str, language: str, text: str, target: str = ONLY_TARGET) -> Paper:
    """A page; until 0.2 a case had one target, which was not stored."""
    return Paper(case, language, text, target)


def load_reply(stored: str) -> Reply:
    """The message that was sealed."""
    html, buttons, asks, conversation, mark, *later = json.loads(stored)
    attachment, first, thread, menu, erased, contact = later + _LATER[len(later) :]
    return Reply(
        Markup(html),  # noqa: S704  rendered by us
        tuple(Button(*button) for button in buttons),
        asks=asks,
        conversation=conversation,
        mark=mark,
        attachment=_load_file(attachment) if attachment else None,
        first=first,
        thread=thread,
        menu=None if menu is None else tuple((word, meaning) for word, meaning in menu),
        erasure=None if erased is None else Erasure(tuple(erased), contact),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is told. `awake`: they have written lately. `careful`: it may be dangerous for them to write."""

    chat_id: int
    account: Account
    language: str | None
    sealer: Sealer
    awake: bool
    careful: bool


_ANSWERED = exists().where(
    messages.c.chat_id == chats.c.id,
    ~messages.c.notice,
    messages.c.due_at >= bindparam("since", type_=messages.c.due_at.type),
)
_READERS = (
    select(
        *(chats.c[each] for each in ("id", "account", "language", "key", "careful")), _ANSWERED.label("awake")
    )
    .where(chats.c.id.in_(bindparam("ids", expanding=True)), ~chats.c.forgotten)
    .order_by(chats.c.id)
    .with_for_update(of=chats, read=True, key_share=True)  # who is being forgotten is passed over
)
_ADD_NOTICES = insert(messages)


async def readers(tx: Tx, chat_ids: Collection[int], since: datetime) -> dict[int, Reader]:
    """The people of these chats, by chat; `awake` if they were answered since then. No forgotten one."""
    rows = await tx.connection.execute(_READERS, {"ids": list(chat_ids), "since": since})
    return {
        row.id: Reader(
            chat_id=row.id,
            account=Account.parse(row.account),
            language=row.language,
            sealer=tx.vault.open_key(row.key, row.id),
            awake=bool(row.awake),
            careful=row.careful,
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reader is told. It is not sent before `due_at`."""

    reader: Reader
    said: Reply
    due_at: datetime


async def add_notices(tx: Tx, told: Sequence[Notice]) -> None:
    """Write notices down."""
    if not told:
        return
    lane_ids = await lanes.lane_ids(tx, LANE, {str(notice.reader.account) for notice in told})
    ids = await new_ids(tx, messages, len(told))
    rows = [
        {
            "id": row_id,
            "chat_id": notice.reader.chat_id,
            "lane_id": lane_ids[str(notice.reader.account)],
            "body": notice.reader.sealer.seal("messages.body", row_id, dump_reply(notice.said)),
            "status": MessageStatus.QUEUED,
            "epoch": 0,
            "attempts": 0,
            "due_at": notice.due_at,
            "notice": True,
        }
        for row_id, notice in zip(ids, told, strict=True)
    ]
    await tx.connection.execute(_ADD_NOTICES, rows)
    for name, lane_id in lane_ids.items():
        earliest = min(notice.due_at for notice in told if str(notice.reader.account) == name)
        lanes.wake(tx, [lane_id], earliest)
