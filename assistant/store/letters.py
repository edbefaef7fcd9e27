"""Letters: one row for each, a log of every transition, and print runs."""

import json
import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    ScalarSelect,
    bindparam,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy import case as when

from assistant.domain.letters import (
    ENDED,
    UNSENT,
    ActionRef,
    Draft,
    Letter,
    LetterRef,
    LogEntry,
    Route,
    SignedLetter,
    Transition,
)
from assistant.domain.lifecycle import LETTERS, LetterStatus
from assistant.store import counter, lanes
from assistant.store.chats import CHANGEABLE, Chat
from assistant.store.database import Tx, Value, insert_new, new_ids
from assistant.store.references import (
    KEY,
    REFERENCE,
    digest_of_key,
    digest_of_reference,
    seal,
    unseal,
)
from assistant.store.tables import (
    UNPRINTED,
    action_counts,
    chats,
    day_of,
    has,
    letter_log,
    letter_versions,
    letters,
)
from assistant.store.tables import lanes as lanes_table


async def write_log(tx: Tx, ids: Sequence[int], status: LetterStatus, reason: str, now: datetime) -> None:
    """Write a transition of these letters down."""
    rows = [{"letter_id": letter_id, "at": now, "status": status, "reason": reason} for letter_id in ids]
    if rows:
        await tx.connection.execute(insert(letter_log), rows)


async def newest_entries(tx: Tx, letter_ids: Collection[int]) -> dict[int, int]:
    """The number of the newest entry in the log of each of these letters: another one with each change."""
    query = (
        select(letter_log.c.letter_id, func.max(letter_log.c.id))
        .where(letter_log.c.letter_id.in_(letter_ids))
        .group_by(letter_log.c.letter_id)
    )
    return {row.letter_id: row[1] for row in await tx.connection.execute(query)}


async def log(tx: Tx, letter_id: int) -> list[LogEntry]:
    """Every transition of a letter, the first one first."""
    query = select(letter_log).where(letter_log.c.letter_id == letter_id).order_by(letter_log.c.id)
    return [
        LogEntry(row.at, LetterStatus(row.status), row.reason) for row in await tx.connection.execute(query)
    ]


LANE = lanes.LETTERS


def lane_name(case: str, target: str) -> str:
    """The lane of an office, whichever action writes to it."""
    return f"{case}/{target}"


def office_of(lane: str) -> tuple[str, str]:
    """The case and the target of a lane's name."""
    case, _, target = lane.partition("/")
    return case, target


async def lock_offices(tx: Tx, refs: Collection[LetterRef]) -> None:
    """Lock the lanes of these letters' offices: before the letters, as the mailroom does."""
    names = {lane_name(ref.case, ref.target) for ref in refs}
    await lanes.lock(tx, list((await lanes.lane_ids(tx, LANE, names)).values()))


async def wake_offices(tx: Tx, case: str, at: datetime, targets: Collection[str] | None = None) -> None:
    """See to it that the lanes of a case's offices run at that time, or earlier. `targets`: only theirs."""
    query = select(lanes_table.c.id).where(*_offices_of(case))
    if targets is not None:
        query = query.where(lanes_table.c.name.in_([lane_name(case, each) for each in targets]))
    lanes.wake(tx, list(await tx.connection.scalars(query)), at)


def _offices_of(case: str) -> tuple[ColumnElement[bool], ...]:
    named = lanes_table.c.name.startswith(lane_name(case, ""), autoescape=True)
    return (lanes_table.c.kind == LANE, named)


async def queue(
    tx: Tx,
    chat: Chat,
    draft: Draft,
    route: Route,
    now: datetime,
    due_at: datetime,
    closes_at: datetime | None = None,
    *,
    review: str = "",
    behind: bool = False,
) -> int:
    """Put the letter in its office's lane. It is not sent before `due_at`; and not once its action closes.

    `review`: why somebody reads it first, which holds it. `behind`: others are sent first.
    Returns its number.
    """
    name = lane_name(draft.case, draft.target)
    status = LetterStatus.HELD if review else LetterStatus.QUEUED
    lane = (await lanes.lane_ids(tx, LANE, [name]))[name]
    (row_id,) = await new_ids(tx, letters, 1)
    key = f"{draft.case}-{secrets.token_hex(8)}"
    await tx.connection.execute(
        insert(letters).values(
            id=row_id,
            key=digest_of_key(tx.vault, key),
            sealed_key=seal(tx.vault, KEY, row_id, key),
            chat_id=chat.id,
            lane_id=lane,
            case_slug=draft.case,
            action_slug=draft.ref.action,
            target_slug=draft.target,
            version=draft.version,
            country=draft.lives_in,
            language=draft.language,
            route=str(route),
            body=chat.sealer.seal("letters.body", row_id, body_of(draft)),
            status=status,
            review=review,
            behind=behind,
            source=chat.source or func.coalesce(_source_of_the_last(chat, draft), literal_column("''")),
            epoch=0,
            attempts=0,
            created_at=now,
            due_at=due_at,
        )
    )
    await write_log(tx, [row_id], LetterStatus.QUEUED, "confirmed by the supporter", now)
    if review:
        await write_log(tx, [row_id], LetterStatus.HELD, f"somebody reads it first: {review}", now)
    lanes.wake(tx, [lane], min(due_at, closes_at or due_at))
    return row_id


