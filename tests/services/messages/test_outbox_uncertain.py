"""What may have arrived all the same: sent again where that is allowed, and always marked."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from assistant.domain.errors import Failure, Throttled
from assistant.domain.lifecycle import MessageStatus
from assistant.services.messages import results
from assistant.store.broadcasts import LANE as BULK
from assistant.store.lanes import REPLIES
from assistant.store.tables import messages
from tests.support.database_faults import database_unwritable
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import Harness

SENT, QUEUED, UNKNOWN = MessageStatus.SENT, MessageStatus.QUEUED, MessageStatus.UNKNOWN
TALK = ["hello", "help", "English", "go"]  # "help" is answered in two messages


async def _rows(harness: Harness) -> list[tuple[Any, ...]]:  # Any: column values
    """Every message's status, and whether it is in doubt."""
    found = await harness.rows(select(messages.c.status, messages.c.doubtful).order_by(messages.c.id))
    return [(row["status"], row["doubtful"]) for row in found]


async def test_a_reply_that_must_not_be_repeated_is_unknown_and_the_next_ones_follow(
    harness: Harness,
) -> None:
    await harness.receive_all("reference", TALK)
    expected = harness.texts_to("reference")
    await harness.receive("ana", TALK[0])
    harness.channel.faults["ana"].append(Failure("the line broke", uncertain=True, permanent=True))
    await harness.receive_all("ana", TALK[1:])
    harness.clock.advance(days=1)
    await harness.engine().run_until_idle()
    assert harness.texts_to("ana") == [expected[0], *expected[2:]]
    assert (await _rows(harness)).count((UNKNOWN, True)) == 1
    assert MessageStatus.QUEUED not in await harness.message_statuses()


async def test_a_reply_that_may_have_arrived_is_repeated_and_marked(harness: Harness) -> None:
    harness.channel.faults["ana"].append(Failure("the line broke", uncertain=True))
    await harness.receive("ana", "hello")
    assert await _rows(harness) == [(QUEUED, True)]
    harness.clock.advance(minutes=1)
    await harness.engine().run_until_idle()
    assert await _rows(harness) == [(SENT, True)], "the mark stays"
    assert len(harness.texts_to("ana")) == 1


async def test_a_reply_that_certainly_did_not_arrive_is_not_marked(harness: Harness) -> None:
    harness.channel.faults["ana"].append(Failure("no line"))
    await harness.receive("ana", "hello")
    harness.clock.advance(minutes=1)
    await harness.engine().run_until_idle()
    assert await _rows(harness) == [(SENT, False)]


async def test_a_limit_met_after_something_was_sent_is_unknown_and_pauses_the_account(
    harness: Harness,
) -> None:
    harness.channel.faults["ana"].append(Throttled("too much", 300, replies=True, uncertain=True))
    await harness.receive("ana", "hello")
    assert await _rows(harness) == [(UNKNOWN, True)]
    assert [pause.kind for pause in await harness.pauses()] == [BULK, REPLIES]
    harness.clock.advance(seconds=301)
    await harness.engine().run_until_idle()
    assert harness.texts_to("ana") == []
    await harness.receive("ana", "hello")
    assert len(harness.texts_to("ana")) == 1


async def test_an_uncertain_limit_stops_the_news_behind_it(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    await harness.publish()
    harness.channel.faults["ana"].append(Throttled("too much", 300, uncertain=True))
    await harness.engine().run_until_idle()
    assert [pause.kind for pause in await harness.pauses()] == [BULK]
    assert await harness.bulk_statuses() == [UNKNOWN, SENT]


async def test_what_a_dead_process_left_on_its_way_is_sent_again_and_marked(harness: Harness) -> None:
    gate = harness.channel.gate = asyncio.Event()
    await harness.turns.handle(harness.incoming("ana", "hello"))
    fresh = await harness.restarted(channel=MemoryChannel())
    assert await _rows(harness) == [(QUEUED, True)]
    await fresh.engine().run_until_idle()
    assert await _rows(harness) == [(SENT, True)]
    assert len(fresh.texts_to("ana")) == 1
    gate.set()
    await harness.outbox.settle()


async def test_what_a_lane_sent_while_the_database_was_away_is_stored_when_it_is_back(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "STORE_RETRY", 0.001)
    harness.channel.faults["ana"].append(Failure("no line"))
    await harness.receive("ana", "hello")
    harness.clock.advance(minutes=1)
    gate = harness.channel.gate = asyncio.Event()
    engine = asyncio.create_task(harness.engine().run_until_idle())
    await harness.until_in_flight()
    async with database_unwritable(harness.store):
        gate.set()
        with pytest.raises(Failure):
            await engine
        await harness.outbox.settle()
    await harness.receive("ben", "hello")
    assert await _rows(harness) == [(SENT, False)] * 2
    assert [len(harness.texts_to(person)) for person in ("ana", "ben")] == [1, 1]
