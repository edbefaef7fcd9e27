"""Words that are wider than a line: where they may be broken, so that the office reads all of them.

typst breaks lines where Unicode allows it (UAX #14), and never inside a word: one that is too wide runs off
the paper. Here it gets zero-width spaces between its characters. Scripts that are written without spaces
are left to typst, which knows their words; only a character that is repeated over and over is none of them.
"""

import re
import unicodedata
from collections.abc import Iterator

from assistant.content import typefaces

LINE = 35.0  # ems: 160 mm of text of 11 points, also in scripts that are set larger
NARROW = 20.0  # ems: the window of an envelope; lines of a case's own letterhead, as far as we can know

_BREAK = "\u200b"  # ZERO WIDTH SPACE
_REPEATED = 10  # the same character so often is no word
_WIDEST = 3.0  # ems of a character

# Thai, Lao, Burmese, Khmer; Chinese, Japanese, Korean.
_UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\ud7ff\uf900-\ufaff\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc"
    "\U00020000-\U0003ffff"
)
_MARKS = "".join(
    character
    for character in map(chr, (*range(0xE01, 0xF00), *range(0x1000, 0x10A0), *range(0x1780, 0x1800)))
    if unicodedata.category(character)[0] == "M"
)
_PIECE = re.compile(
    rf"(?P<repeated>(?P<unit>[{_UNSPACED}][{_MARKS}]*)(?P=unit){{{_REPEATED - 1},}})"
    rf"|[{_UNSPACED}]"
    rf"|(?P<word>[^\s{_UNSPACED}]+?(?:(?<=\w[-/\u2010\u2013\u2014])(?=[^\W\d_])|(?=[\s{_UNSPACED}])|$))"
)
_JOINERS = "\u200c\u200d\u2060"
_VIRAMA = 9  # its class: the next consonant belongs to the same syllable,
_KILLERS = "\u0e3a\u103a"  # but for these two of that class


def breakable(line: str, language: str, width: float = LINE) -> str:
    """`line`, with zero-width spaces in each word that is wider than `width` (ems); otherwise as it is.

    `language`: of the letter.
    """

    def broken(piece: re.Match[str]) -> str:
        if piece["repeated"] or _is_too_wide(piece["word"], language, width):
            return _BREAK.join(syllables(piece[0]))
        return piece[0]

    return _PIECE.sub(broken, line)


def too_wide(text: str, language: str, width: float = LINE) -> list[str]:
    """The words of `text` that are wider than `width` (ems), in order. `language`: of the letter."""
    words = (piece["word"] for piece in _PIECE.finditer(text))
    return [word for word in words if _is_too_wide(word, language, width)]


def widest(text: str, language: str) -> float:
    """How wide, in ems, the widest piece of `text` is in which no line is broken, as `breakable` left it."""
    words = (piece["word"] for part in text.split(_BREAK) for piece in _PIECE.finditer(part))
    return max((typefaces.width(word, language) for word in words if word), default=1.0)


def _is_too_wide(word: str | None, language: str, width: float) -> bool:
    if word is None or len(word) * (1 if word.isascii() else _WIDEST) <= width:
        return False
    return typefaces.width(word, language) > width


def syllables(word: str) -> Iterator[str]:
    """What is drawn as one, in order: a letter with its accents, or consonants that are joined."""
    start = 0
    for at in range(1, len(word)):
        if not (_goes_on(word[at]) or _joins(word[at - 1])):
            yield word[start:at]
            start = at
    yield word[start:]


def _goes_on(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or character in _JOINERS


def _joins(character: str) -> bool:
    if character in _KILLERS:
        return False
    return character in _JOINERS or unicodedata.combining(character) == _VIRAMA
