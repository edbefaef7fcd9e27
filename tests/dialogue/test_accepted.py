"""Whether a message was taken: channels take away the buttons of a question that was answered."""

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.effects import MarkGroupChat, Unsubscribe
from assistant.domain.messages import (
    Approval,
    Blocked,
    Content,
    Edited,
    GroupChat,
    Open,
    Press,
    TextMessage,
    Unreadable,
)
from tests.support.dialogue_organisers import send_all
from tests.support.invented_cases import invented_cases, reworded, with_cases
from tests.support.transcript import Chat


@pytest.fixture
def chat(script: Script) -> Chat:
    """The country is being asked."""
    begun = Chat(with_cases(script, [invented_cases(script)["alma-rivas"]]), Person(language="en"))
    for typed in ("hi", "go"):
        begun.send(typed)
    return begun


@pytest.mark.parametrize(
    "content",
    [
        TextMessage("Germany"),
        TextMessage("help"),
        TextMessage("/help"),
        TextMessage("back"),
        TextMessage("/start"),
        TextMessage("/start alma-rivas_flyer"),
        TextMessage("forget"),
        Open(),
        Open("alma-rivas", "flyer"),
        Edited("1", "not now"),
    ],
)
def test_answers_commands_and_openings_are(chat: Chat, content: Content) -> None:
    assert chat.send(content).accepted


@pytest.mark.parametrize(
    "content",
    [
        TextMessage("Middle-earth"),
        TextMessage("congo"),
        TextMessage("Germany", mark="name.0123456789ab"),
        TextMessage("/hepl"),
        Press("ready.0123456789ab", "go"),
        Unreadable("photo"),
        Edited("1", "Go"),
        Edited("0", "Eva"),
        Approval(),
        Approval("country.0123456789ab"),
        Blocked(),
        GroupChat(),
    ],
)
def test_what_is_stale_refused_unreadable_or_passed_over_is_not(chat: Chat, content: Content) -> None:
    before = chat.state.frames[0].answers
    assert not chat.send(content).accepted
    assert chat.state.frames[0].answers == before


def test_a_press_is_while_its_question_is_open(chat: Chat) -> None:
    send_all(chat, "Germany", "Ana")
    press = chat.press("skip")
    assert chat.send(press).accepted
    assert not chat.send(press).accepted


def test_the_first_message_opens_the_letter(chat: Chat) -> None:
    chat.send("cancel")
    assert chat.send("anything").accepted
    assert chat.question.asks == "ready"


def test_an_answer_put_off_after_days_is_not(chat: Chat) -> None:
    assert not chat.send("Germany", days_away=7).accepted
    assert chat.question.asks == "resume"


def test_a_link_opens_the_same_with_and_without_where_it_stood(chat: Chat) -> None:
    plain, counted = (
        Chat(chat.script, Person(language="en")).send(TextMessage(text))
        for text in ("/start alma-rivas", "/start alma-rivas_a1")
    )
    assert plain == counted


def test_blocking_changes_nothing_but_the_news(chat: Chat) -> None:
    before = chat.state
    blocked = chat.send(Blocked())
    assert (blocked.state, blocked.replies, blocked.effects) == (before, (), (Unsubscribe(),))


def test_a_group_is_told_once(chat: Chat) -> None:
    before = chat.state
    told = chat.send(GroupChat())
    assert (told.state, len(told.replies), told.effects) == (before, 1, (MarkGroupChat(),))
    everything = (GroupChat(), Blocked(), TextMessage("hi"), Open(), Edited("2", "Eva"), Unreadable("photo"))
    for content in everything:
        silent = chat.send(content)
        assert (silent.state, silent.replies, silent.effects) == (before, (), ())


def test_a_thumbs_up_on_a_letter_that_reads_differently_by_now_is_passed_over(chat: Chat) -> None:
    for typed in ("Germany", "Ana", "skip"):
        chat.send(typed)
    chat.script = reworded(chat.script)
    before = chat.state
    silent = chat.send(Approval(chat.mark("verdict")))
    assert (silent.state, silent.replies, silent.effects) == (before, (), ())
