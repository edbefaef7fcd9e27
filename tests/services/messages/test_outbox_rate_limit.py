"""How fast messages leave: to one chat, and to many."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import select

from assistant.channels.base import RateLimit
from assistant.domain.errors import Throttled
from assistant.domain.lifecycle import MessageStatus
from assistant.store.broadcasts import LANE as BULK
from assistant.store.tables import copies, messages
from tests.support.harness import Harness

pytestmark = pytest.mark.chance

Skip = Callable[[float], None]
EVERY_5 = RateLimit(chat=0.2)  # seconds
EVERY_100 = RateLimit(chat=0.01)
TALK = ["hello", "help", "English", "go"]  # "help" is answered in two messages


async def _reference(harness: Harness) -> list[str]:
    """What a person reads over TALK where nothing holds it up."""
    pace, harness.channel.pace = harness.channel.pace, RateLimit()
    await harness.receive_all("reference", TALK)
    harness.channel.pace = pace
    harness.channel.order.clear()
    return harness.texts_to("reference")


async def _a_moment() -> None:
    """Lets everything run that has nothing to wait for."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_after_the_burst_each_reply_waits_for_its_time_and_order_is_kept(
    harness: Harness, skip: Skip
) -> None:
    expected = await _reference(harness)
    harness.channel.pace = RateLimit(chat=0.5, chat_burst=2)
    for said in TALK:
        await harness.turns.handle(harness.incoming("ana", said))
    for count in range(2, len(expected) + 1):
        await harness.channel.until(count)
        await _a_moment()
        assert harness.texts_to("ana") == expected[:count]
        skip(2)
    await harness.outbox.settle()
    assert set(await harness.message_statuses()) == {MessageStatus.SENT}


async def test_a_chat_that_waits_holds_up_no_other(harness: Harness) -> None:
    harness.channel.pace = EVERY_5
    await harness.turns.handle(harness.incoming("ana", "hello"))
    await harness.turns.handle(harness.incoming("ana", "English"))
    await harness.turns.handle(harness.incoming("ben", "hello"))
    await harness.channel.until(2)
    assert [person for person, _ in harness.channel.order] == ["ana", "ben"]
    await harness.outbox.stop()


async def test_what_would_wait_too_long_goes_to_the_lane_and_leaves_later_in_order(
    harness: Harness, skip: Skip
) -> None:
    expected = await _reference(harness)
    harness.channel.pace = EVERY_100
    await harness.receive_all("ana", TALK)
    assert harness.texts_to("ana") == expected[:1]
    for count in range(2, len(expected) + 1):
        await harness.engine().run_until_idle()
        assert harness.texts_to("ana") == expected[: count - 1]
        skip(100)
        await harness.engine().run_until_idle()
        assert harness.texts_to("ana") == expected[:count]
    rows = await harness.rows(select(messages.c.status, messages.c.attempts))
    assert {(row["status"], row["attempts"]) for row in rows} == {(MessageStatus.SENT, 1)}


async def test_news_for_a_chat_without_room_are_put_back_while_others_get_theirs(
    harness: Harness, skip: Skip
) -> None:
    harness.channel.pace = RateLimit(chat=0.01, chat_burst=9)
    await harness.subscribe("ben")
    for said in ("subscribe", "1", *["help"] * 9):
        if len(harness.texts_to("ana")) < 9:
            await harness.receive("ana", said, language="en")
    await harness.publish()
    await harness.engine().run_until_idle()
    assert [len(harness.texts_to(person)) for person in ("ana", "ben")] == [9, 1]
    query = select(copies.c.attempts, copies.c.due_at).where(copies.c.status == MessageStatus.QUEUED)
    (waiting,) = await harness.rows(query)
    assert waiting["attempts"] == 0
    assert waiting["due_at"] > harness.clock()
    skip(100)
    await harness.engine().run_until_idle()
    assert [len(harness.texts_to(person)) for person in ("ana", "ben")] == [10, 1]


@pytest.mark.parametrize(("rate", "at_once"), [(0.5, 1), (4, 1), (8, 2), (20, 5)])
async def test_a_batch_for_many_is_a_quarter_of_a_second_of_sending(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, rate: float, at_once: int
) -> None:
    await harness.subscribe(*(f"person{number}" for number in range(6)))
    await harness.publish()
    harness.channel.pace = RateLimit(bulk=rate)
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now)
    assert await harness.work_once(BULK) == pytest.approx(at_once / rate)
    assert len(harness.channel.order) == at_once
    assert await harness.work_once(BULK) == pytest.approx(at_once / rate)
    assert len(harness.channel.order) == at_once, "the next one has to wait"
    now += at_once / rate
    await harness.work_once(BULK)
    assert len(harness.channel.order) == min(6, 2 * at_once)


async def test_without_a_rate_everything_leaves_in_one_batch(harness: Harness) -> None:
    await harness.subscribe(*(f"person{number}" for number in range(6)))
    await harness.publish()
    await harness.work_once(BULK)
    assert len(harness.channel.order) == 6


async def test_replies_in_a_lane_are_not_held_to_the_pace_of_news(harness: Harness) -> None:
    harness.channel.pace = RateLimit(bulk=0.001)
    people = [f"person{number}" for number in range(6)]
    harness.channel.faults["person0"].append(Throttled("wait", 60, replies=True))
    await harness.receive("person0", "hello")
    for person in people[1:]:
        await harness.receive(person, "hello")
    assert harness.channel.order == []
    harness.clock.advance(minutes=2)
    async with asyncio.timeout(10):
        await harness.engine().run_until_idle()
    assert sorted(person for person, _ in harness.channel.order) == people