def _source_of_the_last(chat: Chat, draft: Draft) -> ScalarSelect[str]:
    """By which link the letter was written that this one is in place of."""
    ref = (draft.case, draft.ref.action, draft.target)
    ours = tuple_(letters.c.case_slug, letters.c.action_slug, letters.c.target_slug).in_([ref])
    query = select(letters.c.source).where(letters.c.chat_id == chat.id, ours).order_by(letters.c.id.desc())
    return query.limit(1).scalar_subquery()


def body_of(draft: Draft) -> str:
    """What is stored of it, to be sealed."""
    written = {
        "name": draft.name,
        "country": draft.country,
        "line": draft.personal_line,
        "text": draft.text,
    }
    return json.dumps(written, ensure_ascii=False)


HAS_LEFT = letters.c.left_at.is_not(None) & ~(has(letters.c.status, *UNSENT) | UNPRINTED)
"""A letter that a carrier has, or has had; not one that waits for another try, or to be printed."""

CANCELLED = {"status": LetterStatus.CANCELLED, "due_at": None, "look_at": None, "review": ""}


def _changeable(chat: Chat, action: ActionRef) -> tuple[ColumnElement[bool], ...]:
    return (letters.c.chat_id == chat.id, *_of_action(action), CHANGEABLE)


def _of_action(action: ActionRef) -> tuple[ColumnElement[bool], ...]:
    return (letters.c.case_slug == action.case, letters.c.action_slug == action.action)


async def withdraw(
    tx: Tx, chat: Chat, action: ActionRef, reason: str, now: datetime, target: str | None = None
) -> bool:
    """Cancel the chat's letters of that action, or the one to that target; False where all are leaving, or
    have left."""
    only = () if target is None else (letters.c.target_slug == target,)
    statement = (
        update(letters)
        .where(*_changeable(chat, action), *only)
        .values(CANCELLED | {"ended_at": now})
        .returning(letters.c.id)
    )
    ids = list(await tx.connection.scalars(statement))
    await write_log(tx, ids, LetterStatus.CANCELLED, reason, now)
    return bool(ids)


async def postpone(tx: Tx, chat: Chat, action: ActionRef, until: datetime) -> bool:
    """Keep the chat's letters of that action at least until then. False: all have left, or are leaving."""
    asked = literal(until, letters.c.due_at.type)
    later = when((letters.c.due_at < asked, asked), else_=letters.c.due_at)
    changed = await tx.connection.execute(
        update(letters).where(*_changeable(chat, action)).values(due_at=later)
    )
    return bool(changed.rowcount)


T = TypeVar("T")


def of_last_step(column: Column[T]) -> ScalarSelect[T]:
    """That column of the newest line of a letter's log, in a query for letters."""
    newest = select(column).where(letter_log.c.letter_id == letters.c.id).order_by(letter_log.c.id.desc())
    return newest.limit(1).correlate(letters).scalar_subquery()


async def cancel_unsent(tx: Tx, chat_ids: Collection[int], now: datetime) -> None:
    """Cancel these chats' letters that nobody but us has got yet: also those that wait to be printed."""
    statement = (
        update(letters)
        .where(letters.c.chat_id.in_(chat_ids), has(letters.c.status, *UNSENT) | UNPRINTED)
        .values(CANCELLED | {"ended_at": now})
        .returning(letters.c.id)
    )
    await write_log(
        tx, list(await tx.connection.scalars(statement)), LetterStatus.CANCELLED, "forgotten", now
    )


