"""An action is paused alone: its letters wait, and those of other actions to the same office are sent."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.carriers.post import Post
from assistant.domain.errors import Refused
from assistant.domain.letters import ActionRef
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus
from assistant.domain.organisers import Role
from assistant.services.letters.print_runs import PrintRuns
from tests.support.fakes.carrier import FailingTray
from tests.support.harness import LETTER, Harness
from tests.support.invented_cases import with_another_action
from tests.support.organisers import alert, join, pause_case, resume
from tests.support.publishing import CASE

WITNESS = str(ActionRef(CASE, "witness"))
WAITS = "It waits, because sending is paused."
QUEUED, SENT, SUBMITTED = LetterStatus.QUEUED, LetterStatus.SENT, LetterStatus.SUBMITTED
HELLO, BY_POST = LETTER[:2], ("post:Ministry; Street 1 ;Town",)


@pytest.fixture
def tray(tmp_path: Path) -> FailingTray:
    return FailingTray(tmp_path / "tray")


async def _written(harness: Harness) -> Harness:
    """Ana's letter of the first action waits, and Ben's of the other one; both go to one office."""
    case = with_another_action(harness.script.cases[CASE], "witness", "Protect the witness")
    house = await harness.with_case(case)
    await house.receive_all("ana", [*HELLO, "letter norma-cruz--fax-2012", *LETTER[2:]])
    await house.receive_all("ben", [*HELLO, f"letter {WITNESS}", *LETTER[2:]])
    assert await house.letter_statuses() == [QUEUED, QUEUED]
    return house


async def _days_pass(house: Harness, tray: FailingTray, days: int) -> None:
    for _ in range(days * 4):
        house.clock.advance(hours=6)
        await house.deliver_letters(tray)


def _told(house: Harness, person: str) -> int:
    return sum(WAITS in text for text in house.texts_to(person))


async def test_its_letters_wait_and_their_writers_are_told_once(harness: Harness, tray: FailingTray) -> None:
    house = await _written(harness)
    olga = await join(house, "olga")
    await pause_case(house, WITNESS, olga)
    await _days_pass(house, tray, 4)
    assert await house.letter_statuses() == [SENT, QUEUED]
    assert (_told(house, "ana"), _told(house, "ben")) == (0, 1)
    async with house.store.write() as tx:
        assert await house.news.organiser_service.resume(tx, olga, WITNESS)
    await _days_pass(house, tray, 2)
    assert await house.letter_statuses() == [SENT, SENT]
    assert _told(house, "ben") == 1


async def test_with_the_whole_case_paused_too_nothing_leaves_until_both_are_resumed(
    harness: Harness, tray: FailingTray
) -> None:
    house = await _written(harness)
    olga = await join(house, "olga")
    await pause_case(house, WITNESS, olga)
    await pause_case(house, CASE, olga)
    await _days_pass(house, tray, 2)
    assert await house.letter_statuses() == [QUEUED, QUEUED]
    async with house.store.write() as tx:
        assert await house.news.organiser_service.resume(tx, olga, CASE)
    await _days_pass(house, tray, 2)
    assert await house.letter_statuses() == [SENT, QUEUED]
    assert (_told(house, "ana"), _told(house, "ben")) == (1, 1)


async def test_the_printed_run_leaves_it_out(harness: Harness) -> None:
    house = await _written(await harness.with_office(routes=BY_POST))
    await house.deliver_letters(Post())
    house.clock.advance(days=2)
    await house.deliver_letters(Post())
    assert await house.letter_statuses() == [SUBMITTED, SUBMITTED]
    await pause_case(house, WITNESS)
    runs = PrintRuns(house.store, house.printer, house.transitions, house.clock)
    run = await runs.print(CASE)
    assert run is not None
    assert [each.letter.ref.action for each in run.letters] == ["fax-2012"]


async def test_what_calls_to_write_for_it_is_halted_and_not_resumed_before_it(harness: Harness) -> None:
    house = await _written(harness)
    olga = await join(house, "olga", Role.APPROVER)
    about_it = await house.approved(replace(alert(house), action="witness"))
    other = await house.approved(replace(alert(house), action="fax-2012"))
    await pause_case(house, WITNESS)
    statuses = [(await house.broadcast(each)).status for each in (about_it, other)]
    assert statuses == [BroadcastStatus.HALTED, BroadcastStatus.APPROVED]
    with pytest.raises(Refused, match=f"/resume {WITNESS}"):
        await resume(house, olga, about_it)


async def test_what_there_is_not_is_not_paused(harness: Harness) -> None:
    with pytest.raises(Refused, match="no action"):
        await pause_case(harness, f"{CASE}--nothing")
