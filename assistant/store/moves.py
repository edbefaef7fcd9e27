"""Letters take steps: many at once, each only where the letter still is where the step begins."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, true, update

from assistant.domain.lifecycle import LETTERS, LetterStatus
from assistant.store.database import Tx
from assistant.store.letters import Letter
from assistant.store.tables import has, lanes, letter_log, letters


@dataclass(frozen=True, slots=True)
class Move:
    """A step of a letter. `reason`: for its log; nothing personal.

    `due_at`: when to go on with it, by default at once. `spent`: whether the last try counts. `route`: the
    one that it takes from now on, with tries of its own. `patience`: after how many waits in all a person
    decides instead; 0: none does.
    """

    letter: Letter
    status: LetterStatus
    reason: str
    due_at: datetime | None = None
    reference: str | None = None
    spent: bool = True
    route: str | None = None
    patience: int = 0

    @property
    def after(self) -> Letter:
        """The letter as it is after the step."""
        letter = self.letter
        attempts = letter.attempts if self.spent else max(0, letter.attempts - 1)
        return replace(
            letter,
            status=self.status,
            reference=self.reference or (None if self.route else letter.reference),
            attempts=0 if self.route else attempts,
            route=self.route or letter.route,
        )


# Put together once: that takes SQLAlchemy as long as running them.
_STANDING = (
    select(letters.c.id, letters.c.status)
    .where(letters.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(letters.c.id)
    .with_for_update()
)
_MOVE = (
    update(letters)
    .where(letters.c.id == bindparam("letter"))
    .values(
        status=bindparam("new_status"),
        due_at=bindparam("new_due_at"),
        reference=bindparam("new_reference"),
        attempts=bindparam("new_attempts"),
        route=bindparam("new_route"),
    )
)
_LOG = insert(letter_log)
_TELL = (
    update(letters)
    .where(letters.c.id.in_(bindparam("ids", expanding=True)), ~letters.c.told)
    .values(told=true())
    .returning(letters.c.id)
)
_ARRIVED = select(lanes.c.id, lanes.c.arrived).where(lanes.c.id.in_(bindparam("ids", expanding=True)))


async def move(tx: Tx, steps: Sequence[Move], now: datetime) -> list[Move]:
    """Take the letters these steps, one each; those that have moved on meanwhile are left alone.

    Returns the steps that were taken. Raises IllegalMove where the table of lifecycles has no such step.
    """
    for step in steps:
        LETTERS.check(step.letter.status, step.status)
    if not steps:
        return []
    rows = await tx.connection.execute(_STANDING, {"ids": [step.letter.id for step in steps]})
    standing = {row.id: row.status for row in rows}
    taken = [step for step in steps if standing.get(step.letter.id) == step.letter.status]
    if taken:
        await tx.connection.execute(_MOVE, [_row(step, now) for step in taken])
        await tx.connection.execute(_LOG, [_entry(step, now) for step in taken])
        await _count(tx, taken)
    return taken


def _row(step: Move, now: datetime) -> dict[str, object]:
    after = step.after
    return {
        "letter": after.id,
        "new_status": after.status,
        "new_due_at": step.due_at or now,
        "new_reference": after.reference,
        "new_attempts": after.attempts,
        "new_route": after.route,
    }


def _entry(step: Move, now: datetime) -> dict[str, object]:
    return {"letter_id": step.letter.id, "at": now, "status": step.status, "reason": step.reason}


async def _count(tx: Tx, taken: Sequence[Move]) -> None:
    """Letters that have arrived are counted on the lane of their office."""
    arrived = Counter(step.letter.lane_id for step in taken if step.status is LetterStatus.DELIVERED)
    for lane_id, count in arrived.items():
        counted = update(lanes).where(lanes.c.id == lane_id).values(arrived=lanes.c.arrived + count)
        await tx.connection.execute(counted)


async def tell(tx: Tx, letter_ids: Collection[int]) -> set[int]:
    """Remember that the writers of these letters are told. Returns the letters of which they were not yet."""
    return set(await tx.connection.scalars(_TELL, {"ids": list(letter_ids)}))


async def arrived(tx: Tx, lane_ids: Collection[int]) -> dict[int, int]:
    """How many letters have arrived at the offices of these lanes."""
    return {row.id: row.arrived for row in await tx.connection.execute(_ARRIVED, {"ids": list(lane_ids)})}


async def waits(tx: Tx, letter: Letter) -> int:
    """How often the letter has been put off since it was queued last."""
    ours = letter_log.c.letter_id == letter.id
    queued = select(func.max(letter_log.c.id)).where(ours, has(letter_log.c.status, LetterStatus.QUEUED))
    put_off = has(letter_log.c.status, LetterStatus.RETRY_WAIT)
    query = select(func.count()).where(ours, put_off, letter_log.c.id > queued.scalar_subquery())
    return int(await tx.connection.scalar(query) or 0)
