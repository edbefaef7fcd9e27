"""Two transactions want the same row: whoever comes second sees what the first one did."""

import asyncio

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane
from assistant.domain.letters import SignedLetter
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.store import chats as chat_store
from assistant.store import copies, lanes, letter_queue, letters, message_queue, messages, subscriptions
from assistant.store.tables import copies as copy_table
from assistant.store.tables import lanes as lane_table
from tests.support.harness import LETTER, Harness
from tests.support.letter_claims import claim as claim_letters

pytestmark = [pytest.mark.chance, pytest.mark.both_databases]


def awake(_country: str | None, _language: str | None) -> None:
    """No reader sleeps."""


async def _take(harness: Harness, kind: str) -> Lane:
    (row,) = await harness.rows(select(lane_table).where(lane_table.c.kind == kind))
    async with harness.store.write() as tx:
        return await lanes.take(tx, Lane(row["id"], kind, row["name"]))


async def test_a_letter_is_not_claimed_that_is_cancelled_at_the_same_moment(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    lane = await _take(harness, letters.LANE)

    async def claim() -> list[SignedLetter]:
        async with harness.store.write() as tx:
            await lanes.fence(tx, lane)
            return await claim_letters(tx, lane, harness.clock(), 10)

    async with harness.store.write() as tx:
        (chat,) = await chat_store.open_chats(tx, [harness.channel.address("ana")], harness.clock().date())
        await letters.cancel_unsent(tx, [chat.id], harness.clock())
        claiming = asyncio.create_task(claim())
        await asyncio.sleep(0.1)
    assert await claiming == []
    assert await harness.letter_statuses() == [LetterStatus.CANCELLED]


async def test_news_are_not_claimed_for_who_unsubscribes_at_the_same_moment(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    await harness.publish()
    lane = await _take(harness, "bulk")

    async def claim() -> list[messages.Ready]:
        async with harness.store.write() as tx:
            await lanes.fence(tx, lane)
            return await message_queue.claim(tx, lane, harness.clock(), 10, awake)

    async with harness.store.write() as tx:
        await subscriptions.unsubscribe(tx, [1])
        claiming = asyncio.create_task(claim())
        await asyncio.sleep(0.1)
    assert [message.address.person for message in await claiming] == ["ben"]
    assert await harness.bulk_statuses() == [MessageStatus.CANCELLED, MessageStatus.SENDING]


async def test_of_two_who_claim_at_once_each_message_goes_to_one(harness: Harness) -> None:
    await harness.subscribe("ana", "ben", "eva")
    await harness.publish()
    lane = await _take(harness, "bulk")

    async def claim() -> list[int]:
        async with harness.store.write() as tx:
            await lanes.fence(tx, lane)
            return [
                message.chat_id for message in await message_queue.claim(tx, lane, harness.clock(), 2, awake)
            ]

    first, second = await asyncio.gather(claim(), claim())
    assert sorted((len(first), len(second))) == [1, 2]
    assert not set(first) & set(second)


async def test_a_reply_is_not_put_back_while_a_turn_of_its_chat_takes_it_to_be_on_its_way(
    harness: Harness,
) -> None:
    """Or what that turn says would leave at once, before it."""
    gate = harness.channel.gate = asyncio.Event()
    harness.channel.faults["ana"].append(Failure("no line"))
    await harness.turns.handle(harness.incoming("ana", "hello"))
    async with harness.store.write() as tx:
        people, ours = [harness.channel.address("ana")], harness.outbox.reply_lanes()
        (chat,) = await chat_store.open_chats(tx, people, harness.clock().date(), ours)
        assert not chat.waiting
        gate.set()
        settling = asyncio.create_task(harness.outbox.settle())
        await asyncio.sleep(0.3)
        assert not settling.done()
    await settling
    assert (await harness.chat("ana")).waiting


async def test_who_takes_a_lane_and_who_puts_a_reply_of_it_back_do_not_wait_for_each_other(
    harness: Harness,
) -> None:
    gate = harness.channel.gate = asyncio.Event()
    harness.channel.faults["ana"].append(Failure("no line"))
    await harness.turns.handle(harness.incoming("ana", "hello"))
    with capture_logs() as logged:
        async with harness.store.write() as tx:
            taken = await lanes.take(tx, harness.outbox.reply_lane(harness.channel.account))
            gate.set()
            settling = asyncio.create_task(harness.outbox.settle())
            await asyncio.sleep(0.3)
            await messages.recover(tx, taken, harness.clock())
        await settling
    assert not [each for each in logged if each["log_level"] == "error"]
    assert await harness.message_statuses() == [MessageStatus.QUEUED]


async def test_late_results_change_nothing_that_was_settled_meanwhile(harness: Harness) -> None:
    await harness.subscribe("ana")
    await harness.publish()
    lane = await _take(harness, "bulk")
    async with harness.store.write() as tx:
        (ready,) = await message_queue.claim(tx, lane, harness.clock(), 1, awake)
        await tx.connection.execute(update(copy_table).values(status=MessageStatus.UNKNOWN))
    async with harness.store.write() as tx:
        await copies.finish(tx, [messages.Done(message=ready, status=MessageStatus.SENT)])
    assert await harness.bulk_statuses() == [MessageStatus.UNKNOWN]


async def test_who_changes_a_letter_and_who_marks_it_do_not_wait_for_each_other(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "change", "name", "Ana Otherwise"])
    lane = await _take(harness, letters.LANE)
    held = asyncio.Event()

    async def mark() -> int:
        async with harness.store.write() as tx:
            await lanes.fence(tx, lane)
            held.set()
            await asyncio.sleep(0.3)
            return len(await letter_queue.mark(tx, lane, [1], harness.clock()))

    marking = asyncio.create_task(mark())
    await held.wait()
    await harness.receive("ana", "send")
    assert await marking == 1
    assert "has been sent" in harness.last_text_to("ana")
    assert await harness.letter_statuses() == [LetterStatus.SUBMITTING]
