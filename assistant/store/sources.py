"""How many chats were begun by which of the operator's links, on each day, and how many letters came of it.

No chat knows by which one it was begun, but for a conversation that is open; a letter does.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, func, literal_column, select

from assistant.domain.lifecycle import LetterStatus
from assistant.store.database import Tx, Value, add_counts
from assistant.store.tables import has, letters, source_counts


async def count(tx: Tx, sources: Iterable[str], today: date) -> None:
    """Count new chats, each by its link. Last in a transaction: others wait for these rows."""
    counted = sorted(Counter(sources).items())
    rows: list[dict[str, Value]] = [
        {"source": source, "day": today, "chats": number} for source, number in counted
    ]
    await add_counts(tx, source_counts.c.chats, rows)


async def counts(tx: Tx) -> dict[str, int]:
    """How many each has brought, the most first."""
    number = func.sum(source_counts.c.chats).label("number")
    query = select(source_counts.c.source, number).group_by(source_counts.c.source)
    rows = await tx.connection.execute(query.order_by(number.desc(), source_counts.c.source))
    return {row.source: int(row.number) for row in rows}


async def letters_by_source(tx: Tx) -> dict[tuple[str, str], int]:
    """How many letters each has brought that were not cancelled, by source and case."""
    known: ColumnElement[bool] = literal_column("letters.source <> ''")  # as the index has it
    brought = (letters.c.source, letters.c.case_slug)
    query = select(*brought, func.count()).where(known, ~has(letters.c.status, LetterStatus.CANCELLED))
    rows = await tx.connection.execute(query.group_by(*brought))
    return {(source, case): count for source, case, count in rows}
