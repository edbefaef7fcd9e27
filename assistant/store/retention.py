"""How long things are kept."""

from datetime import datetime

from sqlalchemy import delete, exists, func, literal_column, select, text, update

from assistant.domain.answers import AnswerStatus
from assistant.domain.broadcasts import Kind
from assistant.domain.letters import ENDED
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.retention import (
    KEEP_ANSWERS,
    KEEP_COPIES,
    KEEP_DRAFTS,
    KEEP_FAILED,
    KEEP_IDS,
    KEEP_LETTERS,
    KEEP_SENT,
    KEEP_UNREAD,
)
from assistant.store import audit
from assistant.store import copies as copy_store
from assistant.store.database import Tx
from assistant.store.tables import (
    answers,
    broadcasts,
    chats,
    copies,
    has,
    invitations,
    letters,
    messages,
    requests,
)

COPIES_MAX = 50_000  # deleted in one sweep, so that nobody waits for it
_GONE = (LetterStatus.DELIVERED, LetterStatus.SENT)


async def sweep(tx: Tx, now: datetime) -> None:
    """Delete what is kept no longer: message ids, drafts, texts that are over, and the forgotten."""
    today = now.date()
    no_more = (
        chats.c.active_on < today - KEEP_IDS,
        chats.c.recent != literal_column("''"),
    )  # Any: columns of each type
    await tx.connection.execute(update(chats).where(*no_more).values(recent=""))
    idle = (chats.c.active_on < today - KEEP_DRAFTS, chats.c.state.is_not(None))
    await tx.connection.execute(update(chats).where(*idle).values(state=None))
    over = has(messages.c.status, MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN)
    old = messages.c.due_at < now - KEEP_SENT
    await tx.connection.execute(delete(messages).where(over, old))
    unsent = exists().where(
        messages.c.chat_id == chats.c.id, has(messages.c.status, MessageStatus.QUEUED, MessageStatus.SENDING)
    )
    await tx.connection.execute(delete(chats).where(text("chats.forgotten"), ~unsent))
    await _clear_letters(tx, now)
    await _clear_answers(tx, now)
    await _clear_broadcasts(tx, now)
    await audit.shorten(tx, now)
    await tx.connection.execute(delete(invitations).where(invitations.c.expires_at <= now))
    await tx.connection.execute(delete(requests).where(requests.c.expires_at <= now))


async def _clear_letters(tx: Tx, now: datetime) -> None:
    """Delete what supporters wrote; case, country and state stay, for counting."""
    ended = (has(letters.c.status, *ENDED), letters.c.body.is_not(None))  # as the index has it
    left = (*ended, has(letters.c.status, *_GONE), letters.c.ended_at < now - KEEP_LETTERS)
    await tx.connection.execute(update(letters).where(*left).values(body=None))
    old = (*ended, letters.c.ended_at < now - KEEP_FAILED)
    await tx.connection.execute(update(letters).where(*old).values(body=None))


async def _clear_answers(tx: Tx, now: datetime) -> None:
    """Delete what offices answered; that they did, and to which letter, stays for counting."""
    kept = answers.c.body.is_not(None)
    unread = has(answers.c.status, AnswerStatus.NEW)
    over = answers.c.settled_at < now - KEEP_ANSWERS  # received before that, as the index has it
    old = (kept, answers.c.received_at < now - KEEP_ANSWERS, over)
    await tx.connection.execute(update(answers).where(*old).values(body=None, likeness=None))
    left = (kept, answers.c.received_at < now - KEEP_UNREAD, unread)
    await tx.connection.execute(update(answers).where(*left).values(body=None, likeness=None))


async def _clear_broadcasts(tx: Tx, now: datetime) -> None:
    """Delete who got which broadcast; how many did stays.

    Not of the latest update of a case: who subscribes gets that one, unless they had it.
    """
    newer = broadcasts.alias("newer")
    replaced = exists().where(
        newer.c.case_slug == broadcasts.c.case_slug,
        newer.c.started_at > broadcasts.c.started_at,
        newer.c.kind == Kind.UPDATE,
    )
    over = (broadcasts.c.ended_at < now - KEEP_COPIES, replaced | (broadcasts.c.kind != Kind.UPDATE))
    # min, because PostgreSQL reads the whole table for EXISTS here
    first = select(func.min(copies.c.chat_id)).where(copies.c.broadcast_id == broadcasts.c.id)
    kept = first.scalar_subquery().is_not(None)
    left = COPIES_MAX
    for number in list(await tx.connection.scalars(select(broadcasts.c.id).where(*over, kept))):
        left -= await copy_store.delete_first(tx, number, left)
        if not left:
            return
