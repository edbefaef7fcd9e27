"""The states of what is sent, and the only steps between them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


class LetterStatus(StrEnum):
    """Where one letter is on its way to the office."""

    QUEUED = "queued"  # waits for its time
    HELD = "held"  # waits for an organiser
    SUBMITTING = "submitting"  # being handed to the carrier: committed before the carrier is called
    SUBMITTED = "submitted"  # the carrier has it and will report
    DELIVERED = "delivered"  # the office has it
    SENT = "sent"  # it left us, and no more will be heard of it
    RETRY_WAIT = "retry_wait"  # failed for now, will be tried again
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # it may have arrived: a person decides
    CANCELLED = "cancelled"


class MessageStatus(StrEnum):
    """Where one chat message is on its way to its reader."""

    QUEUED = "queued"
    SENDING = "sending"  # committed before the channel is called
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"  # a crash, or an older database, hid whether it was sent
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class BroadcastStatus(StrEnum):
    """Where an update or alert is on its way to its audience."""

    DRAFT = "draft"  # being written, counted and tested
    PROPOSED = "proposed"  # waits for another person
    APPROVED = "approved"  # can still be called off before it begins
    SENDING = "sending"
    HALTED = "halted"  # somebody, or too many failures, stopped it
    DONE = "done"  # everyone has it, or cannot get it
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class IllegalTransition(ValueError):
    """A state was to change in a way that its table does not allow: a bug, never bad input."""


class Lifecycle(Generic[S]):
    """A table of states: for each, the states that may follow it."""

    def __init__(self, moves: Mapping[S, set[S]]) -> None:
        self._moves = {state: frozenset(following) for state, following in moves.items()}

    def after(self, state: S) -> frozenset[S]:
        """The states that may follow `state`; none where it is final."""
        return self._moves[state]

    def before(self, state: S) -> frozenset[S]:
        """The states that `state` may follow."""
        return frozenset(earlier for earlier, following in self._moves.items() if state in following)

    def check(self, old: S, new: S) -> None:
        """Raise IllegalTransition unless `new` may follow `old`."""
        if new not in self._moves[old]:
            raise IllegalTransition(f"{old} cannot become {new}")


_L = LetterStatus
LETTERS = Lifecycle(
    {
        _L.QUEUED: {_L.HELD, _L.SUBMITTING, _L.CANCELLED},
        # sent, uncertain: before the database was put back
        _L.HELD: {_L.QUEUED, _L.CANCELLED, _L.SENT, _L.UNCERTAIN},
        _L.SUBMITTING: {
            _L.SUBMITTED,
            _L.DELIVERED,
            _L.SENT,
            _L.RETRY_WAIT,
            _L.HELD,
            _L.FAILED,
            _L.UNCERTAIN,
        },
        _L.SUBMITTED: {  # cancelled: only where the carrier is certain that it never arrives
            _L.DELIVERED,
            _L.SENT,
            _L.RETRY_WAIT,
            _L.HELD,
            _L.FAILED,
            _L.UNCERTAIN,
            _L.CANCELLED,
        },
        _L.RETRY_WAIT: {_L.QUEUED, _L.SUBMITTING, _L.HELD, _L.FAILED, _L.CANCELLED},
        _L.UNCERTAIN: {_L.DELIVERED, _L.QUEUED, _L.FAILED},
        _L.FAILED: {_L.QUEUED, _L.CANCELLED},
        _L.SENT: {_L.DELIVERED, _L.FAILED, _L.UNCERTAIN},
        _L.DELIVERED: set(),
        _L.CANCELLED: set(),
    }
)

_M = MessageStatus
MESSAGES = Lifecycle(
    {
        _M.QUEUED: {_M.SENDING, _M.CANCELLED, _M.EXPIRED, _M.UNKNOWN},
        _M.SENDING: {_M.SENT, _M.QUEUED, _M.FAILED, _M.UNKNOWN},
        _M.UNKNOWN: {_M.QUEUED, _M.SENT, _M.FAILED},
        _M.SENT: set(),
        _M.FAILED: set(),
        _M.CANCELLED: {_M.QUEUED, _M.SENT},  # the copy of an update, whose reader has subscribed again
        _M.EXPIRED: set(),
    }
)

_B = BroadcastStatus
BROADCASTS = Lifecycle(
    {
        _B.DRAFT: {_B.PROPOSED, _B.CANCELLED},
        _B.PROPOSED: {_B.DRAFT, _B.APPROVED, _B.EXPIRED, _B.CANCELLED},
        _B.APPROVED: {_B.DRAFT, _B.SENDING, _B.HALTED, _B.EXPIRED, _B.CANCELLED},
        _B.SENDING: {_B.HALTED, _B.DONE, _B.EXPIRED},
        _B.HALTED: {  # cancelled or draft: only what is not being sent yet
            _B.SENDING,
            _B.APPROVED,
            _B.DRAFT,
            _B.EXPIRED,
            _B.CANCELLED,
        },
        _B.DONE: set(),
        _B.EXPIRED: set(),
        _B.CANCELLED: set(),
    }
)
