"""Texts that have to be shorter: cut behind a word, with three dots."""

from assistant.content import long_words, typefaces

_DOTS = "…"
_LOOSE = " ,;:.-–—([{“«¿¡\u200b"  # what no text ends with before the dots


def shortened(text: str, language: str, width: float) -> str:
    """`text` where it is no wider than `width` (ems, at least 2); else its beginning, with dots.

    It is cut behind a word where one ends in its second half, and otherwise between two characters.
    """
    if typefaces.width(text, language) <= width:
        return text
    room = width - typefaces.width(_DOTS, language)
    kept = ""
    for piece in long_words.syllables(text):
        room -= typefaces.width(piece, language)
        if room < 0:
            break
        kept += piece
    words, _, begun = kept.rpartition(" ")
    if len(words) > len(begun) and not text[len(kept) :].startswith(" "):
        kept = words
    return kept.rstrip(_LOOSE) + _DOTS
