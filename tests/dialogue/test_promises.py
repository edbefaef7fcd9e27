"""What the chat promises is true: it names everybody who reads a letter, and what stays where."""

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.letters import Route
from assistant.domain.retention import KEEP_LETTERS
from tests.support.dialogue_organisers import send_all
from tests.support.invented_cases import with_cases, with_retention, with_target
from tests.support.transcript import Chat

HANDS = {
    "tray": "people of the campaign, who pass it on",
    "email": "mail servers on its way",
    "fax": "the service that sends the fax",
    "post": "people of the campaign, who print and post it",
}


def sent_by(script: Script, *carriers: str) -> Script:
    """The script whose case has routes by these carriers."""
    (case,) = script.cases.values()
    routes = tuple(Route(each) for each in carriers)
    return with_cases(script, [with_target(case, routes=routes)])


@pytest.mark.parametrize("carriers", [("tray",), ("email",), ("fax", "email"), ("post", "tray")])
def test_privacy_names_everybody_who_has_a_letter_in_hand(script: Script, carriers: tuple[str, ...]) -> None:
    said = (
        Chat(sent_by(script, *carriers), Person(language="en", overheard_by="Telegram"))
        .send("privacy")
        .replies[0]
        .html
    )
    assert "the government that gets your letter" in said
    assert {each for each, hand in HANDS.items() if hand in said} == set(carriers)
    assert "We keep this readable, so that we can count" in said
    assert f"{KEEP_LETTERS.usual} days after it was sent" in said
    assert "Telegram can read what is written in this chat." in said
    assert "PDF of your letter stay in this chat" in said


@pytest.mark.parametrize(
    ("language", "word", "said"),
    [
        (
            "en",
            "privacy",
            ["3 days after it was sent", "after 5 days", "60 days after that", "120 days after"],
        ),
        ("es", "privacidad", ["3 días", "5 días", "60 días", "120 días"]),
    ],
)
def test_privacy_says_the_days_that_are_set(
    script: Script, language: str, word: str, said: list[str]
) -> None:
    set_so = with_retention(script, letters=3, failed=60, drafts=5, inactive=90)
    told = "".join(reply.html for reply in Chat(set_so, Person(language=language)).send(word).replies)
    assert [each for each in said if each not in told] == []


def test_forgetting_says_what_stays_on_the_phone(script: Script) -> None:
    chat = Chat(script, Person(language="en"))
    send_all(chat, "forget")
    said = "".join(reply.html for reply in chat.send("yes").replies)
    assert "Nobody here can read who you are any more" in said
    assert "Safety copies of our data may still hold it" in said
    assert "delete the chat on your phone" in said


def test_who_lives_where_the_letter_goes_gets_a_calm_word(script: Script) -> None:
    word = "Your own government gets this letter"
    for country, told in (("Guatemala", True), ("Finland", False)):
        chat = Chat(script, Person(language="en"))
        send_all(chat, "hi", "go", country)
        assert chat.question.asks == "name"
        assert (word in chat.question.html) is told