def with_keys() -> Any:  # Any: the select's row type has 18 columns
    """A query for letters with their chats' keys, to be read by `read_signed`."""
    return select(letters, chats.c.key.label("chat_key")).join(chats, chats.c.id == letters.c.chat_id)


def read_signed(tx: Tx, row: Row[Any]) -> SignedLetter:  # Any: SQLAlchemy's row
    if row.body is None:  # kept no longer
        return SignedLetter(read_letter(tx, row), "", None, "")
    sealer = tx.vault.open_key(row.chat_key, row.chat_id)
    body = json.loads(sealer.open("letters.body", row.id, row.body))
    return SignedLetter(read_letter(tx, row), body["name"], body["line"], body["text"])


def read_letter(tx: Tx, row: Row[Any]) -> Letter:  # Any: SQLAlchemy's row
    """The letter as organisers see it."""
    return Letter(
        id=row.id,
        ref=LetterRef(row.case_slug, row.action_slug, row.target_slug),
        status=LetterStatus(row.status),
        country=row.country,
        language=row.language,
        route=Route.parse(row.route),
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        reference=row.sealed_reference and unseal(tx.vault, REFERENCE, row.id, row.sealed_reference),
        print_run=row.print_run,
        key=unseal(tx.vault, KEY, row.id, row.sealed_key),
        chat_id=row.chat_id,
        lane_id=row.lane_id,
        told=row.told,
        version=row.version,
        asked_at=row.asked_at,
        telling=row.telling,
        restored_at=row.restored_at,
        review=row.review,
        behind=row.behind,
        has_text=row.body is not None,
    )


async def by_status(tx: Tx) -> Mapping[LetterStatus, int]:
    """How many letters are in each state that any is in."""
    query = select(letters.c.status, func.count()).group_by(letters.c.status)
    found = {row[0]: row[1] for row in await tx.connection.execute(query)}
    return {status: found[status] for status in LetterStatus if status in found}


async def listed(
    tx: Tx,
    *,
    case: str | None = None,
    action: str | None = None,
    target: str | None = None,
    status: LetterStatus | None = None,
) -> list[Letter]:
    """Letters, the oldest first. `case`, `action`, `target`: slugs."""
    query = select(letters).order_by(letters.c.id)
    for column, wanted in (
        (letters.c.case_slug, case),
        (letters.c.action_slug, action),
        (letters.c.target_slug, target),
    ):
        if wanted:
            query = query.where(column == wanted)
    if status:
        query = query.where(letters.c.status == status)
    return [read_letter(tx, row) for row in await tx.connection.execute(query)]


async def by_key_or_reference(
    tx: Tx, *, key: str | None = None, reference: str | None = None
) -> Letter | None:
    """The letter with that key; or, where that is None, the newest one with that reference of a carrier."""
    if key is not None:
        known = letters.c.key == digest_of_key(tx.vault, key)
    else:
        known = letters.c.reference == digest_of_reference(tx.vault, reference or "")
    query = select(letters).where(known, letters.c.reference.is_not(None) if key is None else true())
    row = (await tx.connection.execute(query.order_by(letters.c.id.desc()).limit(1))).first()
    return read_letter(tx, row) if row else None


AT_ONCE = 500  # letters that one statement names: databases take only so many values


_TIMES = ("created_at", "ended_at", "left_at", "asked_at", "restored_at")


async def keep_days(tx: Tx, which: ColumnElement[bool]) -> list[int]:
    """Of the moments of these letters, and of their steps, keep only the days. Returns their numbers."""
    days = {name: day_of(letters.c[name]) for name in _TIMES}
    changed = update(letters).where(which).values(days).returning(letters.c.id)
    numbers = list(await tx.connection.scalars(changed))
    steps = update(letter_log).where(letter_log.c.letter_id.in_(numbers))
    await tx.connection.execute(steps.values(at=day_of(letter_log.c.at)))
    return numbers


async def has_text(tx: Tx, keys: Collection[str]) -> Mapping[str, bool]:
    """Of those of these letters that are known, whether their text is still kept."""
    digests = {digest_of_key(tx.vault, key): key for key in keys}
    wanted = list(digests)
    found: dict[str, bool] = {}
    for start in range(0, len(wanted), AT_ONCE):
        part = letters.c.key.in_(wanted[start : start + AT_ONCE])
        query = select(letters.c.key, letters.c.body.is_not(None)).where(part)
        found |= {digests[digest]: kept for digest, kept in await tx.connection.execute(query)}
    return found


