"""Messages become turns: what a person reads, and what is stored, on both databases."""

import asyncio

import pytest
from sqlalchemy import func, select

from assistant.dialogue.answers import Name
from assistant.dialogue.talk import Talk
from assistant.domain.effects import Begin, Effect
from assistant.domain.errors import Failure, ServerAway
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.messages import Handled, Open
from assistant.domain.texts import Sentence
from assistant.store.tables import chats, letters, messages, subscriptions
from tests.support.database_faults import lose_the_answer_to_the_next_commit
from tests.support.harness import LETTER, NAME, PERSONAL_LINE, Harness, with_conversations
from tests.support.publishing import CASE

pytestmark = pytest.mark.both_databases


async def test_a_whole_letter_is_written_and_the_writer_subscribed(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER)
    read = harness.texts_to("ana")
    assert "Norma Cruz" in read[1]
    assert any(NAME in text and PERSONAL_LINE in text and "Finland" in text for text in read)
    assert any("will be sent today" in text for text in read)
    assert ["You will hear from us" in read[-2], "pass this on" in read[-1]] == [True, True]
    (letter,) = await harness.letters()
    assert (letter.case, letter.status, letter.country) == (CASE, LetterStatus.QUEUED, "FI")
    assert [row["case_slug"] for row in await harness.rows(select(subscriptions))] == [CASE]
    assert set(await harness.message_statuses()) == {MessageStatus.SENT}


async def test_a_message_delivered_twice_is_handled_once(harness: Harness) -> None:
    for number, text in enumerate(LETTER):
        await harness.receive("ana", text, f"m{number}")
        read = harness.texts_to("ana")
        await harness.receive("ana", text, f"m{number}")
        assert harness.texts_to("ana") == read
    assert len(await harness.letters()) == 1


async def test_what_was_answered_in_a_commit_whose_answer_is_lost_is_sent_once(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_answer_to_the_next_commit(harness.store, monkeypatch)
    hello = harness.incoming("ana", Open())
    with pytest.raises(ServerAway):
        await harness.turns.handle(hello)
    assert await harness.turns.handle(hello) == Handled(accepted=False, replies=0), "it is stored"
    async with asyncio.timeout(10):
        while await harness.message_statuses() != [MessageStatus.SENT]:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.01)
    assert len(harness.texts_to("ana")) == 1
    assert await harness.rows(select(messages.c.id).where(messages.c.doubtful)) == []


async def test_a_message_delivered_twice_at_once_is_handled_once(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:-2])
    before = len(harness.texts_to("ana"))
    send = harness.incoming("ana", "send")
    await asyncio.gather(*(harness.turns.handle(send) for _ in range(5)))
    await harness.outbox.settle()
    assert len(await harness.letters()) == 1
    assert sum("will be sent today" in text for text in harness.texts_to("ana")[before:]) == 1


async def test_a_message_delivered_to_two_processes_at_once_is_handled_once(harness: Harness) -> None:
    other = await harness.restarted()
    hello = harness.incoming("ana", Open())
    await asyncio.gather(harness.turns.handle(hello), other.turns.handle(hello))
    await asyncio.gather(harness.outbox.settle(), other.outbox.settle())
    await other.engine().run_until_idle()
    assert len(harness.texts_to("ana")) == 1
    assert await harness.rows(select(func.count().label("n")).select_from(chats)) == [{"n": 1}]


async def test_a_new_process_knows_what_was_handled_and_where_the_talk_was(harness: Harness) -> None:
    for number, text in enumerate(LETTER[:4]):
        await harness.receive("ana", text, f"m{number}")
    other = await harness.restarted()
    read = harness.texts_to("ana")
    await other.receive("ana", LETTER[3], "m3")
    assert harness.texts_to("ana") == read
    await other.receive_all("ana", LETTER[4:])
    assert await other.letter_statuses() == [LetterStatus.QUEUED]


async def test_fifty_chats_at_once_are_each_answered_right(harness: Harness) -> None:
    people = [f"person{number}" for number in range(50)]
    for text in LETTER:
        said = [f"{NAME} {person[6:].translate(_WORDS)}" if text == NAME else text for person in people]
        turns = zip(people, said, strict=True)
        await asyncio.gather(*(harness.turns.handle(harness.incoming(*turn)) for turn in turns))
    await harness.outbox.settle()
    assert len(await harness.letters()) == 50
    for person in people:
        drafts = [text for text in harness.texts_to(person) if "Shall we send it?" in text]
        assert len(drafts) == 1
        assert f"{NAME} {person[6:].translate(_WORDS)}\n" in drafts[0]


