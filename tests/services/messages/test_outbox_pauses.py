"""The platform wants no more from our account for a while, or an operator has to mend something."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.channels.base import RateLimit
from assistant.domain.errors import Failure, Misconfigured, Throttled
from assistant.domain.lanes import Pause
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Account
from assistant.services.messages.results import Pauses
from assistant.store.broadcasts import LANE as BULK
from assistant.store.lanes import REPLIES
from assistant.store.tables import messages
from tests.support.fakes.channel import FakeClock
from tests.support.harness import Harness

pytestmark = pytest.mark.chance

Skip = Callable[[float], None]
ONE_AT_A_TIME = RateLimit(bulk=4)
TALK = ["hello", "help", "English", "go"]  # "help" is answered in two messages


async def _reference(harness: Harness) -> list[str]:
    """What a person reads over TALK where nothing holds it up."""
    await harness.receive_all("reference", TALK)
    harness.channel.order.clear()
    return harness.texts_to("reference")


async def _attempts(harness: Harness) -> int:
    """How many attempts count for what waits."""
    query = select(messages.c.attempts).where(messages.c.status == MessageStatus.QUEUED)
    return sum(row["attempts"] for row in await harness.rows(query))


# Only what goes to many


async def test_a_reply_that_meets_a_limit_stops_the_news_for_exactly_so_long(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    await harness.publish()
    harness.channel.faults["ana"].append(Throttled("too much", 300))
    await harness.receive("ana", "help")
    ends = harness.clock() + timedelta(seconds=300)
    assert await harness.pauses() == [Pause(BULK, ends, "too much")]
    fresh = await harness.restarted()
    harness.clock.advance(seconds=299.9)
    await fresh.engine().run_until_idle()
    assert harness.channel.order == []
    harness.clock.advance(seconds=0.1)
    assert await fresh.pauses() == []
    await fresh.engine().run_until_idle()
    assert [len(harness.texts_to(person)) for person in ("ana", "ben")] == [2, 1]


async def test_meanwhile_others_are_answered_and_the_reply_itself_is_tried_again_in_its_time(
    harness: Harness,
) -> None:
    expected = await _reference(harness)
    harness.channel.faults["ana"].append(Throttled("too much", 300))
    await harness.receive_all("ana", TALK)
    await harness.receive_all("ben", TALK)
    assert (harness.texts_to("ana"), harness.texts_to("ben")) == ([], expected)
    assert await _attempts(harness) == 0
    harness.clock.advance(seconds=299)
    await harness.engine().run_until_idle()
    assert harness.texts_to("ana") == []
    harness.clock.advance(seconds=1)
    await harness.engine().run_until_idle()
    assert harness.texts_to("ana") == expected


async def test_news_on_their_way_stop_when_a_reply_meets_a_limit(harness: Harness, skip: Skip) -> None:
    await harness.subscribe("ana", "ben", "eva")
    await harness.publish()
    harness.channel.pace = ONE_AT_A_TIME
    await harness.work_once(BULK)
    harness.channel.faults["eva"].append(Throttled("too much", 300))
    await harness.receive("eva", "help")
    skip(1)
    assert await harness.work_once(BULK) is None
    assert [person for person, _ in harness.channel.order] == ["ana"]


# Replies too


async def test_nobody_is_written_to_while_replies_are_meant_too_and_all_leaves_in_order_then(
    harness: Harness,
) -> None:
    expected = await _reference(harness)
    harness.channel.faults["ana"].append(Throttled("prove that you are human", 300, replies=True))
    await harness.receive_all("ana", TALK)
    await harness.receive_all("ben", TALK)
    await harness.engine().run_until_idle()
    assert harness.channel.order == []
    assert MessageStatus.SENDING not in await harness.message_statuses()
    assert await _attempts(harness) == 0
    harness.clock.advance(seconds=299)
    await harness.engine().run_until_idle()
    assert harness.channel.order == []
    harness.clock.advance(seconds=1)
    await harness.engine().run_until_idle()
    assert (harness.texts_to("ana"), harness.texts_to("ben")) == (expected, expected)
    await harness.receive("ben", "help")
    assert len(harness.texts_to("ben")) > len(expected), "at once again"


async def test_a_new_process_knows_that_it_must_not_answer(harness: Harness) -> None:
    harness.channel.faults["ana"].append(Throttled("prove that you are human", 300, replies=True))
    await harness.receive("ana", "hello")
    fresh = await harness.restarted()
    await fresh.receive("ben", "hello")
    await fresh.engine().run_until_idle()
    assert harness.channel.order == []
    harness.clock.advance(seconds=301)
    await fresh.engine().run_until_idle()
    assert sorted(person for person, _ in harness.channel.order) == ["ana", "ben"]


async def test_the_operator_sees_what_ends_the_pause_and_then_all_leaves_at_once(harness: Harness) -> None:
    expected = await _reference(harness)
    await harness.subscribe("eva")
    await harness.publish()
    failure = Throttled("prove that you are human", 3600, replies=True, note="TOKEN-17")
    harness.channel.faults["ana"].append(failure)
    await harness.receive_all("ana", TALK)
    await harness.receive_all("ben", TALK)
    await harness.engine().run_until_idle()
    ends = harness.clock() + timedelta(hours=1)
    assert await harness.pauses() == [Pause(BULK, ends, "TOKEN-17"), Pause(REPLIES, ends, "TOKEN-17")]
    assert harness.channel.order == []
    await harness.end_pauses()
    assert await harness.pauses() == []
    await harness.engine().run_until_idle()
    assert (harness.texts_to("ana"), harness.texts_to("ben")) == (expected, expected)
    assert len(harness.texts_to("eva")) == 1
    assert await harness.receive("ben", "help")
    assert len(harness.texts_to("ben")) > len(expected), "at once again"


async def test_a_reply_that_waits_for_its_chats_pace_does_not_leave_into_a_pause(
    harness: Harness, skip: Skip
) -> None:
    harness.channel.pace = RateLimit(chat=0.2)
    await harness.turns.handle(harness.incoming("ana", "hello"))
    await harness.channel.until(1)
    await harness.turns.handle(harness.incoming("ana", "English"))
    harness.channel.faults["ben"].append(Throttled("too much", 300, replies=True))
    await harness.turns.handle(harness.incoming("ben", "hello"))
    while harness.channel.faults["ben"]:  # noqa: ASYNC110
        await asyncio.sleep(0)
    skip(5)
    await harness.outbox.settle()
    assert [person for person, _ in harness.channel.order] == ["ana"]


# Several at once


async def test_of_two_pauses_the_longer_one_holds_whichever_comes_first(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello"])
    await harness.receive_all("ben", ["hello"])
    gate = harness.channel.gate = asyncio.Event()
    harness.channel.faults["ana"].append(Throttled("for long", 300, replies=True))
    harness.channel.faults["ben"].append(Throttled("for a moment", 10, replies=True))
    for person in ("ana", "ben"):
        await harness.turns.handle(harness.incoming(person, "help"))
    gate.set()
    await harness.outbox.settle()
    harness.clock.advance(seconds=11)
    assert {pause.note for pause in await harness.pauses()} == {"for long"}
    assert not harness.outbox.flows(harness.channel.account)
    harness.clock.advance(seconds=290)
    assert harness.outbox.flows(harness.channel.account)


async def test_a_shorter_pause_for_replies_is_not_lost_beside_a_longer_one_for_news(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    await harness.publish()
    harness.channel.faults["ana"].append(Throttled("news for long", 300))
    harness.channel.faults["ben"].append(Throttled("all for a moment", 60, replies=True))
    await harness.engine().run_until_idle()
    now = harness.clock()
    assert await harness.pauses() == [
        Pause(BULK, now + timedelta(seconds=300), "news for long"),
        Pause(REPLIES, now + timedelta(seconds=60), "all for a moment"),
    ]


def test_a_short_pause_that_is_heard_of_later_does_not_end_a_long_one(clock: FakeClock) -> None:
    pauses, account = Pauses(clock), Account("memory", "1")
    pauses.begin(account, clock() + timedelta(seconds=300))
    pauses.begin(account, clock() + timedelta(seconds=10))
    clock.advance(seconds=299)
    assert pauses.active(account)
    clock.advance(seconds=1)
    assert not pauses.active(account)


# What an operator has to mend


async def test_nothing_is_lost_while_a_setting_is_wrong(harness: Harness) -> None:
    expected = await _reference(harness)
    harness.channel.faults["ana"].append(Misconfigured("the token is refused"))
    await harness.receive_all("ana", TALK)
    await harness.receive_all("ben", TALK)
    assert harness.channel.order == []
    for _ in range(3):
        harness.channel.faults["ana"].append(Misconfigured("the token is refused"))
        harness.channel.faults["ben"].append(Misconfigured("the token is refused"))
        harness.clock.advance(minutes=1)
        with pytest.raises(Failure, match="the token is refused"):
            await harness.engine().run_until_idle()
    assert harness.channel.order == []
    assert await _attempts(harness) == 0
    assert {pause.note for pause in await harness.pauses()} == {"the token is refused"}
    harness.channel.faults.clear()
    harness.clock.advance(minutes=1)
    await harness.engine().run_until_idle()
    assert (harness.texts_to("ana"), harness.texts_to("ben")) == (expected, expected)


async def test_news_stop_at_the_first_sign_of_a_wrong_setting(harness: Harness) -> None:
    people = ["ana", "ben", "eva"]
    await harness.subscribe(*people)
    await harness.publish()
    harness.channel.pace = ONE_AT_A_TIME
    harness.channel.faults["ana"].append(Misconfigured("the token is refused"))
    await harness.engine().run_until_idle()
    assert harness.channel.order == []
    assert await harness.bulk_statuses() == [MessageStatus.QUEUED] * 3
    assert await _attempts(harness) == 0
    harness.clock.advance(minutes=1)
    await harness.engine().run_until_idle()
    assert sorted(person for person, _ in harness.channel.order) == people


@pytest.mark.parametrize("seconds", [0.5, 7, 86_400])
async def test_the_pause_is_as_long_as_the_platform_said(harness: Harness, seconds: float) -> None:
    harness.channel.faults["ana"].append(Throttled("too much", seconds, replies=True))
    await harness.receive("ana", "hello")
    ends = harness.clock() + timedelta(seconds=seconds)
    assert [pause.until for pause in await harness.pauses()] == [ends, ends]
