"""What offices answer: one row for each answer to each letter."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, distinct, func, literal_column, select, update
from sqlalchemy import case as when

from assistant.domain.answers import (
    SETTLED_AT_ONCE,
    AnswerCount,
    AnswerGroup,
    AnswerKind,
    AnswerStatus,
    AnswerText,
    OfficeAnswer,
    essence,
)
from assistant.domain.letters import ActionRef, Letter, LetterRef, SignedLetter
from assistant.store.chats import Chat
from assistant.store.crypto import Sealer
from assistant.store.database import Tx, insert_or_skip, new_ids
from assistant.store.letters import read_letter, read_signed, with_keys
from assistant.store.references import digest_of_reference
from assistant.store.tables import answers, chats, has, letters

AT_ONCE = 500  # rows that one statement names: databases take only so many values
_DIGEST = 16  # bytes
_REF = (letters.c.case_slug, letters.c.action_slug, letters.c.target_slug)
_WAITING = (has(answers.c.status, AnswerStatus.NEW), answers.c.body.is_not(None))  # as the index has it


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose letter is answered. `sealer`: of their chat."""

    signed: SignedLetter
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class Settled:
    """An answer that has just been settled, and its letter."""

    letter: Letter
    content: AnswerText


@dataclass(frozen=True, slots=True)
class Untold:
    """Answers that wait and of which organisers have not been told.

    `first`: its number. `told_at`: when they were told of others that still wait; None where none does.
    """

    first: int
    told_at: datetime | None


async def is_addressed(tx: Tx, references: Sequence[str]) -> bool:
    """Whether the carrier of any letter calls it so."""
    for part in _parts(_digests(tx, references)):
        if await tx.connection.scalar(select(letters.c.id).where(letters.c.reference.in_(part)).limit(1)):
            return True
    return False


async def people(tx: Tx, references: Sequence[str]) -> int:
    """How many have written the letters that their carrier calls so, also those who have been forgotten."""
    writers: set[int] = set()
    for part in _parts(_digests(tx, references)):
        writer = func.coalesce(letters.c.chat_id, -letters.c.id)
        writers.update(await tx.connection.scalars(select(writer).where(letters.c.reference.in_(part))))
    return len(writers)


async def addressees(tx: Tx, references: Sequence[str]) -> list[Addressee]:
    """The letters that their carrier calls so, without those whose writers have been forgotten."""
    found: list[Addressee] = []
    for part in _parts(_digests(tx, references)):
        query = with_keys().where(letters.c.reference.in_(part), ~chats.c.forgotten).order_by(letters.c.id)
        rows = await tx.connection.execute(query.with_for_update(of=chats, read=True, key_share=True))
        found += [
            Addressee(read_signed(tx, row), tx.vault.open_key(row.chat_key, row.chat_id)) for row in rows
        ]
    return found


async def add(
    tx: Tx, to: Addressee, kind: AnswerKind, content: AnswerText, identity: bytes, now: datetime
) -> int | None:
    """Keep an answer; returns its number, None where this mail is known already.

    `identity`: the same for the same mail.
    """
    (row_id,) = await new_ids(tx, answers, 1)
    letter = to.signed.letter
    is_new = kind is AnswerKind.GENUINE
    row = {
        "id": row_id,
        "letter_id": letter.id,
        "identity": _keyed(tx, "answer", identity),
        "received_at": now,
        "kind": kind,
        "status": AnswerStatus.NEW if is_new else AnswerStatus.SET_ASIDE,
        "settled_at": None if is_new else now,
        "body": to.sealer.seal("answers.body", row_id, json.dumps(asdict(content), ensure_ascii=False)),
        "likeness": _likeness(tx, to.signed, content) or _keyed(tx, "alone", str(row_id).encode()),
    }
    added = insert_or_skip(tx, answers).values(row).returning(answers.c.id)
    number: int | None = (await tx.connection.execute(added)).scalar()
    return number


def _likeness(tx: Tx, signed: SignedLetter, content: AnswerText) -> bytes | None:
    """The same for what is the same, of no use without the keyring: an answer may name a person.

    Of the same sender, to letters to the same office, and with as many files. None where it says nothing that
    could be compared, and where it may name one person to another.
    """
    said = essence(content.said, signed.name)
    facts = (*signed.letter.ref, content.address.casefold(), content.files, said)
    return _keyed(tx, "same answer", json.dumps(facts).encode()) if said and content.people == 1 else None


