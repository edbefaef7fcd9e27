"""Quoting one of our messages, or a thumbs-up on it, answers the question that it asked."""

import asyncio

import pytest
from sqlalchemy import update

from assistant.domain.messages import Approval, Handled
from assistant.store.references import digest_of_message
from assistant.store.tables import messages
from tests.support.harness import LETTER, NAME, Harness

pytestmark = pytest.mark.chance

ASKED_FOR_COUNTRY = LETTER[:3]


def _reference(harness: Harness, person: str, containing: str) -> str:
    """Of the last message to that person which contains these words."""
    found = [
        str(number)
        for number, (reader, reply) in enumerate(harness.channel.order, 1)
        if reader == person and containing in reply.html
    ]
    return found[-1]


async def test_quoting_the_open_question_answers_it(harness: Harness) -> None:
    await harness.receive_all("ana", ASKED_FOR_COUNTRY)
    handled = await harness.receive("ana", "Finland", quotes=_reference(harness, "ana", "Which country"))
    assert handled.accepted
    assert "What shall stand" in harness.last_text_to("ana")


async def test_quoting_an_older_question_is_answered_kindly_and_changes_nothing(harness: Harness) -> None:
    await harness.receive_all("ana", ASKED_FOR_COUNTRY)
    question = _reference(harness, "ana", "Which country")
    await harness.receive("ana", "Finland")
    handled = await harness.receive("ana", NAME, quotes=question)
    assert handled == Handled(accepted=False, replies=1)
    assert "What shall stand" in harness.last_text_to("ana")
    await harness.receive("ana", NAME)
    assert "a sentence of your own" in harness.last_text_to("ana")


async def test_a_thumbs_up_on_the_open_question_means_yes(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:-2])
    handled = await harness.receive("ana", Approval(), quotes=_reference(harness, "ana", "Shall we send it"))
    assert handled.accepted
    assert len(await harness.letters()) == 1


async def test_a_thumbs_up_on_anything_else_is_passed_over(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:-2])
    before = len(harness.texts_to("ana"))
    for quoted in (_reference(harness, "ana", "Which country"), "no-message-of-ours", None):
        handled = await harness.receive("ana", Approval(), quotes=quoted)
        assert handled == Handled(accepted=False, replies=0)
    assert len(harness.texts_to("ana")) == before
    assert await harness.letters() == []


async def test_a_quote_of_a_message_that_asked_nothing_is_like_no_quote(harness: Harness) -> None:
    for said in ("subscribe", "yes"):
        await harness.receive("ana", said, language="en")
    await harness.publish()
    await harness.engine().run_until_idle()
    news = str(len(harness.channel.order))
    await harness.receive_all("ana", ["hello", "go"])
    await harness.receive("ana", "Finland", quotes=news)
    assert "What shall stand" in harness.last_text_to("ana")


async def test_a_quote_of_a_message_that_we_do_not_know_answers_nothing(harness: Harness) -> None:
    await harness.receive_all("ana", ASKED_FOR_COUNTRY)
    handled = await harness.receive("ana", "Finland", quotes="no-message-of-ours")
    assert handled == Handled(accepted=False, replies=1)
    assert "Which country" in harness.last_text_to("ana")


async def test_a_question_of_more_than_seven_days_ago_is_not_known_by_its_message_any_more(
    harness: Harness,
) -> None:
    await harness.receive_all("ana", ASKED_FOR_COUNTRY)
    question = _reference(harness, "ana", "Which country")
    harness.clock.advance(days=7, seconds=1)
    await harness.run_retention()
    assert await harness.message_statuses() == []
    handled = await harness.receive("ana", "Finland", quotes=question)
    assert not handled.accepted
    assert "What shall stand" not in harness.last_text_to("ana")


async def test_the_message_of_another_chat_is_not_known(harness: Harness) -> None:
    await harness.receive_all("ana", ASKED_FOR_COUNTRY)
    await harness.receive_all("ben", ASKED_FOR_COUNTRY)
    handled = await harness.receive("ana", "Finland", quotes=_reference(harness, "ben", "Which country"))
    assert handled == Handled(accepted=False, replies=1)
    assert "Which country" in harness.last_text_to("ana")


async def test_chats_whose_messages_have_the_same_numbers_are_told_apart(harness: Harness) -> None:
    await harness.receive_all("ana", ASKED_FOR_COUNTRY)
    await harness.receive_all("ben", LETTER[:4])
    questions = [_reference(harness, "ana", "Which country"), _reference(harness, "ben", "What shall stand")]
    numbers = [(await harness.chat(person)).id for person in ("ana", "ben")]
    async with harness.store.write() as tx:
        for chat, question in zip(numbers, questions, strict=True):
            old, new = (digest_of_message(tx.vault, chat, each) for each in (question, "7"))
            numbered = update(messages).where(messages.c.reference == old).values(reference=new)
            assert (await tx.connection.execute(numbered)).rowcount == 1
    said = {"ana": "Finland", "ben": NAME}
    handled = await asyncio.gather(
        *(harness.turns.handle(harness.incoming(*each, quotes="7")) for each in said.items())
    )
    await harness.outbox.settle()
    assert [each.accepted for each in handled] == [True, True]
    assert "What shall stand" in harness.last_text_to("ana")
    assert "a sentence of your own" in harness.last_text_to("ben")


async def test_a_quote_may_come_before_the_reference_is_stored(harness: Harness) -> None:
    await harness.receive_all("ana", ASKED_FOR_COUNTRY[:-1])
    before = len(harness.channel.order)
    await harness.turns.handle(harness.incoming("ana", ASKED_FOR_COUNTRY[-1]))
    await harness.channel.until(before + 1)
    await asyncio.sleep(0)  # the answer of the channel, which is the reference
    quoted = _reference(harness, "ana", "Which country")
    await harness.turns.handle(harness.incoming("ana", "Finland", quotes=quoted))
    await harness.outbox.settle()
    assert "What shall stand" in harness.last_text_to("ana")
