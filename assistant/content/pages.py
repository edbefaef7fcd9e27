"""What a letter shows, line by line, as letterheads get it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

from assistant.content import long_words, typefaces
from assistant.domain.cases import Letterhead
from assistant.domain.errors import Failure
from assistant.domain.targets import Target

Run = dict[str, str]  # its text and its font
Line = list[Run]
Data = dict[str, object]  # can be written as JSON

_DIRECTIONS = {"L": "ltr", "R": "rtl", "AL": "rtl"}  # of strong letters: UAX #9, 3.2
_ISOLATES = {"ltr": "\u2066", "rtl": "\u2067"}
# The zeros of the digits that CLDR calls so. Their letters also have our own digits.
_ZEROS = {"arab": 0x660, "arabext": 0x6F0, "beng": 0x9E6, "deva": 0x966, "mymr": 0x1040}
_REGIONS = {"Hans": "CN", "Hant": "TW"}  # by which typst chooses the forms of Chinese characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A letter to be printed.

    `language`: of the letter, such as `es` or `pt-BR`. `written`: the day at the office is its date.
    `address`: lines for the window of an envelope (at most six short ones); empty for a letter that is not
    posted, which shows the office and its place. `letterhead`: the case's own form, instead of ours.
    """

    text: str
    target: Target
    language: str
    written: datetime
    address: tuple[str, ...] = ()
    letterhead: Letterhead | None = None


def contents(page: Page) -> Data:
    """What letterhead.typ says it gets, but for the size.

    Raises Failure where no typeface has a character of it.
    """
    locale = Locale.parse(page.language, sep="-")
    setting = _Setting(page.language, locale.text_direction)
    width = long_words.NARROW if page.letterhead else long_words.LINE
    paragraphs = [paragraph.split("\n") for paragraph in page.text.split("\n\n")]
    office, place = (each.texts[page.language].unescape() for each in (page.target.office, page.target.place))
    return {
        "title": capitalised(office),
        "language": locale.language,
        "region": locale.territory or _REGIONS.get(locale.script or ""),
        "direction": setting.direction,
        "font": typefaces.body(page.language),
        "posted": bool(page.address),
        "address": setting.lines(page.address or (capitalised(office), place), long_words.NARROW),
        "date": setting.line(_date(page, locale), long_words.LINE),
        "paragraphs": [{"lines": setting.lines(lines, width)} for lines in paragraphs],
        "directions": [setting.direction_of(lines) for lines in paragraphs],
    }


def capitalised(text: str) -> str:
    """As at the beginning of a line."""
    return text[:1].upper() + text[1:]


def _date(page: Page, locale: Locale) -> str:
    """The day at the office, in the digits of the language."""
    day = page.written.astimezone(ZoneInfo(page.target.timezone)).date()
    written = format_date(day, "long", locale=locale)
    if f"M{day.month:02}" in written:  # CLDR does not know the names of months
        return day.isoformat()
    zero = _ZEROS.get(locale.default_numbering_system or "", ord("0"))
    return written.translate({ord("0") + digit: chr(zero + digit) for digit in range(10)})


@dataclass(frozen=True, slots=True)
class _Setting:
    """How the lines of a letter are set."""

    language: str
    direction: str

    def lines(self, lines: Sequence[str], width: float) -> list[Line]:
        return [self.line(line, width) for line in lines]

    def line(self, line: str, width: float) -> Line:
        """The runs of a line. `width`: ems. Raises Failure where no typeface has a character of it."""
        shown = long_words.breakable(" ".join(line.split()), self.language, width)
        runs: Line = []
        for run in typefaces.runs(self._isolated(shown), self.language):
            if run.font is None:
                raise Failure("No typeface of ours has every character of the letter.", permanent=True)
            runs.append({"text": run.text, "font": run.font})
        return runs

    def direction_of(self, lines: Sequence[str]) -> str:
        """The base direction of a paragraph: the other one where every line of it begins in that."""
        directions = {_first_strong(line) or self.direction for line in lines}
        return directions.pop() if len(directions) == 1 else self.direction

    def _isolated(self, line: str) -> str:
        """A line that begins in the other direction is read in that: its words, full stop and brackets."""
        if line.isascii() and self.direction == "ltr":
            return line
        direction = _first_strong(line) or self.direction
        return line if direction == self.direction else f"{_ISOLATES[direction]}{line}\u2069"


def _first_strong(line: str) -> str | None:
    """The direction of the first letter that has one, outside isolates: UAX #9, rules P2 and P3."""
    depth = 0
    for character in line:
        kind = unicodedata.bidirectional(character)
        if kind in ("LRI", "RLI", "FSI"):
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif depth == 0 and kind in _DIRECTIONS:
            return _DIRECTIONS[kind]
    return None
