"""A process ends in good order: nothing is lost, nothing leaves twice."""

import asyncio

import pytest

from assistant.channels.base import RateLimit
from assistant.domain.lifecycle import MessageStatus
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import Harness

pytestmark = [pytest.mark.chance, pytest.mark.both_databases]

TALK = ["hello", "help", "English", "go", "Ana Invented"]  # "help" is answered in two messages


async def test_what_is_in_flight_ends_and_the_rest_leaves_with_the_next_process_in_order(
    harness: Harness,
) -> None:
    await harness.receive_all("reference", TALK)
    gate = harness.channel.gate = asyncio.Event()
    for said in TALK:
        for person in ("ana", "ben"):
            await harness.turns.handle(harness.incoming(person, said))
    stopping = asyncio.create_task(harness.outbox.stop())
    await asyncio.sleep(0)
    gate.set()
    await stopping
    expected = harness.texts_to("reference")
    assert [harness.texts_to(person) for person in ("ana", "ben")] == [expected[:1]] * 2
    assert MessageStatus.SENDING not in await harness.message_statuses()
    fresh = await harness.restarted(channel=MemoryChannel())
    await fresh.engine().run_until_idle()
    assert [fresh.texts_to(person) for person in ("ana", "ben")] == [expected[1:]] * 2
    assert set(await harness.message_statuses()) == {MessageStatus.SENT}


async def test_a_reply_that_waits_for_its_chats_pace_is_put_back_at_once(harness: Harness) -> None:
    harness.channel.pace = RateLimit(chat=0.2)
    await harness.turns.handle(harness.incoming("ana", "hello"))
    await harness.channel.until(1)
    await harness.turns.handle(harness.incoming("ana", "English"))
    await asyncio.sleep(0)
    await harness.outbox.stop()
    assert len(harness.texts_to("ana")) == 1
    statuses = await harness.message_statuses()
    assert statuses == [MessageStatus.SENT, *[MessageStatus.QUEUED] * (len(statuses) - 1)]
    harness.channel.pace = RateLimit()
    fresh = await harness.restarted()
    await fresh.engine().run_until_idle()
    assert len(harness.texts_to("ana")) == len(statuses)


async def test_a_turn_that_is_taken_while_the_process_ends_is_answered_by_the_next_one(
    harness: Harness,
) -> None:
    await harness.outbox.stop()
    await harness.receive("ana", "hello")
    assert harness.texts_to("ana") == []
    assert await harness.message_statuses() == [MessageStatus.QUEUED]
    fresh = await harness.restarted()
    await fresh.engine().run_until_idle()
    assert len(harness.texts_to("ana")) == 1


async def test_nothing_in_flight_and_nothing_waiting_ends_at_once(harness: Harness) -> None:
    await harness.receive("ana", "hello")
    await harness.outbox.stop()
    await harness.outbox.stop()
    assert await harness.message_statuses() == [MessageStatus.SENT]
