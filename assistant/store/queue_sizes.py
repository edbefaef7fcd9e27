"""How much waits on the lanes of a kind, and since when: cheap however long the queues and tables grow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Table, func, select, true

from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.store import letters as letter_store
from assistant.store.broadcasts import IS_OPEN
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Tx
from assistant.store.lanes import REPLIES
from assistant.store.tables import broadcasts, copies, has, lanes, letters, messages
from assistant.store.tables import webhook_deliveries as deliveries
from assistant.store.webhooks import LANE as WEBHOOKS

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


@dataclass(frozen=True, slots=True)
class _Queue:
    """Rows that wait on lanes. `first`: when the first of a lane is due, in a query of those lanes."""

    table: Table
    waits: ColumnElement[bool]
    first: Callable[[ColumnElement[bool]], Select[datetime]]


def _first_message(ours: ColumnElement[bool]) -> Select[datetime]:
    due_at = messages.c.due_at
    first = select(func.min(due_at)).where(messages.c.lane_id == lanes.c.id, _MESSAGES.waits)
    return select(func.min(first.scalar_subquery(), type_=due_at.type)).where(ours)


def _first_copy(ours: ColumnElement[bool]) -> Select[datetime]:
    """Each lane's first one of each broadcast is one look into the index; the least of them is wanted."""
    due_at = copies.c.due_at
    of_it = (copies.c.lane_id == lanes.c.id, copies.c.broadcast_id == broadcasts.c.id)
    first = select(func.min(due_at)).where(*of_it, _COPIES.waits).correlate(lanes, broadcasts)
    each = lanes.join(broadcasts, true())
    least = func.min(first.scalar_subquery(), type_=due_at.type)
    return select(least).select_from(each).where(ours, IS_OPEN)


def _first_letter(ours: ColumnElement[bool]) -> Select[datetime]:
    """SQLite's min looks past empty ones, of which these letters have none: 29 steps a lane, and this 19.

    SQLAlchemy's own limit adds an OFFSET, and three steps.
    """
    due_at = letters.c.due_at
    first = select(due_at).where(letters.c.lane_id == lanes.c.id, _LETTERS.waits).order_by(due_at)
    limited = first.suffix_with("LIMIT 1")
    return select(func.min(limited.scalar_subquery(), type_=due_at.type)).where(ours)


_MESSAGES = _Queue(messages, has(messages.c.status, MessageStatus.QUEUED), _first_message)
_COPIES = _Queue(copies, has(copies.c.status, MessageStatus.QUEUED), _first_copy)
_LETTERS = _Queue(letters, has(letters.c.status, LetterStatus.QUEUED, LetterStatus.RETRY_WAIT), _first_letter)
_QUEUES: Mapping[str, Sequence[_Queue]] = {
    REPLIES: (_MESSAGES,),
    BULK: (_MESSAGES, _COPIES),
    LETTERS: (_LETTERS,),
}


async def queue_sizes(tx: Tx) -> list[QueueSize]:
    """What waits on the lanes of each kind that carries messages, letters or events of webhooks."""
    return [*[await _queue_size(tx, kind, queues) for kind, queues in _QUEUES.items()], await _events(tx)]


async def _events(tx: Tx) -> QueueSize:
    """Deliveries are few: each goes after days at most."""
    query = select(func.count(), func.min(deliveries.c.due_at, type_=deliveries.c.due_at.type))
    waiting, oldest = (await tx.connection.execute(query)).one()
    return QueueSize(WEBHOOKS, min(waiting, COUNT_MAX), oldest)


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
    if status is LetterStatus.UNCERTAIN:  # without its text nobody decides about it any more
        rows = select(letters.c.status).where(has(letters.c.status, status), letters.c.body.is_not(None))
        return select(func.count()).select_from(rows.limit(COUNT_MAX).subquery())
    rows = select(letters.c.status).where(has(letters.c.status, *UNFINISHED), has(letters.c.status, status))
    return select(func.count()).select_from(rows.limit(COUNT_MAX).subquery())


async def _queue_size(tx: Tx, kind: str, queues: Sequence[_Queue]) -> QueueSize:
    ours = lanes.c.kind == kind
    waiting, firsts = 0, []
    for queue in queues:
        waiting += await tx.connection.scalar(_waiting(ours, queue)) or 0
        firsts.append(await tx.connection.scalar(queue.first(ours)))
    oldest = min((first for first in firsts if first is not None), default=None)
    return QueueSize(kind, min(waiting, COUNT_MAX), oldest)


def _waiting(ours: ColumnElement[bool], queue: _Queue) -> Select[int]:
    on_lanes = queue.table.c.lane_id.in_(select(lanes.c.id).where(ours))
    rows = select(queue.table.c.lane_id).where(on_lanes, queue.waits).limit(COUNT_MAX)
    return select(func.count()).select_from(rows.subquery())
