"""Broadcasts: a text for each language, and one message a reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup
from sqlalchemy import BigInteger, ColumnElement, func, literal, select, update
from sqlalchemy import case as when

from assistant.domain.lifecycle import MessageStatus
from assistant.store import lanes as lane_store
from assistant.store.database import Tx
from assistant.store.rows import Value, insert_new, insert_or_skip
from assistant.store.tables import broadcast_texts, broadcasts, chats, lanes, messages, subscriptions

_LATELY = (1, 7, 30, 90)  # days since a chat's last message: those in the first group go first
LANE = "bulk"  # the kind of lanes that broadcasts leave on, one an account of ours


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a broadcast has come: messages by status."""

    counts: Mapping[MessageStatus, int]

    @property
    def total(self) -> int:
        """Readers that it is for."""
        return sum(self.counts.values())


async def open_broadcast(
    tx: Tx,
    case: str,
    update_slug: str,
    texts: Mapping[str, Markup],
    now: datetime,
    expires_at: datetime | None = None,
) -> int:
    """The broadcast of that update: a new one with these texts, or the one there is, as it is."""
    query = select(broadcasts.c.id).where(
        broadcasts.c.case_slug == case, broadcasts.c.update_slug == update_slug
    )
    if (known := await tx.connection.scalar(query)) is not None:
        return int(known)
    row: dict[str, Value] = {"case_slug": case, "update_slug": update_slug, "created_at": now}
    await insert_new(tx, broadcasts, [row | {"expires_at": expires_at}])
    broadcast_id = int(await tx.connection.scalar(query) or 0)
    rows: list[dict[str, Value]] = [
        {"broadcast_id": broadcast_id, "language": language, "html": str(html)}
        for language, html in texts.items()
    ]
    await insert_new(tx, broadcast_texts, rows)
    return broadcast_id


async def fan_out(tx: Tx, broadcast_id: int, case: str, now: datetime, after: int, limit: int) -> int | None:
    """Write one message for each of the next `limit` subscribers whose chat id is above `after`.

    Returns the last chat id that was looked at, or None where there are no more. Whoever has the message
    already is passed over. Who wrote lately goes first: platforms watch how many know us, and block who
    writes to strangers.
    """
    members = (
        select(subscriptions.c.chat_id)
        .where(subscriptions.c.case_slug == case, subscriptions.c.chat_id > after)
        .order_by(subscriptions.c.chat_id)
        .limit(limit)
    )
    last = await tx.connection.scalar(select(func.max(members.subquery().c.chat_id)))
    if last is None:
        return None
    audience = (
        select(
            chats.c.id,
            lanes.c.id,
            literal(broadcast_id),
            literal(MessageStatus.QUEUED.value),
            literal(0),
            literal(0),
            literal(round(now.timestamp() * 1000), BigInteger) - _recency(now.date()),
        )
        .join(subscriptions, subscriptions.c.chat_id == chats.c.id)
        .join(lanes, (lanes.c.kind == LANE) & (lanes.c.name == chats.c.line))
        .where(subscriptions.c.case_slug == case, chats.c.id > after, chats.c.id <= last)
        .order_by(chats.c.id)
    )
    columns = ["chat_id", "lane_id", "broadcast_id", "status", "epoch", "attempts", "due_at"]
    await tx.connection.execute(insert_or_skip(tx, messages).from_select(columns, audience))
    return int(last)


def _recency(today: date) -> ColumnElement[int]:
    """How lately a chat wrote: milliseconds by which it goes before the others."""
    steps = [
        (chats.c.active_on >= today - timedelta(days=days), len(_LATELY) - number)
        for number, days in enumerate(_LATELY)
    ]
    return when(*steps, else_=0)


async def open_lanes(tx: Tx, case: str) -> None:
    """Make the lanes that the case's subscribers need."""
    query = (
        select(chats.c.line)
        .distinct()
        .join(subscriptions, subscriptions.c.chat_id == chats.c.id)
        .where(subscriptions.c.case_slug == case)
    )
    await lane_store.lane_ids(tx, LANE, list(await tx.connection.scalars(query)))


async def wake_lanes(tx: Tx, broadcast_id: int, now: datetime) -> None:
    """Have the lanes run that carry this broadcast."""
    queued = (messages.c.broadcast_id == broadcast_id, messages.c.status == MessageStatus.QUEUED)
    await tx.connection.execute(
        update(lanes).where(lanes.c.id.in_(select(messages.c.lane_id).where(*queued))).values(next_at=now)
    )


async def reach(tx: Tx, broadcast_id: int) -> Reach:
    """How far the broadcast has come."""
    query = (
        select(messages.c.status, func.count())
        .where(messages.c.broadcast_id == broadcast_id)
        .group_by(messages.c.status)
    )
    return Reach({MessageStatus(status): count for status, count in await tx.connection.execute(query)})
