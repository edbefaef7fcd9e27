"""Replies leave: in order within a chat, whatever the channel does, and whoever dies."""

import asyncio

import pytest
from sqlalchemy import select, text

from assistant.domain.errors import Failure, ServerAway, Unreachable
from assistant.domain.lifecycle import MessageStatus
from assistant.services.messages import outbox, results, sender
from assistant.store.lanes import REPLIES
from assistant.store.tables import lanes, messages, subscriptions
from tests.support.chance import budget
from tests.support.database_faults import database_unwritable, lose_the_answer_to_the_next_commit
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import Harness

pytestmark = pytest.mark.chance

TALK = ["hello", "help", "English", "go", "Ana Invented"]  # "help" is answered in two messages


async def _reference(harness: Harness) -> list[str]:
    """What a person reads over TALK where nothing goes wrong."""
    await harness.receive_all("reference", TALK)
    return harness.texts_to("reference")


async def _catch_up(harness: Harness) -> None:
    for _ in range(30):
        harness.clock.advance(hours=1)
        await harness.engine().run_until_idle()


async def test_what_a_lane_has_claimed_in_a_commit_whose_answer_is_lost_is_sent_once(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.channel.faults["ana"].append(Failure("a short outage"))
    await harness.receive("ana", "hello", language="en")
    harness.clock.advance(hours=1)
    lane = await harness.lane_of(REPLIES)
    lose_the_answer_to_the_next_commit(harness.store, monkeypatch)
    with pytest.raises(ServerAway):
        await harness.outbox.step(lane)
    async with asyncio.timeout(10):
        while await harness.message_statuses() != [MessageStatus.SENT]:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.01)
    assert len(harness.texts_to("ana")) == 1


async def test_a_lane_that_waits_for_results_to_be_stored_says_why_they_are_not(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SETTLING", 0.5)
    gate = harness.channel.gate = asyncio.Event()
    await harness.turns.handle(harness.incoming("ana", "hello"))
    async with database_unwritable(harness.store):
        gate.set()
        async with asyncio.timeout(10):
            while harness.outbox._results.trouble is None:  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.01)
        with pytest.raises(Failure, match=r"The database .* failed"):
            await harness.lane_of(REPLIES)


@pytest.mark.parametrize("faults", [1, 2, 3, 5])
async def test_order_is_kept_where_the_channel_fails_for_a_while(harness: Harness, faults: int) -> None:
    expected = await _reference(harness)
    harness.channel.faults["ana"].extend(Failure("a short outage") for _ in range(faults))
    await harness.receive_all("ana", TALK)
    await _catch_up(harness)
    assert harness.texts_to("ana") == expected
    assert set(await harness.message_statuses()) == {MessageStatus.SENT}


async def test_later_replies_wait_behind_one_that_could_not_be_sent(harness: Harness) -> None:
    harness.channel.faults["ana"].append(Failure("a short outage"))
    await harness.receive_all("ana", TALK[:2])
    assert harness.texts_to("ana") == []
    assert set(await harness.message_statuses()) == {MessageStatus.QUEUED}


async def test_a_turn_right_after_a_failed_reply_does_not_overtake_it(harness: Harness) -> None:
    expected = await _reference(harness)
    harness.channel.faults["ana"].append(Failure("a short outage"))
    for said in TALK:  # faster than results are stored
        await harness.turns.handle(harness.incoming("ana", said))
    await harness.outbox.settle()
    await _catch_up(harness)
    assert harness.texts_to("ana") == expected


async def test_a_turn_does_not_overtake_a_reply_that_its_lane_is_sending(harness: Harness) -> None:
    expected = await _reference(harness)
    harness.channel.faults["ana"].append(Failure("a short outage"))
    await harness.receive("ana", TALK[0])
    harness.clock.advance(minutes=1)
    harness.channel.gate = asyncio.Event()
    engine = asyncio.create_task(harness.engine().run_until_idle())
    await harness.until_in_flight()
    await harness.turns.handle(harness.incoming("ana", TALK[1]))
    await asyncio.sleep(0.1)
    harness.channel.gate.set()
    harness.channel.gate = None
    await engine
    await harness.receive_all("ana", TALK[2:])
    await _catch_up(harness)
    assert harness.texts_to("ana") == expected


async def test_a_lane_with_nothing_but_waiting_messages_rests(harness: Harness) -> None:
    harness.channel.faults["ana"].append(Failure("a short outage", retry_after=600))
    await harness.receive_all("ana", TALK[:3])
    async with asyncio.timeout(10):
        await harness.engine().run_until_idle()
    (row,) = await harness.rows(select(lanes.c.next_at).where(lanes.c.kind == "replies"))
    assert row["next_at"] > harness.clock()


async def test_one_broken_chat_does_not_hold_up_another(harness: Harness) -> None:
    harness.channel.faults["ana"].extend(Failure("a short outage") for _ in range(9))
    await asyncio.gather(
        *(harness.turns.handle(harness.incoming(person, "hello")) for person in ("ana", "ben", "eva"))
    )
    await harness.outbox.settle()
    assert [len(harness.texts_to(person)) for person in ("ana", "ben", "eva")] == [0, 1, 1]


