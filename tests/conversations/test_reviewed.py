"""What people sign or agree to was read, in each language, by somebody who had not seen the English.

They wrote down what they understood. Where a sentence, or its translation, is another one now, it is to be
read anew: locales/review/.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import conversations
from tests.support.sentences import LOCALES, word_lists

CONVERSATIONS = Path(conversations.__file__).parent
LANGUAGES = sorted(each.parent.name for each in LOCALES.glob("*/LC_MESSAGES"))


@dataclass(frozen=True)
class Reading:
    """A translation, each form of it, and what was understood."""

    said: tuple[str, ...]
    read: str


def forms(said: str | Iterable[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


def agreed_to() -> set[str]:
    """The English of all that supporters read, but for lists of words to type."""
    found: set[str] = set()
    for file in (*CONVERSATIONS.glob("supporters/sentences/*.py"), CONVERSATIONS / "ways.py"):
        with file.open("rb") as source:
            for _, message, _, _ in extract("python", source, {"_": None, "Sentence": (1, 3)}):
                found.add(forms(message)[0])
    return found - word_lists()


def translations(language: str) -> Mapping[str, tuple[str, ...]]:
    with (LOCALES / language / "LC_MESSAGES" / "assistant.po").open("rb") as file:
        return {forms(each.id)[0]: forms(each.string) for each in read_po(file) if each.id}


def readings(language: str) -> Mapping[str, Reading]:
    file = LOCALES / "review" / f"{language}.toml"
    written = tomllib.loads(file.read_text("utf-8"))["sentence"]
    return {each["english"]: Reading(forms(each["said"]), each["read"]) for each in written}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_that_people_agree_to_was_read_as_it_stands(language: str) -> None:
    known, said = readings(language), translations(language)
    wanted = agreed_to()
    assert len(wanted) > 200
    assert [each for each in wanted if each not in known or known[each].said != said[each]] == []
    assert [each for each in known if each not in wanted or not known[each].read.strip()] == []
