"""News that are worthless by now, and lanes that rest."""

import asyncio

import pytest
from sqlalchemy import select

from assistant.channels.base import RateLimit
from assistant.domain.broadcasts import CopyStatus
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.store.broadcasts import LANE as BULK
from assistant.store.tables import lanes, messages
from tests.support.harness import House

pytestmark = pytest.mark.chance

PEOPLE = ["ana", "ben", "eva", "ida"]
SENT, QUEUED, EXPIRED = MessageStatus.SENT, MessageStatus.QUEUED, MessageStatus.EXPIRED


async def _published(house: House, hours: int | None = None) -> int:
    await house.subscribe(*PEOPLE)
    return await house.publish(hours=hours)


async def _bulk_lane_rests(house: House) -> bool:
    (row,) = await house.rows(select(lanes.c.next_at).where(lanes.c.kind == BULK))
    return row["next_at"] is None


async def test_news_that_are_worthless_by_now_are_never_sent_and_their_lane_ends(house: House) -> None:
    number = await _published(house, hours=1)
    house.clock.pass_by(hours=1)
    async with asyncio.timeout(10):
        await house.engine().run_until_idle()
    assert house.channel.order == []
    assert await house.bulk_statuses() == [EXPIRED] * 4
    assert await _bulk_lane_rests(house)
    ended = await house.broadcast(number)
    assert (ended.status, ended.recipients, await house.tally(number)) == (BroadcastStatus.EXPIRED, 4, {})


async def test_news_that_become_worthless_halfway_reach_no_more_people(house: House) -> None:
    number = await _published(house, hours=1)
    house.channel.pace = RateLimit(bulk=4)
    await house.step(BULK)
    house.clock.pass_by(minutes=61)
    await house.engine().run_until_idle()
    assert await house.bulk_statuses() == [SENT, *[EXPIRED] * 3]
    assert await house.tally(number) == {CopyStatus.SENT: 1}
    assert len(house.channel.order) == 1


async def test_news_are_sent_until_they_are_worthless(house: House) -> None:
    await _published(house, hours=1)
    house.clock.pass_by(minutes=59.99)
    await house.engine().run_until_idle()
    assert await house.bulk_statuses() == [SENT] * 4


async def test_expired_news_hold_up_no_other_news(house: House) -> None:
    await _published(house, hours=1)
    house.clock.pass_by(minutes=61)
    await house.publish("2012-01-23-action-day")
    await house.engine().run_until_idle()
    assert [len(house.read(person)) for person in PEOPLE] == [1, 1, 1, 1]
    assert await house.bulk_statuses() == [*[EXPIRED] * 4, *[SENT] * 4]


async def test_a_message_that_waits_for_another_try_expires_too(house: House) -> None:
    await _published(house, hours=1)
    house.channel.faults["ana"].append(Failure("a short outage", retry_after=3600))
    await house.engine().run_until_idle()
    house.clock.pass_by(hours=2)
    await house.engine().run_until_idle()
    assert await house.bulk_statuses() == [EXPIRED, *[SENT] * 3]


async def test_who_wrote_lately_hears_the_news_first(house: House) -> None:
    await house.subscribe(*PEOPLE)
    house.clock.pass_by(days=40)
    await house.hear("ida", "help")
    house.clock.pass_by(days=3)
    await house.hear("eva", "help")
    house.channel.order.clear()
    await house.publish()
    house.channel.pace = RateLimit(bulk=4)
    await house.engine().run_until_idle()
    assert [person for person, _ in house.channel.order] == ["eva", "ida", "ana", "ben"]


async def test_a_lane_of_which_a_whole_batch_fails_rests(house: House) -> None:
    await _published(house)
    house.channel.pace = RateLimit(bulk=8)
    for person in PEOPLE[:2]:
        house.channel.faults[person].append(Failure("the line is down"))
    with pytest.raises(Failure, match="the line is down"):
        await house.engine().run_until_idle()
    assert house.channel.order == [], "the others are not even tried"
    query = select(messages.c.attempts).order_by(messages.c.id)
    attempts = await house.rows(query.where(messages.c.broadcast_id.is_not(None)))
    assert [row["attempts"] for row in attempts] == [1, 1, 0, 0]
    house.clock.pass_by(minutes=1)
    await house.engine().run_until_idle()
    assert await house.bulk_statuses() == [SENT] * 4


async def test_a_lane_does_not_rest_for_the_trouble_of_one_chat(house: House) -> None:
    await _published(house)
    house.channel.pace = RateLimit(bulk=4)
    house.channel.faults["ana"].append(Failure("that chat is broken"))
    await house.engine().run_until_idle()
    assert await house.bulk_statuses() == [QUEUED, *[SENT] * 3]
