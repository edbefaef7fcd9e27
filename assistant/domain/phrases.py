"""Phrases that are looked for, as word lists write them.

A phrase is words with blanks between:

| written | meaning |
|---|---|
| `word` | this word, also with an accent or a capital |
| `one|other`, `two_words|other` | one of these; `_` stands for a blank |
| `word*`, `*word` | words that begin, or end, so |
| `word?` | it may be missing |
| `...` | up to three other words, none of the set `breaks` |
| `{set}` | one of the words of that set |
| `{number}`, `{name}` | a number; a word that is not of the set `small` |
| `^`, `$` | here a sentence begins, or ends |
"""

import re
from collections.abc import Mapping

from assistant.domain.obfuscation import plain

_WORD = r"[^\W_]+"
_NUMBER = r"\d{1,5}[a-z]?"


class BadPhrase(ValueError):
    """A phrase of a word list cannot be read."""


def pattern(phrase: str, sets: Mapping[str, str], *, squashed: bool = False) -> str:
    """A regular expression that finds the phrase in `obfuscation.words`. Raises BadPhrase.

    `sets`: words with `|` between, by name. `squashed`: finds it where the blanks are missing.
    """
    return _Reader(sets, squashed=squashed).phrase(phrase)


class _Reader:
    def __init__(self, sets: Mapping[str, str], *, squashed: bool) -> None:
        self._sets = sets
        self._squashed = squashed
        self._blank = "" if squashed else " "

    def phrase(self, phrase: str) -> str:
        if not phrase.split():
            raise BadPhrase("a phrase is empty")
        try:
            read = "".join(self._element(each) for each in phrase.split())
        except BadPhrase as error:
            raise BadPhrase(f"{error}, in '{phrase}'") from error
        return read if self._squashed else rf"(?<![^ ]){read}"

    def _element(self, element: str) -> str:
        if element == "...":
            return "" if self._squashed else rf"(?:{self._not_of('breaks')}{_WORD} ){{0,3}}"
        if element in ("^", "$"):
            return "" if self._squashed else r"\. "
        optional, element = element.endswith("?"), element.removesuffix("?")
        found = f"(?:{'|'.join(map(self._alternative, element.split('|')))}){self._blank}"
        return f"(?:{found})?" if optional else found

    def _alternative(self, written: str) -> str:
        match written:
            case "{number}":
                return _NUMBER
            case "{name}":
                return rf"{self._not_of('small')}(?!\d){_WORD}"
        if not written.startswith("{"):
            return self._words(written)
        name = written[1:].removesuffix("}")
        if name not in self._sets:
            raise BadPhrase(f"there is no set {written}")
        return "|".join(map(self._words, self._sets[name].split("|")))

    def _not_of(self, name: str) -> str:
        if not (words := self._sets.get(name)):
            return ""
        return rf"(?!(?:{'|'.join(map(self._words, words.split('|')))}) )"

    def _words(self, written: str) -> str:
        """One alternative, which may be of several words."""
        words = written.replace("_", " ").split()
        if not words:
            raise BadPhrase("an alternative is empty")
        return self._blank.join(map(self._word, words))

    def _word(self, written: str) -> str:
        bare = plain(written.strip("*"))
        if not bare.isalnum():
            raise BadPhrase(f"'{written}' is no word")
        rest = "" if self._squashed else r"[^\W_]*"
        return (
            (rest if written.startswith("*") else "")
            + re.escape(bare)
            + (rest if written.endswith("*") else "")
        )