async def find(tx: Tx, letter_id: int) -> Letter | None:
    """The letter with that number."""
    row = (await tx.connection.execute(select(letters).where(letters.c.id == letter_id))).first()
    return read_letter(tx, row) if row else None


async def of_chat(tx: Tx, chat: Chat) -> list[SignedLetter]:
    """The chat's own letters, whole."""
    query = with_keys().where(letters.c.chat_id == chat.id).order_by(letters.c.id)
    return [read_signed(tx, row) for row in await tx.connection.execute(query)]


async def outcome(tx: Tx, case: str) -> tuple[int, int]:
    """How many letters of the case have arrived, and how many have left us."""
    have_arrived = select(func.sum(action_counts.c.arrived)).where(action_counts.c.case_slug == case)
    offices = select(lanes_table.c.id).where(*_offices_of(case))
    left = select(func.count()).where(letters.c.lane_id.in_(offices), HAS_LEFT)
    return await tx.connection.scalar(have_arrived) or 0, await tx.connection.scalar(left) or 0


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
        look_at=bindparam("new_look_at"),
        ended_at=bindparam("new_ended_at"),
        reference=bindparam("new_reference"),
        sealed_reference=bindparam("new_sealed_reference"),
        print_run=bindparam("new_print_run"),
        attempts=bindparam("new_attempts"),
        route=bindparam("new_route"),
        restored_at=bindparam("new_restored_at"),
        review=bindparam("new_review"),
    )
)
_LOG = insert(letter_log)
_TELL = (
    update(letters)
    .where(letters.c.id.in_(bindparam("ids", expanding=True)), ~letters.c.told)
    .values(told=true())
    .returning(letters.c.id)
)
_ARRIVED = (
    select(action_counts.c.case_slug, func.sum(action_counts.c.arrived).label("arrived"))
    .where(action_counts.c.case_slug.in_(bindparam("cases", expanding=True)))
    .group_by(action_counts.c.case_slug)
)


async def rename(
    tx: Tx,
    former: ActionRef,
    action: str,
    targets: Mapping[str, str],
    versions: Mapping[str, str],
    now: datetime,
) -> None:
    """The letters of an action are of that one of the same case from now on.

    `targets`: their new slugs, by the old ones. `versions`: of their texts, by new slugs.
    """
    of_it = _of_action(former)
    slugs = set(await tx.connection.scalars(select(letters.c.target_slug).where(*of_it).distinct()))
    offices = {lane_name(former.case, each) for slug in slugs for each in (slug, targets.get(slug, slug))}
    await lanes.lock(tx, list((await lanes.lane_ids(tx, LANE, offices)).values()))  # nobody hands one over
    for slug in sorted(slugs):
        target = targets.get(slug, slug)
        name = lane_name(former.case, target)
        lane_id = (await lanes.lane_ids(tx, LANE, [name]))[name]
        changed = update(letters).where(*of_it, letters.c.target_slug == slug)
        await tx.connection.execute(
            changed.values(
                action_slug=action, target_slug=target, lane_id=lane_id, version=versions.get(target)
            )
        )
        lanes.wake(tx, [lane_id], now)
    await tx.connection.execute(
        delete(letter_versions).where(
            letter_versions.c.case_slug == former.case, letter_versions.c.action_slug == former.action
        )
    )
    counted = (action_counts.c.case_slug == former.case, action_counts.c.action_slug == former.action)
    arrived = await tx.connection.scalar(
        delete(action_counts).where(*counted).returning(action_counts.c.arrived)
    )
    if arrived:
        await _add_arrived(tx, Counter({ActionRef(former.case, action): arrived}))


async def apply_transitions(tx: Tx, steps: Sequence[Transition], now: datetime) -> list[Transition]:
    """Apply these transitions, one a letter; letters whose state has changed meanwhile are left alone.

    Returns those applied. Raises IllegalTransition where the table of lifecycles has no such transition.
    """
    for step in steps:
        LETTERS.check(step.letter.status, step.status)
    if not steps:
        return []
    rows = await tx.connection.execute(_STANDING, {"ids": [step.letter.id for step in steps]})
    standing = {row.id: row.status for row in rows}
    taken = [step for step in steps if standing.get(step.letter.id) == step.letter.status]
    if taken:
        await tx.connection.execute(_MOVE, [_transition_row(tx, step, now) for step in taken])
        await tx.connection.execute(_LOG, [_log_row(step, now) for step in taken])
        await _count_arrived(tx, taken, now)
    return taken


