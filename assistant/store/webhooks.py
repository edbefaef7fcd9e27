"""What endpoints of webhooks are still to be told: a row for each event and endpoint, until it is delivered.

An endpoint is known here by its name alone. Its address and its secret stand in the settings.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, case, delete, func, insert, literal, or_, select, update

from assistant.domain.lanes import Lane
from assistant.domain.webhooks import (
    KEEP,
    LONGEST_WAIT,
    Answer,
    Attempt,
    EndpointState,
    Event,
    EventType,
    Outcome,
)
from assistant.store import lanes
from assistant.store.database import Tx
from assistant.store.tables import lanes as lanes_table
from assistant.store.tables import webhook_attempts as attempts
from assistant.store.tables import webhook_deliveries as deliveries

LANE = "webhooks"  # the kind of lanes that events are sent on, one an endpoint


class Kind(StrEnum):
    """Of an attempt: what it is remembered as."""

    DELIVERED = "delivered"
    FAILED = "failed"
    TESTED = "tested"
    GONE = "gone"  # kept until something is delivered


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event on its way to an endpoint. `attempts`: those that were begun."""

    id: int
    event: str
    type: EventType
    body: str
    made_at: datetime
    attempts: int


async def add(tx: Tx, endpoints: Collection[str], event: Event, now: datetime) -> None:
    """Have each of these told of the event, once the transaction is committed.

    An endpoint that wants no more events gets a test at most, by which it can show that it does.
    """
    if event.type is not EventType.TEST:
        gone = await _gone(tx, endpoints)
        endpoints = [each for each in endpoints if each not in gone]
    if not endpoints:
        return
    number = f"msg_{secrets.token_hex(12)}"
    facts = {"event": number, "type": event.type.value, "body": event.body, "made_at": now, "due_at": now}
    await tx.connection.execute(insert(deliveries), [facts | {"endpoint": name} for name in endpoints])
    lanes.wake(tx, [(LANE, name) for name in endpoints], now)


async def _gone(tx: Tx, endpoints: Collection[str]) -> Collection[str]:
    query = select(attempts.c.endpoint).where(
        attempts.c.endpoint.in_(endpoints), attempts.c.kind == Kind.GONE.value
    )
    return set(await tx.connection.scalars(query))


async def take_next(tx: Tx, lane: Lane, now: datetime) -> Delivery | None:
    """The next delivery that is due on the lane, with its attempt counted; None where none is.

    Where the attempt does not come to its end, it is due again after `LONGEST_WAIT`, or when the lane is
    taken anew (`retry_broken_off`). Call after `lanes.fence`.
    """
    query = select(deliveries).where(deliveries.c.endpoint == lane.name, _is_due(now))
    row = (await tx.connection.execute(query.order_by(deliveries.c.due_at).limit(1))).one_or_none()
    if row is None:
        return None
    begun = update(deliveries).where(deliveries.c.id == row.id)
    await tx.connection.execute(
        begun.values(attempts=row.attempts + 1, due_at=now + LONGEST_WAIT, outcome=None)
    )
    return _delivery(row)


def _is_due(now: datetime) -> ColumnElement[bool]:
    """What is due later than anything can be was put off by a clock that went wrong."""
    return or_(deliveries.c.due_at <= now, deliveries.c.due_at > now + LONGEST_WAIT)


def _delivery(row: Row[Any]) -> Delivery:  # Any: SQLAlchemy's row
    return Delivery(
        id=row.id,
        event=row.event,
        type=EventType(row.type),
        body=row.body,
        made_at=row.made_at,
        attempts=row.attempts + 1,
    )


async def retry_broken_off(tx: Tx, lane: Lane, now: datetime) -> None:
    """What a runner that died was about to deliver is due: it may have come, and comes with the same id."""
    broken_off = (
        deliveries.c.endpoint == lane.name,
        deliveries.c.outcome.is_(None),
        deliveries.c.attempts > 0,
    )
    await tx.connection.execute(update(deliveries).where(*broken_off).values(due_at=now))


async def next_due(tx: Tx, lane: Lane, now: datetime) -> datetime | None:
    """When the lane has something to do; None where nothing waits."""
    at = deliveries.c.due_at
    of_a_wrong_clock = at > now + LONGEST_WAIT
    soonest = func.min(case((of_a_wrong_clock, literal(now, at.type)), else_=at), type_=at.type)
    query = select(soonest).where(deliveries.c.endpoint == lane.name)
    moment: datetime | None = await tx.connection.scalar(query)
    return moment


