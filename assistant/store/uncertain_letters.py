"""Letters that may have arrived: how many there are, and whether organisers know of them.

One whose text is deleted takes no decision any more.
"""

from dataclasses import dataclass

from sqlalchemy import case, func, select, true, update

from assistant.domain.letters import Letter
from assistant.domain.lifecycle import LetterStatus
from assistant.store.database import Tx
from assistant.store.letters import read_letter
from assistant.store.tables import has, letters

_UNCERTAIN = has(letters.c.status, LetterStatus.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class UncertainCount:
    """How many letters wait for a decision. `untold`: so many of them organisers have not been told of."""

    letters: int
    untold: int


async def count(tx: Tx) -> UncertainCount:
    """How many there are now."""
    untold = func.coalesce(func.sum(case((letters.c.team_told, 0), else_=1)), 0)
    open_ones = select(func.count(), untold).where(_UNCERTAIN, letters.c.body.is_not(None))
    row = (await tx.connection.execute(open_ones)).one()
    return UncertainCount(row[0], int(row[1]))


async def mark_told(tx: Tx) -> None:
    """Organisers know of all that there are."""
    told = update(letters).where(_UNCERTAIN, ~letters.c.team_told)
    await tx.connection.execute(told.values(team_told=true()))


async def listed(tx: Tx) -> list[Letter]:
    """All of them, the oldest first."""
    query = select(letters).where(_UNCERTAIN).order_by(letters.c.id)
    return [read_letter(tx, row) for row in await tx.connection.execute(query)]
