"""Who has written for a case that is paused is told that the letter waits: once, after a while, by day."""

from pathlib import Path

import pytest

from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters import worker
from tests.support.fakes.carrier import FailingTray
from tests.support.harness import LETTER, Harness
from tests.support.organisers import join, pause_case
from tests.support.publishing import CASE

WAITS = "It waits, because sending is paused."


@pytest.fixture
def tray(tmp_path: Path) -> FailingTray:
    return FailingTray(tmp_path / "tray")


async def work(harness: Harness, tray: FailingTray) -> None:
    """Let a process do all that there is to do now."""
    await harness.engine(harness.letter_worker(tray)).run_until_idle()


def told(harness: Harness, person: str) -> int:
    """How often they have read it."""
    return sum(WAITS in text for text in harness.texts_to(person))


async def test_the_writer_is_told_once_and_the_letter_is_sent_when_the_case_goes_on(
    harness: Harness, tray: FailingTray
) -> None:
    olga = await join(harness, "olga")
    await harness.receive_all("ana", LETTER)
    await pause_case(harness, CASE, olga)
    for _ in range(3):
        harness.clock.advance(hours=7)
        await work(harness, tray)
    assert told(harness, "ana") == 0
    for _ in range(5):
        harness.clock.advance(hours=24)
        await work(harness, tray)
    assert told(harness, "ana") == 1
    assert await harness.letter_statuses() == [LetterStatus.QUEUED]
    async with harness.store.write() as tx:
        await harness.news.organiser_service.resume(tx, olga, CASE)
    for _ in range(24):
        harness.clock.advance(hours=3)
        await work(harness, tray)
    assert await harness.letter_statuses() == [LetterStatus.SENT]
    assert told(harness, "ana") == 1


async def test_a_pause_that_ends_within_a_day_is_not_told(harness: Harness, tray: FailingTray) -> None:
    olga = await join(harness, "olga")
    await harness.receive_all("ana", LETTER)
    await pause_case(harness, CASE, olga)
    harness.clock.advance(hours=20)
    async with harness.store.write() as tx:
        await harness.news.organiser_service.resume(tx, olga, CASE)
    harness.clock.advance(days=4)
    await work(harness, tray)
    assert told(harness, "ana") == 0


async def test_everybody_is_told_however_many_they_are(
    harness: Harness, tray: FailingTray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "TELLS", 2)
    olga = await join(harness, "olga")
    people = ["ana", "ben", "eva", "ida", "leo"]
    await harness.queue_letters(*people)
    await pause_case(harness, CASE, olga)
    for _ in range(8):
        harness.clock.advance(hours=13)
        await work(harness, tray)
    assert [told(harness, each) for each in people] == [1] * 5


async def test_who_was_forgotten_or_has_withdrawn_is_not_told(harness: Harness, tray: FailingTray) -> None:
    olga = await join(harness, "olga")
    for person in ("ana", "ben"):
        await harness.receive_all(person, LETTER)
    await pause_case(harness, CASE, olga)
    await harness.receive_all("ana", ["forget", "yes"])
    await harness.receive_all("ben", ["withdraw", "yes"])
    harness.clock.advance(days=5)
    await work(harness, tray)
    assert (told(harness, "ana"), told(harness, "ben")) == (0, 1)  # Ben read it where he was asked
