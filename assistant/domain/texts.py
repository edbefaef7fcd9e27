"""What we say, before it is known in which language: sentences render themselves for a reader.

Rendered text is `markupsafe.Markup` in Telegram's small HTML (b, i, u, a, code, blockquote). A plain
`str` put into a sentence is escaped, so nothing a person typed can become markup.
"""

import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from assistant.domain.charts import Chart
from assistant.domain.messages import Paper


class Locale(Protocol):
    """One language, as far as sentences need it."""

    @property
    def language(self) -> str:
        """Its code, such as `es`."""

    @property
    def own_name(self) -> str:
        """What its speakers call it, such as `español`."""

    @property
    def rtl(self) -> bool:
        """Whether it is written from right to left."""

    @property
    def siblings(self) -> Mapping[str, "Locale"]:
        """Every language we speak, this one included, by code."""

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """Codes to look for a text in, best first; this language is the first of them."""

    def gettext(self, message: str) -> Markup:
        """The translation, or the message itself: both are ours, and small HTML."""

    def ngettext(self, one: str, many: str, count: int) -> Markup:
        """The translation in the plural form that `count` takes."""

    def country(self, code: str) -> str:
        """A country's name, by its ISO 3166 code of two letters, or by CLDR's key of another name for it."""

    def called(self, code: str) -> str:
        """The name of another language, by its code."""

    def day(self, year: int, month: int | None, day: int | None) -> str:
        """A date written out, as far as it is known."""

    def weekday(self, day: date) -> str:
        """The name of the day of the week that it is."""

    def time(self, hour: int, minute: int) -> str:
        """A time of day."""

    def read_moment(self, text: str, now: datetime) -> datetime | None:
        """The day and time that is written so in this language, such as `Monday 9:00`; None where none is.

        `now` and the result are as clocks show them there, without a zone. A day alone is its `MORNING`.
        """

    def number(self, value: int) -> str:
        """A number, with what stands between its thousands."""

    def listed(self, names: Sequence[str]) -> str:
        """Names in a row: what stands between them, and before the last."""


class Text(Protocol):
    """Anything that can be said."""

    def render(self, locale: Locale) -> Markup:
        """The text for a reader of that language."""


def render(said: "Text | str", locale: Locale) -> Markup:
    """`said` for a reader of that language; a plain string is escaped."""
    return escape(said) if isinstance(said, str) else said.render(locale)


def in_plain_text(said: "Text | str", locale: Locale) -> str:
    """`said` where no markup is read, such as on a button."""
    return without_entities(render(said, locale))


def without_entities(html: Markup) -> str:
    """The text, whose tags stay. As `Markup.unescape`, which takes as long for a text without entities."""
    return html.unescape() if "&" in html else str(html)


Values = Mapping[str, "Text | str | int"]
"""What is put into a sentence, by name."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message of the catalogue with its values: `Sentence("Dear {name}", {"name": name})`."""

    message: str
    values: Values = field(default_factory=dict)
    many: str | None = None
    count: int = 0

    def render(self, locale: Locale) -> Markup:
        if self.many is None:
            text = locale.gettext(self.message)
        else:
            text = locale.ngettext(self.message, self.many, self.count)
        if not self.values:
            return text
        # Every value is escaped by `render`, and str.format is five times as fast as Markup.format.
        values = {
            name: str(value) if isinstance(value, int) else _isolated(str(render(value, locale)), locale)
            for name, value in self.values.items()
        }
        return Markup(str.format_map(text, values))  # noqa: S704  our own catalogue, not input


FIRST_FROM_RIGHT_TO_LEFT = "\u0590"
"""Where the block of Hebrew begins: no character before it is written that way."""

_BEGIN_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
ISOLATES = {ord(_BEGIN_ISOLATE): None, ord(_END_ISOLATE): None}
"""For `str.translate`: they change how a text is shown, and nothing about what it says."""


def _isolated(value: str, locale: Locale) -> str:
    """The value, kept apart where it is written the other way: else it turns the sentence around it.

    First strong isolates, https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates: they hold for
    one line, so that what has several stays as it is.
    """
    if "\n" in value or (max(value, default="") < FIRST_FROM_RIGHT_TO_LEFT and not locale.rtl):
        return value
    other = ("L",) if locale.rtl else ("R", "AL")
    turned = any(unicodedata.bidirectional(each) in other for each in Markup(value).striptags())  # noqa: S704
    return f"{_BEGIN_ISOLATE}{value}{_END_ISOLATE}" if turned else value


@dataclass(frozen=True, slots=True)
class Written:
    """A text of a case folder: one version a language, already rich text.

    `stale`: languages whose version is a translation of what the text does not say any more.
    """

    texts: Mapping[str, Markup]
    stale: frozenset[str] = frozenset()

    @property
    def current(self) -> Mapping[str, Markup]:
        """Those that say what the text says now."""
        return {language: text for language, text in self.texts.items() if language not in self.stale}

    def render(self, locale: Locale) -> Markup:
        current = self.current
        for language in (*locale.fallbacks, *current):
            if language in current:
                return current[language]
        return Markup()


