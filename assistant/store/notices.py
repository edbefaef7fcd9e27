"""What people are told unasked of their own letter. It leaves with broadcasts, and holds up nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import bindparam, exists, insert, select

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


_ANSWERED = exists().where(
    messages.c.chat_id == chats.c.id,
    messages.c.body.is_not(None),
    ~messages.c.notice,
    messages.c.due_at >= bindparam("since", type_=messages.c.due_at.type),
)
_READERS = (
    select(chats.c.id, chats.c.line, chats.c.language, chats.c.key, _ANSWERED.label("awake"))
    .where(chats.c.id.in_(bindparam("ids", expanding=True)), ~chats.c.forgotten)
    .order_by(chats.c.id)
    .with_for_update(of=chats, read=True, key_share=True)  # who is being forgotten is passed over
)
_ADD = insert(messages)


async def readers(tx: Tx, chat_ids: Collection[int], since: datetime) -> dict[int, Reader]:
    """The people of these chats, by chat; `awake` if they were answered since then. No forgotten one."""
    rows = await tx.connection.execute(_READERS, {"ids": list(chat_ids), "since": since})
    return {
        row.id: Reader(row.id, row.line, row.language, tx.vault.open_key(row.key, row.id), bool(row.awake))
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reader is told. It is not sent before `due_at`."""

    reader: Reader
    html: Markup
    due_at: datetime


async def add(tx: Tx, told: Sequence[Notice]) -> None:
    """Write notices down."""
    if not told:
        return
    lane_ids = await lanes.lane_ids(tx, LANE, {notice.reader.line for notice in told})
    ids = await new_ids(tx, messages, len(told))
    rows = [
        {
            "id": row_id,
            "chat_id": notice.reader.chat_id,
            "lane_id": lane_ids[notice.reader.line],
            "body": notice.reader.sealer.seal("messages.body", row_id, dump_reply(Reply(notice.html))),
            "status": MessageStatus.QUEUED,
            "epoch": 0,
            "attempts": 0,
            "due_at": notice.due_at,
            "notice": True,
        }
        for row_id, notice in zip(ids, told, strict=True)
    ]
    await tx.connection.execute(_ADD, rows)
    for line, lane_id in lane_ids.items():
        earliest = min(notice.due_at for notice in told if notice.reader.line == line)
        await lanes.wake(tx, [lane_id], earliest)
