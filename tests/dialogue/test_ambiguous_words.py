"""A word that people type begins one thing, whichever languages are spoken."""

from copy import copy

from assistant.dialogue.script import Script
from assistant.domain.texts import Sentence


def test_no_word_begins_two_things_in_any_language(script: Script) -> None:
    for code in script.locales:
        assert script.ambiguous_words(code) == {}


def test_a_word_that_another_language_has_for_something_else_is_told(script: Script) -> None:
    clashing = copy(script)
    clashing.commands = {**script.commands, "help": Sentence("help, alto")}
    assert clashing.ambiguous_words("es") == {"alto": ["help", "stop"]}
