"""The record of what organisers did."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from assistant.domain.errors import Failure
from assistant.domain.lifecycle import BroadcastStatus


class RecordChanged(Failure):
    """The record, or what it tells of, is not as it was written: `reason` says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who did what. `actor`: an organiser's number, `shell`, or `assistant`. No supporter is part of it."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain without a break. `code`: of its newest entry, in hex digits; empty where there is none."""

    entries: int
    code: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database says by now.

    `roles`: of organisers, by number. `broadcasts`: by number. `paused`: cases and actions. `batches`: of the
    counters of delivered letters, by case and number: their digests, in hex digits.
    """

    roles: Mapping[int, str]
    broadcasts: Mapping[int, "StandingBroadcast"]
    paused: frozenset[str]
    batches: Mapping[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StandingBroadcast:
    """What the database says of a broadcast."""

    status: BroadcastStatus
    digest: str
    created_at: datetime


_B = BroadcastStatus
_APPROVALS = ("approved", "approved alone")
_STOPS = ("halted", "discarded", _B.EXPIRED.value, _B.DONE.value)
_STARTS = (*_APPROVALS, "resumed")


@dataclass(slots=True, kw_only=True)
class _Told:
    """What the record says. `since`: when it begins, where entries before that were deleted."""

    roles: dict[int, str | None] = field(default_factory=dict)  # None: they are in the team no more
    approved: set[tuple[int, str]] = field(default_factory=set)
    stopped: dict[int, str] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    batches: dict[tuple[str, int], str] = field(default_factory=dict)
    since: datetime | None = None

    def hear(self, entry: Entry) -> None:
        kind, _, number = entry.subject.partition(" ")
        match entry.action:
            case "joined":
                self.roles[_number(entry.actor)] = entry.subject
            case "left":
                self.roles[_number(entry.actor)] = None
            case "role":
                self.roles[int(kind)] = number
            case "remove":
                self.roles[int(kind)] = None
            case "paused":
                self.paused.add(entry.subject)
            case "counted":
                self.batches[kind, int(number)] = entry.detail.rpartition(" ")[2]
            case "resumed" if kind != "broadcast":
                self.paused.discard(entry.subject)
            case action if kind == "broadcast" and number.isdecimal():
                self._hear_of_broadcast(int(number), action, entry.detail)

    def _hear_of_broadcast(self, number: int, action: str, digest: str) -> None:
        if action in _APPROVALS:
            self.approved.add((number, digest))
        if action in _STOPS:
            self.stopped[number] = action
        elif action in _STARTS:
            self.stopped.pop(number, None)


def _number(actor: str) -> int:
    return int(actor.rpartition(" ")[2])


def contradictions(entries: Iterable[Entry], now: Standing) -> list[str]:
    """Where the database says otherwise than the record, which has no break: a sentence for each."""
    told = _Told()
    for place, entry in enumerate(entries):
        if place == 0 and entry.id > 1:
            told.since = entry.at
        told.hear(entry)
    return [*_roles(told, now), *_broadcasts(told, now), *_pauses(told, now), *_batches(told, now)]


def _roles(told: _Told, now: Standing) -> Iterable[str]:
    for number, role in now.roles.items():
        if number not in told.roles:
            if told.since is None:
                yield f"Organiser {number} is in the team, and the audit has no entry that they joined it."
        elif told.roles[number] is None:
            yield f"Organiser {number} is in the team, and the audit says that they left it."
        elif told.roles[number] != role:
            yield f"Organiser {number} has the role {role}, and the audit says {told.roles[number]}."


def _broadcasts(told: _Told, now: Standing) -> Iterable[str]:
    for number, found in now.broadcasts.items():
        if found.status not in (_B.APPROVED, _B.SENDING) or not found.digest:  # sent by an earlier version
            continue
        if number in told.stopped:
            yield f"Broadcast {number} is {found.status}, and the audit says: {told.stopped[number]}."
        recorded = told.since is None or found.created_at >= told.since
        if recorded and (number, found.digest) not in told.approved:
            yield f"Broadcast {number} is {found.status}, and the audit has no entry that it was approved."


def _pauses(told: _Told, now: Standing) -> Iterable[str]:
    for subject in sorted(told.paused - now.paused):
        yield f"{subject} is not paused, and the audit says that nobody has resumed it."


def _batches(told: _Told, now: Standing) -> Iterable[str]:
    for case, number in sorted(told.batches.keys() | now.batches.keys()):
        what, recorded = f"Batch {number} of the counter of {case}", told.batches.get((case, number))
        standing = now.batches.get((case, number))
        if standing is None:
            yield f"{what} is not there, and the audit says that it was made."
        elif recorded is None:
            if told.since is None:
                yield f"{what} is there, and the audit has no entry that it was made."
        elif standing != recorded:
            yield f"{what} is not as the audit says."
