"""Messages become turns: what a person reads, and what is stored, on both databases."""

import asyncio

import pytest
from sqlalchemy import func, select

from assistant.dialogue.answers import Name
from assistant.dialogue.talk import Talk
from assistant.domain.effects import Begin, Effect
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.messages import Handled, Open
from assistant.domain.texts import Sentence
from assistant.store.tables import chats, letters, subscriptions
from tests.support.harness import LETTER, LINE, NAME, House, changed
from tests.support.publishing import CASE


async def test_a_whole_letter_is_written_and_the_writer_subscribed(house: House) -> None:
    await house.hear_all("ana", LETTER)
    read = house.read("ana")
    assert "Norma Cruz" in read[1]
    assert any(NAME in text and LINE in text and "Finlandia" in text for text in read)
    assert any("leaves today" in text for text in read)
    assert "You will hear from us" in read[-1]
    (letter,) = await house.letters()
    assert (letter.case, letter.status, letter.country) == (CASE, LetterStatus.QUEUED, "FI")
    assert [row["case_slug"] for row in await house.rows(select(subscriptions))] == [CASE]
    assert set(await house.message_statuses()) == {MessageStatus.SENT}


async def test_a_message_delivered_twice_is_handled_once(house: House) -> None:
    for number, text in enumerate(LETTER):
        await house.hear("ana", text, f"m{number}")
        read = house.read("ana")
        await house.hear("ana", text, f"m{number}")
        assert house.read("ana") == read
    assert len(await house.letters()) == 1


async def test_a_message_delivered_twice_at_once_is_handled_once(house: House) -> None:
    await house.hear_all("ana", LETTER[:-2])
    before = len(house.read("ana"))
    send = house.incoming("ana", "send")
    await asyncio.gather(*(house.turns.handle(send) for _ in range(5)))
    await house.outbox.settle()
    assert len(await house.letters()) == 1
    assert sum("leaves today" in text for text in house.read("ana")[before:]) == 1


async def test_a_message_delivered_to_two_processes_at_once_is_handled_once(house: House) -> None:
    other = await house.again()
    hello = house.incoming("ana", Open())
    await asyncio.gather(house.turns.handle(hello), other.turns.handle(hello))
    await asyncio.gather(house.outbox.settle(), other.outbox.settle())
    await other.engine().run_until_idle()
    assert len(house.read("ana")) == 1
    assert await house.rows(select(func.count().label("n")).select_from(chats)) == [{"n": 1}]


async def test_a_new_process_knows_what_was_handled_and_where_the_talk_was(house: House) -> None:
    for number, text in enumerate(LETTER[:4]):
        await house.hear("ana", text, f"m{number}")
    other = await house.again()
    read = house.read("ana")
    await other.hear("ana", LETTER[3], "m3")
    assert house.read("ana") == read
    await other.hear_all("ana", LETTER[4:])
    assert await other.letter_statuses() == [LetterStatus.QUEUED]


async def test_fifty_chats_at_once_are_each_answered_right(house: House) -> None:
    people = [f"person{number}" for number in range(50)]
    for text in LETTER:
        said = [f"{NAME} {person[6:].translate(_WORDS)}" if text == NAME else text for person in people]
        turns = zip(people, said, strict=True)
        await asyncio.gather(*(house.turns.handle(house.incoming(*turn)) for turn in turns))
    await house.outbox.settle()
    assert len(await house.letters()) == 50
    for person in people:
        drafts = [text for text in house.read(person) if "Shall we send it?" in text]
        assert len(drafts) == 1
        assert f"{NAME} {person[6:].translate(_WORDS)}\n" in drafts[0]


_WORDS = str.maketrans("0123456789", "abcdefghij")


async def test_two_messages_of_one_person_sent_together_are_handled_in_order(house: House) -> None:
    await house.hear_all("ana", LETTER[:3])
    both = [house.incoming("ana", text) for text in (NAME, "Finland")]
    await asyncio.gather(*(house.turns.handle(each) for each in both))
    await house.outbox.settle()
    country, line = house.read("ana")[-2:]
    assert "Which country" in country
    assert "Your country: Finland" in line


def _broken(talk: Talk) -> list[Effect | Begin]:
    if talk.ask("name", Name(), Sentence("Who?")) == "Breaker":
        raise ZeroDivisionError
    talk.say(Sentence("Good."))
    return []


async def test_a_broken_turn_harms_only_itself_and_its_chat_can_go_on(house: House) -> None:
    broken = await House.open(
        house.store, changed(house.script, {"letter": _broken}), house.channel, house.clock
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
    assert [broken.last(person) for person in people] == ["Good.", "Who?", "Good."]
    await broken.hear("ben", "Ben")
    assert broken.last("ben") == "Good."


async def test_a_failure_tells_the_operator_nothing_personal(house: House) -> None:
    broken = await House.open(
        house.store, changed(house.script, {"letter": _broken}), house.channel, house.clock
    )
    await broken.hear_all("ana-the-address", ["hello", "English"])
    with pytest.raises(Failure) as caught:
        await broken.hear("ana-the-address", "Breaker")
    assert "ana" not in caught.value.reason
    assert "Breaker" not in caught.value.reason


async def test_a_person_who_comes_back_after_days_is_asked_whether_to_go_on(house: House) -> None:
    await house.hear_all("ana", LETTER[:4])
    house.clock.pass_by(days=3)
    await house.hear("ana", "Finland")
    assert "Continue or start again?" in house.last("ana")
    await house.hear("ana", "continue")
    assert "Which country" in house.last("ana")
    await house.hear_all("ana", LETTER[4:])
    assert len(await house.letters()) == 1


async def test_a_draft_is_kept_for_two_weeks_and_a_message_number_for_two_days(house: House) -> None:
    await house.hear_all("ana", LETTER[:4])
    house.clock.pass_by(days=3)
    await house.sweep()
    assert await house.rows(select(chats.c.recent)) == [{"recent": ""}]
    house.clock.pass_by(days=12)
    await house.sweep()
    await house.hear("ana", "hello")
    assert "It takes about two minutes" in house.last("ana")


async def test_the_channels_hint_chooses_the_nearest_language(house: House) -> None:
    await house.hear("ana", "hola", language="es-MX")
    assert "Norma Cruz dirige" in house.read("ana")[0]
    (row,) = await house.rows(select(chats.c.language))
    assert row["language"] == "es"


async def test_without_a_hint_the_person_is_asked_in_every_language(house: House) -> None:
    await house.hear("ana", Open())
    assert "Which language" in house.last("ana")
    assert "idioma" in house.last("ana")


async def test_one_person_writes_one_letter_for_a_case(house: House) -> None:
    await house.hear_all("ana", [*LETTER, "letter"])
    assert any("already written" in text for text in house.read("ana"))
    assert len(await house.rows(select(letters.c.id))) == 1


async def test_who_stops_gets_no_news_and_may_begin_again(house: House) -> None:
    await house.hear_all("ana", [*LETTER, "stop"])
    assert await house.rows(select(subscriptions)) == []
    await house.hear_all("ana", ["subscribe", "yes"])
    assert len(await house.rows(select(subscriptions))) == 1
