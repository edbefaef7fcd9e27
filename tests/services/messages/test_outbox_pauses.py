"""The platform wants no more from our account for a while, or an operator has to mend something."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.channels.base import RateLimit
from assistant.domain.errors import Failure, Misconfigured, Throttled
from assistant.domain.lifecycle import MessageStatus
from assistant.services.messages.results import Pauses
from assistant.store.broadcasts import LANE as BULK
from assistant.store.lanes import REPLIES, Pause
from assistant.store.tables import messages
from tests.support.fakes.channel import StillClock
from tests.support.harness import House

pytestmark = pytest.mark.chance

Skip = Callable[[float], None]
ONE_AT_A_TIME = RateLimit(bulk=4)
TALK = ["hello", "English", "go"]


async def _reference(house: House) -> list[str]:
    """What a person reads over TALK where nothing holds it up."""
    await house.hear_all("reference", TALK)
    house.channel.order.clear()
    return house.read("reference")


async def _attempts(house: House) -> int:
    """How many attempts count for what waits."""
    query = select(messages.c.attempts).where(messages.c.status == MessageStatus.QUEUED)
    return sum(row["attempts"] for row in await house.rows(query))


# Only what goes to many


async def test_a_reply_that_meets_a_limit_stops_the_news_for_exactly_so_long(house: House) -> None:
    await house.subscribe("ana", "ben")
    await house.publish()
    house.channel.faults["ana"].append(Throttled("too much", 300))
    await house.hear("ana", "help")
    ends = house.clock() + timedelta(seconds=300)
    assert await house.pauses() == [Pause(BULK, ends, "too much")]
    fresh = await house.again()
    house.clock.pass_by(seconds=299.9)
    await fresh.engine().run_until_idle()
    assert house.channel.order == []
    house.clock.pass_by(seconds=0.1)
    assert await fresh.pauses() == []
    await fresh.engine().run_until_idle()
    assert [len(house.read(person)) for person in ("ana", "ben")] == [2, 1]


async def test_meanwhile_others_are_answered_and_the_reply_itself_is_tried_again_in_its_time(
    house: House,
) -> None:
    expected = await _reference(house)
    house.channel.faults["ana"].append(Throttled("too much", 300))
    await house.hear_all("ana", TALK)
    await house.hear_all("ben", TALK)
    assert (house.read("ana"), house.read("ben")) == ([], expected)
    assert await _attempts(house) == 0
    house.clock.pass_by(seconds=299)
    await house.engine().run_until_idle()
    assert house.read("ana") == []
    house.clock.pass_by(seconds=1)
    await house.engine().run_until_idle()
    assert house.read("ana") == expected


async def test_news_on_their_way_stop_when_a_reply_meets_a_limit(house: House, skip: Skip) -> None:
    await house.subscribe("ana", "ben", "eva")
    await house.publish()
    house.channel.pace = ONE_AT_A_TIME
    await house.step(BULK)
    house.channel.faults["eva"].append(Throttled("too much", 300))
    await house.hear("eva", "help")
    skip(1)
    assert await house.step(BULK) is None
    assert [person for person, _ in house.channel.order] == ["ana"]


# Replies too


async def test_nobody_is_written_to_while_replies_are_meant_too_and_all_leaves_in_order_then(
    house: House,
) -> None:
    expected = await _reference(house)
    house.channel.faults["ana"].append(Throttled("prove that you are human", 300, replies=True))
    await house.hear_all("ana", TALK)
    await house.hear_all("ben", TALK)
    await house.engine().run_until_idle()
    assert house.channel.order == []
    assert MessageStatus.SENDING not in await house.message_statuses()
    assert await _attempts(house) == 0
    house.clock.pass_by(seconds=299)
    await house.engine().run_until_idle()
    assert house.channel.order == []
    house.clock.pass_by(seconds=1)
    await house.engine().run_until_idle()
    assert (house.read("ana"), house.read("ben")) == (expected, expected)
    await house.hear("ben", "help")
    assert len(house.read("ben")) > len(expected), "at once again"


async def test_a_new_process_knows_that_it_must_not_answer(house: House) -> None:
    house.channel.faults["ana"].append(Throttled("prove that you are human", 300, replies=True))
    await house.hear("ana", "hello")
    fresh = await house.again()
    await fresh.hear("ben", "hello")
    await fresh.engine().run_until_idle()
    assert house.channel.order == []
    house.clock.pass_by(seconds=301)
    await fresh.engine().run_until_idle()
    assert sorted(person for person, _ in house.channel.order) == ["ana", "ben"]


async def test_the_operator_sees_what_ends_the_pause_and_then_all_leaves_at_once(house: House) -> None:
    expected = await _reference(house)
    await house.subscribe("eva")
    await house.publish()
    failure = Throttled("prove that you are human", 3600, replies=True, note="TOKEN-17")
    house.channel.faults["ana"].append(failure)
    await house.hear_all("ana", TALK)
    await house.hear_all("ben", TALK)
    await house.engine().run_until_idle()
    ends = house.clock() + timedelta(hours=1)
    assert await house.pauses() == [Pause(BULK, ends, "TOKEN-17"), Pause(REPLIES, ends, "TOKEN-17")]
    assert house.channel.order == []
    await house.lift()
    assert await house.pauses() == []
    await house.engine().run_until_idle()
    assert (house.read("ana"), house.read("ben")) == (expected, expected)
    assert len(house.read("eva")) == 1
    assert await house.hear("ben", "help")
    assert len(house.read("ben")) > len(expected), "at once again"


async def test_a_reply_that_waits_for_its_chats_pace_does_not_leave_into_a_pause(
    house: House, skip: Skip
) -> None:
    house.channel.pace = RateLimit(chat=0.2)
    await house.turns.handle(house.incoming("ana", "hello"))
    await house.channel.until(1)
    await house.turns.handle(house.incoming("ana", "English"))
    house.channel.faults["ben"].append(Throttled("too much", 300, replies=True))
    await house.turns.handle(house.incoming("ben", "hello"))
    while house.channel.faults["ben"]:  # noqa: ASYNC110
        await asyncio.sleep(0)
    skip(5)
    await house.outbox.settle()
    assert [person for person, _ in house.channel.order] == ["ana"]


# Several at once


async def test_of_two_pauses_the_longer_one_holds_whichever_comes_first(house: House) -> None:
    await house.hear_all("ana", ["hello"])
    await house.hear_all("ben", ["hello"])
    gate = house.channel.gate = asyncio.Event()
    house.channel.faults["ana"].append(Throttled("for long", 300, replies=True))
    house.channel.faults["ben"].append(Throttled("for a moment", 10, replies=True))
    for person in ("ana", "ben"):
        await house.turns.handle(house.incoming(person, "help"))
    gate.set()
    await house.outbox.settle()
    house.clock.pass_by(seconds=11)
    assert {pause.note for pause in await house.pauses()} == {"for long"}
    assert not house.outbox.flows(house.channel.line)
    house.clock.pass_by(seconds=290)
    assert house.outbox.flows(house.channel.line)


async def test_a_shorter_pause_for_replies_is_not_lost_beside_a_longer_one_for_news(house: House) -> None:
    await house.subscribe("ana", "ben")
    await house.publish()
    house.channel.faults["ana"].append(Throttled("news for long", 300))
    house.channel.faults["ben"].append(Throttled("all for a moment", 60, replies=True))
    await house.engine().run_until_idle()
    now = house.clock()
    assert await house.pauses() == [
        Pause(BULK, now + timedelta(seconds=300), "news for long"),
        Pause(REPLIES, now + timedelta(seconds=60), "all for a moment"),
    ]


def test_a_short_pause_that_is_heard_of_later_does_not_end_a_long_one(clock: StillClock) -> None:
    pauses = Pauses(clock)
    pauses.begin("memory:1", clock() + timedelta(seconds=300))
    pauses.begin("memory:1", clock() + timedelta(seconds=10))
    clock.pass_by(seconds=299)
    assert pauses.active("memory:1")
    clock.pass_by(seconds=1)
    assert not pauses.active("memory:1")


# What an operator has to mend


async def test_nothing_is_lost_while_a_setting_is_wrong(house: House) -> None:
    expected = await _reference(house)
    house.channel.faults["ana"].append(Misconfigured("the token is refused"))
    await house.hear_all("ana", TALK)
    await house.hear_all("ben", TALK)
    assert house.channel.order == []
    for _ in range(3):
        house.channel.faults["ana"].append(Misconfigured("the token is refused"))
        house.channel.faults["ben"].append(Misconfigured("the token is refused"))
        house.clock.pass_by(minutes=1)
        with pytest.raises(Failure, match="the token is refused"):
            await house.engine().run_until_idle()
    assert house.channel.order == []
    assert await _attempts(house) == 0
    assert {pause.note for pause in await house.pauses()} == {"the token is refused"}
    house.channel.faults.clear()
    house.clock.pass_by(minutes=1)
    await house.engine().run_until_idle()
    assert (house.read("ana"), house.read("ben")) == (expected, expected)


async def test_news_stop_at_the_first_sign_of_a_wrong_setting(house: House) -> None:
    people = ["ana", "ben", "eva"]
    await house.subscribe(*people)
    await house.publish()
    house.channel.pace = ONE_AT_A_TIME
    house.channel.faults["ana"].append(Misconfigured("the token is refused"))
    await house.engine().run_until_idle()
    assert house.channel.order == []
    assert await house.bulk_statuses() == [MessageStatus.QUEUED] * 3
    assert await _attempts(house) == 0
    house.clock.pass_by(minutes=1)
    await house.engine().run_until_idle()
    assert sorted(person for person, _ in house.channel.order) == people


@pytest.mark.parametrize("seconds", [0.5, 7, 86_400])
async def test_the_pause_is_as_long_as_the_platform_said(house: House, seconds: float) -> None:
    house.channel.faults["ana"].append(Throttled("too much", seconds, replies=True))
    await house.hear("ana", "hello")
    ends = house.clock() + timedelta(seconds=seconds)
    assert [pause.until for pause in await house.pauses()] == [ends, ends]
