"""A broadcast is addressed: one copy a reader, written by the database itself, a piece at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, exists, func, literal, select, update
from sqlalchemy import case as when

from assistant.domain.broadcasts import Audience, Count
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus, MessageStatus
from assistant.domain.messages import Account
from assistant.domain.quiet_hours import DueTimes
from assistant.store.broadcasts import LANE
from assistant.store.database import Tx, insert_or_skip
from assistant.store.tables import broadcasts, chats, copies, has, lanes, letters, subscriptions

_LATELY = (1, 7, 30, 90)  # days since a chat's last message: those in the first group go first


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of the work. `last`: the last chat that was looked at, or None where there are no more."""

    last: int | None
    added: int


async def homes(tx: Tx) -> dict[str, str]:
    """The country in which most readers of a language live of whom we know it: by language."""
    number = func.count()
    query = (
        select(chats.c.language, chats.c.country)
        .where(chats.c.language.is_not(None), chats.c.country.is_not(None))
        .group_by(chats.c.language, chats.c.country)
        .order_by(number, chats.c.country)
    )
    rows = await tx.connection.execute(query)
    return {row.language: row.country for row in rows}  # the last one counts


async def count(tx: Tx, audience: Audience) -> list[Count]:
    """How many people the audience has, by account and language."""
    query = (
        select(chats.c.account, chats.c.language, func.count())
        .where(chats.c.id.in_(_members(audience).subquery().select()), *_narrowed(audience))
        .group_by(chats.c.account, chats.c.language)
        .order_by(chats.c.account, chats.c.language)
    )
    rows = await tx.connection.execute(query)
    return [Count(Account.parse(account), language, people) for account, language, people in rows]


async def address(
    tx: Tx, number: int, audience: Audience, departures: DueTimes, today: date, after: int, limit: int
) -> Piece:
    """Write one copy for each of the next `limit` members of the audience whose chat is above `after`.

    Whoever has a copy already is passed over. Who wrote lately goes first: platforms watch how many
    know us, and block who writes to strangers.
    """
    ahead = _members(audience, after).limit(limit).subquery()
    last = await tx.connection.scalar(select(func.max(ahead.c.chat_id)))
    if last is None:
        return Piece(None, 0)
    piece = _members(audience, after, last).subquery()  # not the next `limit`: somebody may have joined since
    readers = (
        select(
            chats.c.id,
            lanes.c.id,
            literal(number),
            literal(MessageStatus.QUEUED.value),
            literal(0),
            literal(0),
            _due_at(departures) - _recency(today),
        )
        .join(lanes, (lanes.c.kind == LANE) & (lanes.c.name == chats.c.account))
        .where(chats.c.id > after, chats.c.id <= last, chats.c.id.in_(piece.select()))
        .where(*_narrowed(audience))
        .order_by(chats.c.id)
        .with_for_update(of=chats, read=True, key_share=True, skip_locked=True)  # not who is being forgotten
    )
    columns = ["chat_id", "lane_id", "broadcast_id", "status", "epoch", "attempts", "due_at"]
    insert = insert_or_skip(tx, copies).from_select(columns, readers)
    added = await tx.connection.execute(insert, execution_options={"preserve_rowcount": True})
    return Piece(int(last), added.rowcount)


def _members(audience: Audience, after: int = 0, last: int | None = None) -> Select[tuple[int]]:
    """The chats that are looked at, in order; `_narrowed` leaves some of them out."""
    column = subscriptions.c.chat_id if audience.received is None else copies.c.chat_id
    within = [column > after] if last is None else [column > after, column <= last]
    if audience.received is not None:
        got = has(copies.c.status, MessageStatus.SENT, MessageStatus.UNKNOWN)
        found = select(copies.c.chat_id).where(copies.c.broadcast_id == audience.received, got)
        return found.where(*within).order_by(column)
    found = select(column).where(*within)
    if audience.case is None:
        return found.distinct().order_by(column)
    return found.where(subscriptions.c.case_slug == audience.case).order_by(column)


def _narrowed(audience: Audience) -> list[ColumnElement[bool]]:
    """Conditions on a chat."""
    narrowed: list[ColumnElement[bool]] = []
    if audience.received is not None:  # who has unsubscribed since gets nothing more
        narrowed.append(exists().where(subscriptions.c.chat_id == chats.c.id))
    if audience.countries:
        narrowed.append(chats.c.country.in_(audience.countries))
    if audience.languages:
        narrowed.append(chats.c.language.in_(audience.languages))
    if audience.channel is not None:
        narrowed.append(chats.c.account.startswith(f"{audience.channel}:", autoescape=True))
    if audience.wrote is not None:
        written = exists().where(
            letters.c.chat_id == chats.c.id, ~has(letters.c.status, LetterStatus.CANCELLED)
        )
        if audience.case is not None:
            written = written.where(letters.c.case_slug == audience.case)
        if audience.action is not None:
            written = written.where(letters.c.action_slug == audience.action)
        narrowed.append(written if audience.wrote else ~written)
    return narrowed


def _due_at(departures: DueTimes) -> ColumnElement[int]:
    """In milliseconds, as copies have it."""
    default = _milliseconds(departures.default)
    at_home = _by_place(chats.c.country, departures.by_country, default)
    by_locale = _by_place(chats.c.language, departures.by_language, default)
    return when((chats.c.country.is_(None), by_locale), else_=at_home)


def _by_place(
    place: ColumnElement[Any], departures: Mapping[datetime, Collection[str]], default: ColumnElement[int]
) -> ColumnElement[int]:  # Any: a column that may be empty
    """One look first whether the place is among those that wait at all: most are not."""
    if not departures:
        return default
    cases = [(place.in_(sorted(places)), _milliseconds(moment)) for moment, places in departures.items()]
    waiting = sorted(each for places in departures.values() for each in places)
    return when((place.in_(waiting), when(*cases, else_=default)), else_=default)


def _milliseconds(moment: datetime) -> ColumnElement[int]:
    return literal(round(moment.timestamp() * 1000), BigInteger)


def _recency(today: date) -> ColumnElement[int]:
    """How lately a chat wrote: milliseconds by which it goes before the others."""
    steps = [
        (chats.c.active_on >= today - timedelta(days=days), len(_LATELY) - number)
        for number, days in enumerate(_LATELY)
    ]
    return when(*steps, else_=0)


async def reached(tx: Tx, number: int) -> int | None:
    """The last chat that it was addressed to; None where it is addressed to all."""
    last: int | None = await tx.connection.scalar(
        select(broadcasts.c.reached).where(broadcasts.c.id == number)
    )
    return last


async def reach(tx: Tx, number: int, last: int | None, added: int) -> None:
    """It is addressed up to that chat, to so many more people; None: to all."""
    recipients = broadcasts.c.recipients + added
    changed = update(broadcasts).where(broadcasts.c.id == number)
    await tx.connection.execute(changed.values(reached=last, recipients=recipients))


async def expect_one_more(tx: Tx, number: int) -> None:
    """One more copy of it was written."""
    more = update(broadcasts).where(broadcasts.c.id == number)
    await tx.connection.execute(more.values(recipients=broadcasts.c.recipients + 1))


async def is_sending(tx: Tx, number: int) -> bool:
    """Whether it is leaving; that stays so until this transaction ends."""
    query = select(broadcasts.c.status).where(broadcasts.c.id == number)
    status = await tx.connection.scalar(query.with_for_update(key_share=True))
    return bool(status == BroadcastStatus.SENDING)
