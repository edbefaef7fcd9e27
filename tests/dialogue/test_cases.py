"""Several cases at once: choosing, links, and cases that are closed meanwhile."""

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.effects import QueueLetter, Subscribe
from assistant.domain.messages import Open
from tests.support.invented_cases import invented_cases, with_cases
from tests.support.transcript import Chat


@pytest.fixture
def chat(script: Script) -> Chat:
    return Chat(with_cases(script, invented_cases(script).values()), Person(language="en"))


def close(chat: Chat, *slugs: str) -> None:
    """These cases are no longer there."""
    chat.script = with_cases(
        chat.script, [case for case in chat.script.cases.values() if case.slug not in slugs]
    )


def write(chat: Chat, *typed: str) -> None:
    for each in typed:
        chat.send(each)


def test_letter_and_news_are_those_of_the_chosen_case(chat: Chat) -> None:
    write(chat, "hi", "2", "go", "Germany", "Ana", "skip")
    sent = chat.send("send")
    assert [effect.draft.case for effect in sent.effects if isinstance(effect, QueueLetter)] == [
        "leyla-aydin"
    ]
    assert chat.send("yes").effects == (Subscribe("leyla-aydin"),)


def test_a_link_names_the_case_so_nothing_is_asked(chat: Chat) -> None:
    chat.send(Open("leyla-aydin"))
    assert chat.question.asks == "ready"
    assert "Leyla Aydin" in chat.shown[0].html


def test_subscribing_in_the_middle_of_a_letter_is_about_its_case(chat: Chat) -> None:
    write(chat, "hi", "alma", "go", "subscribe")
    assert chat.send("yes").effects == (Subscribe("alma-rivas"),)
    assert chat.question.asks == "country"


def test_a_letter_for_each_case(chat: Chat) -> None:
    for slug, signed in (("alma-rivas", ["Germany", "Ana"]), ("leyla-aydin", ["yes"])):
        chat.send(Open(slug))
        write(chat, "go", *signed, "skip", "send", "no")
    assert {letter.ref.case for letter in chat.person.letters} == {"alma-rivas", "leyla-aydin"}


def test_a_link_to_another_case_first_asks_whether_to_go_on(chat: Chat) -> None:
    chat.send(Open("alma-rivas"))
    write(chat, "go", "Ana")
    chat.send(Open("leyla-aydin"))
    assert chat.question.asks == "resume"
    assert "Alma Rivas" in chat.question.html
    chat.send("continue")
    assert chat.question.asks == "country"


def test_starting_again_from_a_link_is_about_the_case_of_the_last_link(chat: Chat) -> None:
    chat.send(Open("alma-rivas"))
    write(chat, "go", "Ana")
    chat.send(Open("leyla-aydin"))
    chat.send(Open("norma-cruz"))
    chat.send("again")
    assert [frame.about for frame in chat.state.frames] == ["norma-cruz"]
    assert chat.question.asks == "ready"


def test_a_link_to_the_same_case_asks_the_open_question(chat: Chat) -> None:
    chat.send(Open("alma-rivas"))
    write(chat, "go", "Ana")
    chat.send(Open("alma-rivas"))
    assert chat.question.asks == "country"


@pytest.mark.parametrize("begun", [Open("alma-rivas"), Open()])
def test_nothing_of_a_letter_for_a_closed_case_is_used_for_another(chat: Chat, begun: Open) -> None:
    chat.send(begun)
    if begun.case is None:
        chat.send("alma rivas")
    write(chat, "go", "Germany", "Ana", "skip")
    close(chat, "alma-rivas")
    assert not chat.send("send").effects
    assert chat.question.asks == "case"
    assert [frame.answers for frame in chat.state.frames] == [()]


def test_a_button_of_a_closed_case_is_answered(chat: Chat) -> None:
    chat.send(Open("alma-rivas"))
    close(chat, "alma-rivas")
    assert chat.send(chat.press("go")).replies


def test_going_on_with_a_closed_case_begins_anew(chat: Chat) -> None:
    chat.send(Open("alma-rivas"))
    write(chat, "go", "Ana")
    chat.send(Open("leyla-aydin"))
    close(chat, "alma-rivas")
    write(chat, "continue", "continue")
    assert chat.question.asks == "case"


def test_when_one_case_is_left_it_is_not_asked_for(chat: Chat) -> None:
    close(chat, "alma-rivas", "norma-cruz", "ines-quispe")
    chat.send("hi")
    assert chat.question.asks == "ready"


@pytest.mark.parametrize("payload", ["norma-cruz", "norma-cruz_poster"])
def test_a_link_chooses_the_case_where_that_is_the_open_question(script: Script, payload: str) -> None:
    chat = Chat(with_cases(script, invented_cases(script).values()), Person(language="en"))
    chat.send("/start")
    assert chat.question.asks == "case"
    chat.send(f"/start {payload}")
    assert chat.question.asks == "ready"
    assert "Norma Cruz" in chat.question.html


@pytest.mark.parametrize("typed", ["no", "No!", "nor"])
def test_no_is_not_the_beginning_of_a_name(script: Script, typed: str) -> None:
    chat = Chat(with_cases(script, invented_cases(script).values()), Person(language="en"))
    chat.send("/start")
    chat.send(typed)
    assert chat.question.asks == ("ready" if typed == "nor" else "case")