async def put_off(tx: Tx, delivery: Delivery, answer: Answer, until: datetime) -> None:
    """The attempt failed: it is tried again then."""
    tried = update(deliveries).where(deliveries.c.id == delivery.id)
    await tx.connection.execute(tried.values(due_at=until, outcome=answer.outcome.value))


async def end(tx: Tx, delivery: Delivery) -> None:
    """It is delivered, or given up."""
    await tx.connection.execute(delete(deliveries).where(deliveries.c.id == delivery.id))


async def drop_waiting(tx: Tx, endpoint: str) -> int:
    """End whatever it is still to be told, but for a test. Returns how much it was."""
    waiting = (deliveries.c.endpoint == endpoint, deliveries.c.type != EventType.TEST.value)
    return (await tx.connection.execute(delete(deliveries).where(*waiting))).rowcount


async def remember(tx: Tx, endpoint: str, kinds: Collection[Kind], answer: Answer, at: datetime) -> None:
    """The newest attempt of these kinds ended so. Whatever takes an event is not gone."""
    facts = {"at": at, "outcome": answer.outcome.value, "status": answer.status}
    over = [*kinds, Kind.GONE] if Kind.DELIVERED in kinds else kinds
    those = (attempts.c.endpoint == endpoint, attempts.c.kind.in_([each.value for each in over]))
    await tx.connection.execute(delete(attempts).where(*those))
    rows = [{"endpoint": endpoint, "kind": each.value, **facts} for each in kinds]
    await tx.connection.execute(insert(attempts), rows)


async def states(tx: Tx, endpoints: Collection[str]) -> list[EndpointState]:
    """How each of these is, in their order."""
    tests = func.sum(case((deliveries.c.type == EventType.TEST.value, 1), else_=0))
    counted = select(deliveries.c.endpoint, func.count().label("waiting"), tests.label("tests"))
    ours = deliveries.c.endpoint.in_(endpoints)
    waiting = {
        row.endpoint: row
        for row in await tx.connection.execute(counted.where(ours).group_by(deliveries.c.endpoint))
    }
    newest: dict[str, dict[str, Attempt]] = {}
    for row in await tx.connection.execute(select(attempts).where(attempts.c.endpoint.in_(endpoints))):
        attempt = Attempt(at=row.at, outcome=Outcome(row.outcome), status=row.status)
        newest.setdefault(row.endpoint, {})[row.kind] = attempt
    return [_state(name, waiting.get(name), newest.get(name, {})) for name in endpoints]


def _state(name: str, waiting: Row[Any] | None, newest: Mapping[str, Attempt]) -> EndpointState:
    return EndpointState(
        name=name,
        waiting=0 if waiting is None else int(waiting.waiting),
        testing=waiting is not None and waiting.tests > 0,
        delivered=newest.get(Kind.DELIVERED),
        failed=newest.get(Kind.FAILED),
        tested=newest.get(Kind.TESTED),
        gone=newest.get(Kind.GONE),
    )


async def forget_others(tx: Tx, endpoints: Collection[str], before: datetime) -> int:
    """Drop what waits for other endpoints since before that, and all that is known of those that nothing
    else waits for. Returns how much waited."""
    others = (deliveries.c.endpoint.not_in(endpoints), deliveries.c.made_at < before)
    gone = (await tx.connection.execute(delete(deliveries).where(*others))).rowcount
    waited_for = select(deliveries.c.endpoint)
    named = lanes_table.c.name
    idle = (lanes_table.c.kind == LANE, named.not_in(endpoints), named.not_in(waited_for))
    numbers = list(await tx.connection.scalars(select(lanes_table.c.id).where(*idle)))
    await lanes.lock(tx, numbers)
    await tx.connection.execute(update(lanes_table).where(lanes_table.c.id.in_(numbers)).values(next_at=None))
    unknown = (attempts.c.endpoint.not_in(endpoints), attempts.c.endpoint.not_in(waited_for))
    await tx.connection.execute(delete(attempts).where(*unknown))
    return gone


async def sweep(tx: Tx, now: datetime) -> int:
    """Drop what was to be delivered longer ago than `KEEP`. Returns how much it was."""
    return (await tx.connection.execute(delete(deliveries).where(deliveries.c.made_at < now - KEEP))).rowcount
