"""What was said in chats whose channel keeps nothing for people, sealed with the chat's own key."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select, true, update

from assistant.domain.messages import Address, Entry, Reply
from assistant.store.crypto import Sealer
from assistant.store.database import Tx, new_ids
from assistant.store.messages import dump_reply, load_reply
from assistant.store.tables import chats, transcripts

SHOWN = 40  # entries of a chat that are looked at, the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A chat as its person sees it: the newest entries, the oldest of them first.

    `chat`: its number, which is another one at the same address once a chat has moved there.
    """

    chat: int
    language: str | None
    careful: bool
    entries: Sequence[Entry]


_CHAT: Select[Any] = select(chats.c.id, chats.c.key, chats.c.language, chats.c.careful).where(
    chats.c.lookup == bindparam("lookup"), ~chats.c.forgotten
)  # Any: SQLAlchemy's row
_LOCKED = _CHAT.with_for_update(key_share=True)  # entries of a chat are numbered one after the other
_NEWEST = select(func.coalesce(func.max(transcripts.c.number), 0)).where(
    transcripts.c.chat_id == bindparam("chat")
)
# The chat, and its newest entries: one look for all that a page shows. Without an entry, the chat alone.
_ENTRIES = (
    select(chats.c.id, chats.c.key, chats.c.language, chats.c.careful)
    .add_columns(transcripts.c.id.label("entry"), transcripts.c.number, transcripts.c.theirs)
    .add_columns(transcripts.c.body, transcripts.c.seen)
    .outerjoin(
        transcripts, (transcripts.c.chat_id == chats.c.id) & (transcripts.c.number > bindparam("after"))
    )
    .where(chats.c.lookup == bindparam("lookup"), ~chats.c.forgotten)
    .order_by(transcripts.c.number.desc())
    .limit(SHOWN)
)
_ONE = select(transcripts).where(
    transcripts.c.chat_id == bindparam("chat"), transcripts.c.number == bindparam("wanted")
)
_ADD = insert(transcripts)


async def add(
    tx: Tx, address: Address, said: Reply, today: date, *, theirs: bool = False, seen: bool = False
) -> int | None:
    """Write down what was said; returns its number. None where there is no such chat, or it is forgotten."""
    row = (await tx.connection.execute(_LOCKED, {"lookup": tx.vault.lookup(address)})).one_or_none()
    if row is None:
        return None
    (row_id,) = await new_ids(tx, transcripts, 1)
    number = (await tx.connection.scalar(_NEWEST, {"chat": row.id}) or 0) + 1
    values = {
        "id": row_id,
        "chat_id": row.id,
        "number": number,
        "theirs": theirs,
        "body": _sealer(tx, row).seal("transcripts.body", row_id, dump_reply(said)),
        "day": today,
        "seen": seen,
    }
    await tx.connection.execute(_ADD, values)
    return number


async def read(tx: Tx, address: Address, after: int = 0) -> Transcript | None:
    """The chat's entries with larger numbers than that; None where there is no such chat."""
    wanted = {"lookup": tx.vault.lookup(address), "after": after}
    rows = (await tx.connection.execute(_ENTRIES, wanted)).all()
    if not rows:
        return None
    chat, sealer = rows[0], _sealer(tx, rows[0])
    entries = [_entry(sealer, each, each.entry) for each in reversed(rows) if each.entry is not None]
    return Transcript(chat=chat.id, language=chat.language, careful=chat.careful, entries=entries)


async def entry(tx: Tx, address: Address, number: int) -> Entry | None:
    """The entry of that number in that chat."""
    row = await _chat(tx, address)
    if row is None:
        return None
    found = (await tx.connection.execute(_ONE, {"chat": row.id, "wanted": number})).one_or_none()
    return None if found is None else _entry(_sealer(tx, row), found, found.id)


async def change(tx: Tx, address: Address, number: int, said: Reply) -> bool:
    """Put that in the place of an entry; returns whether there is one."""
    row = await _chat(tx, address)
    if row is None:
        return False
    found = (await tx.connection.execute(_ONE, {"chat": row.id, "wanted": number})).one_or_none()
    if found is None:
        return False
    body = _sealer(tx, row).seal("transcripts.body", found.id, dump_reply(said))
    await tx.connection.execute(update(transcripts).where(transcripts.c.id == found.id).values(body=body))
    return True


async def remove(tx: Tx, address: Address, number: int) -> None:
    """Take an entry out again."""
    row = await _chat(tx, address)
    if row is not None:
        which = (transcripts.c.chat_id == row.id, transcripts.c.number == number)
        await tx.connection.execute(delete(transcripts).where(*which))


async def mark_seen(tx: Tx, address: Address, up_to: int) -> None:
    """Somebody has looked at the entries up to that number."""
    row = await _chat(tx, address)
    if row is not None:
        which = (transcripts.c.chat_id == row.id, transcripts.c.number <= up_to, ~transcripts.c.seen)
        await tx.connection.execute(update(transcripts).where(*which).values(seen=true()))


async def newest(tx: Tx, addresses: Collection[Address]) -> dict[Address, int]:
    """The number of the newest entry of each of these chats that has any."""
    wanted = {tx.vault.lookup(each): each for each in addresses}
    query = (
        select(chats.c.lookup, func.max(transcripts.c.number).label("number"))
        .join(transcripts, transcripts.c.chat_id == chats.c.id)
        .where(chats.c.lookup.in_(wanted))
        .group_by(chats.c.lookup)
    )
    return {wanted[row.lookup]: row.number for row in await tx.connection.execute(query)}


async def _chat(tx: Tx, address: Address) -> Row[Any] | None:  # Any: SQLAlchemy's row
    found: Row[Any] | None  # Any: see above
    found = (await tx.connection.execute(_CHAT, {"lookup": tx.vault.lookup(address)})).one_or_none()
    return found


def _sealer(tx: Tx, row: Row[Any]) -> Sealer:  # Any: SQLAlchemy's row
    return tx.vault.open_key(row.key, row.id)


def _entry(sealer: Sealer, row: Row[Any], row_id: int) -> Entry:  # Any: SQLAlchemy's row
    said = load_reply(sealer.open("transcripts.body", row_id, row.body))
    return Entry(row.number, said, theirs=row.theirs, seen=row.seen)
