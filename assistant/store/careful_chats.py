"""Chats of people who may be in danger by writing: of theirs everything is kept for a day."""

from datetime import datetime

from sqlalchemy import Delete, Update, delete, literal_column, select, update

from assistant.domain.letters import ENDED
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.retention import KEEP_CAREFUL, Gone
from assistant.store import pieces
from assistant.store.database import Tx
from assistant.store.pieces import Due, some
from assistant.store.tables import chats, has, letters, messages, transcripts

DRAFTS = "talks that were left where care is due"
MESSAGES = "chat messages where care is due"
TRANSCRIPTS = "what was said on the web page where care is due"
LETTERS = "texts of letters where care is due"
_CAREFUL = select(chats.c.id).where(literal_column("chats.careful"))  # as the index has it


async def sweep(tx: Tx, now: datetime) -> Gone:
    """Delete a piece of what is kept no longer."""
    due = {name: some(table, *where) for name, (table, where) in _due(now).items()}
    changes: dict[str, Update | Delete] = {
        DRAFTS: update(chats).where(due[DRAFTS]).values(state=None),
        MESSAGES: delete(messages).where(due[MESSAGES]),
        TRANSCRIPTS: delete(transcripts).where(due[TRANSCRIPTS]),
        LETTERS: update(letters).where(due[LETTERS]).values(body=None),
    }
    counts = await pieces.change(tx, changes)
    return Gone(counts, max(counts.values()) < pieces.PIECE)


def _due(now: datetime) -> Due:
    """What is kept no longer: in which table, and which rows."""
    over = has(messages.c.status, MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN)
    since = now - KEEP_CAREFUL
    return {
        DRAFTS: (
            chats,
            (
                literal_column("chats.careful"),
                chats.c.state.is_not(None),
                chats.c.active_on < now.date() - KEEP_CAREFUL,
            ),
        ),
        MESSAGES: (
            messages,
            (messages.c.chat_id.in_(_CAREFUL), over, messages.c.due_at < since),
        ),
        TRANSCRIPTS: (
            transcripts,
            (transcripts.c.chat_id.in_(_CAREFUL), transcripts.c.day < now.date() - KEEP_CAREFUL),
        ),
        LETTERS: (
            letters,
            (
                letters.c.chat_id.in_(_CAREFUL),
                has(letters.c.status, *ENDED),
                letters.c.body.is_not(None),
                letters.c.ended_at < since,
            ),
        ),
    }


async def counts(tx: Tx, now: datetime) -> dict[str, int]:
    """How much is due now, by what it is."""
    return await pieces.count(tx, _due(now))