async def test_who_cannot_be_reached_any_more_gets_no_news_either(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    harness.channel.faults["ana"].append(Unreachable("the person blocked us"))
    await harness.receive("ana", "help")
    assert len(await harness.rows(select(subscriptions))) == 1
    (failed,) = await harness.rows(select(messages).where(messages.c.status == MessageStatus.FAILED))
    assert failed["reason"] == "the person blocked us"


async def test_a_permanent_failure_is_kept_with_its_reason_and_what_follows_is_sent(harness: Harness) -> None:
    harness.channel.faults["ana"].append(Failure("the message is too long", permanent=True))
    await harness.receive_all("ana", TALK[:2])
    (failed,) = await harness.rows(select(messages).where(messages.c.status == MessageStatus.FAILED))
    assert failed["reason"] == "the message is too long"
    assert len(harness.texts_to("ana")) == 2


async def test_an_error_of_our_own_fails_one_message_and_no_more(harness: Harness) -> None:
    harness.channel.faults["ana"].append(ZeroDivisionError())
    await harness.receive_all("ana", TALK[:2])
    (failed,) = await harness.rows(select(messages).where(messages.c.status == MessageStatus.FAILED))
    assert failed["reason"] == "our error: ZeroDivisionError"
    assert len(harness.texts_to("ana")) == 2


async def test_a_reply_of_uncertain_fate_is_sent_again(harness: Harness) -> None:
    harness.channel.faults["ana"].append(Failure("the line broke", uncertain=True))
    await harness.receive("ana", "hello")
    harness.clock.advance(minutes=1)
    await harness.engine().run_until_idle()
    assert len(harness.texts_to("ana")) == 1


async def test_a_reply_is_not_tried_for_ever(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "ATTEMPTS", budget(10, sender.ATTEMPTS))
    harness.channel.faults["ana"].extend(Failure("no line") for _ in range(200))
    await harness.receive("ana", "hello")
    for _ in range(sender.ATTEMPTS):
        harness.clock.advance(hours=1)
        await harness.engine().run_until_idle()
    assert await harness.message_statuses() == [MessageStatus.FAILED]
    assert len(harness.channel.faults["ana"]) == 200 - sender.ATTEMPTS


async def _stuck(harness: Harness, person: str, said: str) -> asyncio.Event:
    """Have a turn's replies get stuck on their way, as in a process that froze; the event lets them go."""
    gate = harness.channel.gate = asyncio.Event()
    await harness.turns.handle(harness.incoming(person, said))
    return gate


async def test_what_a_dead_process_left_sending_the_next_one_sends(harness: Harness) -> None:
    await harness.receive("ana", "hello")
    gate = await _stuck(harness, "ana", "help")
    fresh = await Harness.open(harness.store, harness.script, MemoryChannel(), harness.clock)
    await fresh.engine().run_until_idle()
    assert len(fresh.texts_to("ana")) == 2
    assert set(await harness.message_statuses()) == {MessageStatus.SENT}
    gate.set()
    await harness.outbox.settle()


async def test_a_process_that_lost_its_lane_can_finish_nothing(harness: Harness) -> None:
    gate = await _stuck(harness, "ana", "hello")
    fresh = await Harness.open(harness.store, harness.script, MemoryChannel(), harness.clock)
    harness.channel.faults["ana"].append(Failure("it would be marked failed", permanent=True))
    gate.set()
    await harness.outbox.settle()
    assert await harness.message_statuses() == [MessageStatus.QUEUED]
    await fresh.engine().run_until_idle()
    assert await harness.message_statuses() == [MessageStatus.SENT]


async def test_turns_of_a_process_that_lost_its_lane_are_left_to_the_holder(harness: Harness) -> None:
    holder = await Harness.open(harness.store, harness.script, MemoryChannel(), harness.clock)
    await harness.receive("ana", "hello")
    assert harness.texts_to("ana") == []
    assert await harness.message_statuses() == [MessageStatus.QUEUED]
    await holder.engine().run_until_idle()
    assert len(holder.texts_to("ana")) == 1


async def test_a_reply_for_the_holder_that_waits_behind_one_being_sent_is_not_lost(harness: Harness) -> None:
    holder = await harness.restarted()
    await holder.receive("ana", "hello")
    gate = await _stuck(holder, "ana", "help")
    await harness.turns.handle(harness.incoming("ana", "English"))
    await holder.engine().run_until_idle()
    gate.set()
    holder.channel.gate = None
    await holder.outbox.settle()
    holder.clock.advance(seconds=2)
    await holder.engine().run_until_idle()
    assert "Norma Cruz" in holder.last_text_to("ana")


async def test_results_that_could_not_be_stored_are_stored_later(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "STORE_RETRY", 0.05)
    gate = await _stuck(harness, "ana", "hello")
    async with harness.store.write() as tx:
        await tx.connection.execute(text("ALTER TABLE messages RENAME TO messages_away"))
    gate.set()
    await harness.channel.until(1)
    await asyncio.sleep(0.15)
    async with harness.store.write() as tx:
        await tx.connection.execute(text("ALTER TABLE messages_away RENAME TO messages"))
    await harness.outbox.settle()
    assert await harness.message_statuses() == [MessageStatus.SENT]


async def test_settling_ends_where_the_database_stays_away(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "STORE_RETRY", 0.01)
    gate = await _stuck(harness, "ana", "hello")
    async with harness.store.write() as tx:
        await tx.connection.execute(text("ALTER TABLE messages RENAME TO messages_away"))
    gate.set()
    async with asyncio.timeout(10):
        await harness.outbox.settle()
