"""How people come and go: by a link, as a group, and by shutting us out."""

import json

from sqlalchemy import select

from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import (
    Approval,
    Blocked,
    Content,
    Edited,
    GroupChat,
    Handled,
    Open,
    Press,
    Unreadable,
)
from assistant.store import chats as chat_store
from assistant.store.tables import chats, subscriptions
from tests.support.harness import House
from tests.support.publishing import CASE


async def _sources(house: House) -> dict[str, int]:
    async with house.store.read() as tx:
        return await chat_store.by_source(tx)


# By a link


async def test_where_a_link_stood_is_stored_for_a_new_chat_and_never_again(house: House) -> None:
    await house.hear("ana", Open(CASE, "flyer"))
    await house.hear("ana", Open(CASE, "poster"))
    await house.hear("ben", "hello")
    await house.hear("ben", Open(CASE, "poster"))
    assert await house.rows(select(chats.c.source).order_by(chats.c.id)) == [
        {"source": "flyer"},
        {"source": None},
    ]


async def test_those_who_came_by_each_link_are_counted(house: House) -> None:
    for number, source in enumerate(["flyer", "flyer", "poster", None]):
        await house.hear(f"person{number}", Open(CASE, source))
    assert await _sources(house) == {"flyer": 2, "poster": 1}


async def test_people_are_shown_by_what_link_they_came(house: House) -> None:
    await house.hear("ana", Open(CASE, "flyer"), language="en")
    await house.hear("ana", "mydata")
    (stored,) = [text for text in house.read("ana") if text.startswith("{")]
    assert json.loads(stored)["source"] == "flyer"


async def test_what_is_forgotten_came_from_nowhere(house: House) -> None:
    await house.hear("ana", Open(CASE, "flyer"), language="en")
    await house.hear_all("ana", ["forget", "yes"])
    assert await _sources(house) == {}


# As a group

ANYTHING: list[Content | str] = [
    GroupChat(),
    "hello",
    "/start",
    "stop",
    Open(CASE, "flyer"),
    Press("mark", "go"),
    Approval(),
    Edited("m1", "changed"),
    Unreadable("photo"),
    Blocked(),
]


async def test_a_group_is_told_once_what_we_are_and_nothing_ever_again(house: House) -> None:
    told = await house.hear("group", GroupChat(), language="en")
    assert told == Handled(accepted=False, replies=1)
    for said in ANYTHING:
        assert await house.hear("group", said) == Handled(accepted=False, replies=0)
    assert len(house.read("group")) == 1
    assert (await house.chat("group")).crowd


async def test_a_group_is_still_known_after_weeks_and_by_another_process(house: House) -> None:
    await house.hear("group", GroupChat(), language="en")
    for _ in range(3):
        house.clock.pass_by(days=15)
        await house.sweep()
    other = await house.again()
    for said in ANYTHING:
        await other.hear("group", said)
    assert len(house.read("group")) == 1


# By shutting us out


async def test_who_blocks_us_gets_no_news_and_no_reply(house: House) -> None:
    await house.subscribe("ana", "ben")
    await house.publish()
    assert await house.hear("ana", Blocked()) == Handled(accepted=False, replies=0)
    await house.engine().run_until_idle()
    assert [person for person, _ in house.channel.order] == ["ben"]
    assert await house.bulk_statuses() == [MessageStatus.CANCELLED, MessageStatus.SENT]
    assert len(await house.rows(select(subscriptions))) == 1


async def test_who_comes_back_goes_on_where_the_talk_was(house: House) -> None:
    await house.hear_all("ana", ["hello", "English", "go"])
    await house.hear("ana", Blocked())
    await house.hear("ana", "Ana Invented")
    assert "Which country" in house.last("ana")
