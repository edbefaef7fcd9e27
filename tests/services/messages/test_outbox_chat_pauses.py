"""The platform wants no more from us in one chat: others are written to as ever."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.domain.errors import ChatThrottled, Throttled
from assistant.domain.lanes import Pause
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.throttling import FIRST_PAUSE, SEVERAL
from assistant.services.messages.sender import ATTEMPTS
from assistant.store.broadcasts import LANE as BULK
from assistant.store.lanes import REPLIES
from assistant.store.tables import messages
from tests.support.harness import Harness

pytestmark = pytest.mark.chance

TALK = ["hello", "English", "go"]
SENT, QUEUED, UNKNOWN, FAILED = (
    MessageStatus.SENT,
    MessageStatus.QUEUED,
    MessageStatus.UNKNOWN,
    MessageStatus.FAILED,
)


def _refuse(harness: Harness, person: str, *, uncertain: bool = False) -> None:
    harness.channel.faults[person].append(ChatThrottled("too much", 3600, uncertain=uncertain))


async def _reference(harness: Harness) -> list[str]:
    """What a person reads over TALK where nothing holds it up."""
    await harness.receive_all("reference", TALK)
    harness.channel.order.clear()
    return harness.texts_to("reference")


async def _pass(harness: Harness, pause: timedelta) -> None:
    harness.clock.advance(seconds=pause.total_seconds())
    await harness.engine().run_until_idle()


async def test_one_persons_limit_silences_nobody_else_and_they_read_all_in_order_a_little_later(
    harness: Harness,
) -> None:
    expected = await _reference(harness)
    _refuse(harness, "ana")
    await harness.receive_all("ana", TALK)
    await harness.receive_all("ben", TALK)
    await harness.engine().run_until_idle()
    assert (harness.texts_to("ana"), harness.texts_to("ben")) == ([], expected)
    assert await harness.pauses() == []
    await _pass(harness, FIRST_PAUSE - timedelta(seconds=1))
    assert harness.texts_to("ana") == []
    await _pass(harness, timedelta(seconds=1))
    assert harness.texts_to("ana") == expected


async def test_each_refusal_makes_the_pause_longer_and_a_message_that_arrives_ends_that(
    harness: Harness,
) -> None:
    for _ in range(3):
        _refuse(harness, "ana")
    await harness.receive("ana", "hello")
    for number in range(3):
        assert harness.texts_to("ana") == []
        await _pass(harness, FIRST_PAUSE * 2**number)
    assert len(harness.texts_to("ana")) == 1
    _refuse(harness, "ana")
    await harness.receive("ana", "help")
    await _pass(harness, FIRST_PAUSE)
    assert len(harness.texts_to("ana")) > 1


async def test_what_may_have_arrived_is_not_sent_again_and_what_follows_waits(harness: Harness) -> None:
    _refuse(harness, "ana", uncertain=True)
    await harness.receive_all("ana", ["hello", "English"])
    await harness.engine().run_until_idle()
    assert harness.texts_to("ana") == []
    query = select(messages.c.status).order_by(messages.c.id)
    first, *others = [row["status"] for row in await harness.rows(query)]
    assert (first, set(others)) == (UNKNOWN, {QUEUED})
    await _pass(harness, FIRST_PAUSE)
    assert len(harness.texts_to("ana")) == len(others)


async def test_what_waits_for_its_chat_waits_after_a_restart_too(harness: Harness) -> None:
    _refuse(harness, "ana", uncertain=True)
    await harness.receive_all("ana", ["hello", "English"])
    fresh = await harness.restarted()
    await fresh.engine().run_until_idle()
    await fresh.receive("ana", "help")
    assert fresh.texts_to("ana") == []
    await _pass(fresh, FIRST_PAUSE)
    assert fresh.texts_to("ana") != []


async def test_news_pass_over_the_one_chat_and_reach_it_later(harness: Harness) -> None:
    await harness.subscribe("ana", "ben", "eva")
    await harness.publish()
    _refuse(harness, "ana")
    await harness.engine().run_until_idle()
    assert sorted(person for person, _ in harness.channel.order) == ["ben", "eva"]
    assert await harness.pauses() == []
    await _pass(harness, FIRST_PAUSE)
    assert await harness.bulk_statuses() == [SENT] * 3


async def test_news_wait_for_a_chat_whose_reply_was_refused(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    await harness.publish()
    _refuse(harness, "ana", uncertain=True)
    await harness.receive("ana", "help")
    await harness.engine().run_until_idle()
    assert [person for person, _ in harness.channel.order] == ["ben"]
    await _pass(harness, FIRST_PAUSE)
    assert "ana" in [person for person, _ in harness.channel.order]


@pytest.mark.parametrize("uncertain", [True, False])
async def test_several_people_refused_in_a_short_time_stop_the_account(
    harness: Harness, *, uncertain: bool
) -> None:
    people = [f"person{number}" for number in range(SEVERAL)]
    for person in people:
        assert await harness.pauses() == []
        _refuse(harness, person, uncertain=uncertain)
        await harness.receive(person, "hello")
    ends = harness.clock() + timedelta(hours=1)
    assert await harness.pauses() == [Pause(BULK, ends, "too much"), Pause(REPLIES, ends, "too much")]
    await harness.receive("ben", "hello")
    await _pass(harness, timedelta(minutes=59))
    assert harness.channel.order == []
    await _pass(harness, timedelta(minutes=1))
    told = {person for person, _ in harness.channel.order}
    assert told == ({"ben"} if uncertain else {"ben", *people})


async def test_an_operator_who_ends_the_stop_frees_every_chat(harness: Harness) -> None:
    _refuse(harness, "ana")
    await harness.receive("ana", "hello")
    harness.channel.faults["ben"].append(Throttled("prove it", 3600, replies=True, note="TOKEN-17"))
    await harness.receive("ben", "hello")
    await harness.end_pauses()
    await harness.engine().run_until_idle()
    assert sorted(person for person, _ in harness.channel.order) == ["ana", "ben"]


async def test_a_chat_that_is_refused_for_ever_is_given_up(harness: Harness) -> None:
    for _ in range(ATTEMPTS):
        _refuse(harness, "ana")
    await harness.receive("ana", "hello")
    for _ in range(ATTEMPTS):
        await _pass(harness, timedelta(hours=1))
    assert await harness.message_statuses() == [FAILED]
    assert await harness.pauses() == []
