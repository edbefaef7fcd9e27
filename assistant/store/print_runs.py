"""Letters that wait to be posted, and the print runs that they are part of."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select, update

from assistant.domain.lifecycle import LetterStatus
from assistant.store.database import Tx
from assistant.store.letters import LANE, Letter, Signed, read_letter, read_signed, with_keys
from assistant.store.tables import has, lanes, letters


def _waiting(case: str, way: str) -> tuple[ColumnElement[bool], ...]:
    lane = select(lanes.c.id).where(lanes.c.kind == LANE, lanes.c.name == case).scalar_subquery()
    by_way = or_(letters.c.route == way, letters.c.route.startswith(f"{way}:", autoescape=True))
    return (letters.c.lane_id == lane, has(letters.c.status, LetterStatus.SUBMITTED), by_way)


def _in_run(run: str | None) -> ColumnElement[bool]:
    if run is None:
        return func.coalesce(letters.c.reference, "") == ""
    return letters.c.reference == run


async def unposted(tx: Tx, case: str, way: str, run: str | None, limit: int) -> list[Signed]:
    """Letters of the case that have not been posted: of that print run, or of none yet; the oldest first."""
    query = with_keys().where(*_waiting(case, way), _in_run(run), letters.c.body.is_not(None))
    rows = await tx.connection.execute(query.order_by(letters.c.id).limit(limit))
    return [read_signed(tx, row) for row in rows]


async def of_run(tx: Tx, case: str, way: str, run: str) -> list[Letter]:
    """The letters of a print run that nobody has said were posted."""
    rows = await tx.connection.execute(select(letters).where(*_waiting(case, way), _in_run(run)))
    return [read_letter(row) for row in rows]


async def begin_run(tx: Tx, run: str, ids: Sequence[int]) -> int:
    """Make these letters part of a print run, unless they are part of one. Returns how many are now."""
    free = update(letters).where(letters.c.id.in_(ids), _in_run(None))
    return int((await tx.connection.execute(free.values(reference=run))).rowcount)


async def runs(tx: Tx, case: str, way: str) -> dict[str, int]:
    """How many letters of each print run have not been posted; under an empty name, those not printed."""
    reference = func.coalesce(letters.c.reference, "")
    query = select(reference, func.count()).where(*_waiting(case, way)).group_by(reference)
    return {row[0]: row[1] for row in await tx.connection.execute(query)}
