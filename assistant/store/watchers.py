"""The messages that show organisers how far a broadcast is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update

from assistant.domain.messages import Address
from assistant.store.database import Tx
from assistant.store.rows import insert_new
from assistant.store.tables import broadcasts, chats, messages, watchers

PATIENCE = timedelta(days=1)  # in which a message is to show the end


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who reads it, and the channel's reference of the message."""

    message: int
    address: Address
    language: str | None
    reference: str


async def add(tx: Tx, broadcast: int, chat: int, message: int) -> None:
    """That message shows that chat's organiser how far the broadcast is."""
    await insert_new(tx, watchers, [{"broadcast_id": broadcast, "chat_id": chat, "message_id": message}])


async def of(tx: Tx, broadcast: int) -> list[Watcher]:
    """Those whose message has been sent."""
    query = (
        select(
            watchers.c.message_id,
            watchers.c.chat_id,
            chats.c.key,
            chats.c.line,
            chats.c.address,
            chats.c.language,
        )
        .add_columns(messages.c.reference)
        .join(chats, chats.c.id == watchers.c.chat_id)
        .join(messages, messages.c.id == watchers.c.message_id)
        .where(watchers.c.broadcast_id == broadcast, messages.c.reference.is_not(None))
    )
    found = []
    for row in await tx.connection.execute(query):
        channel, _, account = row.line.partition(":")
        person = tx.vault.open_key(row.key, row.chat_id).open("chats.address", row.chat_id, row.address)
        found.append(Watcher(row.message_id, Address(channel, account, person), row.language, row.reference))
    return found


async def rename(tx: Tx, message: int, reference: str) -> None:
    """The channel knows the message by another reference now that it was changed."""
    await tx.connection.execute(update(messages).where(messages.c.id == message).values(reference=reference))


async def remove(tx: Tx, message: int) -> None:
    """That message is changed no more."""
    await tx.connection.execute(delete(watchers).where(watchers.c.message_id == message))


async def unfinished(tx: Tx, now: datetime) -> list[int]:
    """Broadcasts that are over, while a message does not show that yet; not those of long ago."""
    lately = broadcasts.c.ended_at > now - PATIENCE
    query = select(broadcasts.c.id).where(lately, exists().where(watchers.c.broadcast_id == broadcasts.c.id))
    return list(await tx.connection.scalars(query))
