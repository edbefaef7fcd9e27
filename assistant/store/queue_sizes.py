"""How much waits on the lanes of a kind, and since when: cheap however long the queues and tables grow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Table, func, select, true

from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.store import letters as letter_store
from assistant.store.broadcasts import IS_OPEN
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Tx
from assistant.store.lanes import REPLIES
from assistant.store.tables import broadcasts, has, lanes, letters, messages

LETTERS = letter_store.LANE
COUNT_MAX = 100_001  # where counting stops: there are more than 100,000


@dataclass(frozen=True, slots=True)
class QueueSize:
    """What waits on the lanes of a kind.

    `waiting`: at most COUNT_MAX. `oldest`: when the first of them was or will be due; None where none waits.
    """

    kind: str
    waiting: int
    oldest: datetime | None


_Queue = tuple[Table, ColumnElement[bool]]
_MESSAGES: _Queue = (messages, has(messages.c.status, MessageStatus.QUEUED))
_LETTERS: _Queue = (letters, has(letters.c.status, LetterStatus.QUEUED, LetterStatus.RETRY_WAIT))
_QUEUES: Mapping[str, _Queue] = {REPLIES: _MESSAGES, BULK: _MESSAGES, LETTERS: _LETTERS}


async def queue_sizes(tx: Tx) -> list[QueueSize]:
    """What waits on the lanes of each kind that carries messages or letters."""
    return [await _queue_size(tx, kind, *queue) for kind, queue in _QUEUES.items()]


UNFINISHED = (
    LetterStatus.QUEUED,
    LetterStatus.HELD,
    LetterStatus.SUBMITTING,
    LetterStatus.SUBMITTED,
    LetterStatus.RETRY_WAIT,
    LetterStatus.UNCERTAIN,
)
"""The states of letters after which something still comes: by themselves, or from a person."""


async def unfinished_letters(tx: Tx) -> Mapping[LetterStatus, int]:
    """How many letters are in each of these states, at most COUNT_MAX."""
    return {status: await tx.connection.scalar(_in_state(status)) or 0 for status in UNFINISHED}


def _in_state(status: LetterStatus) -> Select[int]:
    """SQLite takes an index of some rows only where the query repeats its condition word for word."""
    rows = select(letters.c.status).where(has(letters.c.status, *UNFINISHED), has(letters.c.status, status))
    return select(func.count()).select_from(rows.limit(COUNT_MAX).subquery())


async def _queue_size(tx: Tx, kind: str, queue: Table, waits: ColumnElement[bool]) -> QueueSize:
    waiting: int | None = await tx.connection.scalar(_waiting(kind, queue, waits))
    firsts = [await tx.connection.scalar(query) for query in _firsts(kind, queue, waits)]
    oldest = min((first for first in firsts if first is not None), default=None)
    return QueueSize(kind, waiting or 0, oldest)


def _waiting(kind: str, queue: Table, waits: ColumnElement[bool]) -> Select[int]:
    ours = select(lanes.c.id).where(lanes.c.kind == kind)
    rows = select(queue.c.id).where(queue.c.lane_id.in_(ours), waits).limit(COUNT_MAX)
    return select(func.count()).select_from(rows.subquery())


def _firsts(kind: str, queue: Table, waits: ColumnElement[bool]) -> list[Select[datetime]]:
    """Each lane's first row, of each broadcast, is one look into the index; the least of them is wanted."""
    due_at, ours = queue.c.due_at, lanes.c.kind == kind
    first = select(func.min(due_at)).where(queue.c.lane_id == lanes.c.id, waits)
    if queue is letters:
        # SQLite's min looks past empty ones, of which these letters have none: 29 steps a lane, and this 19.
        # SQLAlchemy's own limit adds an OFFSET, and three steps.
        first = select(due_at).where(queue.c.lane_id == lanes.c.id, waits).order_by(due_at)
        first = first.suffix_with("LIMIT 1")
        return [select(func.min(first.scalar_subquery(), type_=due_at.type)).where(ours)]
    reply = first.where(messages.c.broadcast_id.is_(None)).scalar_subquery()
    firsts = [select(func.min(reply, type_=due_at.type)).where(ours)]
    if kind == BULK:
        copy = first.where(messages.c.broadcast_id == broadcasts.c.id)
        earliest = copy.correlate(lanes, broadcasts).scalar_subquery()
        each = lanes.join(broadcasts, true())
        firsts.append(select(func.min(earliest, type_=due_at.type)).select_from(each).where(ours, IS_OPEN))
    return firsts
