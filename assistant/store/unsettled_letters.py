"""Letters that wait for a person, or for their carrier's word, and for too long."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, or_, select, update

from assistant.domain.letters import Letter
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.retention import AWAIT_REPORT, KEEP_UNDECIDED
from assistant.store import letters as letter_store
from assistant.store.database import Tx
from assistant.store.letters import of_last_step, read_letter
from assistant.store.tables import has, letter_log, letters

UNDECIDED = "letters about which nobody has decided"
UNREPORTED = "letters of which their carriers have not told"
_L = LetterStatus
_KEPT = letters.c.body.is_not(None)
_WITH_CARRIERS = (has(letters.c.status, _L.SUBMITTED, _L.UNCERTAIN), _KEPT)  # as the index has it
_LAST_STEP = of_last_step(letter_log.c.at)


def _held(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Written before that, too, as the index has it."""
    before = now - KEEP_UNDECIDED
    return (has(letters.c.status, _L.HELD), _KEPT, letters.c.created_at < before, before > _LAST_STEP)


def _handed_over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (*_WITH_CARRIERS, letters.c.left_at < now - KEEP_UNDECIDED)


def _unreported(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """A carrier has a name for them; by post nobody but people can tell."""
    reported = (has(letters.c.status, _L.SUBMITTED), letters.c.reference.is_not(None))
    return (*_WITH_CARRIERS, *reported, letters.c.left_at < now - AWAIT_REPORT)


async def to_decide(tx: Tx, limit: int) -> list[Letter]:
    """Letters with a text about which a person decides: those that may have arrived, then those held.

    Those that somebody has to read are in `letter_reviews`.
    """
    unread = letters.c.review == literal_column("''")
    found: list[Letter] = []
    for which in ((has(letters.c.status, _L.UNCERTAIN),), (has(letters.c.status, _L.HELD), unread)):
        query = select(letters).where(*which, _KEPT).order_by(letters.c.id).limit(limit - len(found))
        found += [read_letter(tx, row) for row in await tx.connection.execute(query)]
    return found


async def undecided(tx: Tx, now: datetime, limit: int) -> list[Letter]:
    """Letters with a text that have been held, or with a carrier, for longer than we keep that."""
    found: list[Letter] = []
    for which in (_held(now), _handed_over(now)):  # each has an index of its own
        query = select(letters).where(*which).limit(limit - len(found))
        found += [read_letter(tx, row) for row in await tx.connection.execute(query)]
    return found


async def unreported(tx: Tx, now: datetime, limit: int) -> list[Letter]:
    """Letters of which the carrier that has them should have told long ago."""
    rows = await tx.connection.execute(select(letters).where(*_unreported(now)).limit(limit))
    return [read_letter(tx, row) for row in rows]


async def handed_over_before(tx: Tx, letter_ids: Collection[int], moment: datetime) -> set[int]:
    """Those of these letters that a carrier has got before that, and still has."""
    with_it = has(letters.c.status, _L.SUBMITTED) & (letters.c.left_at < moment)
    query = select(letters.c.id).where(letters.c.id.in_(letter_ids), with_it)
    return set(await tx.connection.scalars(query))


async def delete_texts(tx: Tx, letter_ids: Collection[int]) -> None:
    """Delete the texts of these letters, unless they go on meanwhile, and of their moments keep the days."""
    over = letters.c.id.in_(letter_ids) & has(letters.c.status, _L.CANCELLED, _L.UNCERTAIN)
    await tx.connection.execute(update(letters).where(over).values(body=None))
    await letter_store.keep_days(tx, over)


async def counts(tx: Tx, now: datetime) -> dict[str, int]:
    """How many are due now, by what is due."""
    found = {}
    for name, which in (
        (UNDECIDED, or_(_all(_held(now)), _all(_handed_over(now)))),
        (UNREPORTED, _all(_unreported(now))),
    ):
        found[name] = await tx.connection.scalar(select(func.count()).select_from(letters).where(which)) or 0
    return found


def _all(conditions: tuple[ColumnElement[bool], ...]) -> ColumnElement[bool]:
    first, *others = conditions
    for each in others:
        first &= each
    return first