def _keyed(tx: Tx, purpose: str, value: bytes) -> bytes:
    return tx.vault.digest(purpose, value, _DIGEST)


def _whole() -> Select[Any]:  # Any: the select's row type has a dozen columns
    columns = (*_REF, letters.c.chat_id, chats.c.key.label("chat_key"))
    query = select(answers, *columns).join(letters, letters.c.id == answers.c.letter_id)
    return query.outerjoin(chats, chats.c.id == letters.c.chat_id)


def _read(tx: Tx, row: Row[Any]) -> OfficeAnswer:  # Any: SQLAlchemy's row
    return OfficeAnswer(
        id=row.id,
        letter=row.letter_id,
        ref=LetterRef(row.case_slug, row.action_slug, row.target_slug),
        kind=AnswerKind(row.kind),
        status=AnswerStatus(row.status),
        received_at=row.received_at,
        content=_content(tx, row),
        likeness=row.likeness.hex() if row.likeness else None,
    )


def _content(tx: Tx, row: Row[Any]) -> AnswerText | None:  # Any: SQLAlchemy's row
    if row.body is None or row.chat_key is None:
        return None
    opened = tx.vault.open_key(row.chat_key, row.chat_id).open("answers.body", row.id, row.body)
    return AnswerText(**json.loads(opened))


async def waiting(tx: Tx, limit: int) -> list[AnswerGroup]:
    """What nobody has settled yet, the same texts together, those that came first before others."""
    first = func.min(answers.c.id)
    grouped = select(first.label("first"), func.max(answers.c.id).label("last"), func.count().label("count"))
    query = grouped.where(*_WAITING).group_by(answers.c.likeness).order_by(first).limit(limit)
    groups = {row.first: row for row in await tx.connection.execute(query)}
    found = await _of_ids(tx, list(groups))
    return [
        AnswerGroup(example=each, last=groups[each.id].last, count=groups[each.id].count) for each in found
    ]


async def _of_ids(tx: Tx, ids: Collection[int]) -> list[OfficeAnswer]:
    query = _whole().where(answers.c.id.in_(ids)).order_by(answers.c.id)
    return [_read(tx, row) for row in await tx.connection.execute(query)] if ids else []


async def find(tx: Tx, number: int) -> OfficeAnswer | None:
    """The answer of that number."""
    return next(iter(await _of_ids(tx, [number])), None)


async def listed(
    tx: Tx,
    *,
    case_slug: str | None = None,
    action_slug: str | None = None,
    status: AnswerStatus | None = None,
    kind: AnswerKind | None = None,
) -> list[OfficeAnswer]:
    """Answers, the oldest first, without what they say."""
    query = select(answers, *_REF, literal_column("NULL").label("chat_key"))
    query = query.join(letters, letters.c.id == answers.c.letter_id).order_by(answers.c.id)
    wanted = (
        (letters.c.case_slug, case_slug),
        (letters.c.action_slug, action_slug),
        (answers.c.status, status),
        (answers.c.kind, kind),
    )
    query = query.where(*(column == value for column, value in wanted if value is not None))
    return [_read(tx, row) for row in await tx.connection.execute(query)]


async def of_chat(tx: Tx, chat: Chat) -> list[OfficeAnswer]:
    """The answers to the chat's own letters, whole."""
    query = _whole().where(letters.c.chat_id == chat.id).order_by(answers.c.id)
    return [_read(tx, row) for row in await tx.connection.execute(query)]


