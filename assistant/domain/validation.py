"""Cleaning and refusing what people want to be called, and the one line they may add.

The rules are for the letter's sake: a name ends up in front of a government office and must not be able
to smuggle in a link, a template, a mail header or text that shows in another order than it is stored.
"""

import re
import unicodedata
from enum import StrEnum

NAME_MAX = 80  # characters after cleaning
PERSONAL_LINE_MAX = 300
MARKS_MAX = 4  # marks stacked on one base letter; written languages need at most three

_JOINERS = "\u200c\u200d\u180e"  # Persian, Hindi, Sinhala, Mongolian and others spell with these
_FILLERS = "\u115f\u1160\u3164\uffa0\ufffc"  # letters of Hangul that show nothing; the place of an object
_LOST = "\ufffd"  # stands for what could not be read
_DROPPED = {"Cc", "Cf", "Co", "Cs"}  # control, format (bidi too), private use, lone surrogates
_BREAK_LINES = {"Cc", "Cs", "Zl", "Zp"}
_FORBIDDEN_IN_NAMES = frozenset("<>{}=?@:$")
_SITES = "com|org|net|info|biz|io|xyz|app|site"
_SITES_OR_NAMES = "co|gt|uk|fr|ru|cn|link|top|ly"  # links after long words only: J.Ly, Dra.Top
_SITES_OR_WORDS = "me|es|de"  # ... and where no word follows: "justicia.es lo justo", "Hans.de Boer"
# "Gracias.Me preocupa", "Thanks.Info follows": a space is missing after a full stop.
_NO_SENTENCE = r"(?-i:(?![A-Z][a-z]))"
_LINK = re.compile(
    rf"""
    ://
    | \bwww\.
    | \b[\w-]+\.{_NO_SENTENCE}(?:{_SITES})\b
    | \b[\w-]{{4,}}\.{_NO_SENTENCE}(?:{_SITES_OR_NAMES})\b
    | \b[\w-]{{4,}}\.{_NO_SENTENCE}(?:{_SITES_OR_WORDS})\b(?!\s+[^\W\d_])
    | \.(?:{_SITES}|{_SITES_OR_NAMES}|{_SITES_OR_WORDS})/
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SHOWN_MAX = 40  # characters of a link that is pointed out


class Refusal(StrEnum):
    """Why an answer cannot be taken."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NO_LETTERS = "no_letters"
    SYMBOLS = "symbols"
    LINK = "link"
    UNPRINTABLE = "unprintable"  # no font of ours has these characters
    NOT_OFFERED = "not_offered"
    UNKNOWN_COUNTRY = "unknown_country"
    NONE_OF_THESE = "none_of_these"  # what was suggested was not meant
    NOT_THE_NAME = "not_the_name"  # nor was what looks like no name
    ANNOUNCED = "announced"  # "yes", where the sentence itself was asked for
    ANOTHER_NUMBER = "another_number"
    NO_MOMENT = "no_moment"
    PAST = "past"


def clean(text: str) -> str:
    """NFC, on one line, without characters that are invisible or change the reading order."""
    if text.isascii() and text.isprintable():  # nothing to drop: most names, ten times as fast
        return " ".join(text.split())
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category[0] == "M":
            marks += category != "Mc"  # those stand beside their letter: Burmese has five marks in a row
            if marks <= MARKS_MAX:
                kept.append(character)
        elif character in _JOINERS:
            kept.append(character)
        elif category in _DROPPED or character in _FILLERS:
            kept.append(" " if character.isspace() else "")
        else:
            marks = 0
            kept.append(character)
    line = " ".join("".join(kept).split())
    # Again NFC: what was dropped may have stood between a letter and its accent.
    return unicodedata.normalize("NFC", line).strip(_JOINERS + " ")


def link_in(text: str) -> str:
    """What makes `text` refused as a link: the first such word, shortened where it is long; or nothing."""
    if "." not in text and "://" not in text:  # no link is without: most texts, at once
        return ""
    if not (found := _LINK.search(text)):
        return ""
    before, after = text[: found.start()].split(" ")[-1], text[found.end() :].split(" ")[0]
    word = f"{before}{found[0]}{after}".strip(".,;:!?()\"'")
    return word if len(word) <= _SHOWN_MAX else f"{word[:_SHOWN_MAX]}…"


def part_at_fault(text: str, refusal: Refusal) -> str:
    """The part of a cleaned `text` for which it is refused: a link, or signs; empty for other reasons."""
    if refusal is Refusal.LINK:
        return link_in(text)
    if refusal is Refusal.SYMBOLS:
        return " ".join(dict.fromkeys(each for each in text if each in _FORBIDDEN_IN_NAMES))
    return ""


def control_in(text: str) -> str:
    """The first character for which no carrier takes `text` as one line, such as an office or a subject.

    Those are control characters, tabs and ends of lines among them, the separators of lines and paragraphs
    (U+2028, U+2029), and halves of characters. Empty where there is none.
    """
    return next((each for each in text if unicodedata.category(each) in _BREAK_LINES), "")


def clean_name(text: str) -> str | Refusal:
    """The name as it will be signed, or why not. Any script; one word is a name too."""
    name = clean(text)
    if not name:
        return Refusal.EMPTY
    if len(name) > NAME_MAX:
        return Refusal.TOO_LONG
    if link_in(name):
        return Refusal.LINK
    if _FORBIDDEN_IN_NAMES.intersection(name):
        return Refusal.SYMBOLS
    if not any(unicodedata.category(character)[0] == "L" for character in name):
        return Refusal.NO_LETTERS
    if _LOST in name:
        return Refusal.UNPRINTABLE
    return name


def clean_personal_line(text: str, limit: int = PERSONAL_LINE_MAX) -> str | Refusal:
    """The supporter's own line, or why not. At most `limit` characters. What it says is for `review`."""
    line = clean(text)
    if not line:
        return Refusal.EMPTY
    if len(line) > limit:
        return Refusal.TOO_LONG
    return Refusal.UNPRINTABLE if _LOST in line else line


def plain_digits(text: str) -> str:
    """The text with digits of any script as 0 to 9."""
    return "".join(str(unicodedata.digit(each, each)) for each in text.strip())
