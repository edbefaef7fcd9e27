"""How people come and go: by a link, as a group, and by shutting us out."""

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
from assistant.services.sources import letters_by_source
from assistant.store import sources
from assistant.store.tables import subscriptions
from tests.support.harness import LETTER, Harness
from tests.support.publishing import CASE


async def _sources(harness: Harness) -> dict[str, int]:
    async with harness.store.read() as tx:
        return await sources.counts(tx)


# By a link


async def test_a_link_counts_for_a_new_chat_and_never_again(harness: Harness) -> None:
    await harness.receive("ana", Open(CASE, "flyer"))
    await harness.receive("ana", Open(CASE, "poster"))
    await harness.receive("ben", "hello")
    await harness.receive("ben", Open(CASE, "poster"))
    assert await _sources(harness) == {"flyer": 1}


async def test_those_who_came_by_each_link_are_counted(harness: Harness) -> None:
    for number, source in enumerate(["flyer", "flyer", "poster", None]):
        await harness.receive(f"person{number}", Open(CASE, source))
    assert await _sources(harness) == {"flyer": 2, "poster": 1}


async def test_a_letter_keeps_by_which_link_its_writer_came(harness: Harness) -> None:
    for person, source in (("ana", "flyer"), ("ben", "poster"), ("eva", "unknown"), ("leo", None)):
        await harness.receive(person, Open(CASE, source), language="en")
        await harness.receive_all(person, LETTER[2:])
    await harness.receive_all("ana", ["change", "sentence", "Another one.", "send"])
    await harness.receive_all("ben", ["withdraw", "yes"])
    async with harness.store.read() as tx:
        assert await sources.letters_by_source(tx) == {("flyer", CASE): 1}
    assert await letters_by_source(harness.store) == {"flyer": "<10"}


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


async def test_a_group_is_told_once_what_we_are_and_nothing_ever_again(harness: Harness) -> None:
    told = await harness.receive("group", GroupChat(), language="en")
    assert told == Handled(accepted=False, replies=1)
    for said in ANYTHING:
        assert await harness.receive("group", said) == Handled(accepted=False, replies=0)
    assert len(harness.texts_to("group")) == 1
    assert (await harness.chat("group")).group_chat


async def test_a_group_is_still_known_after_weeks_and_by_another_process(harness: Harness) -> None:
    await harness.receive("group", GroupChat(), language="en")
    for _ in range(3):
        harness.clock.advance(days=15)
        await harness.run_retention()
    other = await harness.restarted()
    for said in ANYTHING:
        await other.receive("group", said)
    assert len(harness.texts_to("group")) == 1


# By shutting us out


async def test_who_blocks_us_gets_no_news_and_no_reply(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    await harness.publish()
    assert await harness.receive("ana", Blocked()) == Handled(accepted=False, replies=0)
    await harness.engine().run_until_idle()
    assert [person for person, _ in harness.channel.order] == ["ben"]
    assert await harness.bulk_statuses() == [MessageStatus.CANCELLED, MessageStatus.SENT]
    assert len(await harness.rows(select(subscriptions))) == 1


async def test_who_comes_back_goes_on_where_the_talk_was(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello", "English", "go"])
    await harness.receive("ana", Blocked())
    await harness.receive("ana", "Finland")
    assert "What shall stand" in harness.last_text_to("ana")