async def settle(
    tx: Tx, number: int, status: AnswerStatus, now: datetime, *, same_up_to: int | None = None
) -> list[int]:
    """Settle the answer, if nobody has; `same_up_to`: with those that say the same, up to that number.

    A program's is set aside by itself; it can be passed on, and nothing else with it. Returns those that are
    settled now: the oldest, and no more than `SETTLED_AT_ONCE`.
    """
    this: ColumnElement[bool] = answers.c.id == number
    waiting = and_(*_WAITING)
    which = waiting & this
    if same_up_to is not None:
        likeness = select(answers.c.likeness).where(this).scalar_subquery()
        which |= waiting & (answers.c.likeness == likeness) & (answers.c.id <= same_up_to)
    if status is AnswerStatus.PASSED:
        by_itself = has(answers.c.kind, AnswerKind.AUTOMATIC) & has(answers.c.status, AnswerStatus.SET_ASIDE)
        which |= this & by_itself & answers.c.body.is_not(None)
    first = select(answers.c.id).where(which).order_by(answers.c.id != number, answers.c.id)
    change = update(answers).where(answers.c.id.in_(first.limit(SETTLED_AT_ONCE).scalar_subquery()))
    change = change.values(status=status, settled_at=now)
    return sorted(await tx.connection.scalars(change.returning(answers.c.id)))


async def with_letters(tx: Tx, numbers: Sequence[int]) -> list[Settled]:
    """These answers, each with its letter; without those of whom there is nobody to tell."""
    found: list[Settled] = []
    for part in _parts(numbers):
        query = select(
            letters, chats.c.key.label("chat_key"), answers.c.id.label("answer"), answers.c.body.label("said")
        )
        query = query.join(answers, answers.c.letter_id == letters.c.id)
        query = query.join(chats, chats.c.id == letters.c.chat_id).where(answers.c.id.in_(part))
        for row in await tx.connection.execute(query.order_by(answers.c.id)):
            sealer = tx.vault.open_key(row.chat_key, row.chat_id)
            content = AnswerText(**json.loads(sealer.open("answers.body", row.answer, row.said)))
            found.append(Settled(read_letter(tx, row), content))
    return found


async def counts(tx: Tx, case: str | None = None) -> dict[ActionRef, AnswerCount]:
    """How many answers there are, by action. `case`: to letters of that one only."""
    genuine = has(answers.c.kind, AnswerKind.GENUINE)
    query = (
        select(
            letters.c.case_slug,
            letters.c.action_slug,
            func.count(distinct(when((genuine, answers.c.letter_id)))).label("letters"),
            func.count().filter(genuine).label("genuine"),
            func.count().filter(has(answers.c.kind, AnswerKind.AUTOMATIC)).label("automatic"),
            func.count().filter(*_WAITING).label("waiting"),
            func.count().filter(has(answers.c.status, AnswerStatus.PASSED)).label("passed"),
        )
        .join(letters, letters.c.id == answers.c.letter_id)
        .group_by(letters.c.case_slug, letters.c.action_slug)
        .order_by(letters.c.case_slug, letters.c.action_slug)
    )
    if case is not None:
        query = query.where(letters.c.case_slug == case)
    return {
        ActionRef(slug, action): AnswerCount(
            letters=answered, genuine=of_people, automatic=automatic, waiting=waiting, passed=passed
        )
        for slug, action, answered, of_people, automatic, waiting, passed in await tx.connection.execute(
            query
        )
    }


async def untold(tx: Tx) -> Untold | None:
    """What waits and came after organisers were told last; None where nothing did."""
    of_told = select(answers.c.id, answers.c.told_at).where(answers.c.told_at.is_not(None))
    told = (
        await tx.connection.execute(of_told.order_by(answers.c.told_at.desc(), answers.c.id.desc()).limit(1))
    ).first()
    last = told.id if told else 0
    first = await tx.connection.scalar(select(func.min(answers.c.id)).where(*_WAITING, answers.c.id > last))
    if first is None:
        return None
    known = select(func.min(answers.c.id)).where(*_WAITING, answers.c.id <= last)
    still = told is not None and await tx.connection.scalar(known) is not None
    return Untold(first, told.told_at if told and still else None)


async def mark_told(tx: Tx, now: datetime) -> None:
    """Organisers know of all that wait: the last of them says so."""
    last = select(func.max(answers.c.id)).where(*_WAITING).scalar_subquery()
    await tx.connection.execute(update(answers).where(answers.c.id == last).values(told_at=now))


def _digests(tx: Tx, references: Sequence[str]) -> Sequence[str]:
    return [digest_of_reference(tx.vault, each) for each in references]


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:  # Any: of whatever they are
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