def country_code(key: str) -> str:
    """The ISO 3166 code of a country, also where it is called by another name: `PS` of `PS-alt-short`."""
    return key.partition("-")[0]


@dataclass(frozen=True, slots=True)
class CountryName:
    """A country, named in the reader's language. `code` may be CLDR's key of another name for it."""

    code: str

    def render(self, locale: Locale) -> Markup:
        return escape(locale.country(self.code))


@dataclass(frozen=True, slots=True)
class LanguageName:
    """A language, named in the reader's language."""

    code: str

    def render(self, locale: Locale) -> Markup:
        return escape(locale.called(self.code))


@dataclass(frozen=True, slots=True)
class Weekday:
    """The name of a day of the week."""

    day: date

    def render(self, locale: Locale) -> Markup:
        return escape(locale.weekday(self.day))


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A moment as a clock shows it there."""

    moment: datetime
    timezone: str  # IANA name

    def render(self, locale: Locale) -> Markup:
        there = self.moment.astimezone(ZoneInfo(self.timezone))
        return escape(locale.time(there.hour, there.minute))


@dataclass(frozen=True, slots=True)
class Number:
    """A count."""

    value: int

    def render(self, locale: Locale) -> Markup:
        return escape(locale.number(self.value))


@dataclass(frozen=True, slots=True)
class OwnLanguageName:
    """A language, named as its own speakers name it."""

    code: str

    def render(self, locale: Locale) -> Markup:
        sibling = locale.siblings.get(self.code)
        return escape(sibling.own_name if sibling else self.code)


@dataclass(frozen=True, slots=True)
class EveryLanguage:
    """The same sentence in every language we speak, a line each: for who has not chosen one yet."""

    said: Text

    def render(self, locale: Locale) -> Markup:
        return Markup("\n".join(self.said.render(sibling) for sibling in locale.siblings.values()))  # noqa: S704


@dataclass(frozen=True, slots=True)
class Quote:
    """A text as it stands, set apart from our own words. `language`: its own, where that is known."""

    text: str
    language: str | None = None

    def render(self, locale: Locale) -> Markup:
        spoken = self.language if self.language != locale.language else None
        attribute = Markup(' lang="{}"').format(spoken) if spoken else ""
        return Markup("<blockquote{}>{}</blockquote>").format(attribute, self.text)


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Several things said in one message, an empty line between them."""

    parts: tuple["Text | str", ...]

    def render(self, locale: Locale) -> Markup:
        texts = [render(part, locale) for part in self.parts]
        return Markup("\n\n".join(text for text in texts if text))  # noqa: S704  each part is escaped


@dataclass(frozen=True, slots=True)
class Lines:
    """Several things said in one message, a line each."""

    parts: tuple["Text | str", ...]

    def render(self, locale: Locale) -> Markup:
        texts = [render(part, locale) for part in self.parts]
        return Markup("\n".join(text for text in texts if text))  # noqa: S704  each part is escaped


@dataclass(frozen=True, slots=True)
class Listed:
    """Several names in one line, with what the language puts between them."""

    parts: tuple["Text | str", ...]

    def render(self, locale: Locale) -> Markup:
        return escape(locale.listed([in_plain_text(part, locale) for part in self.parts]))


class Printable(Protocol):
    """A letter: see `domain.letters.Draft`."""

    @property
    def case(self) -> str:
        """The slug of its case."""

    @property
    def target(self) -> str:
        """The slug of the target that it is for."""

    @property
    def language(self) -> str:
        """The language it is written in."""

    @property
    def text(self) -> str:
        """What is sent."""


@dataclass(frozen=True, slots=True)
class Printed:
    """Something said with a letter as it will be printed."""

    said: Text
    letter: Printable

    @property
    def paper(self) -> Paper:
        """The letter, filled in only where it is shown."""
        return Paper(self.letter.case, self.letter.language, self.letter.text, self.letter.target)

    def render(self, locale: Locale) -> Markup:
        return self.said.render(locale)


@dataclass(frozen=True, slots=True)
class Pictured:
    """Something said with a chart. `drawn`: it, with its words in that language."""

    said: Text
    drawn: Callable[[Locale], Chart]

    def render(self, locale: Locale) -> Markup:
        return self.said.render(locale)


@dataclass(frozen=True, slots=True)
class CaseDate:
    """A day; or a month, or a year, where no more is known (the rest is None). It can be said."""

    year: int
    month: int | None = None
    day: int | None = None

    def render(self, locale: Locale) -> Markup:
        return escape(locale.day(self.year, self.month, self.day))

    @property
    def first_day(self) -> date:
        """The day, or the first one of the month or year."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self) -> date:
        """The day, or the last one of the month or year."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    def __str__(self) -> str:
        """As in case files: `2011`, `2011-09` or `2012-01-23`."""
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)
