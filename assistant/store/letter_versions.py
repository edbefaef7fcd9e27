"""Versions of the texts that letters are made of, and letters whose text is not true any more."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from assistant.domain.lanes import Lane
from assistant.domain.letters import UNSENT, WAITING, ActionRef, Letter, LetterRef, SignedLetter, TextStatus
from assistant.domain.lifecycle import LetterStatus
from assistant.store import barred_letters
from assistant.store.barred_letters import Barred, leaving, running, stands_on
from assistant.store.database import Tx, insert_or_skip
from assistant.store.letters import (
    in_run,
    read_letter,
    read_signed,
    waits_for_print,
    with_keys,
    write_log,
)
from assistant.store.tables import UNPRINTED, has, letter_versions, letters

_V = letter_versions.c


async def known(tx: Tx) -> dict[LetterRef, dict[str, TextStatus]]:
    """Every version of each letter's text."""
    found: dict[LetterRef, dict[str, TextStatus]] = {}
    for row in await tx.connection.execute(select(letter_versions)):
        ref = LetterRef(row.case_slug, row.action_slug, row.target_slug)
        found.setdefault(ref, {})[row.version] = TextStatus(row.status)
    return found


async def undecided(tx: Tx) -> list[ActionRef]:
    """The actions of which somebody has to say whether the new text matters."""
    query = select(_V.case_slug, _V.action_slug).where(_V.status == TextStatus.UNDECIDED)
    rows = await tx.connection.execute(query.distinct().order_by(_V.case_slug, _V.action_slug))
    return [ActionRef(row.case_slug, row.action_slug) for row in rows]


async def set_status(
    tx: Tx,
    ref: LetterRef,
    version: str,
    status: TextStatus,
    now: datetime,
    update_slug: str | None = None,
) -> None:
    """Store what that version is from now on. Its text is dropped where nobody has to compare it any more."""
    row = {
        "case_slug": ref.case,
        "action_slug": ref.action,
        "target_slug": ref.target,
        "version": version,
        "status": status,
        "since": now,
        "update_slug": update_slug,
    }
    added = insert_or_skip(tx, letter_versions).values(row).returning(_V.version)
    if await tx.connection.scalar(added) is None:
        ours = (_V.case_slug == ref.case, _V.action_slug == ref.action, _V.target_slug == ref.target)
        changed = update(letter_versions).where(*ours, _V.version == version)
        compared = status in (TextStatus.CURRENT, TextStatus.UNDECIDED)
        values: dict[str, object] = {} if compared else {"text": None}
        await tx.connection.execute(
            changed.values(status=status, since=now, update_slug=update_slug, **values)
        )


async def without_text(tx: Tx) -> list[tuple[LetterRef, str]]:
    """The current versions of which it is not kept yet what they say."""
    query = select(letter_versions).where(_V.status == TextStatus.CURRENT, _V.text.is_(None))
    query = query.order_by(_V.case_slug, _V.action_slug, _V.target_slug)  # other processes write them, too
    return [
        (LetterRef(row.case_slug, row.action_slug, row.target_slug), row.version)
        for row in await tx.connection.execute(query)
    ]


async def keep_text(tx: Tx, ref: LetterRef, version: str, text: str) -> None:
    """Keep what letters of that version say: that of an invented person."""
    ours = (_V.case_slug == ref.case, _V.action_slug == ref.action, _V.target_slug == ref.target)
    await tx.connection.execute(update(letter_versions).where(*ours, _V.version == version).values(text=text))


async def undecided_texts(tx: Tx, action: ActionRef) -> list[tuple[str, str | None]]:
    """What letters of the action said of which somebody has to say whether the change matters.

    By target; None where that was not kept.
    """
    query = select(_V.target_slug, _V.text).where(
        _V.case_slug == action.case, _V.action_slug == action.action, _V.status == TextStatus.UNDECIDED
    )
    rows = await tx.connection.execute(query.order_by(_V.target_slug, _V.since))
    return [(row.target_slug, row.text) for row in rows]


async def adopt(tx: Tx, ref: LetterRef, version: str) -> None:
    """Letters of before versions were noted are made of this one."""
    ours = (letters.c.case_slug == ref.case, letters.c.action_slug == ref.action)
    await tx.connection.execute(
        update(letters)
        .where(*ours, letters.c.target_slug == ref.target, letters.c.version.is_(None))
        .where(has(letters.c.status, *UNSENT, LetterStatus.SUBMITTING, LetterStatus.SUBMITTED))
        .values(version=version)
    )


