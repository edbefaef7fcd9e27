"""The log of letters: every step with its time and reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from assistant.domain.lifecycle import LetterStatus
from assistant.store.database import Tx
from assistant.store.tables import letter_log


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a letter's log."""

    at: datetime
    status: LetterStatus
    reason: str


async def write_log(tx: Tx, ids: Sequence[int], status: LetterStatus, reason: str, now: datetime) -> None:
    """Write a step of these letters down."""
    rows = [{"letter_id": letter_id, "at": now, "status": status, "reason": reason} for letter_id in ids]
    if rows:
        await tx.connection.execute(insert(letter_log), rows)


async def log(tx: Tx, letter_id: int) -> list[Step]:
    """Every step of a letter, the first one first."""
    query = select(letter_log).where(letter_log.c.letter_id == letter_id).order_by(letter_log.c.id)
    return [Step(row.at, LetterStatus(row.status), row.reason) for row in await tx.connection.execute(query)]
