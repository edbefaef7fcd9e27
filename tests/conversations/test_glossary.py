"""Each language's glossary says what its catalogue says."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from babel.messages.pofile import read_po

from assistant.dialogue.script import Script
from assistant.dialogue.words import fold
from conversations import commands
from tests.support.sentences import LOCALES, word_lists, words_of

GLOSSARY = "glossary.md"
TYPED = {**commands.COMMANDS, **commands.QUIET, **commands.TEAM}
BOLD = re.compile(r"\*\*([^*]+)\*\*")
ITALIC = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")
LANGUAGES = sorted(each.parent.name for each in LOCALES.glob("*/LC_MESSAGES"))
for_each_language = pytest.mark.parametrize("language", LANGUAGES)


@dataclass(frozen=True)
class Term:
    english: str
    said: str
    avoided: str

    @property
    def alternatives(self) -> list[str]:
        """What the catalogue says, without the words to type and what explains them."""
        alternatives = re.split("[;,،؛]", BOLD.sub("", self.said))
        return [word for each in alternatives if (word := each.rpartition(":")[2].strip())]


def rows(glossary: str) -> list[list[str]]:
    """The table of a glossary, by rows, without its head."""
    text = (LOCALES / glossary).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[2:]]


def terms(language: str) -> list[Term]:
    return [Term(*row) for row in rows(f"{language}/{GLOSSARY}")]


def catalogue(language: str) -> Mapping[str, str]:
    """Each sentence by the English one, but for lists of words to type."""
    typed = word_lists()
    return {english: said for english, said in sentences(language) if english not in typed}


def sentences(language: str) -> Iterator[tuple[str, str]]:
    with (LOCALES / language / "LC_MESSAGES" / "assistant.po").open("rb") as file:
        for message in read_po(file):
            english = message.id if isinstance(message.id, str) else message.id[0]
            said = message.string if isinstance(message.string, str) else " ".join(message.string or ())
            if english:
                yield english, fold(said)


def stands_in(words: str, sentence: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fold(words))}(?!\w)", sentence) is not None


@for_each_language
def test_what_must_not_be_said_is_not_said(language: str) -> None:
    avoided = [word for term in terms(language) for word in ITALIC.findall(term.avoided)]
    assert len(avoided) > 40
    known = catalogue(language)
    found = {word: english for word in avoided for english, said in known.items() if stands_in(word, said)}
    assert found == {}


@for_each_language
def test_what_is_to_be_said_is_said(language: str) -> None:
    wanted = [word for term in terms(language) for word in term.alternatives]
    assert len(wanted) > 40
    said = catalogue(language).values()
    assert [word for word in wanted if not any(stands_in(word, each) for each in said)] == []


@for_each_language
def test_a_word_to_type_is_known_and_people_are_told_of_it(script: Script, language: str) -> None:
    locale = script.locales[language.replace("_", "-")]
    known = {word for sentence in TYPED.values() for word in words_of(sentence, locale)}
    told = {word for said in catalogue(language).values() for word in re.findall("<b>([^<]+)</b>", said)}
    typed = [fold(word) for term in terms(language) for word in BOLD.findall(term.said)]
    assert len(typed) > 5
    assert [word for word in typed if word not in known & told] == []


@for_each_language
def test_every_term_has_its_row_in_the_same_order(language: str) -> None:
    english = [english for english, _meaning in rows(GLOSSARY)]
    assert len(english) == len(set(english)) > 40
    assert [term.english for term in terms(language)] == english
