"""Who is forgotten can have our messages deleted from their chat, too, where the channel is able to."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.channels.base import Deletion
from assistant.domain.broadcasts import CopyStatus
from assistant.domain.errors import Failure, Unreachable
from assistant.store.tables import chats, messages
from tests.support.harness import LETTER, Harness

WITHIN = timedelta(hours=48)
OFFER = "We can also delete what we wrote here in the last 2 days."


@pytest.fixture(autouse=True)
def deletion(harness: Harness) -> None:
    """The channel can delete messages, three at once."""
    harness.channel.deletion = Deletion(WITHIN, at_once=3)


def sent_to(harness: Harness, person: str) -> list[str]:
    """The references of all that person was sent, the oldest first."""
    return [str(number) for number, (who, _) in enumerate(harness.channel.order, 1) if who == person]


async def nothing_is_left(harness: Harness) -> bool:
    """Whether neither a chat nor a message is stored."""
    return not (await harness.rows(select(chats)) or await harness.rows(select(messages)))


@pytest.mark.both_databases
async def test_our_messages_go_and_the_last_word_stays(harness: Harness) -> None:
    await harness.receive_all("ben", ["hello", "English"])
    await harness.receive_all("ana", [*LETTER, "forget"])
    before = sent_to(harness, "ana")
    assert OFFER in harness.last_text_to("ana")
    await harness.receive("ana", "yes, and our messages here")
    await harness.engine().run_until_idle()
    assert harness.channel.deleted == before
    assert "We now delete our messages of the last 2 days here" in harness.last_text_to("ana")
    assert len(sent_to(harness, "ana")) == len(before) + 1
    assert len(await harness.rows(select(chats))) == 1, "ben's"


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_who_does_not_ask_for_it_keeps_our_messages(harness: Harness, answer: str) -> None:
    await harness.receive_all("ana", ["hello", "English", "forget", answer])
    await harness.engine().run_until_idle()
    assert harness.channel.deleted == []


@pytest.mark.parametrize("words", ["messages", "both", "los mensajes también", "las dos cosas"])
async def test_it_can_be_said_in_words(harness: Harness, words: str) -> None:
    language = "Español" if "os" in words else "English"
    await harness.receive_all("ana", ["hello", language, "forget", words])
    await harness.engine().run_until_idle()
    assert await nothing_is_left(harness)
    assert harness.channel.deleted


async def test_where_the_channel_cannot_nothing_is_offered(harness: Harness) -> None:
    harness.channel.deletion = None
    await harness.receive_all("ana", ["hello", "English", "forget"])
    assert OFFER not in harness.last_text_to("ana")
    assert [each.value for each in harness.channel.sent["ana"][-1].buttons] == ["yes", "no"]


async def test_what_is_too_old_is_not_asked_for(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello", "English"])
    old = sent_to(harness, "ana")
    harness.clock.advance(days=4)
    await harness.receive_all("ana", ["forget"])
    young = sent_to(harness, "ana")[len(old) :]
    await harness.receive("ana", "messages")
    await harness.engine().run_until_idle()
    assert harness.channel.deleted == young


async def test_what_was_sent_yesterday_goes_also_where_only_its_day_is_kept(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello", "English"])
    harness.clock.advance(hours=40)
    await harness.run_retention()
    await harness.receive_all("ana", ["forget", "messages"])
    await harness.engine().run_until_idle()
    assert harness.channel.deleted == sent_to(harness, "ana")[:-1]


async def test_a_process_that_dies_before_it_deletes_leaves_it_to_the_next(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "forget"])
    before = sent_to(harness, "ana")
    harness.channel.gate = asyncio.Event()  # nothing leaves any more
    await harness.turns.handle(harness.incoming("ana", "messages"))
    harness.channel.gate = None
    await harness.give_back_lanes()
    after = await harness.restarted()
    await after.engine().run_until_idle()
    assert harness.channel.deleted == before
    assert await nothing_is_left(after)


async def test_an_outage_is_waited_for(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "forget"])
    before = sent_to(harness, "ana")
    harness.channel.delete_faults["ana"] += [Failure("an outage"), Failure("an outage", uncertain=True)]
    await harness.receive("ana", "messages")
    assert harness.channel.deleted == []
    for _ in range(2):
        harness.clock.advance(minutes=15)
        await harness.engine().run_until_idle()
    assert harness.channel.deleted == before
    assert await nothing_is_left(harness)


@pytest.mark.parametrize("failure", [Failure("never", permanent=True), Unreachable("They have left.")])
async def test_where_it_cannot_be_done_nothing_is_left_of_it(harness: Harness, failure: Failure) -> None:
    await harness.receive_all("ana", ["hello", "English", "forget"])
    harness.channel.delete_faults["ana"] += [failure] * 9
    await harness.receive("ana", "messages")
    await harness.engine().run_until_idle()
    assert await nothing_is_left(harness)


@pytest.mark.both_databases
async def test_who_writes_again_meanwhile_keeps_nothing_of_it_in_the_new_chat(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "forget"])
    before = sent_to(harness, "ana")
    harness.channel.delete_faults["ana"].append(Failure("an outage"))
    await harness.receive("ana", "messages")
    await harness.receive("ana", "hello")
    harness.clock.advance(minutes=15)
    await harness.engine().run_until_idle()
    assert harness.channel.deleted == before
    said = len(harness.texts_to("ana")) - len(before)
    assert len(await harness.rows(select(messages))) == said, "no erasure is among them"


async def test_a_question_whose_number_is_not_stored_yet_goes_too(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello", "English"])
    count = len(harness.channel.order)
    await harness.turns.handle(harness.incoming("ana", "forget"))
    await harness.channel.until(count + 1)
    asked = sent_to(harness, "ana")
    await harness.receive("ana", "messages")
    await harness.engine().run_until_idle()
    assert harness.channel.deleted == asked


async def test_news_stays_as_its_number_is_not_kept(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello", "English", "subscribe", "1"])
    await harness.publish()
    await harness.engine().run_until_idle()
    assert (await harness.tally())[CopyStatus.SENT] == 1
    news = len(harness.channel.order)
    await harness.receive_all("ana", ["forget", "messages"])
    await harness.engine().run_until_idle()
    assert str(news) not in harness.channel.deleted
    assert "news and what you wrote stay" in harness.last_text_to("ana")


# Contacts


async def test_who_is_forgotten_has_their_contact_emptied_after_our_last_word(harness: Harness) -> None:
    harness.channel.keeps_contacts = True
    harness.channel.delete_faults["ana"].append(Failure("no line"))
    await harness.receive_all("ana", ["hello", "English", "forget", "yes"])
    assert harness.channel.emptied == []
    harness.clock.advance(hours=1)
    await harness.engine().run_until_idle()
    assert harness.channel.emptied == ["ana"]
    assert await harness.rows(select(chats.c.id)) == []


async def test_where_there_are_no_contacts_nothing_is_asked_for(harness: Harness) -> None:
    await harness.receive_all("ana", ["hello", "English", "forget", "yes"])
    assert harness.channel.emptied == []
    assert await harness.rows(select(chats.c.id)) == []
