"""Which cases a chat gets updates of."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, select

from assistant.store import copies
from assistant.store.broadcasts import CopyEnd
from assistant.store.chats import Chat
from assistant.store.database import Tx, insert_new
from assistant.store.tables import chats, subscriptions


async def subscribe(tx: Tx, chat: Chat, slug: str, today: date) -> None:
    """Send the chat this case's updates from now on."""
    await insert_new(tx, subscriptions, [{"chat_id": chat.id, "case_slug": slug, "since": today}])


async def unsubscribe(tx: Tx, chat_ids: Collection[int]) -> list[CopyEnd]:
    """Send these chats no updates any more; those on their way are called off.

    Returns what is to be counted.
    """
    await tx.connection.execute(delete(subscriptions).where(subscriptions.c.chat_id.in_(chat_ids)))
    return await copies.call_off(tx, chat_ids)


async def unsubscribe_for_good(tx: Tx, chat_id: int) -> list[CopyEnd]:
    """As `unsubscribe`, for a chat about to be deleted: what is being written to it is waited for, and then
    nothing says what it got."""
    await tx.connection.execute(select(chats.c.id).where(chats.c.id == chat_id).with_for_update())
    ends = await unsubscribe(tx, [chat_id])
    await copies.remove(tx, chat_id)
    return ends
