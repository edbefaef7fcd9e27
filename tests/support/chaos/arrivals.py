"""What people have on Telegram, held against what the database says was taken from them and sent to them."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row, select

from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Account, Address
from assistant.store.database import Store
from assistant.store.references import digest_of_incoming, digest_of_message
from assistant.store.tables import chats, copies, messages
from tests.support.fakes.telegram.chats import Received
from tests.support.fakes.telegram.html import Json

_ENDS = {MessageStatus.SENT, MessageStatus.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A reply or notice as the database has it."""

    html: str
    status: MessageStatus
    doubtful: bool
    reference: str | None


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a broadcast, as the database has it."""

    status: MessageStatus
    reference: str | None


@dataclass(frozen=True, slots=True)
class StoredChat:
    """`handled`: digests of what was taken from this person lately. `incoming`, `sent`: make such digests."""

    handled: Collection[str] = ()
    incoming: Callable[[str], str] = str
    sent: Callable[[str], str] = str
    messages: Sequence[Sending] = ()
    copies: Sequence[Copy] = ()


async def stored_chats(store: Store) -> dict[int, StoredChat]:
    """Every chat, by the number of its person."""
    found: dict[int, StoredChat] = {}
    sent: defaultdict[int, list[Row[Any]]] = defaultdict(list)  # Any: SQLAlchemy's own
    given: defaultdict[int, list[Copy]] = defaultdict(list)
    async with store.read() as tx:
        for row in await tx.connection.execute(select(copies)):
            given[row.chat_id].append(Copy(MessageStatus(row.status), row.reference))
        for row in await tx.connection.execute(select(messages).order_by(messages.c.id)):
            sent[row.chat_id].append(row)
        for chat in await tx.connection.execute(select(chats).where(chats.c.address.is_not(None))):
            sealer = tx.vault.open_key(chat.key, chat.id)
            person = int(sealer.open("chats.address", chat.id, chat.address))
            of_chat = [
                Sending(
                    html=json.loads(sealer.open("messages.body", row.id, row.body))[0],
                    status=MessageStatus(row.status),
                    doubtful=row.doubtful,
                    reference=row.reference,
                )
                for row in sent[chat.id]
            ]
            address = Address(Account.parse(chat.account), str(person))
            found[person] = StoredChat(
                handled=chat.recent.split(),
                incoming=partial(digest_of_incoming, tx.vault, address),
                sent=partial(digest_of_message, tx.vault, chat.id),
                messages=of_chat,
                copies=given[chat.id],
            )
    return found


def disagreements(
    stored: Mapping[int, StoredChat], got: Mapping[int, Sequence[Received]], taken: Sequence[Json]
) -> list[str]:
    """Everything that should not be, in words. `taken`: the updates that our webhook answered with 200."""
    found = []
    for person, received in got.items():
        chat = stored.get(person, StoredChat())
        found += [f"{person}: {wrong}" for wrong in _of_person(chat, received)]
    for update in taken:
        person, number = _author(update)
        chat = stored.get(person, StoredChat())
        if chat.incoming(number) not in chat.handled:
            found.append(f"{person}: {number} was answered with 200, and is not stored")
    return found


def _of_person(chat: StoredChat, received: Sequence[Received]) -> Iterator[str]:
    left = {chat.sent(str(message.id)): message.html for message in received}
    for each in chat.messages:
        if each.status is MessageStatus.UNKNOWN and not each.doubtful:
            yield f"{each} is unknown, and was in no doubt"
    rows: list[Sending | Copy] = [*chat.messages, *chat.copies]
    for row in rows:
        if row.status not in _ENDS:
            yield f"{row} did not come to an end"
        if row.status is MessageStatus.SENT and row.reference is None and isinstance(row, Copy):
            continue  # who subscribed later has it as a reply
        if row.status is MessageStatus.SENT and left.pop(row.reference or "", None) is None:
            yield f"{row} did not arrive"
    may_repeat = Counter(each.html for each in chat.messages if each.doubtful)
    unknown_copies = sum(each.status is MessageStatus.UNKNOWN for each in chat.copies)
    for number, html in left.items():
        if html in may_repeat:
            continue
        unknown_copies -= 1
        if unknown_copies < 0:
            yield f"message {number} came twice, or from nowhere: {html[:80]}"


def _author(update: Json) -> tuple[int, str]:
    """Whose it is, and the id by which the database knows it."""
    content = next(value for name, value in update.items() if name != "update_id")
    message = content.get("message", content)
    return int(message["chat"]["id"]), str(update["update_id"])
