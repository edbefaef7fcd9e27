"""What the chaos test looks for is found where it is: each of these ledgers has one thing wrong."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from assistant.domain.lifecycle import MessageStatus
from tests.support.chaos.ledger import Delivery, Row, inconsistencies
from tests.support.chaos.numbered_replies import START, NumberedReply

SENT, FAILED, UNKNOWN = MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN
ECHOES = [
    NumberedReply(1, 1, 2, START),
    NumberedReply(1, 2, 2, START),
    *(NumberedReply(2, part, 3, "w2") for part in (1, 2, 3)),
]
LEDGER = [Row("ana", echo, SENT, reference=f"{number}") for number, echo in enumerate(ECHOES)]
GOT = [Delivery(f"{number}", echo) for number, echo in enumerate(ECHOES)]


def with_row(number: int, **changes: object) -> list[Row]:
    """The ledger with one row changed."""
    return [replace(row, **changes) if at == number else row for at, row in enumerate(LEDGER)]  # type: ignore[arg-type]  # as given


def found(ledger: Sequence[Row], got: Sequence[Delivery], *blockers: str) -> list[str]:
    """What is wrong."""
    return inconsistencies(ledger, {"ana": got}, blockers)


AGAIN = replace(GOT[1], reference="again")
FINE: list[tuple[list[Row], list[Delivery]]] = [
    (LEDGER, GOT),
    (with_row(1, doubtful=True), [*GOT[:2], AGAIN, *GOT[2:]]),
    (with_row(1, status=UNKNOWN, doubtful=True), [GOT[0], *GOT[2:]]),
    (with_row(1, status=UNKNOWN, doubtful=True), GOT),
]
WRONG: list[tuple[list[Row], list[Delivery], str]] = [
    (LEDGER, GOT[:-1], "did not arrive as it says"),
    (with_row(1, reference="another"), GOT, "did not arrive as it says"),
    (LEDGER, [*GOT[:2], AGAIN, *GOT[2:]], "arrived 2 times"),
    (LEDGER, [GOT[0], GOT[2], GOT[1], *GOT[3:]], "arrived after"),
    (with_row(1, doubtful=True), [GOT[0], *GOT[2:], GOT[1]], "arrived after"),
    (LEDGER, [*GOT, Delivery("5", NumberedReply(3, 1, 1, "w3"))], "is no row's"),
    (with_row(1, status=FAILED), [GOT[0], *GOT[2:]], "nobody shut us out"),
    (with_row(1, status=UNKNOWN), [GOT[0], *GOT[2:]], "not in doubt"),
    (with_row(1, status=MessageStatus.QUEUED), [GOT[0], *GOT[2:]], "did not come to an end"),
    (with_row(1, status=MessageStatus.CANCELLED), [GOT[0], *GOT[2:]], "did not come to an end"),
    (LEDGER[:-1], GOT[:-1], "turn 2 has the messages"),
    ([*LEDGER, *LEDGER[2:]], GOT, "turn 2 has the messages"),
]


@pytest.mark.parametrize(("ledger", "got"), FINE)
def test_what_may_be_is_not_wrong(ledger: list[Row], got: list[Delivery]) -> None:
    assert found(ledger, got) == []


@pytest.mark.parametrize(("ledger", "got", "why"), WRONG, ids=[why for _, _, why in WRONG])
def test_what_must_not_be_is_seen(ledger: list[Row], got: list[Delivery], why: str) -> None:
    assert any(why in each for each in found(ledger, got))


def test_what_fails_for_those_who_shut_us_out_is_no_wrong() -> None:
    assert found(with_row(1, status=FAILED), [GOT[0], *GOT[2:]], "ana") == []
    assert found(with_row(1, status=FAILED), GOT, "ana") != []


def test_a_word_that_counts_twice_is_seen() -> None:
    third = Row("ana", NumberedReply(3, 1, 1, "w2"), SENT, reference="5")
    assert any("taken twice" in each for each in found([*LEDGER, third], [*GOT, Delivery("5", third.echo)]))
