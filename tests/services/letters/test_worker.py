"""Letters leave: with a log of every step, once, whatever the carrier does."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.letters import LogEntry
from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters import delivery
from tests.support.chance import budget
from tests.support.fakes.carrier import FailingTray
from tests.support.harness import LETTER, NAME, PERSONAL_LINE, Harness
from tests.support.publishing import CASE


@pytest.fixture
def failing_tray(tmp_path: Path) -> FailingTray:
    return FailingTray(tmp_path / "tray")


@pytest.fixture
async def written(harness: Harness) -> Harness:
    """A harness in which one letter is queued."""
    await harness.receive_all("ana", LETTER)
    return harness


async def _deliver(harness: Harness, carrier: FailingTray) -> None:
    letter_worker = harness.letter_worker(carrier)
    await harness.engine(letter_worker).run_until_idle()


def _steps(log: list[LogEntry]) -> list[LetterStatus]:
    return [step.status for step in log]


async def test_a_letter_goes_from_the_queue_into_the_tray(
    written: Harness, failing_tray: FailingTray
) -> None:
    await _deliver(written, failing_tray)
    (letter,) = await written.letters()
    key = await written.key()
    assert (letter.status, letter.attempts, letter.reference) == (LetterStatus.SENT, 1, f"{key}.pdf")
    assert [(step.status, step.reason) for step in await written.letter_log()] == [
        (LetterStatus.QUEUED, "confirmed by the supporter"),
        (LetterStatus.SUBMITTING, "handed to the carrier"),
        (LetterStatus.SENT, "taken by the tray"),
    ]
    facts = json.loads((failing_tray.folder / f"{key}.json").read_text("utf-8"))
    assert (facts["key"], facts["name"], facts["line"], facts["country"]) == (key, NAME, PERSONAL_LINE, "FI")
    assert (failing_tray.folder / f"{key}.pdf").read_bytes().startswith(b"%PDF")


async def test_every_letter_is_handed_over_once(harness: Harness, failing_tray: FailingTray) -> None:
    for person in ("ana", "ben", "eva"):
        await harness.receive_all(person, LETTER)
    await _deliver(harness, failing_tray)
    await _deliver(harness, failing_tray)
    assert len(failing_tray.taken) == len(set(failing_tray.taken)) == 3
    assert set(await harness.letter_statuses()) == {LetterStatus.SENT}


async def test_more_letters_than_one_batch_all_leave(harness: Harness, failing_tray: FailingTray) -> None:
    failing_tray.in_flight = 2
    for number in range(5):
        await harness.receive_all(f"person{number}", LETTER)
    await _deliver(harness, failing_tray)
    assert await harness.letter_statuses() == [LetterStatus.SENT] * 5


async def test_a_carrier_that_fails_for_a_while_gets_the_letter_later(
    written: Harness, failing_tray: FailingTray
) -> None:
    failing_tray.faults.extend([Failure("the line is busy"), Failure("the line is busy")])
    await _deliver(written, failing_tray)
    (letter,) = await written.letters()
    assert letter.status == LetterStatus.RETRY_WAIT
    assert letter.due_at == written.clock() + timedelta(minutes=1)
    await _deliver(written, failing_tray)
    assert len(failing_tray.faults) == 1, "it waits for its time"
    written.clock.advance(minutes=1)
    await _deliver(written, failing_tray)
    (letter,) = await written.letters()
    assert letter.due_at == written.clock() + timedelta(minutes=2)
    written.clock.advance(minutes=2)
    await _deliver(written, failing_tray)
    waiting = [LetterStatus.SUBMITTING, LetterStatus.RETRY_WAIT]
    assert _steps(await written.letter_log())[1:] == [
        *waiting,
        *waiting,
        LetterStatus.SUBMITTING,
        LetterStatus.SENT,
    ]


async def test_the_carriers_own_time_goes_before_ours(written: Harness, failing_tray: FailingTray) -> None:
    failing_tray.faults.append(Failure("the line is busy", retry_after=7))
    await _deliver(written, failing_tray)
    (letter,) = await written.letters()
    assert letter.due_at == written.clock() + timedelta(seconds=7)


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (Failure("no such number", permanent=True), LetterStatus.FAILED, "no such number"),
        (Failure("the line broke", uncertain=True), LetterStatus.UNCERTAIN, "the line broke"),
        (ZeroDivisionError(), LetterStatus.UNCERTAIN, "our error: ZeroDivisionError"),
    ],
)
async def test_a_letter_that_cannot_be_tried_again_stays_with_its_reason(
    written: Harness, failing_tray: FailingTray, fault: Exception, status: LetterStatus, reason: str
) -> None:
    failing_tray.faults.append(fault)
    await _deliver(written, failing_tray)
    written.clock.advance(days=9)
    await _deliver(written, failing_tray)
    assert (await written.letter_log())[-1] == LogEntry(written.clock() - timedelta(days=9), status, reason)
    assert failing_tray.taken == []


async def test_a_letter_is_not_tried_for_ever(written: Harness, failing_tray: FailingTray) -> None:
    failing_tray.faults.extend(Failure("the line is busy") for _ in range(50))
    for _ in range(30):
        await _deliver(written, failing_tray)
        written.clock.advance(days=1)
    assert await written.letter_statuses() == [LetterStatus.HELD], "then a person decides"
    assert len(failing_tray.faults) == 50 - delivery.TRIES


async def test_a_letter_waits_as_long_as_an_operator_needs(
    written: Harness, failing_tray: FailingTray
) -> None:
    times = budget(2, 7) * delivery.TRIES
    failing_tray.faults.extend(Misconfigured("make the folder writable") for _ in range(times))
    for _ in range(times + 5):
        await _deliver(written, failing_tray)
        written.clock.advance(minutes=5)
    assert await written.letter_statuses() == [LetterStatus.SENT]


async def test_one_failing_letter_does_not_hold_up_the_others(
    harness: Harness, failing_tray: FailingTray
) -> None:
    for person in ("ana", "ben"):
        await harness.receive_all(person, LETTER)
    failing_tray.faults.append(Failure("this one is refused", permanent=True))
    await _deliver(harness, failing_tray)
    assert await harness.letter_statuses() == [LetterStatus.FAILED, LetterStatus.SENT]


async def test_a_route_without_a_carrier_waits_for_the_operator(written: Harness, tmp_path: Path) -> None:
    letter_worker = written.letter_worker(tmp_path / "tray")
    letter_worker._delivery._carriers = {}
    await written.engine(letter_worker).run_until_idle()
    last = (await written.letter_log())[-1]
    assert last.status == LetterStatus.RETRY_WAIT
    assert last.reason == "There is no carrier for the route of letter 1: see its case.toml."


async def test_a_letter_forgotten_while_it_is_handed_over_and_refused_is_cancelled(
    written: Harness, failing_tray: FailingTray
) -> None:
    async def forget() -> None:
        await written.receive_all("ana", ["forget", "yes"])

    failing_tray.meanwhile = forget
    failing_tray.faults.append(Failure("the line is busy"))
    await _deliver(written, failing_tray)
    written.clock.advance(minutes=1)
    await _deliver(written, failing_tray)
    assert _steps(await written.letter_log())[-2:] == [LetterStatus.RETRY_WAIT, LetterStatus.CANCELLED]
    assert failing_tray.taken == []


async def test_a_letter_forgotten_while_it_is_handed_over_counts_as_sent(
    written: Harness, failing_tray: FailingTray
) -> None:
    async def forget() -> None:
        await written.receive_all("ana", ["forget", "yes"])

    failing_tray.meanwhile = forget
    await _deliver(written, failing_tray)
    assert await written.letter_statuses() == [LetterStatus.SENT]


async def test_letters_of_a_case_that_is_gone_stay_where_they_are(
    written: Harness, failing_tray: FailingTray
) -> None:
    letter_worker = written.letter_worker(failing_tray)
    letter_worker._cases = {}
    await written.engine(letter_worker).run_until_idle()
    assert await written.letter_statuses() == [LetterStatus.QUEUED]
    assert CASE not in letter_worker._cases