_WORDS = str.maketrans("0123456789", "abcdefghij")


async def test_two_messages_of_one_person_sent_together_are_handled_in_order(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:3])
    both = [harness.incoming("ana", text) for text in ("Finland", NAME)]
    await asyncio.gather(*(harness.turns.handle(each) for each in both))
    await harness.outbox.settle()
    name, line = harness.texts_to("ana")[-2:]
    assert "What shall stand under your letter?" in name
    assert "a sentence of your own" in line


def _broken(talk: Talk) -> list[Effect | Begin]:
    if talk.ask("name", Name(), Sentence("Who?")) == "Breaker":
        raise ZeroDivisionError
    talk.say(Sentence("Good."))
    return []


async def test_a_broken_turn_harms_only_itself_and_its_chat_can_go_on(harness: Harness) -> None:
    broken = await Harness.open(
        harness.store, with_conversations(harness.script, {"letter": _broken}), harness.channel, harness.clock
    )
    people = ["ana", "ben", "eva"]
    for text in ("hello", "English"):
        await asyncio.gather(*(broken.turns.handle(broken.incoming(person, text)) for person in people))
    names = {"ana": "Ana", "ben": "Breaker", "eva": "Eva"}
    results = await asyncio.gather(
        *(broken.turns.handle(broken.incoming(person, name)) for person, name in names.items()),
        return_exceptions=True,
    )
    await broken.outbox.settle()
    assert [type(result) for result in results] == [Handled, Failure, Handled]
    assert [broken.last_text_to(person) for person in people] == ["Good.", "Who?", "Good."]
    await broken.receive("ben", "Ben")
    assert broken.last_text_to("ben") == "Good."


async def test_a_failure_tells_the_operator_nothing_personal(harness: Harness) -> None:
    broken = await Harness.open(
        harness.store, with_conversations(harness.script, {"letter": _broken}), harness.channel, harness.clock
    )
    await broken.receive_all("ana-the-address", ["hello", "English"])
    with pytest.raises(Failure) as caught:
        await broken.receive("ana-the-address", "Breaker")
    assert "ana" not in caught.value.reason
    assert "Breaker" not in caught.value.reason


async def test_a_person_who_comes_back_after_days_is_asked_whether_to_go_on(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:4])
    harness.clock.advance(days=3)
    await harness.receive("ana", NAME)
    assert "Continue or start again?" in harness.last_text_to("ana")
    await harness.receive("ana", "continue")
    assert "What shall stand under your letter?" in harness.last_text_to("ana")
    await harness.receive_all("ana", LETTER[4:])
    assert len(await harness.letters()) == 1


async def test_a_draft_is_kept_for_two_weeks_and_a_message_number_for_two_days(harness: Harness) -> None:
    await harness.receive_all("ana", LETTER[:4])
    harness.clock.advance(days=3)
    await harness.run_retention()
    assert await harness.rows(select(chats.c.recent)) == [{"recent": ""}]
    harness.clock.advance(days=12)
    await harness.run_retention()
    await harness.receive("ana", "hello")
    assert "It takes only a few minutes" in harness.last_text_to("ana")


async def test_the_channels_hint_chooses_the_nearest_language(harness: Harness) -> None:
    await harness.receive("ana", "hola", language="es-MX")
    assert "Norma Cruz dirige" in harness.texts_to("ana")[0]
    (row,) = await harness.rows(select(chats.c.language))
    assert row["language"] == "es"


async def test_without_a_hint_the_person_is_asked_in_every_language(harness: Harness) -> None:
    await harness.receive("ana", Open())
    assert "Which language" in harness.last_text_to("ana")
    assert "idioma" in harness.last_text_to("ana")


async def test_one_person_writes_one_letter_for_a_case(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "letter"])
    assert any("already written" in text for text in harness.texts_to("ana"))
    assert len(await harness.rows(select(letters.c.id))) == 1


async def test_who_stops_gets_no_news_and_may_begin_again(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "stop"])
    assert await harness.rows(select(subscriptions)) == []
    await harness.receive_all("ana", ["subscribe", "yes"])
    assert len(await harness.rows(select(subscriptions))) == 1
