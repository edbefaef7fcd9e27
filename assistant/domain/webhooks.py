"""Webhooks: what other programs are told of, how that is signed, and when it is tried again.

Standard Webhooks 1.0.0: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
No person is part of an event, nor a text, nor a count that is not public already.
"""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from assistant.domain.broadcasts import Broadcast
from assistant.domain.counter import Batch
from assistant.domain.counter_files import batch_facts
from assistant.domain.letters import SEPARATOR
from assistant.domain.lifecycle import BroadcastStatus

SECRET_PREFIX = "whsec_"  # noqa: S105  how every secret begins
SECRET_BYTES = range(24, 65)  # of a secret (spec: 192 to 512 bits)
RETRIES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)))
)
"""How long after each attempt that failed the next one comes; the first is at once (the spec's schedule)."""
JITTER = 0.1  # of such a wait, at most, is added by chance: endpoints that failed together come back apart
ATTEMPTS = len(RETRIES) + 1
LONGEST_WAIT = timedelta(hours=30)  # between two attempts: more than the last of `RETRIES` with its jitter
KEEP = timedelta(days=4)
"""A delivery is given up after that in any case. All of `RETRIES` with their jitter take half a day less."""

Fact = str | int | None


class EventType(StrEnum):
    """What other programs are told of. A value is a contract: docs/webhooks.md has each with an example."""

    BROADCAST_STARTED = "broadcast.started"
    BROADCAST_HALTED = "broadcast.halted"
    BROADCAST_RESUMED = "broadcast.resumed"
    BROADCAST_DISCARDED = "broadcast.discarded"
    BROADCAST_FINISHED = "broadcast.finished"
    BROADCAST_EXPIRED = "broadcast.expired"
    CASE_PAUSED = "case.paused"
    CASE_RESUMED = "case.resumed"
    ACTION_PAUSED = "action.paused"
    ACTION_RESUMED = "action.resumed"
    COUNTER_DAY_CLOSED = "counter.day_closed"
    TEST = "test"


OF_BROADCASTS: Mapping[str, EventType] = {
    "began": EventType.BROADCAST_STARTED,
    "halted": EventType.BROADCAST_HALTED,
    "resumed": EventType.BROADCAST_RESUMED,
    "discarded": EventType.BROADCAST_DISCARDED,
    BroadcastStatus.DONE.value: EventType.BROADCAST_FINISHED,
    BroadcastStatus.EXPIRED.value: EventType.BROADCAST_EXPIRED,
}
"""What of broadcasts is told, by the action of its entry in the record."""

_OF_CASES: Mapping[str, tuple[EventType, EventType]] = {
    "paused": (EventType.CASE_PAUSED, EventType.ACTION_PAUSED),
    "resumed": (EventType.CASE_RESUMED, EventType.ACTION_RESUMED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where events go. `name`: what people call it: the one that it was given, or its host and a digest.

    All else of an address may be a secret.
    """

    name: str
    url: str = field(repr=False)
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened, at that time, UTC."""

    type: EventType
    at: datetime
    data: Mapping[str, Fact]

    @property
    def body(self) -> str:
        """As it is sent. It is signed as it is: it is made once, and kept."""
        told = {"type": self.type.value, "timestamp": _moment(self.at), "data": dict(self.data)}
        return json.dumps(told, separators=(",", ":"))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def of_broadcast(action: str, found: Broadcast, at: datetime) -> Event | None:
    """What is told of that action, by the record's word; None: nothing.

    Nothing is told of what nobody has approved: drafts are the team's own.
    """
    kind = OF_BROADCASTS.get(action)
    if kind is None or found.starts_at is None:
        return None
    written = found.announcement
    facts: dict[str, Fact] = {"broadcast": found.id, "kind": written.kind.value}
    return Event(kind, at, facts | {"case": written.case, "action": written.action})


def of_case(action: str, subject: str, at: datetime) -> Event | None:
    """The same of a case or an action, written as in links."""
    kinds = _OF_CASES.get(action)
    if kinds is None:
        return None
    case, _, inner = subject.rpartition(SEPARATOR)
    if not case:
        return Event(kinds[0], at, {"case": subject})
    return Event(kinds[1], at, {"case": case, "action": inner})


def of_batch(batch: Batch, at: datetime) -> Event:
    """What is told when days of a public counter are closed: what is published of them, and nothing more."""
    return Event(EventType.COUNTER_DAY_CLOSED, at, {"case": batch.case, **batch_facts(batch)})


def signature(secret: bytes, event_id: str, timestamp: int, body: str) -> str:
    """The value of the header `webhook-signature`. `timestamp`: of the attempt, in seconds since 1970."""
    signed = f"{event_id}.{timestamp}.{body}".encode()
    return f"v1,{base64.b64encode(hmac.digest(secret, signed, 'sha256')).decode()}"


def headers(secret: bytes, event_id: str, timestamp: int, body: str) -> dict[str, str]:
    """What shows an endpoint that it comes from us, now, and whether it came before."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, event_id, timestamp, body),
    }


class Outcome(StrEnum):
    """What became of an attempt."""

    DELIVERED = "delivered"
    GONE = "gone"  # it wants no more of anything: it is told nothing until a test arrives
    BUSY = "busy"  # it wants fewer, or later
    REDIRECTED = "redirected"  # which is not followed
    REFUSED = "refused"
    BROKEN = "broken"  # it has a problem of its own
    SILENT = "silent"  # no answer in time
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"  # its certificate, or how it speaks TLS
    CUT_OFF = "cut off"  # the connection ended before the answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint said. `status`: of HTTP, where it said any. `wait`: how long we are asked to wait."""

    outcome: Outcome
    status: int | None = None
    wait: timedelta = timedelta()


def next_attempt(
    made_at: datetime, now: datetime, attempts: int, answer: Answer, chance: float
) -> datetime | None:
    """When it is tried again after so many attempts, the last of which failed so; None: it is given up.

    `chance`: from 0 up to 1, drawn for the jitter.
    """
    if answer.outcome is Outcome.GONE or attempts >= ATTEMPTS:
        return None
    wait = max(RETRIES[attempts - 1] * (1 + JITTER * chance), answer.wait)
    at = now + min(wait, LONGEST_WAIT)
    return at if at < made_at + KEEP else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of the newest attempt of a kind. `status`: of HTTP, where there was an answer."""

    at: datetime
    outcome: Outcome
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointState:
    """How an endpoint is: how much waits, and the newest attempts that went well, failed, and were tests.

    `testing`: a test event waits. `gone`: it wanted no more events then, and no test has arrived since.
    """

    name: str
    waiting: int = 0
    testing: bool = False
    delivered: Attempt | None = None
    failed: Attempt | None = None
    tested: Attempt | None = None
    gone: Attempt | None = None

    @property
    def fails(self) -> bool:
        """Whether the newest attempt failed."""
        return self.failed is not None and (self.delivered is None or self.failed.at > self.delivered.at)
