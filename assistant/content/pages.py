"""What a letter shows, line by line, as letterheads get it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

from assistant.content import typefaces
from assistant.domain.cases import Target
from assistant.domain.errors import Failure

Run = dict[str, str]  # its text and its font
Line = list[Run]
Data = dict[str, object]  # can be written as JSON

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LEFT_TO_RIGHT = re.compile(
    "[A-Za-z\u00c0-\u024f\u0370-\u058f\u0900-\u1fff\u2c00-\ud7ff\U00020000-\U0003ffff]"
)
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
    letterhead: Path | None = None


def contents(page: Page) -> Data:
    """What letterhead.typ says it gets, but for the size.

    Raises Failure where no typeface has a character of it.
    """
    locale = Locale.parse(page.language, sep="-")
    setting = _Setting(page.language, locale.text_direction)
    office, place = (each.texts[page.language].unescape() for each in (page.target.office, page.target.place))
    return {
        "title": office,
        "language": locale.language,
        "region": locale.territory or _REGIONS.get(locale.script or ""),
        "direction": setting.direction,
        "font": typefaces.body(page.language),
        "posted": bool(page.address),
        "address": setting.lines(page.address or (office[:1].upper() + office[1:], place)),
        "date": setting.line(_date(page, locale)),
        "paragraphs": [{"lines": setting.lines(each.split("\n"))} for each in page.text.split("\n\n")],
    }


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

    def lines(self, lines: Sequence[str]) -> list[Line]:
        return [self.line(line) for line in lines]

    def line(self, line: str) -> Line:
        """The runs of a line. Raises Failure where no typeface has a character of it."""
        runs: Line = []
        for run in typefaces.runs(self._isolated(" ".join(line.split())), self.language):
            if run.font is None:
                raise Failure("No typeface of ours has every character of the letter.", permanent=True)
            runs.append({"text": run.text, "font": run.font})
        return runs

    def _isolated(self, line: str) -> str:
        """A line wholly in the other direction keeps its own full stops and brackets where they belong."""
        if line.isascii() and self.direction == "ltr":
            return line
        right, left = _RIGHT_TO_LEFT.search(line), _LEFT_TO_RIGHT.search(line)
        if self.direction == "ltr" and right and not left:
            return f"\u2067{line}\u2069"
        if self.direction == "rtl" and left and not right:
            return f"\u2066{line}\u2069"
        return line
