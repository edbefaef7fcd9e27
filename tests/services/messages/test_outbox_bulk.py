"""Broadcast messages leave: at their pace, paused when told so, never twice."""

import asyncio

import pytest
from sqlalchemy import select

from assistant.channels.base import RateLimit
from assistant.domain.errors import Failure, Throttled, Unreachable
from assistant.domain.lanes import LaneLost
from assistant.domain.lifecycle import MessageStatus
from assistant.store.broadcasts import LANE as BULK
from assistant.store.tables import copies, lanes, subscriptions
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import Harness

pytestmark = pytest.mark.chance

ONE_AT_A_TIME = RateLimit(bulk=5)  # a second: a quarter of a second holds one
PEOPLE = ["ana", "ben", "eva", "ida"]


@pytest.fixture
async def published(harness: Harness) -> Harness:
    """A harness with four subscribers, for whom an update is queued."""
    await harness.subscribe(*PEOPLE)
    await harness.publish()
    return harness


async def test_every_subscriber_gets_the_update_once(published: Harness) -> None:
    await published.engine().run_until_idle()
    await published.engine().run_until_idle()
    assert [len(published.texts_to(person)) for person in PEOPLE] == [1, 1, 1, 1]
    assert await published.bulk_statuses() == [MessageStatus.SENT] * 4


async def test_a_pause_that_the_platform_asks_for_holds_for_the_whole_lane_and_the_next_process(
    published: Harness,
) -> None:
    published.channel.pace = ONE_AT_A_TIME
    published.channel.faults["ben"].append(Throttled("too many requests", 300))
    await published.engine().run_until_idle()
    assert [person for person, _ in published.channel.order] == ["ana"]
    fresh = await published.restarted()
    published.clock.advance(seconds=299)
    await fresh.engine().run_until_idle()
    assert [person for person, _ in published.channel.order] == ["ana"]
    published.clock.advance(seconds=2)
    await fresh.engine().run_until_idle()
    assert sorted(person for person, _ in published.channel.order) == PEOPLE


async def test_replies_go_on_while_a_bulk_lane_is_paused(published: Harness) -> None:
    published.channel.faults["ana"].append(Throttled("too many requests", 300))
    await published.engine().run_until_idle()
    await published.receive("ana", "help")
    assert "any time" in published.last_text_to("ana")


async def test_one_broken_chat_does_not_hold_up_the_others(published: Harness) -> None:
    published.channel.faults["ana"].extend(Failure("a short outage") for _ in range(3))
    await published.engine().run_until_idle()
    assert [len(published.texts_to(person)) for person in PEOPLE] == [0, 1, 1, 1]
    for _ in range(4):
        published.clock.advance(minutes=1)
        await published.engine().run_until_idle()
    assert [len(published.texts_to(person)) for person in PEOPLE] == [1, 1, 1, 1]


async def test_a_message_of_uncertain_fate_counts_as_unknown_and_is_not_sent_again(
    published: Harness,
) -> None:
    published.channel.faults["ana"].append(Failure("the line broke", uncertain=True))
    await published.engine().run_until_idle()
    published.clock.advance(days=1)
    await published.engine().run_until_idle()
    assert published.texts_to("ana") == []
    assert await published.bulk_statuses() == [MessageStatus.UNKNOWN, *[MessageStatus.SENT] * 3]


async def test_who_blocked_us_is_subscribed_no_more(published: Harness) -> None:
    published.channel.faults["ana"].append(Unreachable("the person blocked us"))
    await published.engine().run_until_idle()
    assert len(await published.rows(select(subscriptions))) == 3
    assert await published.bulk_statuses() == [MessageStatus.FAILED, *[MessageStatus.SENT] * 3]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Failure("the text is refused", permanent=True), "the text is refused"),
        (ZeroDivisionError(), "our error: ZeroDivisionError"),
    ],
)
async def test_what_cannot_be_sent_is_failed_with_its_reason(
    published: Harness, fault: Exception, reason: str
) -> None:
    published.channel.faults["ana"].append(fault)
    await published.engine().run_until_idle()
    (failed,) = await published.rows(select(copies).where(copies.c.status == MessageStatus.FAILED))
    assert failed["reason"] == reason
    assert len(await published.rows(select(subscriptions))) == 4


async def test_what_a_dead_process_left_sending_counts_as_unknown(published: Harness) -> None:
    gate = published.channel.gate = asyncio.Event()
    frozen = asyncio.create_task(published.work_once(BULK))
    await published.until_in_flight()
    fresh = await Harness.open(published.store, published.script, MemoryChannel(), published.clock)
    await fresh.engine().run_until_idle()
    assert fresh.channel.order == []
    assert await published.bulk_statuses() == [MessageStatus.UNKNOWN] * 4
    gate.set()
    await frozen
    assert await published.bulk_statuses() == [MessageStatus.UNKNOWN] * 4
    assert [len(published.texts_to(person)) for person in PEOPLE] == [1, 1, 1, 1]


async def test_who_took_the_lane_sends_the_rest_and_the_first_one_stops(published: Harness) -> None:
    published.channel.pace = ONE_AT_A_TIME
    gate = published.channel.gate = asyncio.Event()
    lane = await published.lane_of(BULK)
    await published.outbox.step(lane)
    await published.until_in_flight()
    fresh = await Harness.open(published.store, published.script, MemoryChannel(), published.clock)
    await fresh.engine().run_until_idle()
    gate.set()
    await published.outbox.settle()
    await asyncio.sleep(ONE_AT_A_TIME.bulk**-1)
    with pytest.raises(LaneLost):
        await published.outbox.step(lane)
    assert [person for person, _ in published.channel.order] == ["ana"]
    assert [person for person, _ in fresh.channel.order] == ["ben", "eva", "ida"]


async def test_who_unsubscribes_in_between_does_not_get_it(published: Harness) -> None:
    await published.receive("ben", "stop")
    await published.engine().run_until_idle()
    assert [person for person, _ in published.channel.order if person != "ben"] == ["ana", "eva", "ida"]
    assert len(published.texts_to("ben")) == 1
    assert MessageStatus.CANCELLED in await published.bulk_statuses()


async def test_a_lane_whose_channel_is_not_here_is_left_alone(published: Harness) -> None:
    elsewhere = await Harness.open(
        published.store, published.script, MemoryChannel("memory:2"), published.clock
    )
    async with asyncio.timeout(10):
        await elsewhere.engine().run_until_idle()
    assert await published.bulk_statuses() == [MessageStatus.QUEUED] * 4
    query = select(lanes.c.name).where(lanes.c.kind == "bulk", lanes.c.next_at.is_not(None))
    assert [row["name"] for row in await published.rows(query)] == ["memory:1"]
