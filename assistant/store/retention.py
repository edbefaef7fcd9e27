"""How long things are kept."""

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Delete,
    Update,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)

from assistant.domain.answers import AnswerStatus
from assistant.domain.broadcasts import Kind
from assistant.domain.letters import ENDED
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.likeness import KEPT
from assistant.domain.retention import (
    EXACT,
    KEEP_ANSWERS,
    KEEP_COPIES,
    KEEP_IDS,
    KEEP_SEEN,
    KEEP_SENT,
    KEEP_UNREAD,
    KEEP_UNSEEN,
    Gone,
    Retention,
)
from assistant.store import audit, chat_moves, forgetting, newcomers, pieces, sessions, webhooks
from assistant.store import copies as copy_store
from assistant.store import letters as letter_store
from assistant.store.database import Tx
from assistant.store.pieces import Due, some
from assistant.store.tables import (
    DAY,
    answers,
    broadcasts,
    chats,
    copies,
    day_of,
    has,
    invitations,
    letters,
    messages,
    requests,
    transcripts,
)

IDS = "digests of messages handled"
DRAFTS = "talks that were left"
MESSAGES = "chat messages"
SEEN = "what was said on the web page and seen"
UNSEEN = "what was said on the web page and not seen"
LEFT = "texts of letters that have left"
ENDED_OTHERWISE = "texts of letters that failed or were cancelled"
ANSWERS = "texts of answers"
FORGOTTEN = "chats that were forgotten"
COPIES = "copies of broadcasts"
MOMENTS = "letters and messages of which only days are kept"
WEBHOOKS = "events that no endpoint took"
NEWCOMERS = "notes about letters of new chats"
INVITATIONS = "invitations"
REQUESTS = "requests that nobody has joined"
_GONE = (LetterStatus.DELIVERED, LetterStatus.SENT)


async def sweep(tx: Tx, now: datetime, retention: Retention) -> Gone:
    """Delete a piece of what is kept no longer: message ids, drafts, texts that are over, the forgotten."""
    due = {name: some(table, *where) for name, (table, where) in _due(now, retention).items()}
    unsent = exists().where(
        messages.c.chat_id == chats.c.id, has(messages.c.status, MessageStatus.QUEUED, MessageStatus.SENDING)
    )
    changes: dict[str, Update | Delete] = {
        IDS: update(chats).where(due[IDS]).values(recent=""),
        DRAFTS: update(chats).where(due[DRAFTS]).values(state=None),
        MESSAGES: delete(messages).where(due[MESSAGES]),
        SEEN: delete(transcripts).where(due[SEEN]),
        UNSEEN: delete(transcripts).where(due[UNSEEN]),
        FORGOTTEN: delete(chats).where(some(chats, literal_column("chats.forgotten"), ~unsent)),  # by a crash
        LEFT: update(letters).where(due[LEFT]).values(body=None),
        ENDED_OTHERWISE: update(letters).where(due[ENDED_OTHERWISE]).values(body=None),
    }
    counts = await pieces.change(tx, changes)
    counts[ANSWERS] = await _clear_answers(tx, now)
    counts[MOMENTS] = await _keep_days(tx, now)
    counts[NEWCOMERS] = len(await newcomers.forget(tx, now - KEPT))
    counts[COPIES] = await _clear_copies(tx, now)
    counts[WEBHOOKS] = await webhooks.sweep(tx, now)
    done = max(counts.values()) < pieces.PIECE
    for name, table in ((INVITATIONS, invitations), (REQUESTS, requests)):
        counts[name] = (await tx.connection.execute(delete(table).where(table.c.expires_at <= now))).rowcount
    await audit.shorten(tx, now)
    await forgetting.sweep(tx, now.date())
    await chat_moves.sweep(tx, now)
    await sessions.sweep(tx, now)
    return Gone(counts, done)


def _due(now: datetime, retention: Retention) -> Due:
    """What is kept no longer: in which table, and which rows. Of letters case, country and state stay."""
    today = now.date()
    over = has(messages.c.status, MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN)
    ended, kept = has(letters.c.status, *ENDED), letters.c.body.is_not(None)  # as the index has it
    left = has(letters.c.status, *_GONE)
    handled = chats.c.recent != literal_column("''")
    return {
        IDS: (chats, (chats.c.active_on < today - KEEP_IDS, handled)),
        DRAFTS: (chats, (chats.c.active_on < today - retention.drafts, chats.c.state.is_not(None))),
        MESSAGES: (messages, (over, messages.c.due_at < now - KEEP_SENT)),
        SEEN: (transcripts, (transcripts.c.day < today - KEEP_SEEN, transcripts.c.seen)),
        UNSEEN: (transcripts, (transcripts.c.day < today - KEEP_UNSEEN,)),
        LEFT: (letters, (ended, kept, left, letters.c.ended_at < now - retention.letters)),
        ENDED_OTHERWISE: (letters, (ended, kept, letters.c.ended_at < now - retention.failed)),
    }


async def counts(tx: Tx, now: datetime, retention: Retention) -> dict[str, int]:
    """How much is due now, by what it is. It reads whole tables."""
    found = await pieces.count(tx, _due(now, retention))
    settled = answers.c.settled_at < now - KEEP_ANSWERS
    unread = has(answers.c.status, AnswerStatus.NEW) & (answers.c.received_at < now - KEEP_UNREAD)
    query = select(func.count()).select_from(answers).where(answers.c.body.is_not(None), settled | unread)
    found[ANSWERS] = await tx.connection.scalar(query) or 0
    return found


async def _keep_days(tx: Tx, now: datetime) -> int:
    """Of letters and messages that have been over for a day, keep days: moments tell whose they are to who
    has seen them arrive. Returns how many were changed."""
    since = now - EXACT
    exact: ColumnElement[bool] = literal_column(f"ended_at % {DAY} <> 0")
    which = some(letters, has(letters.c.status, *ENDED), exact, letters.c.ended_at < since)
    numbers = await letter_store.keep_days(tx, which)
    over = has(messages.c.status, MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN)
    sent = some(messages, over, literal_column(f"due_at % {DAY} <> 0"), messages.c.due_at < since)
    over_now = update(messages).where(sent).values(due_at=day_of(messages.c.due_at))
    return len(numbers) + len((await tx.connection.execute(over_now.returning(messages.c.id))).all())


async def _clear_answers(tx: Tx, now: datetime) -> int:
    """Delete some of what offices answered; that they did, to which letter, and on which day, stays for
    counting. Returns of how many."""
    kept = answers.c.body.is_not(None)
    unread = has(answers.c.status, AnswerStatus.NEW)
    over = answers.c.settled_at < now - KEEP_ANSWERS  # received before that, as the index has it
    days = {name: day_of(answers.c[name]) for name in ("received_at", "settled_at", "told_at")}
    cleared = 0
    for old in (
        (kept, answers.c.received_at < now - KEEP_ANSWERS, over),
        (kept, answers.c.received_at < now - KEEP_UNREAD, unread),
    ):
        piece = update(answers).where(some(answers, *old)).values(body=None, likeness=None, **days)
        cleared += len((await tx.connection.execute(piece.returning(answers.c.id))).all())
    return cleared


async def _clear_copies(tx: Tx, now: datetime) -> int:
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
    deleted = 0
    for number in list(await tx.connection.scalars(select(broadcasts.c.id).where(*over, kept))):
        deleted += await copy_store.delete_first(tx, number, pieces.PIECE - deleted)
        if deleted >= pieces.PIECE:
            break
    return deleted
