"""Of who may be in danger by writing, everything is kept for a day."""

from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.carriers.tray import Tray
from assistant.domain.lifecycle import LetterStatus
from assistant.services.retention import due
from assistant.store.tables import chats, letters, messages
from tests.support.harness import LETTER, Harness

AT_RISK = [*LETTER[:3], "Guatemala", *LETTER[4:]]


async def texts(harness: Harness) -> dict[str, int]:
    """How many texts there still are: of talks, of messages and of letters."""
    return {
        "talks": len(await harness.rows(select(chats.c.id).where(chats.c.state.is_not(None)))),
        "messages": len(await harness.rows(select(messages.c.id))),
        "letters": len(await harness.rows(select(letters.c.id).where(letters.c.body.is_not(None)))),
    }


@pytest.mark.parametrize(("answers", "is_kept"), [(AT_RISK, False), (LETTER, True)])
async def test_the_letter_and_what_was_said_go_a_day_after_the_end(
    harness: Harness, answers: list[str], is_kept: bool, tmp_path: Path
) -> None:
    office = await harness.with_office(routes=["tray"])
    await office.receive_all("ana", answers)
    await office.deliver_letters(Tray(tmp_path))
    assert await office.letter_statuses() == [LetterStatus.SENT]
    office.clock.advance(hours=24)
    await office.run_retention()
    assert (await texts(office))["letters"] == 1
    office.clock.advance(seconds=1)
    await office.run_retention()
    left = await texts(office)
    assert (left["letters"], bool(left["messages"])) == (int(is_kept), is_kept)


@pytest.mark.parametrize(("answers", "is_kept"), [(AT_RISK, False), (LETTER, True)])
async def test_a_talk_that_was_left_goes_after_a_day(
    harness: Harness, answers: list[str], is_kept: bool
) -> None:
    await harness.receive_all("ana", answers[:5])
    harness.clock.advance(days=1)
    await harness.run_retention()
    assert (await texts(harness))["talks"] == 1
    harness.clock.advance(days=1)
    assert (await due(harness.store, harness.clock(), harness.script.retention))[
        "talks that were left where care is due"
    ] != is_kept
    await harness.run_retention()
    assert (await texts(harness))["talks"] == int(is_kept)


async def test_who_says_that_they_live_elsewhere_is_kept_as_others_are(harness: Harness) -> None:
    await harness.receive_all("ana", AT_RISK[:4])
    assert (await harness.chat("ana")).careful
    await harness.receive_all("ana", ["back", "Finland"])
    assert not (await harness.chat("ana")).careful


async def test_who_has_written_stays_so_while_they_read_other_things(harness: Harness) -> None:
    await harness.receive_all("ana", [*AT_RISK, "help", "privacy"])
    assert (await harness.chat("ana")).careful
    assert (await harness.data_of("ana"))["careful"] is True
