"""A chat has another address from now on: a group that became a supergroup."""

import asyncio

import pytest
from sqlalchemy import select

from assistant.domain.errors import Moved
from assistant.domain.lifecycle import MessageStatus
from assistant.store.tables import messages
from tests.support.harness import House


async def test_a_reply_follows_the_chat_to_its_new_address(house: House) -> None:
    house.channel.faults["old"].append(Moved("the chat has moved", "new"))
    await house.hear("old", "hello")
    moved = await house.chat("new")
    await house.engine().run_until_idle()
    assert [len(house.read(person)) for person in ("old", "new")] == [0, 1]
    assert not moved.new
    assert (await house.chat("old")).new, "nobody is at the old address"
    assert (await house.chat("new")).id == moved.id


async def test_replies_behind_it_follow_in_order_and_the_talk_goes_on_there(house: House) -> None:
    await house.hear_all("reference", ["hello", "English", "go", "Ana Invented"])
    await house.hear("old", "hello")
    house.channel.faults["old"].append(Moved("the chat has moved", "new"))
    await house.hear("old", "English")
    await house.engine().run_until_idle()
    await house.hear_all("new", ["go", "Ana Invented"])
    assert [*house.read("old"), *house.read("new")] == house.read("reference")


async def test_news_follow_too(house: House) -> None:
    await house.subscribe("old", "ben")
    await house.publish()
    house.channel.faults["old"].append(Moved("the chat has moved", "new"))
    await house.engine().run_until_idle()
    assert {person: len(house.read(person)) for person in ("old", "new", "ben")} == {
        "old": 0,
        "new": 1,
        "ben": 1,
    }
    assert await house.bulk_statuses() == [MessageStatus.SENT] * 2


async def test_where_a_chat_is_at_the_new_address_already_both_stay_as_they_are(house: House) -> None:
    await house.hear("new", "hello")
    there = await house.chat("new")
    house.channel.faults["old"].extend(Moved("the chat has moved", "new") for _ in range(500))
    await house.hear("old", "hello")
    await house.engine().run_until_idle()
    assert (await house.chat("new")).id == there.id
    assert not (await house.chat("old")).new
    assert len(house.channel.faults["old"]) >= 490, "it is not tried without a rest"
    (waiting,) = await house.rows(
        select(messages.c.due_at).where(messages.c.attempts > 0, messages.c.status == "queued")
    )
    assert waiting["due_at"] > house.clock()
    await house.hear("new", "English")
    assert len(house.read("new")) > 1


@pytest.mark.parametrize("process", ["the same", "another"])
async def test_a_reply_of_a_turn_that_was_taken_before_the_move_arrives_too(
    house: House, process: str
) -> None:
    gate = house.channel.gate = asyncio.Event()
    house.channel.faults["old"].append(Moved("the chat has moved", "new"))
    await house.turns.handle(house.incoming("old", "hello"))
    await house.turns.handle(house.incoming("old", "English"))
    gate.set()
    await house.outbox.settle()
    on = house if process == "the same" else await house.again()
    await on.engine().run_until_idle()
    assert house.read("old") == []
    assert len(house.read("new")) == 3
