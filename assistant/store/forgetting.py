"""Forgetting people: their chat goes with its key, and nothing brings it back.

What stays leads to nobody: letters that have left keep their case, country and state, for counting. Keyed
digests stay, too. A *tombstone* for each chat says that it was forgotten, so that an older copy of the
database that is put back is cleared of it before anything is sent. A *past letter* says that an address wrote
to an office, so that forgetting and writing again is no second letter.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, select, update

from assistant.domain.letters import LetterRef
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.retention import KEEP_IDS, KEEP_PAST_LETTERS, KEEP_TOMBSTONES
from assistant.store import chats as chat_store
from assistant.store import letters as letter_store
from assistant.store import subscriptions
from assistant.store.broadcasts import CopyEnd
from assistant.store.chats import Chat
from assistant.store.database import Tx, Value, insert_new
from assistant.store.tables import answers, chats, has, letters, past_messages, tombstones

PAGE = 10_000  # chats looked at together


async def forget(tx: Tx, chat: Chat, now: datetime) -> Chat:
    """Forget the chat; returns an empty one, which lives until its last message has left."""
    await _add_past_messages(tx, chat, now.date())
    chat.ends += await erase(tx, [chat.id], now)
    return await chat_store.begin_again(tx, chat, now.date())


async def erase(tx: Tx, chat_ids: Collection[int], now: datetime) -> list[CopyEnd]:
    """Forget these chats. Letters that nobody but us has got are cancelled.

    Returns what became of copies of broadcasts, which is to be counted last in the transaction.
    """
    ends: list[CopyEnd] = []
    for chat_id in sorted(chat_ids):
        ends += await subscriptions.unsubscribe_for_good(tx, chat_id)
    await letter_store.cancel_unsent(tx, chat_ids, now)
    known = await _lookups(tx, chat_ids)
    await _note(tx, known, now.date())
    written = select(letters.c.id).where(letters.c.chat_id.in_(chat_ids))
    said = update(answers).where(answers.c.letter_id.in_(written), answers.c.body.is_not(None))
    await tx.connection.execute(said.values(body=None, likeness=None))
    await tx.connection.execute(update(letters).where(letters.c.chat_id.in_(chat_ids)).values(body=None))
    await tx.connection.execute(delete(chats).where(chats.c.id.in_(chat_ids)))
    tx.erases.append("chats")
    return ends


async def _add_past_messages(tx: Tx, chat: Chat, today: date) -> None:
    """Platforms deliver a message again where they could not see that we have it: see `recall`."""
    rows: list[Mapping[str, Value]] = [
        {"digest": bytes.fromhex(each), "until": today + KEEP_IDS} for each in chat.recent
    ]
    await insert_new(tx, past_messages, rows)


async def recall(tx: Tx, written: Mapping[str, Chat]) -> None:
    """Of new chats: a message that was handled before its chat was forgotten counts as handled.

    `written`: the chats by the digests of the messages, see `references.digest_of_incoming`.
    """
    wanted = [bytes.fromhex(each) for each in written]
    query = select(past_messages.c.digest).where(past_messages.c.digest.in_(wanted))
    for digest in await tx.connection.scalars(query):
        written[digest.hex()].remember(digest.hex())


async def _lookups(tx: Tx, chat_ids: Collection[int]) -> dict[int, bytes]:
    query = select(chats.c.id, chats.c.lookup).where(chats.c.id.in_(chat_ids))
    return {row.id: row.lookup for row in await tx.connection.execute(query)}


async def _note(tx: Tx, lookups: Mapping[int, bytes], today: date) -> None:
    """Tombstones for these chats, and past letters for what they have written."""
    stones: list[Mapping[str, Value]] = [
        {"digest": _tombstone(tx, *each), "since": today} for each in lookups.items()
    ]
    await insert_new(tx, tombstones, stones)
    columns = (letters.c.chat_id, letters.c.case_slug, letters.c.action_slug, letters.c.target_slug)
    query = select(*columns).where(
        letters.c.chat_id.in_(lookups), ~has(letters.c.status, LetterStatus.CANCELLED)
    )
    wrote = [
        (lookups[chat_id], LetterRef(*ref)) for chat_id, *ref in (await tx.connection.execute(query)).all()
    ]
    await chat_store.add_past_letters(tx, wrote, today + KEEP_PAST_LETTERS)


async def _add_tombstones(tx: Tx, digests: Iterable[bytes], today: date) -> None:
    rows: list[Mapping[str, Value]] = [{"digest": each, "since": today} for each in digests]
    await insert_new(tx, tombstones, rows)


def _tombstone(tx: Tx, chat_id: int, lookup: bytes) -> bytes:
    return tx.vault.digest("tombstone", lookup + chat_id.to_bytes(8, "big"))


async def tombstones_after(tx: Tx, number: int) -> Sequence[tuple[int, bytes]]:
    """The tombstones beyond that number, with theirs, in order."""
    query = select(tombstones.c.id, tombstones.c.digest).where(tombstones.c.id > number)
    return [(row.id, row.digest) for row in await tx.connection.execute(query.order_by(tombstones.c.id))]


async def newest_tombstone(tx: Tx) -> int:
    """The number of the newest one; 0 where there is none."""
    return await tx.connection.scalar(select(func.max(tombstones.c.id))) or 0


async def replay(tx: Tx, digests: Iterable[bytes], now: datetime) -> tuple[int, list[CopyEnd]]:
    """Forget the chats of these tombstones again, in a database that was put back.

    Returns how many there were, and what became of copies of broadcasts, which is to be counted last.
    """
    wanted = set(digests)
    found: list[int] = []
    last = 0
    while page := (
        await tx.connection.execute(
            select(chats.c.id, chats.c.lookup).where(chats.c.id > last).order_by(chats.c.id).limit(PAGE)
        )
    ).all():
        found += [row.id for row in page if _tombstone(tx, row.id, row.lookup) in wanted]
        last = page[-1].id
    ends = await erase(tx, found, now) if found else []
    await _add_tombstones(tx, sorted(wanted), now.date())
    return len(found), ends


async def sweep(tx: Tx, today: date) -> None:
    """Delete tombstones and past letters that are kept no longer."""
    await tx.connection.execute(delete(tombstones).where(tombstones.c.since < today - KEEP_TOMBSTONES))
    await tx.connection.execute(delete(past_messages).where(past_messages.c.until < today))
    await chat_store.drop_past_letters(tx, today)
