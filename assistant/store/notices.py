"""What people are told unasked of their own letter. It leaves with broadcasts, and holds up nothing."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import exists, insert, select

from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Reply
from assistant.store import lanes
from assistant.store.broadcasts import LANE
from assistant.store.crypto import Sealer
from assistant.store.database import Tx
from assistant.store.messages import dump_reply
from assistant.store.rows import new_ids
from assistant.store.tables import chats, messages


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is told. `awake`: they have written lately."""

    chat_id: int
    line: str
    language: str | None
    sealer: Sealer
    awake: bool


async def reader(tx: Tx, chat_id: int, since: datetime) -> Reader | None:
    """The person of that chat; `awake` if they were answered since then. None where they are forgotten."""
    answered = exists().where(
        messages.c.chat_id == chat_id,
        messages.c.body.is_not(None),
        ~messages.c.notice,
        messages.c.due_at >= since,
    )
    query = select(chats, answered.label("awake")).where(chats.c.id == chat_id, ~chats.c.forgotten)
    row = (await tx.connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Reader(chat_id, row.line, row.language, tx.vault.open_key(row.key, chat_id), bool(row.awake))


async def add(tx: Tx, told: Reader, html: Markup, due_at: datetime) -> None:
    """Write a notice down. It is not sent before `due_at`."""
    lane_id = (await lanes.lane_ids(tx, LANE, [told.line]))[told.line]
    (row_id,) = await new_ids(tx, messages, 1)
    row = {
        "id": row_id,
        "chat_id": told.chat_id,
        "lane_id": lane_id,
        "body": told.sealer.seal("messages.body", row_id, dump_reply(Reply(html))),
        "status": MessageStatus.QUEUED,
        "epoch": 0,
        "attempts": 0,
        "due_at": due_at,
        "notice": True,
    }
    await tx.connection.execute(insert(messages), [row])
    await lanes.wake(tx, [lane_id], due_at)
