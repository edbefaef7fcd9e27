"""A chat has another address from now on: a group that became a supergroup."""

import asyncio

import pytest
from sqlalchemy import select

from assistant.domain.errors import Moved
from assistant.domain.lifecycle import MessageStatus
from assistant.store.tables import messages
from tests.support.harness import Harness


async def test_a_reply_follows_the_chat_to_its_new_address(harness: Harness) -> None:
    harness.channel.faults["old"].append(Moved("the chat has moved", "new"))
    await harness.receive("old", "hello")
    moved = await harness.chat("new")
    await harness.engine().run_until_idle()
    assert [len(harness.texts_to(person)) for person in ("old", "new")] == [0, 1]
    assert not moved.new
    assert (await harness.chat("old")).new, "nobody is at the old address"
    assert (await harness.chat("new")).id == moved.id


async def test_replies_behind_it_follow_in_order_and_the_talk_goes_on_there(harness: Harness) -> None:
    await harness.receive_all("reference", ["hello", "help", "English", "go", "Ana Invented"])
    await harness.receive("old", "hello")
    harness.channel.faults["old"].append(Moved("the chat has moved", "new"))
    await harness.receive("old", "help")
    await harness.engine().run_until_idle()
    await harness.receive_all("new", ["English", "go", "Ana Invented"])
    assert [*harness.texts_to("old"), *harness.texts_to("new")] == harness.texts_to("reference")


async def test_news_follow_too(harness: Harness) -> None:
    await harness.subscribe("old", "ben")
    await harness.publish()
    harness.channel.faults["old"].append(Moved("the chat has moved", "new"))
    await harness.engine().run_until_idle()
    assert {person: len(harness.texts_to(person)) for person in ("old", "new", "ben")} == {
        "old": 0,
        "new": 1,
        "ben": 1,
    }
    assert await harness.bulk_statuses() == [MessageStatus.SENT] * 2


async def test_where_a_chat_is_at_the_new_address_already_both_stay_as_they_are(harness: Harness) -> None:
    await harness.receive("new", "hello")
    there = await harness.chat("new")
    harness.channel.faults["old"].extend(Moved("the chat has moved", "new") for _ in range(500))
    await harness.receive("old", "hello")
    await harness.engine().run_until_idle()
    assert (await harness.chat("new")).id == there.id
    assert not (await harness.chat("old")).new
    assert len(harness.channel.faults["old"]) >= 490, "it is not tried without a rest"
    (waiting,) = await harness.rows(
        select(messages.c.due_at).where(messages.c.attempts > 0, messages.c.status == "queued")
    )
    assert waiting["due_at"] > harness.clock()
    await harness.receive("new", "English")
    assert len(harness.texts_to("new")) > 1


@pytest.mark.parametrize("process", ["the same", "another"])
async def test_a_reply_of_a_turn_that_was_taken_before_the_move_arrives_too(
    harness: Harness, process: str
) -> None:
    gate = harness.channel.gate = asyncio.Event()
    harness.channel.faults["old"].append(Moved("the chat has moved", "new"))
    await harness.turns.handle(harness.incoming("old", "hello"))
    await harness.turns.handle(harness.incoming("old", "help"))
    gate.set()
    await harness.outbox.settle()
    on = harness if process == "the same" else await harness.restarted()
    await on.engine().run_until_idle()
    assert harness.texts_to("old") == []
    assert len(harness.texts_to("new")) == 3
