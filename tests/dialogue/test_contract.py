"""Question names and option values: saved talks and the buttons on people's phones hold them for ever."""

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from tests.dialogue.invented import invented_cases, with_cases
from tests.transcript import Chat

EVERYTHING = """
hi | en | go | Ana | Germany | skip | edit | name | Ana | send | yes |
language | en | stop | subscribe | no | forget | no
"""


def questions(chat: Chat) -> dict[str, tuple[str, ...]]:
    """What was asked, with the values that were offered."""
    return {reply.asks: tuple(button.value for button in reply.buttons) for reply in chat.shown if reply.asks}


def test_question_names_and_option_values_never_change(script: Script) -> None:
    chat = Chat(with_cases(script, [invented_cases(script)["alma-rivas"]]))
    for typed in EVERYTHING.split("|"):
        chat.send(typed.strip())
    assert questions(chat) == {
        "language": ("en", "es"),
        "ready": ("go", "later"),
        "name": (),
        "country": (),
        "line": ("skip",),
        "verdict": ("send", "edit", "stop"),
        "field": ("name", "country", "line"),
        "subscribe": ("yes", "no"),
        "forget": ("yes", "no"),
    }


def test_coming_back_offers_to_continue_or_to_start_again(script: Script) -> None:
    chat = Chat(with_cases(script, [invented_cases(script)["alma-rivas"]]), Person("en"))
    for typed in ("hi", "go", "Ana"):
        chat.send(typed)
    chat.send("Germany", days_away=7)
    assert questions(chat)["resume"] == ("continue", "again")


def test_cases_are_chosen_by_slug(script: Script) -> None:
    chat = Chat(with_cases(script, invented_cases(script).values()), Person("en"))
    chat.send("hi")
    assert questions(chat) == {"case": ("alma-rivas", "leyla-aydin", "norma-cruz")}


def test_conversations_keep_their_names(script: Script) -> None:
    assert sorted(script.conversations) == [
        "about",
        "cancel",
        "change",
        "forget",
        "help",
        "language",
        "letter",
        "mine",
        "mydata",
        "privacy",
        "resume",
        "rewrite",
        "share",
        "stop",
        "subscribe",
        "withdraw",
    ]
