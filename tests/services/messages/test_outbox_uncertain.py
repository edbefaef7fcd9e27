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
from tests.support.database_faults import tables_away
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import House

SENT, QUEUED, UNKNOWN = MessageStatus.SENT, MessageStatus.QUEUED, MessageStatus.UNKNOWN
TALK = ["hello", "English", "go"]


async def _rows(house: House) -> list[tuple[Any, ...]]:  # Any: column values
    """Every message's status, and whether it is in doubt."""
    found = await house.rows(select(messages.c.status, messages.c.doubtful).order_by(messages.c.id))
    return [(row["status"], row["doubtful"]) for row in found]


async def test_a_reply_that_must_not_be_repeated_is_unknown_and_the_next_ones_follow(house: House) -> None:
    await house.hear_all("reference", TALK)
    expected = house.read("reference")
    await house.hear("ana", TALK[0])
    house.channel.faults["ana"].append(Failure("the line broke", uncertain=True, permanent=True))
    await house.hear_all("ana", TALK[1:])
    house.clock.pass_by(days=1)
    await house.engine().run_until_idle()
    assert house.read("ana") == [expected[0], *expected[2:]]
    assert (await _rows(house)).count((UNKNOWN, True)) == 1
    assert MessageStatus.QUEUED not in await house.message_statuses()


async def test_a_reply_that_may_have_arrived_is_repeated_and_marked(house: House) -> None:
    house.channel.faults["ana"].append(Failure("the line broke", uncertain=True))
    await house.hear("ana", "hello")
    assert await _rows(house) == [(QUEUED, True)]
    house.clock.pass_by(minutes=1)
    await house.engine().run_until_idle()
    assert await _rows(house) == [(SENT, True)], "the mark stays"
    assert len(house.read("ana")) == 1


async def test_a_reply_that_certainly_did_not_arrive_is_not_marked(house: House) -> None:
    house.channel.faults["ana"].append(Failure("no line"))
    await house.hear("ana", "hello")
    house.clock.pass_by(minutes=1)
    await house.engine().run_until_idle()
    assert await _rows(house) == [(SENT, False)]


async def test_a_limit_met_after_something_was_sent_is_unknown_and_pauses_the_account(house: House) -> None:
    house.channel.faults["ana"].append(Throttled("too much", 300, replies=True, uncertain=True))
    await house.hear("ana", "hello")
    assert await _rows(house) == [(UNKNOWN, True)]
    assert [pause.kind for pause in await house.pauses()] == [BULK, REPLIES]
    house.clock.pass_by(seconds=301)
    await house.engine().run_until_idle()
    assert house.read("ana") == []
    await house.hear("ana", "hello")
    assert len(house.read("ana")) == 1


async def test_an_uncertain_limit_stops_the_news_behind_it(house: House) -> None:
    await house.subscribe("ana", "ben")
    await house.publish()
    house.channel.faults["ana"].append(Throttled("too much", 300, uncertain=True))
    await house.engine().run_until_idle()
    assert [pause.kind for pause in await house.pauses()] == [BULK]
    assert await house.bulk_statuses() == [UNKNOWN, SENT]


async def test_what_a_dead_process_left_on_its_way_is_sent_again_and_marked(house: House) -> None:
    gate = house.channel.gate = asyncio.Event()
    await house.turns.handle(house.incoming("ana", "hello"))
    fresh = await house.again(channel=MemoryChannel())
    assert await _rows(house) == [(QUEUED, True)]
    await fresh.engine().run_until_idle()
    assert await _rows(house) == [(SENT, True)]
    assert len(fresh.read("ana")) == 1
    gate.set()
    await house.outbox.settle()


async def test_what_a_lane_sent_while_the_database_was_away_is_stored_when_it_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "STORE_RETRY", 0.001)
    house.channel.faults["ana"].append(Failure("no line"))
    await house.hear("ana", "hello")
    house.clock.pass_by(minutes=1)
    gate = house.channel.gate = asyncio.Event()
    engine = asyncio.create_task(house.engine().run_until_idle())
    await house.until_sending()
    async with tables_away(house.store):
        gate.set()
        with pytest.raises(Failure):
            await engine
        await house.outbox.settle()
    await house.hear("ben", "hello")
    assert await _rows(house) == [(SENT, False)] * 2
    assert [len(house.read(person)) for person in ("ana", "ben")] == [1, 1]