async def waiting(tx: Tx, action: ActionRef) -> dict[tuple[str, str], int]:
    """How many letters of the action that may still leave stand on each text: by target and version."""
    found: Counter[tuple[str, str]] = Counter()
    for condition in (*_NOT_LEFT, has(letters.c.status, LetterStatus.SUBMITTING)):
        query = (
            select(letters.c.target_slug, letters.c.version, func.count())
            .where(letters.c.case_slug == action.case, letters.c.action_slug == action.action, condition)
            .group_by(letters.c.target_slug, letters.c.version)
        )
        for target, version, count in await tx.connection.execute(query):
            found[target, version or ""] += count
    return {of: count for of, count in found.items() if of[1]}


# Each has an index of its own: what waits, and what waits to be printed.
_NOT_LEFT = (has(letters.c.status, *WAITING), UNPRINTED)
_UNTRUE = "the text it was made of is not true any more; its writer is asked"


async def hold(tx: Tx, lane: Lane, barred: Barred, now: datetime, limit: int) -> list[Letter]:
    """Hold letters on the lane that stand on replaced texts, until their writers confirm the new one.

    Those that are paused wait for the end of that.
    """
    replaced = [each for each in barred.unsound if each.status is TextStatus.REPLACED]
    if not replaced:
        return []
    of_texts = (letters.c.lane_id == lane.id, stands_on(replaced), *running(barred.paused))
    held: list[Letter] = []
    for condition in _NOT_LEFT:
        ids = select(letters.c.id).where(*of_texts, condition).order_by(letters.c.id)
        statement = (
            update(letters)
            .where(letters.c.id.in_(ids.limit(limit - len(held)).scalar_subquery()), condition)
            .values(status=LetterStatus.HELD, asked_at=now, due_at=now, look_at=None, reminded=False)
            .returning(letters)
        )
        if len(held) < limit:
            held += [read_letter(tx, row) for row in await tx.connection.execute(statement)]
    await write_log(tx, [letter.id for letter in held], LetterStatus.HELD, _UNTRUE, now)
    return held


async def unposted(tx: Tx, case: str, carrier: str, run: str | None, limit: int) -> list[SignedLetter]:
    """Letters of the case that have not been posted: of that print run, or of none yet; the oldest first."""
    query = with_keys().where(*waits_for_print(case, carrier), in_run(run), letters.c.body.is_not(None))
    if run is None:
        query = query.where(*leaving(await barred_letters.of_case(tx, case)))
    rows = await tx.connection.execute(query.order_by(letters.c.id).limit(limit))
    return [read_signed(tx, row) for row in rows]


async def begin_print_run(tx: Tx, case: str, run: str, ids: Sequence[int]) -> int:
    """Make these letters part of a print run, unless they are part of one, or say what is not true any more.

    Returns how many are now. Call after `lock_offices`, in the same transaction.
    """
    free = update(letters).where(
        letters.c.id.in_(ids), in_run(None), *leaving(await barred_letters.of_case(tx, case))
    )
    return int((await tx.connection.execute(free.values(print_run=run))).rowcount)


def _asked(lane: Lane, paused: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    held = has(letters.c.status, LetterStatus.HELD)
    return (letters.c.lane_id == lane.id, held, letters.c.asked_at.is_not(None), *running(paused))


async def to_remind(
    tx: Tx, lane: Lane, asked_before: datetime, limit: int, paused: Collection[str]
) -> list[Letter]:
    """Letters whose writers were asked before then, and have not been reminded; they count as reminded."""
    ids = (
        select(letters.c.id)
        .where(*_asked(lane, paused), letters.c.asked_at <= asked_before, ~letters.c.reminded)
        .order_by(letters.c.asked_at, letters.c.id)
        .limit(limit)
    )
    reminded = (
        update(letters)
        .where(letters.c.id.in_(ids.scalar_subquery()))
        .values(reminded=True)
        .returning(letters)
    )
    return [read_letter(tx, row) for row in await tx.connection.execute(reminded)]


async def asked_elsewhere(
    tx: Tx, asked: Sequence[Letter], since: datetime, *, reminded: bool
) -> set[tuple[int, ActionRef]]:
    """Who was asked since then, or reminded, because of a letter of the same action to another office."""
    if not asked:
        return set()
    theirs = (
        letters.c.chat_id.in_({each.chat_id for each in asked}),
        letters.c.lane_id != asked[0].lane_id,
        has(letters.c.status, LetterStatus.HELD),
        letters.c.reminded if reminded else letters.c.asked_at >= since,
    )
    query = select(letters.c.chat_id, letters.c.case_slug, letters.c.action_slug).where(*theirs)
    return {(chat, ActionRef(case, action)) for chat, case, action in await tx.connection.execute(query)}


async def next_reminder(tx: Tx, lane: Lane, after: timedelta, paused: Collection[str]) -> datetime | None:
    """When the next writer is to be reminded; None where there is none."""
    query = select(func.min(letters.c.asked_at, type_=letters.c.asked_at.type))
    asked_at: datetime | None = await tx.connection.scalar(
        query.where(*_asked(lane, paused), ~letters.c.reminded)
    )
    return asked_at + after if asked_at else None
