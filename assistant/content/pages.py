"""What a letter shows, line by line, as letterheads get it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

from assistant.content import long_words
from assistant.content.typesetting import Setting
from assistant.domain.cases import Letterhead
from assistant.domain.targets import Target

Data = dict[str, object]  # can be written as JSON

# The zeros of the digits that CLDR calls so. Their letters also have our own digits.
_ZEROS = {"arab": 0x660, "arabext": 0x6F0, "beng": 0x9E6, "deva": 0x966, "mymr": 0x1040}


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
    setting = Setting(page.language, locale.text_direction)
    width = long_words.NARROW if page.letterhead else long_words.LINE
    paragraphs = [paragraph.split("\n") for paragraph in page.text.split("\n\n")]
    office, place = (each.texts[page.language].unescape() for each in (page.target.office, page.target.place))
    return {
        "title": capitalised(office),
        **setting.document,
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
