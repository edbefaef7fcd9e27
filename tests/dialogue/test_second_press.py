"""Who presses a button once more reads how it stands, and not that nothing was changed."""

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Role
from conversations import CONVERSATIONS, SETTLED
from tests.support.dialogue_organisers import alert, organiser
from tests.support.transcript import Chat

LETTER = ("hello", "go", "Germany", "Ana", "skip")
STALE = "nothing was changed"


def _said(chat: Chat, value: str, ago: int = 1) -> str:
    taken = chat.send(chat.press(value, ago))
    assert (taken.effects, taken.accepted) == ((), False)
    return " ".join(reply.html for reply in taken.replies)


@pytest.fixture
def chat(script: Script) -> Chat:
    """Somebody who has read their letter."""
    chat = Chat(script, Person(language="en"))
    for text in LETTER:
        chat.send(text)
    return chat


@pytest.mark.parametrize("then", [(), ("yes",), ("no",), ("help",), ("name",)])
def test_a_second_send_says_that_the_letter_waits(chat: Chat, then: tuple[str, ...]) -> None:
    chat.send(chat.press("send"))
    for text in then:
        chat.send(text)
    said = _said(chat, "send")
    assert "has not been sent yet" in said and STALE not in said


def test_the_open_question_is_asked_again_after_it(chat: Chat) -> None:
    chat.send(chat.press("send"))
    taken = chat.send(chat.press("send"))
    assert [reply.asks for reply in taken.replies][-1] == "subscribe"
    assert chat.send("yes").effects != ()


def test_send_under_a_draft_that_was_never_sent_changes_nothing(chat: Chat) -> None:
    chat.send("edit")
    chat.send("name")
    chat.send("Anna")
    assert STALE in _said(chat, "send", 2)
    chat.send("cancel")
    assert STALE in _said(chat, "send")


def test_a_second_withdrawal_says_that_it_is_withdrawn(chat: Chat) -> None:
    for text in ("send", "yes", "withdraw"):
        chat.send(text)
    chat.send(chat.press("yes"))
    assert "is withdrawn" in _said(chat, "yes")


def test_a_second_yes_says_what_news_one_gets(chat: Chat) -> None:
    chat.send("send")
    chat.send(chat.press("yes"))
    assert "You get the news" in _said(chat, "yes")


def test_a_second_approval_shows_what_is_under_way(script: Script) -> None:
    chat = organiser(script, Role.OWNER, alert(7, BroadcastStatus.PROPOSED))
    chat.send("/approve 7")
    chat.send(chat.press("yes"))
    said = _said(chat, "yes")
    assert "Alert 7" in said and STALE not in said


def test_what_tells_how_it_stands_is_a_conversation() -> None:
    assert set(SETTLED.values()) <= CONVERSATIONS.keys()
