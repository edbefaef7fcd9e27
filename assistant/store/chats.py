"""Chats: who we talk with, and what is remembered of the talk."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, insert, literal, select, union_all, update

from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.messages import Address
from assistant.store.crypto import Sealer
from assistant.store.database import Tx
from assistant.store.rows import Value, insert_new, new_ids
from assistant.store.tables import chats, letters, messages, seen, subscriptions


@dataclass(slots=True)
class Chat:
    """A chat as it is during one turn. `state` is what `State.dump` made, or None."""

    id: int
    address: Address
    sealer: Sealer
    language: str | None
    country: str | None
    state: dict[str, Any] | None  # Any: JSON
    active_on: date
    subscriptions: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)


async def open_chats(tx: Tx, addresses: Collection[Address], today: date) -> list[Chat]:
    """The chats at those addresses, in their order, locked until the transaction ends.

    Chats that are new are made.
    """
    wanted = {tx.vault.lookup(address): address for address in addresses}
    rows = await _locked(tx, wanted)
    if len(rows) < len(wanted):
        await _make(tx, {key: wanted[key] for key in wanted.keys() - rows.keys()}, today)
        rows = await _locked(tx, wanted)
    found = [_chat(tx, rows[key], address) for key, address in wanted.items()]
    await _add_cases(tx, found)
    return found


async def _locked(tx: Tx, wanted: Collection[bytes]) -> dict[bytes, Row[Any]]:  # Any: SQLAlchemy's row
    query = select(chats).where(chats.c.lookup.in_(wanted)).order_by(chats.c.id).with_for_update()
    return {row.lookup: row for row in await tx.connection.execute(query)}


def _chat(tx: Tx, row: Row[Any], address: Address) -> Chat:  # Any: SQLAlchemy's row
    sealer = tx.vault.open_key(row.key, row.id)
    state = json.loads(sealer.open("chats.state", row.id, row.state)) if row.state else None
    return Chat(row.id, address, sealer, row.language, row.country, state, row.active_on)


async def _make(tx: Tx, wanted: Mapping[bytes, Address], today: date) -> None:
    ids = await new_ids(tx, chats, len(wanted))
    rows = [
        _new_row(tx, row_id, key, address, today)
        for row_id, (key, address) in zip(ids, wanted.items(), strict=True)
    ]
    await insert_new(tx, chats, rows)


def _new_row(tx: Tx, row_id: int, lookup: bytes, address: Address, today: date) -> dict[str, Value]:
    wrapped, sealer = tx.vault.new_key(row_id)
    return {
        "id": row_id,
        "lookup": lookup,
        "key": wrapped,
        "line": address.line,
        "address": sealer.seal("chats.address", row_id, address.person),
        "created_on": today,
        "active_on": today,
        "forgotten": False,
    }


async def _add_cases(tx: Tx, found: Sequence[Chat]) -> None:
    by_id = {chat.id: chat for chat in found}
    subscribed = select(subscriptions.c.chat_id, literal(True), subscriptions.c.case_slug).where(
        subscriptions.c.chat_id.in_(by_id)
    )
    written = select(letters.c.chat_id, literal(False), letters.c.case_slug).where(
        letters.c.chat_id.in_(by_id), letters.c.status != LetterStatus.CANCELLED
    )
    for chat_id, subscription, case in await tx.connection.execute(union_all(subscribed, written)):
        chat = by_id[chat_id]
        (chat.subscriptions if subscription else chat.letters).add(case)


async def save(tx: Tx, changed: Sequence[Chat], today: date) -> None:
    """Store the chats' states, languages and countries."""
    statement = (
        update(chats)
        .where(chats.c.id == bindparam("chat_id"))
        .values(
            state=bindparam("state"),
            language=bindparam("language"),
            country=bindparam("country"),
            active_on=bindparam("active_on"),
            forgotten=False,
        )
    )
    rows = [
        {
            "chat_id": chat.id,
            "state": _sealed_state(chat),
            "language": chat.language,
            "country": chat.country,
            "active_on": today,
        }
        for chat in changed
    ]
    await tx.connection.execute(statement, rows)


def _sealed_state(chat: Chat) -> bytes | None:
    if chat.state is None:
        return None
    return chat.sealer.seal("chats.state", chat.id, json.dumps(chat.state, ensure_ascii=False))


async def unseen(tx: Tx, pairs: Iterable[tuple[int, str]], today: date) -> set[tuple[int, str]]:
    """Those of the (chat, message id) pairs that were not handled before; they count as handled now."""
    wanted = set(pairs)
    query = select(seen.c.chat_id, seen.c.message_id).where(
        seen.c.chat_id.in_({chat for chat, _ in wanted}),
        seen.c.message_id.in_({message for _, message in wanted}),
    )
    fresh = wanted - {(row.chat_id, row.message_id) for row in await tx.connection.execute(query)}
    rows = [{"chat_id": chat, "message_id": message, "seen_on": today} for chat, message in sorted(fresh)]
    if rows:
        await tx.connection.execute(insert(seen), rows)
    return fresh


async def subscribe(tx: Tx, chat: Chat, case: str, today: date) -> None:
    """Send the chat this case's updates from now on."""
    await insert_new(tx, subscriptions, [{"chat_id": chat.id, "case_slug": case, "since": today}])


async def unsubscribe(tx: Tx, chat_ids: Collection[int]) -> None:
    """Send these chats no updates any more; those on their way are called off."""
    await tx.connection.execute(delete(subscriptions).where(subscriptions.c.chat_id.in_(chat_ids)))
    waiting = messages.c.chat_id.in_(chat_ids) & messages.c.broadcast_id.is_not(None)
    await tx.connection.execute(
        update(messages)
        .where(waiting, messages.c.status == MessageStatus.QUEUED)
        .values(status=MessageStatus.CANCELLED, reason="unsubscribed")
    )


async def forget(tx: Tx, chat: Chat, today: date) -> Chat:
    """Destroy the chat with its key; returns an empty one, which lives until its last message has left.

    Letters that have left keep their case, country and status for counting, but can be read no more.
    """
    await tx.connection.execute(update(letters).where(letters.c.chat_id == chat.id).values(body=None))
    await tx.connection.execute(delete(chats).where(chats.c.id == chat.id))
    lookup = tx.vault.lookup(chat.address)
    await _make(tx, {lookup: chat.address}, today)
    await tx.connection.execute(update(chats).where(chats.c.lookup == lookup).values(forgotten=True))
    return _chat(tx, (await _locked(tx, [lookup]))[lookup], chat.address)


async def sweep(tx: Tx, today: date) -> None:
    """Delete what is kept no longer: message ids after two days, drafts after two weeks, the forgotten."""
    await tx.connection.execute(delete(seen).where(seen.c.seen_on < today - timedelta(days=2)))
    idle = chats.c.active_on < today - timedelta(days=14)
    await tx.connection.execute(update(chats).where(idle, chats.c.state.is_not(None)).values(state=None))
    open_status = (MessageStatus.QUEUED, MessageStatus.SENDING)
    unsent = exists().where(messages.c.chat_id == chats.c.id, messages.c.status.in_(open_status))
    await tx.connection.execute(delete(chats).where(chats.c.forgotten, ~unsent))
