"""Chats end when nobody writes in them any more."""

from datetime import date

import pytest
from sqlalchemy import select

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import Blocked
from assistant.services.retention import RetentionWorker, due
from assistant.store.tables import chats
from assistant.wiring.process import make_inactive_chats
from tests.support.harness import LETTER, Harness
from tests.support.invented_cases import with_retention
from tests.support.organisers import join

pytestmark = pytest.mark.both_databases
QUESTION = "Do you still want the news?"


async def _keep_house(harness: Harness) -> None:
    inactive = make_inactive_chats(harness.script, harness.clock, harness.script.retention)
    worker = RetentionWorker(
        harness.store, harness.clock, harness.script.retention, pieces=[inactive.ask_and_forget]
    )
    await worker.open()
    await harness.engine(worker).run_until_idle()
    await harness.outbox.settle()


async def _people(harness: Harness) -> int:
    return len(await harness.rows(select(chats)))


async def _after(harness: Harness, days: int) -> None:
    harness.clock.advance(days=days)
    await _keep_house(harness)


async def test_who_has_been_silent_for_a_year_is_asked_once_and_goes_a_month_later(harness: Harness) -> None:
    await harness.subscribe("ana")
    await _after(harness, 360)
    assert harness.texts_to("ana") == []
    await _after(harness, 10)
    await _after(harness, 1)
    asked = [said for said in harness.texts_to("ana") if QUESTION in said]
    assert len(asked) == 1
    assert "we delete this chat on" in asked[0]
    await _after(harness, 28)
    assert await _people(harness) == 1
    await _after(harness, 5)
    assert await _people(harness) == 0


async def test_nobody_is_asked_at_night(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER)  # from Finland, at five in the afternoon there
    harness.clock.advance(days=370, hours=10)
    await _keep_house(harness)
    assert QUESTION not in harness.last_text_to("ana")
    harness.clock.advance(hours=9)
    await _keep_house(harness)
    assert QUESTION in harness.last_text_to("ana")


async def test_who_answers_with_whatever_word_stays_for_another_year(harness: Harness) -> None:
    await harness.subscribe("ana")
    await _after(harness, 370)
    await harness.receive("ana", "oh, hello")
    await _after(harness, 100)
    assert await _people(harness) == 1
    await _after(harness, 300)
    assert sum(QUESTION in said for said in harness.texts_to("ana")) == 2


async def test_who_gets_no_news_is_not_asked_and_goes_after_thirteen_months(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello", "English"])
    before = harness.texts_to("ana")
    await _after(harness, 390)
    assert await _people(harness) == 1
    await _after(harness, 10)
    assert await _people(harness) == 0
    assert harness.texts_to("ana") == before


async def test_who_has_blocked_us_goes_after_30_days(harness: Harness) -> None:
    await harness.subscribe("ana")
    await harness.receive("ana", Blocked())
    await _after(harness, 29)
    assert await _people(harness) == 1
    await _after(harness, 3)
    assert await _people(harness) == 0


async def test_chats_end_as_early_as_is_set(harness: Harness) -> None:
    harness.script = with_retention(harness.script, inactive=90, blocked=5)
    await harness.subscribe("ana", "ben")
    await harness.receive("ben", Blocked())
    await _after(harness, 5)
    assert await _people(harness) == 2
    await _after(harness, 1)
    assert await _people(harness) == 1
    await _after(harness, 84)
    assert harness.texts_to("ana") == []
    await _after(harness, 2)
    await _after(harness, 1)
    assert sum(QUESTION in said for said in harness.texts_to("ana")) == 1
    await _after(harness, 27)
    assert await _people(harness) == 1
    await _after(harness, 4)
    assert await _people(harness) == 0


async def test_who_comes_back_after_blocking_us_stays(harness: Harness) -> None:
    await harness.subscribe("ana")
    await harness.receive("ana", Blocked())
    await _after(harness, 20)
    await harness.receive("ana", "hello")
    await _after(harness, 20)
    assert await _people(harness) == 1


async def test_who_has_a_letter_that_waits_stays(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    await harness.receive("ana", Blocked())
    await _after(harness, 40)
    assert await harness.letter_statuses() == [LetterStatus.QUEUED]
    assert await _people(harness) == 1


async def test_an_organisers_chat_stays_whatever_they_do(harness: Harness) -> None:
    await join(harness, "olga")
    await _after(harness, 800)
    assert await _people(harness) == 1


async def test_what_is_due_is_counted_and_nothing_is_changed(harness: Harness) -> None:
    await harness.subscribe("ana")
    await harness.receive_all("ben", ["hello", "English"])
    await harness.subscribe("eva")
    await harness.receive("eva", Blocked())
    harness.clock.advance(days=400)
    counted = await due(harness.store, harness.clock(), harness.script.retention)
    assert counted["inactive subscribers to be asked"] == 1
    assert counted["chats that blocked us"] == 1
    assert counted["inactive chats"] == 2, "who is asked first is not due yet"
    assert await _people(harness) == 3
    assert {row["asked_on"] for row in await harness.rows(select(chats))} == {None}
    await _keep_house(harness)
    assert [row["asked_on"] for row in await harness.rows(select(chats))] == [_today(harness)]
    again = await due(harness.store, harness.clock(), harness.script.retention)
    assert {name: count for name, count in again.items() if count} == {}


def _today(harness: Harness) -> date:
    return harness.clock().date()
