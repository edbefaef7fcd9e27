"""News that are worthless by now, and lanes that rest."""

import asyncio

import pytest
from sqlalchemy import select

from assistant.channels.base import RateLimit
from assistant.domain.broadcasts import CopyStatus
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.store.broadcasts import LANE as BULK
from assistant.store.tables import copies, lanes
from tests.support.harness import Harness

pytestmark = pytest.mark.chance

PEOPLE = ["ana", "ben", "eva", "ida"]
SENT, QUEUED, EXPIRED = MessageStatus.SENT, MessageStatus.QUEUED, MessageStatus.EXPIRED


async def _published(harness: Harness, hours: int | None = None) -> int:
    await harness.subscribe(*PEOPLE)
    return await harness.publish(hours=hours)


async def _bulk_lane_rests(harness: Harness) -> bool:
    (row,) = await harness.rows(select(lanes.c.next_at).where(lanes.c.kind == BULK))
    return row["next_at"] is None


async def test_news_that_are_worthless_by_now_are_never_sent_and_their_lane_ends(harness: Harness) -> None:
    number = await _published(harness, hours=1)
    harness.clock.advance(hours=1)
    async with asyncio.timeout(10):
        await harness.engine().run_until_idle()
    assert harness.channel.order == []
    assert await harness.bulk_statuses() == [EXPIRED] * 4
    assert await _bulk_lane_rests(harness)
    ended = await harness.broadcast(number)
    assert (ended.status, ended.recipients, await harness.tally(number)) == (BroadcastStatus.EXPIRED, 4, {})


async def test_news_that_become_worthless_halfway_reach_no_more_people(harness: Harness) -> None:
    number = await _published(harness, hours=1)
    harness.channel.pace = RateLimit(bulk=4)
    await harness.work_once(BULK)
    harness.clock.advance(minutes=61)
    await harness.engine().run_until_idle()
    assert await harness.bulk_statuses() == [SENT, *[EXPIRED] * 3]
    assert await harness.tally(number) == {CopyStatus.SENT: 1}
    assert len(harness.channel.order) == 1


async def test_news_are_sent_until_they_are_worthless(harness: Harness) -> None:
    await _published(harness, hours=1)
    harness.clock.advance(minutes=59.99)
    await harness.engine().run_until_idle()
    assert await harness.bulk_statuses() == [SENT] * 4


async def test_expired_news_hold_up_no_other_news(harness: Harness) -> None:
    await _published(harness, hours=1)
    harness.clock.advance(minutes=61)
    await harness.publish("2012-01-23-action-day")
    await harness.engine().run_until_idle()
    assert [len(harness.texts_to(person)) for person in PEOPLE] == [1, 1, 1, 1]
    assert await harness.bulk_statuses() == [*[EXPIRED] * 4, *[SENT] * 4]


async def test_a_message_that_waits_for_another_try_expires_too(harness: Harness) -> None:
    await _published(harness, hours=1)
    harness.channel.faults["ana"].append(Failure("a short outage", retry_after=3600))
    await harness.engine().run_until_idle()
    harness.clock.advance(hours=2)
    await harness.engine().run_until_idle()
    assert await harness.bulk_statuses() == [EXPIRED, *[SENT] * 3]


async def test_who_wrote_lately_hears_the_news_first(harness: Harness) -> None:
    await harness.subscribe(*PEOPLE)
    harness.clock.advance(days=40)
    await harness.receive("ida", "help")
    harness.clock.advance(days=3)
    await harness.receive("eva", "help")
    harness.channel.order.clear()
    await harness.publish()
    harness.channel.pace = RateLimit(bulk=4)
    await harness.engine().run_until_idle()
    assert [person for person, _ in harness.channel.order] == ["eva", "ida", "ana", "ben"]


async def test_a_lane_of_which_a_whole_batch_fails_rests(harness: Harness) -> None:
    await _published(harness)
    harness.channel.pace = RateLimit(bulk=8)
    for person in PEOPLE[:2]:
        harness.channel.faults[person].append(Failure("the line is down"))
    with pytest.raises(Failure, match="the line is down"):
        await harness.engine().run_until_idle()
    assert harness.channel.order == [], "the others are not even tried"
    attempts = await harness.rows(select(copies.c.attempts).order_by(copies.c.chat_id))
    assert [row["attempts"] for row in attempts] == [1, 1, 0, 0]
    harness.clock.advance(minutes=1)
    await harness.engine().run_until_idle()
    assert await harness.bulk_statuses() == [SENT] * 4


async def test_a_lane_does_not_rest_for_the_trouble_of_one_chat(harness: Harness) -> None:
    await _published(harness)
    harness.channel.pace = RateLimit(bulk=4)
    harness.channel.faults["ana"].append(Failure("that chat is broken"))
    await harness.engine().run_until_idle()
    assert await harness.bulk_statuses() == [QUEUED, *[SENT] * 3]
