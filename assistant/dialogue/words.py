"""How words are compared that people type, and phrases that translators list, separated by commas."""

import re
import unicodedata
from functools import lru_cache

from markupsafe import Markup

from assistant.domain.texts import ISOLATES, Locale, Text

_ACCENTS = re.compile("[\u0300-\u036f]")  # of Latin, Greek and Cyrillic; elsewhere marks are vowels


def fold(text: str) -> str:
    """`text` as words are compared: without case, width, accents and outer punctuation."""
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(ISOLATES)))
        text = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
    return text.casefold().strip(" \t\r\n.,;!?¡¿…\"'«»()")


_QUESTION_MARKS = "?¿\u061f\uff1f\u055e\u1367"  # Latin, Arabic, full width, Armenian, Ethiopic


def is_marked(text: str) -> bool:
    """Whether it has a question mark."""
    return any(mark in text for mark in _QUESTION_MARKS)


def plainly(text: str) -> str:
    """The words as phrases are compared: folded, with one blank between them; `don't` is `dont`."""
    folded = (fold(word) for word in text.split())
    return " ".join(word for word in folded if _is_more_than_a_dash(word)).replace("'", "")


def _words(text: str) -> list[str]:
    """What stands between blanks, but for signs that stand alone."""
    return [word for word in text.split() if _is_more_than_a_dash(fold(word))]


def _is_more_than_a_dash(folded: str) -> bool:
    return bool(folded.strip("-\u2013\u2014"))


@lru_cache(maxsize=256)  # lists of the catalogues: nothing that people write
def phrases(said: Markup) -> frozenset[str]:
    """The phrases of a rendered list, folded."""
    return frozenset(fold(phrase) for phrase in said.unescape().split(","))


@lru_cache(maxsize=64)
def beginnings(said: Markup) -> tuple[str, ...]:
    """The phrases as sentences of more words begin with them."""
    return tuple(f"{phrase} " for phrase in sorted(phrases(said)))


def behind(text: str, said: Text, locale: Locale) -> str:
    """What stands behind one of these phrases; nothing where `text` begins with none of them."""
    plain, known = plainly(text), beginnings(said.render(locale))
    if not plain.startswith(known):
        return ""
    phrase = max((each for each in known if plain.startswith(each)), key=len)
    return " ".join(_words(text)[phrase.count(" ") :])
