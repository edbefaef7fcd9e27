"""The notation of word lists: what a phrase finds, and what it does not reach over."""

import re

import pytest

from assistant.domain.obfuscation import plain, readings, words
from assistant.domain.phrases import BadPhrase, pattern

SETS = {"we": "we|i|my men", "breaks": "not|those", "small": "the|of"}


def finds(phrase: str, text: str) -> bool:
    return bool(re.search(pattern(phrase, SETS), words(plain(text))))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("kill you", "KILL   yóu!"),
        ("kill|hang you", "hang you"),
        ("{we} kill", "So my men kill"),
        ("go_away|leave now", "Go away now"),
        ("kill* you", "killing you"),
        ("*kill you", "overkill you"),
        ("kill the? man", "kill man"),
        ("we ... kill", "we will soon come kill"),
        ("^ kill", "Stop. Kill"),
        ("now $", "Do it now. Please"),
        ("{number} street", "12b street"),
        ("{number} {name} street", "12 Elm street"),
    ],
)
def test_a_phrase_finds(phrase: str, text: str) -> None:
    assert finds(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("kill you", "skill you"),
        ("kill you", "kill. You"),
        ("we ... kill", "we do not kill"),
        ("we ... kill", "we find those who kill"),
        ("we ... kill", "we one two three four kill"),
        ("^ kill", "They kill"),
        ("now $", "now or never"),
        ("{number} {name} street", "12 of street"),
    ],
)
def test_a_phrase_does_not_find(phrase: str, text: str) -> None:
    assert not finds(phrase, text)


@pytest.mark.parametrize("phrase", ["", "{nobody}", "a|", "what?!", "a ?"])
def test_what_cannot_be_read_is_named(phrase: str) -> None:
    with pytest.raises(BadPhrase):
        pattern(phrase, SETS)


@pytest.mark.parametrize(
    "disguised",
    [
        "ｋｉｌｌ",
        "k1ll",
        "k!ll",
        "k i l l",
        "k-i-l-l",
        "k.i.l.l",
        "kiiiill",
        "кill",
        "k\u200bi\u200bl\u200bl",
        "kíll",
        "𝐤𝐢𝐥𝐥",
        "ⓚⓘⓛⓛ",
        "KILL",
    ],
)
def test_a_disguise_is_read_away(disguised: str) -> None:
    assert any(" kill " in words(each) for each in readings(plain(disguised)))


def test_most_texts_have_one_reading() -> None:
    assert len(list(readings(plain("Please protect Norma Cruz and her family, since 2009.")))) == 1
