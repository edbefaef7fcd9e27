"""The typefaces that letters are set in, and which characters they can draw.

They are the Noto fonts of two packages (`manimgx-fonts`, `noto-cjk-sans-jp-regular`, both under the SIL
Open Font License), so that a letter looks the same on every machine. A letter and its accents are drawn
from one typeface or not at all: typst drops a letter without a word where only its accent is found in an
earlier typeface, so it is told here which typeface draws what.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path

_SANS = "Noto Sans"
_HAN = "Noto Sans CJK JP"  # holds Chinese (both), Japanese and Korean forms, chosen by language
_SCRIPTS = (
    "Arabic",
    "Devanagari",
    "Armenian",
    "Bengali",
    "Ethiopic",
    "Georgian",
    "Gujarati",
    "Gurmukhi",
    "Hebrew",
    "Kannada",
    "Khmer",
    "Lao",
    "Malayalam",
    "Myanmar",
    "Oriya",
    "Sinhala",
    "Tamil",
    "Telugu",
    "Thai",
)
_FOLDERS = ("manimgx_fonts", "noto_cjk_sans_jp_regular")
_FILES = {
    _SANS: (_FOLDERS[0], "NotoSans[wght].ttf"),
    **{f"{_SANS} {script}": (_FOLDERS[0], f"NotoSans{script}[wght].ttf") for script in _SCRIPTS},
    _HAN: (_FOLDERS[1], "NotoSansCJKjp-Regular.otf"),
}
_HAN_LANGUAGES = frozenset({"ja", "ko", "yue", "zh"})
_WIDE_IN_HAN = frozenset(map(ord, "·–—‘’“”‥…‧⸺"))  # as typst's own "latin-in-cjk"

# They show nothing, and no font needs them: soft hyphen, joiners, direction marks, variation selectors.
INVISIBLE = frozenset(
    chain(
        (0xAD, 0x61C, 0x2060, 0xFEFF),
        *(range(0x180B, 0x180F), range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2066, 0x206A)),
        *(range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)),
    )
)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line that one typeface draws. `font` is None where none of ours can."""

    text: str
    font: str | None


def folders() -> list[Path]:
    """Where the typefaces are, for typst."""
    return [Path(str(files(package))) for package in _FOLDERS]


def body(language: str) -> str:
    """The typeface that most of a letter in `language` is set in."""
    return _HAN if language.split("-")[0] in _HAN_LANGUAGES else _SANS


def runs(line: str, language: str) -> Iterator[Run]:
    """The pieces of a line in composed form (NFC), in order. `language`: of the letter."""
    names, pattern = _pattern(language.split("-")[0] in _HAN_LANGUAGES)
    for found in pattern.finditer(unicodedata.normalize("NFC", line)):
        yield Run(found[0], names[found.lastindex or 0])


def missing(text: str) -> str:
    """The characters, with their accents, that none of our typefaces can draw: each once, in order.

    Empty where a letter can show all of `text`.
    """
    if text.isascii() and text.isprintable():
        return ""
    _names, pattern = _pattern(False)
    ours = unicodedata.normalize("NFC", text).translate(_LINE_ENDS)
    return "".join(dict.fromkeys(found[0] for found in pattern.finditer(ours) if not found.lastindex))


def width(text: str, language: str) -> float:
    """About how wide `text` is on one line, in ems: without kerning and joined letters.

    Characters of the typeface for Chinese, Japanese and Korean, and what has no typeface, count as one em.
    """
    return sum(
        _advances(run.font).get(ord(character), 1.0) if run.font else 1.0
        for run in runs(text, language)
        for character in run.text
    )


_LINE_ENDS = {ord(character): " " for character in "\t\r\n"}


@cache
def characters() -> dict[str, frozenset[int]]:
    """The code points that each typeface has, the most usual typeface first."""
    return {family: _cmap(Path(str(files(package))) / name) for family, (package, name) in _FILES.items()}


@cache
def _advances(family: str) -> Mapping[int, float]:
    """How far each character takes the line, in ems."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it has no types

    if family == _HAN:
        return {}  # nearly all are as wide as high, and reading it takes most of a second
    package, name = _FILES[family]
    with TTFont(Path(str(files(package))) / name, lazy=True) as font:
        em, widths = font["head"].unitsPerEm, font["hmtx"].metrics
        return {code: widths[glyph][0] / em for code, glyph in font.getBestCmap().items()}


def _cmap(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _pattern(wide: bool) -> tuple[list[str | None], re.Pattern[str]]:
    """An expression whose groups are runs, with the typeface of each group; no group: nothing draws it.

    A run goes on for as long as its typeface lasts, but words and numbers in Latin letters are always set
    in the same one. `wide`: dashes and quotation marks are those of Chinese, Japanese and Korean.
    """
    sets = characters()
    order = [_SANS, _HAN, *sets] if wide else list(sets)
    words = {code for code in sets[_SANS] if unicodedata.category(chr(code))[0] in "LN"}
    accents = (code for code in range(0x300, 0x1F000) if unicodedata.category(chr(code))[0] == "M")
    marks = _class(INVISIBLE.union(accents))
    groups: list[tuple[str | None, frozenset[int]]] = []
    for family in dict.fromkeys(order):
        elsewhere = words if family != _SANS else _WIDE_IN_HAN if wide else frozenset[int]()
        groups.append((family, sets[family] - elsewhere))
    # What was left to another typeface, which lacks an accent of it:
    groups += [(family, sets[family]) for family in (_SANS, _HAN)]
    characters.cache_clear()  # 20 MiB that are not needed again
    alternatives = "|".join(f"({_class(codes | INVISIBLE)}+(?!{marks}))" for _family, codes in groups)
    names = [None, *(family for family, _codes in groups)]
    return names, re.compile(f"{alternatives}|.{marks}*", re.DOTALL)


def _class(codes: Iterable[int]) -> str:
    """An expression for one of these characters."""
    ranges: list[list[int]] = []
    for code in sorted(codes):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return f"[{''.join(f'{_escaped(start)}-{_escaped(end)}' for start, end in ranges)}]"


def _escaped(code: int) -> str:
    return f"\\U{code:08x}"
