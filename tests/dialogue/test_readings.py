"""In which language somebody reads the letter that they are about to send."""

import pytest

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from tests.support.invented_cases import invented_cases, templates_of, with_cases, with_letters
from tests.support.transcript import Chat

LACKING = {
    "en": "We do not have this letter in English yet.",
    "es": "Todavía no tenemos esta carta en español.",
}
TEXTS = {"en": "Alma Rivas was arrested.", "es": "Alma Rivas fue arrestada."}


def preview(script: Script, language: str, readings: set[str]) -> str:
    """What somebody of that language reads before they send a letter in Spanish, which is there in these."""
    case = invented_cases(script)["alma-rivas"]
    templates = {each: text for each, text in templates_of(case).items() if each in readings}
    chat = Chat(with_cases(script, [with_letters(case, templates)]), Person(language=language))
    for typed in ("hi", "go", "Germany", "Ana", "skip"):  # which both languages understand
        chat.send(typed)
    return str(chat.question.html)


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_is_read_in_ones_own_language_where_there_is_a_reading(script: Script, language: str) -> None:
    said = preview(script, language, {"en", "es"})
    assert TEXTS[language] in said and LACKING[language] not in said


def test_where_there_is_none_it_is_read_as_it_is_sent_and_that_is_said(script: Script) -> None:
    said = preview(script, "en", {"es"})
    assert said.startswith(LACKING["en"])
    assert ", in Spanish:" in said and TEXTS["es"] in said
