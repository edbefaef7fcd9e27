"""The glossary for translators says what the Spanish catalogue says."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from babel.messages.pofile import read_po

from assistant.dialogue.script import Script
from assistant.dialogue.words import fold
from conversations import commands
from tests.support.sentences import LOCALES, word_lists, words_of

GLOSSARY = LOCALES / "glossary.md"
SPANISH = LOCALES / "es" / "LC_MESSAGES" / "assistant.po"
TYPED = {**commands.COMMANDS, **commands.QUIET, **commands.TEAM}
BOLD = re.compile(r"\*\*([^*]+)\*\*")
ITALIC = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")


@dataclass(frozen=True)
class Term:
    english: str
    spanish: str
    avoided: str

    @property
    def said(self) -> list[str]:
        """What the catalogue says, without the words to type and what explains them."""
        alternatives = re.split("[;,]", BOLD.sub("", self.spanish))
        return [word for each in alternatives if (word := each.rpartition(":")[2].strip())]


def terms() -> list[Term]:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in GLOSSARY.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    return [Term(english, spanish, avoided) for english, _meaning, spanish, avoided in rows[2:]]


@pytest.fixture
def catalogue() -> Mapping[str, str]:
    """Each Spanish sentence by the English one, but for lists of words to type."""
    typed = word_lists()
    return {english: spanish for english, spanish in sentences() if english not in typed}


def sentences() -> Iterator[tuple[str, str]]:
    with SPANISH.open("rb") as file:
        for message in read_po(file):
            english = message.id if isinstance(message.id, str) else message.id[0]
            spanish = message.string if isinstance(message.string, str) else " ".join(message.string or ())
            if english:
                yield english, fold(spanish)


def stands_in(words: str, sentence: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fold(words))}(?!\w)", sentence) is not None


def test_what_must_not_be_said_is_not_said(catalogue: Mapping[str, str]) -> None:
    avoided = [word for term in terms() for word in ITALIC.findall(term.avoided)]
    assert len(avoided) > 40
    found = {
        word: english for word in avoided for english, said in catalogue.items() if stands_in(word, said)
    }
    assert found == {}


def test_what_is_to_be_said_is_said(catalogue: Mapping[str, str]) -> None:
    wanted = [word for term in terms() for word in term.said]
    assert len(wanted) > 40
    assert [word for word in wanted if not any(stands_in(word, said) for said in catalogue.values())] == []


def test_a_word_to_type_is_known_and_people_are_told_of_it(
    script: Script, catalogue: Mapping[str, str]
) -> None:
    known = {word for sentence in TYPED.values() for word in words_of(sentence, script.locales["es"])}
    told = {word for said in catalogue.values() for word in re.findall("<b>([^<]+)</b>", said)}
    typed = [fold(word) for term in terms() for word in BOLD.findall(term.spanish)]
    assert len(typed) > 5
    assert [word for word in typed if word not in known & told] == []


def test_one_row_a_term() -> None:
    english = [term.english for term in terms()]
    assert len(english) == len(set(english))
