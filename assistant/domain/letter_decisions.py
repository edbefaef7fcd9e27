"""What people decide about single letters, and when each decision fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.domain.letters import Letter
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Permission

_L = LetterStatus


class Decision(StrEnum):
    """What may be wanted of a letter."""

    RETRY = "retry"
    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    ARRIVED = "arrived"
    SEND_AGAIN = "send again"
    HAD_LEFT = "had left"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a decision leads where. `afresh`: with all tries before it."""

    before: frozenset[LetterStatus]
    after: LetterStatus
    reason: str
    afresh: bool = False


RULES: Mapping[Decision, Rule] = {
    Decision.RETRY: Rule(
        frozenset({_L.RETRY_WAIT, _L.FAILED}), _L.QUEUED, "an organiser wants it tried again", afresh=True
    ),
    Decision.HOLD: Rule(frozenset({_L.QUEUED, _L.RETRY_WAIT}), _L.HELD, "an organiser holds it"),
    Decision.RELEASE: Rule(frozenset({_L.HELD}), _L.QUEUED, "an organiser lets it go", afresh=True),
    Decision.CANCEL: Rule(
        frozenset({_L.QUEUED, _L.HELD, _L.RETRY_WAIT, _L.FAILED, _L.SUBMITTED}),
        _L.CANCELLED,
        "an organiser cancelled it",
    ),
    Decision.ARRIVED: Rule(
        frozenset({_L.UNCERTAIN}), _L.DELIVERED, "an organiser found out that it has arrived"
    ),
    Decision.SEND_AGAIN: Rule(
        frozenset({_L.UNCERTAIN}), _L.QUEUED, "an organiser wants it sent again", afresh=True
    ),
    Decision.HAD_LEFT: Rule(
        frozenset({_L.HELD}), _L.SENT, "an organiser found out that it had been sent before the restore"
    ),
}

TEAM_DECIDES: Mapping[Decision, Permission] = dict.fromkeys(
    (Decision.ARRIVED, Decision.SEND_AGAIN, Decision.HAD_LEFT, Decision.RELEASE), Permission.APPROVE
)
"""What organisers decide, and what it takes. All else is for the server's shell: it may call a carrier."""


CANNOT_BE_UNDONE = frozenset({Decision.SEND_AGAIN})
"""What nobody takes back: the office may have the letter, and gets it a second time."""


class Obstacle(StrEnum):
    """What stands against a decision about a letter."""

    STATUS = "status"  # it is in no state for that
    NO_TEXT = "no text"  # that was deleted
    ASKED = "asked"  # its writer is asked to agree to a new text
    REVIEW = "review"  # somebody has to read it
    NOT_RESTORED = "not restored"  # nothing says that it had been sent


def obstacle(letter: Letter, decision: Decision) -> Obstacle | None:
    """What stands against it; None: nothing that the letter itself says."""
    rule = RULES[decision]
    if letter.status not in rule.before:
        return Obstacle.STATUS
    if rule.after is _L.QUEUED and not letter.has_text:
        return Obstacle.NO_TEXT
    if decision is Decision.RELEASE and letter.asked_at is not None:
        return Obstacle.ASKED
    if decision is Decision.RELEASE and letter.review:
        return Obstacle.REVIEW
    if decision is Decision.HAD_LEFT and letter.restored_at is None:
        return Obstacle.NOT_RESTORED
    return None


def open_to_team(letter: Letter) -> Sequence[Decision]:
    """What organisers can decide about it now."""
    return [each for each in TEAM_DECIDES if obstacle(letter, each) is None]
