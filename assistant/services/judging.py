"""What a carrier said of a letter, in the terms of the letter's lifecycle."""

from dataclasses import replace
from datetime import datetime, timedelta

from assistant.carriers.base import Outcome, Ref
from assistant.domain.errors import Busy, Down, Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus
from assistant.store.letters import Letter
from assistant.store.moves import Move

TRIES = 10  # on one route; then a person decides
BACKOFF = timedelta(minutes=1)  # doubled with each try
LONGEST_BACKOFF = timedelta(hours=6)
PATIENCE = 100  # times that a letter is put off because its line is busy: then a person decides
BUSY = timedelta(minutes=5)  # until a busy line is tried again, where its carrier does not say
SAID = frozenset({LetterStatus.SUBMITTED, LetterStatus.DELIVERED, LetterStatus.SENT})  # by carriers
MENDING = timedelta(minutes=5)  # between looks whether the operator has mended a setting


def judge(letter: Letter, outcome: Outcome, now: datetime) -> Move:
    """The step that follows from what its carrier said of a letter."""
    if isinstance(outcome, Failure):
        return _failed(letter, outcome, now)
    if outcome.status not in SAID:
        return surprised(letter, f"{outcome.status}, said by a carrier")
    look_at = now + outcome.look_in if outcome.look_in is not None else None
    return Move(letter, outcome.status, _reason(letter, outcome), look_at, outcome.reference)


def after_crash(letter: Letter, outcome: Outcome | None, now: datetime) -> Move:
    """The step of a letter whose runner died while handing it over, by what its carrier knows of it."""
    if outcome is None:
        return Move(letter, LetterStatus.RETRY_WAIT, "a crash came before the carrier had it", spent=False)
    if isinstance(outcome, Ref) and not outcome.reason:
        outcome = Ref(outcome.status, outcome.reference, outcome.look_in, "the carrier had it before a crash")
    return judge(letter, outcome, now)


def frozen(letter: Letter, reason: str) -> Move:
    """Something that should not happen did, before any carrier had the letter: a person looks at it."""
    return Move(letter, LetterStatus.HELD, reason, spent=False)


def surprised(letter: Letter, what: str) -> Move:
    """Something that should not happen did, while a carrier had the letter: it may have arrived."""
    return Move(letter, LetterStatus.UNCERTAIN, f"our error: {what}")


def unprepared(letter: Letter, failure: Failure, now: datetime) -> Move:
    """The letter could not be made ready for its carrier: what time does not change is for a person."""
    lasting = failure.permanent and not isinstance(failure, Misconfigured)
    return frozen(letter, failure.reason) if lasting else judge(letter, failure, now)


def put_back(letter: Letter, failure: Failure, now: datetime) -> Move:
    """The letter was not tried, because another one showed that its way is closed."""
    return Move(letter, LetterStatus.RETRY_WAIT, failure.reason, _again(failure, BUSY, now), spent=False)


def _reason(letter: Letter, ref: Ref) -> str:
    return ref.reason or f"taken by the {letter.route.partition(':')[0]}"


def _failed(letter: Letter, failure: Failure, now: datetime) -> Move:
    if failure.uncertain:
        return Move(letter, LetterStatus.UNCERTAIN, failure.reason)
    if isinstance(failure, Misconfigured):  # however long that takes
        return Move(letter, LetterStatus.RETRY_WAIT, failure.reason, now + MENDING, spent=False)
    if isinstance(failure, Busy):
        patience = 0 if isinstance(failure, Down) else PATIENCE
        return replace(put_back(letter, failure, now), patience=patience)
    if failure.permanent:
        return Move(letter, LetterStatus.FAILED, failure.reason)
    if letter.attempts >= TRIES:
        return Move(letter, LetterStatus.HELD, f"{failure.reason} Tried {TRIES} times: an organiser decides.")
    backoff = min(LONGEST_BACKOFF, BACKOFF * 2 ** max(0, letter.attempts - 1))
    return Move(letter, LetterStatus.RETRY_WAIT, failure.reason, _again(failure, backoff, now))


def _again(failure: Failure, usual: timedelta, now: datetime) -> datetime:
    return now + (usual if failure.retry_after is None else timedelta(seconds=failure.retry_after))
