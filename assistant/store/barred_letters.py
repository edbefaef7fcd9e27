"""Letters that may not leave: made of a text that is not true any more, or for an action that is paused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, select

from assistant.domain.letters import TextStatus
from assistant.store import pauses
from assistant.store.database import Tx
from assistant.store.tables import letter_versions, letters

_V = letter_versions.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsound:
    """A version of which no letter may leave. `update`: the news that tells why."""

    action: str
    target: str
    version: str
    status: TextStatus
    update: str | None


@dataclass(frozen=True, slots=True)
class Barred:
    """What may not leave of a case's letters. `paused`: since when, as `pauses.of_case` has it.

    `unconfirmed`: of those to one target none may, because its addresses have changed.
    """

    unsound: Sequence[Unsound] = ()
    paused: Mapping[str, datetime] = field(default_factory=dict)
    unconfirmed: bool = False


NOTHING = Barred()


async def of_case(tx: Tx, case: str, target: str | None = None) -> Barred:
    """What is barred of the case's letters, or of those to one target."""
    return Barred(await unsound(tx, case, target), await pauses.of_case(tx, case))


async def unsound(tx: Tx, case: str, target: str | None = None) -> list[Unsound]:
    """The versions of a case's texts, or of those to one target, of which no letter may leave."""
    query = select(letter_versions).where(
        _V.case_slug == case, _V.status.in_([TextStatus.REPLACED, TextStatus.UNDECIDED])
    )
    if target is not None:
        query = query.where(_V.target_slug == target)
    return [
        Unsound(
            action=row.action_slug,
            target=row.target_slug,
            version=row.version,
            status=TextStatus(row.status),
            update=row.update_slug,
        )
        for row in await tx.connection.execute(query)
    ]


def stands_on(versions: Collection[Unsound]) -> ColumnElement[bool]:
    """Whether a letter is made of one of these."""
    return or_(
        *(and_(letters.c.action_slug == each.action, letters.c.version == each.version) for each in versions)
    )


def leaving(barred: Barred) -> tuple[ColumnElement[bool], ...]:
    """What is asked of a letter that is to leave: nothing, where nothing is barred."""
    if barred.unconfirmed:
        return (false(),)
    if not barred.unsound:
        return running(barred.paused)
    return (or_(letters.c.version.is_(None), ~stands_on(barred.unsound)), *running(barred.paused))


def running(paused: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """What is asked of a letter whose action is not paused: nothing, where nothing is paused."""
    if pauses.WHOLE in paused:
        return (false(),)
    return (letters.c.action_slug.not_in(paused),) if paused else ()
