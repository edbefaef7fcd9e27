from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from assistant.domain.lifecycle import (
    BROADCASTS,
    LETTERS,
    MESSAGES,
    BroadcastStatus,
    IllegalTransition,
    LetterStatus,
    Lifecycle,
    MessageStatus,
)

TABLES = [
    pytest.param(LETTERS, LetterStatus, id="letters"),
    pytest.param(MESSAGES, MessageStatus, id="messages"),
    pytest.param(BROADCASTS, BroadcastStatus, id="broadcasts"),
]
B = BroadcastStatus


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_every_state_is_in_its_table(table: Lifecycle[Any], states: type[StrEnum]) -> None:
    for state in states:
        assert table.after(state) <= set(states)


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_a_move_is_legal_where_the_table_has_it_and_nowhere_else(
    table: Lifecycle[Any], states: type[StrEnum]
) -> None:
    for old, new in product(states, repeat=2):
        if new in table.after(old):
            table.check(old, new)
        else:
            with pytest.raises(IllegalTransition, match=f"^{old} cannot become {new}$"):
                table.check(old, new)


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_before_is_after_read_backwards(table: Lifecycle[Any], states: type[StrEnum]) -> None:
    for old, new in product(states, repeat=2):
        assert (old in table.before(new)) == (new in table.after(old))


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_every_state_can_be_reached_from_the_first(table: Lifecycle[Any], states: type[StrEnum]) -> None:
    reached = {next(iter(states))}
    while further := {new for old in reached for new in table.after(old)} - reached:
        reached |= further
    assert reached == set(states)


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_no_state_follows_itself(table: Lifecycle[Any], states: type[StrEnum]) -> None:
    for state in states:
        assert state not in table.after(state)


def test_a_letter_that_arrived_or_was_cancelled_stays_so() -> None:
    finals = {state for state in LetterStatus if not LETTERS.after(state)}
    assert finals == {LetterStatus.DELIVERED, LetterStatus.CANCELLED}


def test_a_letter_that_may_have_left_is_never_simply_tried_again_or_cancelled() -> None:
    for state in (LetterStatus.SUBMITTED, LetterStatus.UNCERTAIN, LetterStatus.SENT):
        assert LetterStatus.SUBMITTING not in LETTERS.after(state)
    for state in (LetterStatus.SUBMITTING, LetterStatus.UNCERTAIN, LetterStatus.SENT):
        assert LetterStatus.CANCELLED not in LETTERS.after(state)  # `submitted`: where its carrier is certain


def test_nothing_goes_out_but_from_the_queue_or_after_a_failed_try() -> None:
    assert LETTERS.before(LetterStatus.SUBMITTING) == {LetterStatus.QUEUED, LetterStatus.RETRY_WAIT}
    assert MESSAGES.before(MessageStatus.SENDING) == {MessageStatus.QUEUED}


def test_a_broadcast_leaves_only_after_it_was_proposed_and_approved() -> None:
    assert BROADCASTS.before(B.SENDING) == {B.APPROVED, B.HALTED}
    assert BROADCASTS.before(B.APPROVED) == {B.PROPOSED, B.HALTED}
    assert BROADCASTS.before(B.HALTED) == {B.APPROVED, B.SENDING}
    assert BROADCASTS.before(B.PROPOSED) == {B.DRAFT}


def test_what_leaves_is_never_dropped_or_written_anew() -> None:
    assert BROADCASTS.after(B.SENDING).isdisjoint({B.DRAFT, B.CANCELLED, B.APPROVED})


def test_a_broadcast_that_is_over_stays_so() -> None:
    finals = {state for state in B if not BROADCASTS.after(state)}
    assert finals == {B.DONE, B.EXPIRED, B.CANCELLED}


def test_anything_that_leaves_or_is_about_to_can_be_halted() -> None:
    for state in (B.APPROVED, B.SENDING):
        assert B.HALTED in BROADCASTS.after(state)
