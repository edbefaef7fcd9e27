"""Chats that nobody has written in for long, and those of people who have blocked us."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Column, ColumnElement, and_, exists, func, or_, select, update

from assistant.domain.letters import ENDED
from assistant.domain.retention import KEEP_ASKED, Retention
from assistant.store.database import Tx
from assistant.store.tables import chats, has, letters, organisers, subscriptions

_SUBSCRIBED = exists().where(subscriptions.c.chat_id == chats.c.id)
_WAITING = exists().where(
    letters.c.chat_id == chats.c.id, ~has(letters.c.status, *ENDED), letters.c.body.is_not(None)
)
_ORGANISER = exists().where(organisers.c.chat_id == chats.c.id)


def _blocked(today: date, retention: Retention) -> ColumnElement[bool]:
    return and_(chats.c.blocked_on < today - retention.blocked, ~_WAITING)


def _over(today: date, retention: Retention) -> ColumnElement[bool]:
    """Who gets news was asked before."""
    asked = or_(~_SUBSCRIBED, chats.c.asked_on < today - KEEP_ASKED)
    return and_(chats.c.active_on < today - retention.silent, asked, ~_WAITING)


def _to_ask(today: date, retention: Retention) -> ColumnElement[bool]:
    idle = chats.c.active_on < today - retention.inactive
    return and_(idle, chats.c.asked_on.is_(None), chats.c.blocked_on.is_(None), _SUBSCRIBED)


async def block(tx: Tx, chat_ids: Collection[int], today: date) -> None:
    """The people of these chats have blocked us, or their account is gone."""
    which = chats.c.id.in_(chat_ids) & chats.c.blocked_on.is_(None)
    await tx.connection.execute(update(chats).where(which).values(blocked_on=today))


async def over(tx: Tx, today: date, retention: Retention, limit: int) -> list[int]:
    """Chats to be forgotten. Never an organiser's, nor one whose letter has not come to its end."""
    blocked = await _some(tx, _blocked(today, retention), chats.c.blocked_on, limit)
    idle = await _some(tx, _over(today, retention), chats.c.active_on, limit)
    return sorted({*blocked, *idle})[:limit]


async def to_ask(tx: Tx, today: date, retention: Retention, limit: int) -> dict[int, str | None]:
    """Chats whose people are to be asked whether they still want the news, with their countries.

    Never an organiser's.
    """
    return await _some(tx, _to_ask(today, retention), chats.c.active_on, limit)


async def _some(tx: Tx, which: ColumnElement[bool], since: Column[date], limit: int) -> dict[int, str | None]:
    """Those for the longest time first, as there is an index of `since`; without those being changed now.

    With their countries.
    """
    query = select(chats.c.id, chats.c.country).where(which, ~_ORGANISER).order_by(since).limit(limit)
    free = query.with_for_update(of=chats, key_share=True, skip_locked=True)
    return {row.id: row.country for row in await tx.connection.execute(free)}


async def mark_asked(tx: Tx, chat_ids: Collection[int], today: date) -> None:
    """They were asked."""
    await tx.connection.execute(update(chats).where(chats.c.id.in_(chat_ids)).values(asked_on=today))


async def counts(tx: Tx, today: date, retention: Retention) -> dict[str, int]:
    """How many are due now, by what is due."""
    found = {}
    for name, which in (
        ("chats that blocked us", _blocked(today, retention)),
        ("inactive chats", _over(today, retention)),
        ("inactive subscribers to be asked", _to_ask(today, retention)),
    ):
        query = select(func.count()).select_from(chats).where(which, ~_ORGANISER)
        found[name] = await tx.connection.scalar(query) or 0
    return found
