"""Chats of people who may be in danger by writing: of theirs everything is kept for a day."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Delete, Table, Update, delete, func, literal_column, select, update

from assistant.domain.letters import ENDED
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.retention import KEEP_CAREFUL, Gone
from assistant.store.database import Tx
from assistant.store.tables import chats, has, letters, messages

DRAFTS = "talks that were left where care is due"
MESSAGES = "chat messages where care is due"
LETTERS = "texts of letters where care is due"
PIECE = 500  # rows of a kind that one transaction changes
_CAREFUL = select(chats.c.id).where(literal_column("chats.careful"))  # as the index has it


async def sweep(tx: Tx, now: datetime) -> Gone:
    """Delete a piece of what is kept no longer."""
    due = {name: _some(table, *where) for name, (table, where) in _due(now).items()}
    pieces: dict[str, Update | Delete] = {
        DRAFTS: update(chats).where(due[DRAFTS]).values(state=None),
        MESSAGES: delete(messages).where(due[MESSAGES]),
        LETTERS: update(letters).where(due[LETTERS]).values(body=None),
    }
    counts = {
        name: len((await tx.connection.execute(piece.returning(piece.table.c.id))).all())
        for name, piece in pieces.items()
    }
    return Gone(counts, max(counts.values()) < PIECE)


def _some(table: Table, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    free = select(table.c.id).where(*where).limit(PIECE).with_for_update(key_share=True, skip_locked=True)
    return table.c.id.in_(select(free.cte("piece").c.id))


def _due(now: datetime) -> Mapping[str, tuple[Table, tuple[ColumnElement[bool], ...]]]:
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
    found = {}
    for name, (table, where) in _due(now).items():
        found[name] = await tx.connection.scalar(select(func.count()).select_from(table).where(*where)) or 0
    return found
