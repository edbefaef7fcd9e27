"""Letters of chats that were new when they were written: how many there are, and which say the same."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Integer,
    case,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.likeness import ALIKE_MIN, LIKENESSES
from assistant.store import lanes
from assistant.store.database import Tx
from assistant.store.letters import LANE, lane_name
from assistant.store.tables import has, letters, letters_of_newcomers

_N = letters_of_newcomers.c
_COLUMNS = tuple(_N[f"likeness_{place}"] for place in range(LIKENESSES))
_LATEST = 200  # letters that are compared: of a flood, the last ones tell enough


async def add(
    tx: Tx, letter_id: int, about: str, target: str, now: datetime, likeness: Sequence[int]
) -> None:
    """Note such a letter. `about`: its case; `likeness`: of its line, empty where it has none."""
    name = lane_name(about, target)
    values = {f"likeness_{place}": digest for place, digest in enumerate(likeness)}
    lane = (await lanes.lane_ids(tx, LANE, [name]))[name]
    await tx.connection.execute(
        insert(letters_of_newcomers).values(
            letter_id=letter_id, lane_id=lane, case_slug=about, at=now, **values
        )
    )


async def count(tx: Tx, about: str, target: str, since: datetime, most: int) -> int:
    """How many were written to that office since then. Counting stops at `most`."""
    name = lane_name(about, target)
    lane = (await lanes.lane_ids(tx, LANE, [name]))[name]
    found = select(_N.letter_id).where(_N.lane_id == lane, _N.at > since).limit(most).subquery()
    return int(await tx.connection.scalar(select(func.count()).select_from(found)) or 0)


def _is_alike(likeness: Sequence[int]) -> ColumnElement[bool]:
    same: list[ColumnElement[int]] = [
        case((column == digest, 1), else_=0) for column, digest in zip(_COLUMNS, likeness, strict=True)
    ]
    return cast(sum(same[1:], same[0]), Integer) >= ALIKE_MIN


async def count_alike(tx: Tx, about: str, likeness: Sequence[int], since: datetime, chat_id: int) -> int:
    """How many other chats have written nearly the same to that case since then, of the last letters."""
    lately = (
        select(letters_of_newcomers)
        .where(_N.case_slug == about, _N.at > since)
        .order_by(_N.at.desc())
        .limit(_LATEST)
        .subquery()
    )
    whose = func.coalesce(letters.c.chat_id, -letters.c.id)  # who is forgotten counts, too
    same = [
        case((lately.c[column.name] == digest, 1), else_=0)
        for column, digest in zip(_COLUMNS, likeness, strict=True)
    ]
    query = (
        select(func.count(whose.distinct()))
        .select_from(lately.join(letters, letters.c.id == lately.c.letter_id))
        .where(sum(same[1:], same[0]) >= ALIKE_MIN, whose != chat_id)
    )
    return int(await tx.connection.scalar(query) or 0)


async def has_passed(tx: Tx, about: str, likeness: Sequence[int], since: datetime) -> bool:
    """Whether somebody has let nearly the same line of that case go since then."""
    passed: tuple[ColumnElement[bool], ...] = (literal_column("passed"), _N.case_slug == about, _N.at > since)
    query = select(_N.letter_id).where(*passed, _is_alike(likeness)).limit(1)
    return await tx.connection.scalar(query) is not None


async def let_pass(tx: Tx, letter_id: int, now: datetime, repeated: str) -> list[int]:
    """Have the letter's line pass from now on, and all that is nearly the same.

    Returns the letters that are held for nothing but that: `repeated`, as they have it.
    """
    marked = update(letters_of_newcomers).where(_N.letter_id == letter_id).values(passed=True, at=now)
    row = (await tx.connection.execute(marked.returning(_N.case_slug, *_COLUMNS))).first()
    if row is None or row[1] is None:
        return []
    held = (has(letters.c.status, LetterStatus.HELD), letters.c.review != literal_column("''"))
    query = (
        select(letters.c.id)
        .join(letters_of_newcomers, _N.letter_id == letters.c.id)
        .where(*held, letters.c.review == repeated, letters.c.id != letter_id)
        .where(_N.case_slug == row.case_slug, _is_alike(row[1:]))
    )
    return sorted(await tx.connection.scalars(query.limit(_LATEST)))


async def forget(tx: Tx, before: datetime) -> Collection[int]:
    """Delete what was noted before that. Returns which letters' it was."""
    old = select(_N.letter_id).where(_N.at < before).limit(2_000)
    gone = delete(letters_of_newcomers).where(_N.letter_id.in_(old.scalar_subquery()))
    return list(await tx.connection.scalars(gone.returning(_N.letter_id)))
