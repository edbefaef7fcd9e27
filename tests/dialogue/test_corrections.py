"""Messages edited afterwards, by the ids that channels give them. Whole chats are in tests/transcripts."""

import pytest

from assistant.dialogue.router import Turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import REFS_MAX, State
from assistant.dialogue.talk import Person
from assistant.domain.messages import Edited, Open, Paper, TextMessage
from tests.support.invented_cases import invented_cases, with_cases
from tests.support.transcript import Chat

UNTIL_THE_PREVIEW = ("hi", "go", "Germany", "Ana", "skip")


@pytest.fixture
def chat(script: Script) -> Chat:
    return Chat(with_cases(script, [invented_cases(script)["alma-rivas"]]), Person(language="en"))


def write(chat: Chat, *typed: str) -> None:
    """Each is a message that goes by its own text, so that edits name it by that."""
    for each in typed:
        chat.send(TextMessage(each, ref=each))


def answers(chat: Chat) -> dict[str, str | None]:
    """What has been answered, in every conversation under way."""
    return {each.name: each.value for frame in chat.state.frames for each in frame.answers}


@pytest.mark.parametrize("named", ["Ana", "second"])
def test_an_edit_may_name_the_message_by_its_old_or_its_new_id(chat: Chat, named: str) -> None:
    write(chat, "hi", "go", "Germany", "Ana")
    chat.send(Edited("Ana", "Ana Ruiz", "second"))
    chat.send(Edited(named, "Ana Maria", "third"))
    assert answers(chat)["name"] == "Ana Maria"
    assert chat.send(Edited("third", "Eva")).accepted
    assert answers(chat)["name"] == "Eva"


def test_an_edit_that_changes_nothing_is_found_by_its_new_id_too(chat: Chat) -> None:
    write(chat, "hi", "go", "Germany", "Ana")
    silent = chat.send(Edited("Ana", "Ana", "second"))
    assert (silent.replies, silent.effects, silent.accepted) == ((), (), False)
    chat.send(Edited("second", "Eva"))
    assert answers(chat)["name"] == "Eva"


def test_a_refused_message_keeps_its_ids_once_it_is_taken(chat: Chat) -> None:
    write(chat, "hi", "go", "Germany", "12345")
    chat.send(Edited("12345", "67890", "second"))
    chat.send(Edited("second", "Ana", "third"))
    assert chat.question.asks == "line"
    for ref, name in (("12345", "Eva"), ("second", "Ida"), ("third", "Ada")):
        chat.send(Edited(ref, name))
        assert answers(chat)["name"] == name


def test_a_message_edited_without_end_does_not_fill_the_state(chat: Chat) -> None:
    write(chat, "hi", "go", "Germany", "Ana")
    for number in range(3 * REFS_MAX):
        last = str(number - 1) if number else "Ana"
        chat.send(Edited(last, f"Ana {'I' * (number + 1)}", str(number)))
    assert answers(chat)["name"] == f"Ana {'I' * 3 * REFS_MAX}"
    assert all(len(each.refs) <= REFS_MAX for each in chat.state.frames[0].answers)


def test_another_answer_takes_the_place_of_the_message_before(chat: Chat) -> None:
    write(chat, *UNTIL_THE_PREVIEW, "edit", "name", "Eva")
    assert not chat.send(Edited("Ana", "Ada")).accepted
    assert answers(chat)["name"] == "Eva"
    assert chat.send(Edited("Eva", "Ida")).accepted
    assert answers(chat)["name"] == "Ida"


def test_back_brings_an_answer_that_can_be_corrected_as_before(chat: Chat) -> None:
    write(chat, *UNTIL_THE_PREVIEW)
    chat.send(Edited("Ana", "12345"))
    assert chat.question.asks == "name"
    write(chat, "back")
    assert answers(chat)["name"] == "Ana"
    chat.send(Edited("Ana", "Eva"))
    assert answers(chat)["name"] == "Eva"


def test_a_corrected_letter_is_sent_only_as_it_is_shown_now(chat: Chat) -> None:
    write(chat, *UNTIL_THE_PREVIEW)
    before = chat.press("send")
    corrected = chat.send(Edited("Ana", "Eva"))
    assert "Eva" in chat.question.html
    assert corrected.replies[0].html.count("Eva\nGermany") == 1
    (attachment,) = [reply.attachment for reply in chat.send("page").replies if reply.attachment]
    assert isinstance(attachment, Paper)
    assert attachment.text == "Señora Ministra:\n\nAlma Rivas fue arrestada.\n\nEva\nAlemania"
    assert chat.send(before).effects == ()
    assert len(chat.send(chat.press("send")).effects) == 1


def test_the_case_can_be_corrected(script: Script) -> None:
    chat = Chat(with_cases(script, invented_cases(script).values()), Person(language="en"))
    write(chat, "hi", "1", "go", "Germany", "Ana", "skip")
    chat.send(Edited("1", "2"))
    assert "Leyla Aydin" in chat.question.html
    assert answers(chat) == {
        "case": "leyla-aydin",
        "ready": "go",
        "name": "Ana",
        "country": "DE",
        "line": None,
    }


@pytest.mark.parametrize("text", ["help", "/back", "/send", "forget", "ayuda"])
def test_an_answer_does_not_become_a_word_that_works_everywhere(chat: Chat, text: str) -> None:
    write(chat, *UNTIL_THE_PREVIEW)
    before = chat.state
    assert not chat.send(Edited("Ana", text)).accepted
    assert chat.state == before


def test_a_refused_message_may_become_a_word_that_works_everywhere(chat: Chat) -> None:
    write(chat, "hi", "go", "Germany", "Ana", "skip", "bakc")
    chat.send(Edited("bakc", "back"))
    assert chat.question.asks == "line"


def test_an_edit_to_more_than_fits_says_so(chat: Chat) -> None:
    write(chat, "hi", "go", "Germany", "Ana")
    asked_again = chat.send(Edited("Ana", "A" * 81))
    assert not asked_again.accepted
    assert "That has 81 characters" in asked_again.replies[0].html
    assert chat.question.asks == "name"


@pytest.mark.parametrize("ref", ["Ana", "hi", "never seen"])
def test_an_edit_opens_nothing(chat: Chat, ref: str) -> None:
    write(chat, "hi", "go", "Germany", "Ana", "cancel")
    told = chat.send(Edited(ref, "Eva", "second"))
    assert told == Turn(State(), (), (), accepted=False)


def test_an_edit_after_days_still_corrects(chat: Chat) -> None:
    write(chat, "hi", "go", "Germany", "Ana")
    assert chat.send(Edited("Ana", "Eva"), days_away=3).accepted
    assert chat.question.asks == "line"


def test_an_answer_whose_question_is_not_asked_any_more_stays(chat: Chat) -> None:
    write(chat, "hi", "go", "Germany", "Ana")
    conversations = {**chat.script.conversations, "letter": chat.script.conversations["subscribe"]}
    chat.script.conversations = conversations
    assert not chat.send(Edited("Ana", "Eva")).accepted
    assert answers(chat)["name"] == "Ana"


def test_two_letters_under_way_never_share_an_answer(script: Script) -> None:
    chat = Chat(with_cases(script, invented_cases(script).values()), Person(language="en"))
    chat.send(Open("alma-rivas"))
    write(chat, "go", "Germany", "Ana")
    chat.send(Open("leyla-aydin"))
    assert chat.question.asks == "resume"
    chat.send(Edited("Ana", "Eva"))
    assert chat.question.asks == "resume"
    write(chat, "continue")
    assert answers(chat) == {"ready": "go", "country": "DE", "name": "Eva"}
