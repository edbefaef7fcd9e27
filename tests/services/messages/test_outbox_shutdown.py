"""A process ends in good order: nothing is lost, nothing leaves twice."""

import asyncio

import pytest

from assistant.channels.base import RateLimit
from assistant.domain.lifecycle import MessageStatus
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import House

pytestmark = pytest.mark.chance

TALK = ["hello", "English", "go", "Ana Invented"]


async def test_what_is_in_flight_ends_and_the_rest_leaves_with_the_next_process_in_order(
    house: House,
) -> None:
    await house.hear_all("reference", TALK)
    gate = house.channel.gate = asyncio.Event()
    for said in TALK:
        for person in ("ana", "ben"):
            await house.turns.handle(house.incoming(person, said))
    stopping = asyncio.create_task(house.outbox.stop())
    await asyncio.sleep(0)
    gate.set()
    await stopping
    expected = house.read("reference")
    assert [house.read(person) for person in ("ana", "ben")] == [expected[:1]] * 2
    assert MessageStatus.SENDING not in await house.message_statuses()
    fresh = await house.again(channel=MemoryChannel())
    await fresh.engine().run_until_idle()
    assert [fresh.read(person) for person in ("ana", "ben")] == [expected[1:]] * 2
    assert set(await house.message_statuses()) == {MessageStatus.SENT}


async def test_a_reply_that_waits_for_its_chats_pace_is_put_back_at_once(house: House) -> None:
    house.channel.pace = RateLimit(chat=0.2)
    await house.turns.handle(house.incoming("ana", "hello"))
    await house.channel.until(1)
    await house.turns.handle(house.incoming("ana", "English"))
    await asyncio.sleep(0)
    await house.outbox.stop()
    assert len(house.read("ana")) == 1
    statuses = await house.message_statuses()
    assert statuses == [MessageStatus.SENT, *[MessageStatus.QUEUED] * (len(statuses) - 1)]
    house.channel.pace = RateLimit()
    fresh = await house.again()
    await fresh.engine().run_until_idle()
    assert len(house.read("ana")) == len(statuses)


async def test_a_turn_that_is_taken_while_the_process_ends_is_answered_by_the_next_one(house: House) -> None:
    await house.outbox.stop()
    await house.hear("ana", "hello")
    assert house.read("ana") == []
    assert await house.message_statuses() == [MessageStatus.QUEUED]
    fresh = await house.again()
    await fresh.engine().run_until_idle()
    assert len(house.read("ana")) == 1


async def test_nothing_in_flight_and_nothing_waiting_ends_at_once(house: House) -> None:
    await house.hear("ana", "hello")
    await house.outbox.stop()
    await house.outbox.stop()
    assert await house.message_statuses() == [MessageStatus.SENT]
