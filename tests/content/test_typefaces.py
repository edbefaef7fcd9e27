"""Which characters our typefaces have: what is accepted is drawn, and what cannot be drawn is said."""

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
import typst
from babel import Locale, localedata

from assistant.content import typefaces
from assistant.content.documents import Documents
from assistant.content.pages import Page
from assistant.dialogue.script import Script
from assistant.domain.targets import Target
from tests.support.international_names import NAMES_BY_SCRIPT
from tests.support.pdf_contents import boxes, glyphs

LINES = 24  # of a page, so that all are seen
UNPRINTABLE = {
    "Tibetan",
    "Cherokee",
    "Canadian syllabics",
    "Mongolian, the second with a vowel separator",
    "N'Ko",
    "Tifinagh",
    "Adlam",
    "Thaana",
    "Syriac",
}


@pytest.fixture(scope="module")
def target(script: Script) -> Target:
    return script.cases["norma-cruz"].main


def _drawn(lines: Iterable[str], target: Target) -> bytes:
    """All the lines, on as many pages as they take."""
    every = list(lines)
    written = datetime(2012, 1, 20, 15, tzinfo=UTC)
    return Documents().batch(
        [
            Page(text="\n".join(every[at : at + LINES]), target=target, language="es", written=written)
            for at in range(0, len(every), LINES)
        ]
    )


def _letter_of(family: str) -> str:
    letters = (chr(code) for code in sorted(typefaces.characters()[family]) if code > 0x2FF)
    return next(each for each in letters if unicodedata.category(each) in ("Lo", "Ll"))


def test_names_of_the_world_can_be_printed_but_for_a_few_scripts() -> None:
    missing = {script for script, names in NAMES_BY_SCRIPT.items() if any(map(typefaces.missing, names))}
    assert missing == UNPRINTABLE


def test_a_box_would_be_seen_by_these_tests() -> None:
    source = b'#set text(font: "Noto Sans", fallback: false)\nA \xf0\x9f\x98\x80 B'
    fonts = typst.Fonts(include_system_fonts=False, font_paths=typefaces.folders())
    pdf = typst.Compiler(source, font_paths=fonts).compile(format="pdf")
    assert isinstance(pdf, bytes)
    assert boxes(pdf) == 1


def test_names_that_are_accepted_are_drawn(target: Target) -> None:
    names = [
        name
        for script, all_names in NAMES_BY_SCRIPT.items()
        if script not in UNPRINTABLE
        for name in all_names
    ]
    pdf = _drawn(names, target)
    assert boxes(pdf) == 0
    assert len({font for font, _number in glyphs(pdf)}) == len(typefaces.characters())


def test_every_character_that_is_accepted_is_drawn(target: Target) -> None:
    shown = {
        f"{_letter_of(family)}{character}" if unicodedata.combining(character) else character
        for family, codes in typefaces.characters().items()
        for character in map(chr, sorted(codes))
        if unicodedata.category(character)[0] in "LMNPS"
    }
    assert len(shown) > 45_000
    every = sorted(shown)
    assert boxes(_drawn((" ".join(every[at : at + 24]) for at in range(0, len(every), 24)), target)) == 0


def test_words_of_every_language_are_drawn_or_refused(target: Target) -> None:
    refused = set()
    accepted = []
    for language in localedata.locale_identifiers():
        if "_" not in language:
            names = [str(name) for name in Locale.parse(language).territories.values()]
            spoiled = [name for name in names if typefaces.missing(name)]
            refused |= {language} if spoiled else set()
            accepted += sorted(set(names) - set(spoiled))[::20]
    assert boxes(_drawn(accepted, target)) == 0
    with_scripts_of_their_own = {"bo", "ccp", "chr", "csw", "dv", "dz", "hnj", "ii", "iu", "nqo", "osa"}
    assert refused <= with_scripts_of_their_own | {"sat", "shi", "syr", "vai", "zgh"}


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("an emoji", "😀"),
        ("a family, joined", "👩\u200d👩"),
        ("a flag", "🇬🇹"),
        ("a keycap", "1\ufe0f\u20e3"),
        ("a heart with its selector", "❤\ufe0f"),
        ("a hieroglyph", "\U00013000"),
        ("a private character", "\ue000"),
        ("an unassigned code point", "\u0378"),
        ("a control character", "\x07"),
        ("a Hebrew point on a Devanagari letter", "क\u05b8"),
    ],
)
def test_what_no_typeface_has_is_said(what: str, text: str) -> None:
    assert set(text) <= set(typefaces.missing(f"Ana {text} López"))
    assert "A" not in typefaces.missing(f"Ana {text} López")


def test_each_missing_character_is_said_once_in_order_of_appearance() -> None:
    assert typefaces.missing("Ana 🐢🐌🐢 López 🦎") == "🐢🐌🦎"


def test_spaces_and_ends_of_lines_are_not_missing() -> None:
    assert typefaces.missing("Ana\tLópez\r\n\u00a0\u2009\u202f\u3000Jr.") == ""


def test_an_accent_is_drawn_by_the_typeface_of_its_letter(target: Target) -> None:
    # Noto Sans has the accent but no Armenian: left alone, typst shows the accent without the letter.
    name = "Ժ\u0308"
    assert typefaces.missing(name) == ""
    assert [run.font for run in typefaces.runs(f"Ana {name}", "es")] == ["Noto Sans", "Noto Sans Armenian"]
    armenian = [number for font, number in glyphs(_drawn([name], target)) if "Armenian" in font]
    assert len(armenian) == 2


def test_accents_written_apart_are_the_same_as_composed_ones() -> None:
    for name in ("Nguyễn Thị Hương", "Olúwaṣeun Adébáyọ̀", "Ελένη", "がぎ", "김민수"):
        apart = unicodedata.normalize("NFD", name)
        assert typefaces.missing(apart) == ""
        assert list(typefaces.runs(apart, "es")) == list(typefaces.runs(name, "es"))


def test_what_shows_nothing_needs_no_glyph(target: Target) -> None:
    lines = []
    for family in typefaces.characters():
        letter = _letter_of(family)
        lines += [f"{letter}{chr(code)}{letter}" for code in sorted(typefaces.INVISIBLE) if code < 0xE0110]
    assert not any(map(typefaces.missing, lines))
    assert boxes(_drawn(lines, target)) == 0


def test_words_in_latin_letters_look_the_same_in_every_language() -> None:
    chinese = list(typefaces.runs("我写信给“Ana Nguyễn”——2010年。", "zh"))
    assert [run.font for run in chinese if "Ana" in run.text or "2010" in run.text] == ["Noto Sans"] * 2
    assert {run.font for run in chinese} == {"Noto Sans", "Noto Sans CJK JP"}
    assert next(run.font for run in chinese if "—" in run.text) == "Noto Sans CJK JP"
    assert [run.font for run in typefaces.runs("“Ana” — 2010", "es")] == ["Noto Sans"]


def test_runs_hold_the_whole_line() -> None:
    line = "Le escribo, 王芳, y 😀 محمد."
    assert "".join(run.text for run in typefaces.runs(line, "es")) == line
    assert [run.text for run in typefaces.runs(line, "es") if run.font is None] == ["😀"]
