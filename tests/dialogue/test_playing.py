"""How often a conversation runs in a turn."""

from collections.abc import Iterable

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person, Talk
from assistant.domain.effects import Begin, Effect, HandOn
from tests.support.dialogue_organisers import send_all
from tests.support.invented_cases import invented_cases, with_cases
from tests.support.transcript import Chat


@pytest.mark.parametrize("written", ["help", "stop", "who are you?"])
def test_an_open_question_is_played_once_however_many_rules_ask_which_it_is(
    script: Script, written: str
) -> None:
    counted = with_cases(script, [invented_cases(script)["alma-rivas"]])
    letter, runs = script.conversations["letter"], 0

    def letter_that_counts(talk: Talk) -> Iterable[Effect | Begin | HandOn]:
        nonlocal runs
        runs += talk.frame.asked is not None
        return letter(talk)

    counted.conversations = {**script.conversations, "letter": letter_that_counts}
    chat = Chat(counted, Person(language="en"))
    send_all(chat, "letter", "go")
    assert chat.question.asks == "country"
    runs = 0
    chat.send(written)
    assert runs == 1
