"""Letters whose case, action or office is gone: those that still wait, and those that are held for that."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, text, tuple_

from assistant.domain.letters import WAITING, ActionRef, Letter
from assistant.domain.lifecycle import LetterStatus
from assistant.store.database import Tx
from assistant.store.letters import read_letter
from assistant.store.tables import has, letter_log, letters

_LOCK = 0x5354524E  # any number, the same for every process


@dataclass(frozen=True, slots=True)
class Standing:
    """Which letters of a case can be sent.

    `offices`: the actions and targets that there are, by their slugs. `renamed`: former slugs of actions,
    whose letters are given the names of now (`services.letters.versions`).
    """

    offices: frozenset[tuple[str, str]] = frozenset()
    renamed: frozenset[str] = frozenset()

    def has(self, letter: Letter) -> bool:
        """Whether that one can be sent."""
        return (letter.ref.action, letter.ref.target) in self.offices or letter.ref.action in self.renamed

    @property
    def condition(self) -> ColumnElement[bool]:
        """The same, in SQL."""
        return or_(
            tuple_(letters.c.action_slug, letters.c.target_slug).in_(sorted(self.offices)),
            letters.c.action_slug.in_(sorted(self.renamed)),
        )


async def lock(tx: Tx) -> None:
    """Until this transaction ends, nobody else holds letters: so that one of us sees that no more wait."""
    if tx.dialect == "postgresql":
        await tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


async def waiting(tx: Tx, lane_id: int, standing: Standing, limit: int) -> list[Letter]:
    """Letters of the lane that do not stand, and wait for their time, whenever that is: the oldest first.

    Forgotten ones are not among them.
    """
    query = select(letters).where(letters.c.lane_id == lane_id, *_waiting(standing))
    rows = await tx.connection.execute(query.order_by(letters.c.id).limit(limit))
    return [read_letter(tx, row) for row in rows]


async def any_waits(tx: Tx, case: str, standing: Standing) -> bool:
    """Whether there are more of them, on any lane of the case."""
    query = select(letters.c.id).where(letters.c.case_slug == case, *_waiting(standing))
    return await tx.connection.scalar(query.limit(1)) is not None


def _waiting(standing: Standing) -> tuple[ColumnElement[bool], ...]:
    return (has(letters.c.status, *WAITING), letters.c.body.is_not(None), ~standing.condition)


async def told_before(tx: Tx, waiting: Sequence[Letter], reason: str) -> set[tuple[int | None, ActionRef]]:
    """The writers of these letters, with the actions of which they have had a letter held for that reason."""
    writers = [each.chat_id for each in waiting if each.chat_id is not None]
    query = (
        select(letters.c.chat_id, letters.c.case_slug, letters.c.action_slug)
        .join(letter_log, letter_log.c.letter_id == letters.c.id)
        .where(letters.c.chat_id.in_(writers), letter_log.c.reason == reason)
    )
    return {
        (row.chat_id, ActionRef(row.case_slug, row.action_slug))
        for row in await tx.connection.execute(query.distinct())
    }


async def held(tx: Tx, case: str, reason: str, standing: Standing, limit: int) -> list[Letter]:
    """Letters of the case held for that reason and no later one that stand again, in no order.

    In their order, all letters would be gone through for them.
    """
    query = select(letters).where(*_held(case, reason), standing.condition).limit(limit)
    return [read_letter(tx, row) for row in await tx.connection.execute(query)]


async def count_held(tx: Tx, case: str, reason: str, standing: Standing | None = None) -> int:
    """How many are held for that reason and no later one. `standing`: only those that stand again."""
    query = select(func.count()).select_from(letters).where(*_held(case, reason))
    if standing is not None:
        query = query.where(standing.condition)
    return await tx.connection.scalar(query) or 0


def _held(case: str, reason: str) -> tuple[ColumnElement[bool], ...]:
    log = select(letter_log.c.reason).where(letter_log.c.letter_id == letters.c.id)
    latest = log.order_by(letter_log.c.id.desc()).limit(1).correlate(letters).scalar_subquery()
    return (letters.c.case_slug == case, has(letters.c.status, LetterStatus.HELD), latest == reason)