def _transition_row(tx: Tx, step: Transition, now: datetime) -> dict[str, object]:
    after, next_at = step.after, step.due_at or now
    named = after.reference
    return {
        "letter": after.id,
        "new_status": after.status,
        "new_due_at": next_at if after.status in UNSENT else None,
        "new_look_at": next_at if after.status is LetterStatus.SUBMITTED else None,
        "new_ended_at": now if after.status in ENDED else None,
        "new_reference": None if named is None else digest_of_reference(tx.vault, named),
        "new_sealed_reference": None if named is None else seal(tx.vault, REFERENCE, after.id, named),
        "new_print_run": after.print_run,
        "new_attempts": after.attempts,
        "new_route": str(after.route),
        "new_restored_at": after.restored_at,
        "new_review": after.review,
    }


def _log_row(step: Transition, now: datetime) -> dict[str, object]:
    return {"letter_id": step.letter.id, "at": now, "status": step.status, "reason": step.reason}


async def _count_arrived(tx: Tx, taken: Sequence[Transition], now: datetime) -> None:
    """Letters that have arrived are counted for their action, and for their case's public counter."""
    delivered = [step.letter for step in taken if step.status is LetterStatus.DELIVERED]
    await _add_arrived(tx, Counter(each.ref.of for each in delivered))
    await counter.add(tx, [(each.case, each.key) for each in delivered], now.date())


async def _add_arrived(tx: Tx, arrived: Counter[ActionRef]) -> None:
    rows: list[dict[str, Value]] = [
        {"case_slug": ref.case, "action_slug": ref.action, "arrived": 0} for ref in sorted(arrived)
    ]
    await insert_new(tx, action_counts, rows)
    for ref in sorted(arrived):
        counted = update(action_counts).where(
            action_counts.c.case_slug == ref.case, action_counts.c.action_slug == ref.action
        )
        await tx.connection.execute(counted.values(arrived=action_counts.c.arrived + arrived[ref]))


async def mark_told(tx: Tx, letter_ids: Collection[int]) -> set[int]:
    """Remember that the writers of these letters are told. Returns the letters of which they were not yet."""
    return set(await tx.connection.scalars(_TELL, {"ids": list(letter_ids)}))


async def arrived(tx: Tx, cases: Collection[str]) -> dict[str, int]:
    """How many letters of each of these cases have arrived."""
    rows = await tx.connection.execute(_ARRIVED, {"cases": list(cases)})
    return {row.case_slug: row.arrived for row in rows}


async def count_waits(tx: Tx, letter: Letter) -> int:
    """How often the letter has been put off since it was queued last."""
    ours = letter_log.c.letter_id == letter.id
    queued = select(func.max(letter_log.c.id)).where(ours, has(letter_log.c.status, LetterStatus.QUEUED))
    put_off = has(letter_log.c.status, LetterStatus.RETRY_WAIT)
    query = select(func.count()).where(ours, put_off, letter_log.c.id > queued.scalar_subquery())
    return int(await tx.connection.scalar(query) or 0)


def waits_for_print(case: str, carrier: str) -> tuple[ColumnElement[bool], ...]:
    """Letters of the case that are to be printed, or were, and are not in the post."""
    offices = select(lanes_table.c.id).where(*_offices_of(case))
    by_carrier = or_(letters.c.route == carrier, letters.c.route.startswith(f"{carrier}:", autoescape=True))
    return (letters.c.lane_id.in_(offices), has(letters.c.status, LetterStatus.SUBMITTED), by_carrier)


def in_run(run: str | None) -> ColumnElement[bool]:
    """Letters of that print run, or of none."""
    return letters.c.print_run.is_(None) if run is None else letters.c.print_run == run


async def in_print_run(tx: Tx, case: str, carrier: str, run: str) -> list[Letter]:
    """The letters of a print run that nobody has said were posted."""
    rows = await tx.connection.execute(select(letters).where(*waits_for_print(case, carrier), in_run(run)))
    return [read_letter(tx, row) for row in rows]


async def print_runs(tx: Tx, case: str, carrier: str) -> dict[str, int]:
    """How many letters of each print run have not been posted; under an empty name, those not printed."""
    run = func.coalesce(letters.c.print_run, "")
    query = select(run, func.count()).where(*waits_for_print(case, carrier)).group_by(run)
    return {row[0]: row[1] for row in await tx.connection.execute(query)}
