"""Pauses of cases and of actions. A subject is written as in links: `norma-cruz--fax-2012`."""

from datetime import datetime

from sqlalchemy import delete, func, select

from assistant.domain.letters import SEPARATOR
from assistant.store.database import Tx, insert_or_skip
from assistant.store.tables import pauses

WHOLE = ""
"""In place of an action's slug: all of the case."""


async def pause(tx: Tx, subject: str, now: datetime) -> bool:
    """Nothing is sent for it any more. False where that was so already."""
    added = insert_or_skip(tx, pauses).values(subject=subject, paused_at=now).returning(pauses.c.subject)
    return await tx.connection.scalar(added) is not None


async def resume(tx: Tx, subject: str) -> None:
    """What waits for it may leave again."""
    await tx.connection.execute(delete(pauses).where(pauses.c.subject == subject))


async def is_paused(tx: Tx, subject: str) -> bool:
    """Whether somebody has paused it."""
    return await tx.connection.scalar(select(func.count()).where(pauses.c.subject == subject)) == 1


async def everything(tx: Tx) -> frozenset[str]:
    """All that is paused."""
    return frozenset(await tx.connection.scalars(select(pauses.c.subject)))


async def of_case(tx: Tx, case: str) -> dict[str, datetime]:
    """Since when actions of the case are paused, UTC: by their slugs, or `WHOLE`."""
    within = f"{case}{SEPARATOR}"
    query = select(pauses).where((pauses.c.subject == case) | pauses.c.subject.startswith(within))
    return {
        row.subject.removeprefix(case).removeprefix(SEPARATOR): row.paused_at
        for row in await tx.connection.execute(query)
    }
