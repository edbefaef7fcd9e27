"""Who gets the news of which case."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, delete, exists, select, update

from assistant.domain.broadcasts import Outcome
from assistant.domain.lifecycle import MessageStatus
from assistant.store.chats import Chat
from assistant.store.database import Tx
from assistant.store.rows import insert_new
from assistant.store.tables import chats, has, messages, subscriptions
from assistant.store.tallies import End

_REASON = "unsubscribed"


async def subscribe(tx: Tx, chat: Chat, slug: str, today: date) -> None:
    """Send the chat this case's updates from now on."""
    await insert_new(tx, subscriptions, [{"chat_id": chat.id, "case_slug": slug, "since": today}])


async def unsubscribe(tx: Tx, chat_ids: Collection[int]) -> list[End]:
    """Send these chats no updates any more; those on their way are called off.

    Returns what is to be counted.
    """
    await tx.connection.execute(delete(subscriptions).where(subscriptions.c.chat_id.in_(chat_ids)))
    waiting = messages.c.chat_id.in_(chat_ids) & messages.c.broadcast_id.is_not(None)
    return await _call_off(tx, waiting)


async def unsubscribe_for_good(tx: Tx, chat_id: int) -> list[End]:
    """As `unsubscribe`, for a chat about to be deleted: what is being written to it is waited for."""
    await tx.connection.execute(select(chats.c.id).where(chats.c.id == chat_id).with_for_update())
    return await unsubscribe(tx, [chat_id])


async def call_off(tx: Tx, message_ids: Collection[int]) -> list[End]:
    """Call off those of these copies whose readers have unsubscribed while they were on their way.

    Returns what is to be counted.
    """
    if not message_ids:
        return []
    reads = exists().where(subscriptions.c.chat_id == messages.c.chat_id)
    return await _call_off(tx, messages.c.id.in_(message_ids) & ~reads)


async def _call_off(tx: Tx, which: ColumnElement[bool]) -> list[End]:
    called_off = await tx.connection.execute(
        update(messages)
        .where(which, has(messages.c.status, MessageStatus.QUEUED))
        .values(status=MessageStatus.CANCELLED, reason=_REASON)
        .returning(messages.c.broadcast_id, messages.c.lane_id)
    )
    return [End(row.broadcast_id, row.lane_id, Outcome.CANCELLED, _REASON) for row in called_off]
