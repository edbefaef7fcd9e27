"""Styled text as signal-cli-rest-api reads it.

It does what src/utils/textstyleparser.go of bbernhard/signal-cli-rest-api does, oddities and all: a marker
that is never closed goes, styles close only in the order opposite to their opening, and a backslash before a
pair of stars keeps both of them.
"""

from typing import NamedTuple

_ESCAPE = "\\"
_MARKERS = {"**": "BOLD", "||": "SPOILER", "*": "ITALIC", "~": "STRIKETHROUGH", "`": "MONOSPACE"}
_ESCAPABLE = frozenset("*`|~")


class Style(NamedTuple):
    """A style and what it covers, in UTF-16 code units."""

    start: int
    length: int
    name: str


def parse(message: str) -> tuple[str, list[Style]]:
    """The text without markers, and its styles."""
    text: list[str] = []
    length = 0
    styles: list[Style] = []
    opened: list[tuple[int, str]] = []
    previous = ""
    at = 0
    while at < len(message):
        letter, following = message[at], message[at + 1 : at + 2]
        marker = letter + following if letter + following in _MARKERS else letter
        at += 1
        if marker in _MARKERS:
            at += len(marker) - 1
            if previous == _ESCAPE:
                text.append(marker)
                length += len(marker)
            elif opened and opened[-1][1] == _MARKERS[marker]:
                start, name = opened.pop()
                styles.append(Style(start, length - start, name))
            else:
                opened.append((length, _MARKERS[marker]))
        elif not (letter == _ESCAPE and following in _ESCAPABLE):
            text.append(letter)
            length += 2 if letter > "\uffff" else 1
        previous = letter
    return "".join(text), styles


def letters(text: str, styles: list[Style]) -> list[tuple[str, frozenset[str]]]:
    """Each character with the names of its styles."""
    result: list[tuple[str, frozenset[str]]] = []
    at = 0
    for letter in text:
        covering = (style.name for style in styles if style.start <= at < style.start + style.length)
        result.append((letter, frozenset(covering)))
        at += 2 if letter > "\uffff" else 1
    return result
