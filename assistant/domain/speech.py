"""What we say, before it is known in which language: sentences render themselves for a reader.

Rendered text is `markupsafe.Markup` in Telegram's small HTML (b, i, u, a, code, blockquote). A plain
`str` put into a sentence is escaped, so nothing a person typed can become markup.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from assistant.domain.messages import Paper


class Tongue(Protocol):
    """One language, as far as sentences need it."""

    @property
    def language(self) -> str:
        """Its code, such as `es`."""

    @property
    def own_name(self) -> str:
        """What its speakers call it, such as `español`."""

    @property
    def siblings(self) -> Mapping[str, "Tongue"]:
        """Every language we speak, this one included, by code."""

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """Codes to look for a text in, best first; this language is the first of them."""

    def gettext(self, message: str) -> str:
        """The translation, or the message itself."""

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The translation in the plural form that `count` takes."""

    def country(self, code: str) -> str:
        """A country's name, by its ISO 3166 code of two letters."""

    def called(self, code: str) -> str:
        """The name of another language, by its code."""

    def day(self, year: int, month: int | None, day: int | None) -> str:
        """A date written out, as far as it is known."""

    def time(self, hour: int, minute: int) -> str:
        """A time of day."""

    def number(self, value: int) -> str:
        """A number, with what stands between its thousands."""

    def listed(self, names: Sequence[str]) -> str:
        """Names in a row: what stands between them, and before the last."""


class Speech(Protocol):
    """Anything that can be said."""

    def render(self, tongue: Tongue) -> Markup:
        """The text for a reader of that language."""


def render(said: "Speech | str", tongue: Tongue) -> Markup:
    """`said` for a reader of that language; a plain string is escaped."""
    return escape(said) if isinstance(said, str) else said.render(tongue)


Values = Mapping[str, "Speech | str | int"]
"""What is put into a sentence, by name."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message of the catalogue with its values: `Sentence("Dear {name}", {"name": name})`."""

    message: str
    values: Values = field(default_factory=dict)
    many: str | None = None
    count: int = 0

    def render(self, tongue: Tongue) -> Markup:
        if self.many is None:
            text = tongue.gettext(self.message)
        else:
            text = tongue.ngettext(self.message, self.many, self.count)
        if self.values:
            # Every value is escaped by `render`, and str.format is five times as fast as Markup.format.
            values = {
                name: str(value) if isinstance(value, int) else str(render(value, tongue))
                for name, value in self.values.items()
            }
            text = text.format_map(values)
        return Markup(text)  # noqa: S704  our own catalogue, not input


@dataclass(frozen=True, slots=True)
class Written:
    """A text of a case folder: one version a language, already rich text."""

    texts: Mapping[str, Markup]

    def render(self, tongue: Tongue) -> Markup:
        for language in (*tongue.fallbacks, *self.texts):
            if language in self.texts:
                return self.texts[language]
        return Markup()


@dataclass(frozen=True, slots=True)
class CountryName:
    """A country, named in the reader's language."""

    code: str

    def render(self, tongue: Tongue) -> Markup:
        return escape(tongue.country(self.code))


@dataclass(frozen=True, slots=True)
class LanguageName:
    """A language, named in the reader's language."""

    code: str

    def render(self, tongue: Tongue) -> Markup:
        return escape(tongue.called(self.code))


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A moment as a clock shows it there."""

    moment: datetime
    timezone: str  # IANA name

    def render(self, tongue: Tongue) -> Markup:
        there = self.moment.astimezone(ZoneInfo(self.timezone))
        return escape(tongue.time(there.hour, there.minute))


@dataclass(frozen=True, slots=True)
class Number:
    """A count."""

    value: int

    def render(self, tongue: Tongue) -> Markup:
        return escape(tongue.number(self.value))


@dataclass(frozen=True, slots=True)
class OwnLanguageName:
    """A language, named as its own speakers name it."""

    code: str

    def render(self, tongue: Tongue) -> Markup:
        sibling = tongue.siblings.get(self.code)
        return escape(sibling.own_name if sibling else self.code)


@dataclass(frozen=True, slots=True)
class EveryLanguage:
    """The same sentence in every language we speak, a line each: for who has not chosen one yet."""

    said: Speech

    def render(self, tongue: Tongue) -> Markup:
        return Markup("\n".join(self.said.render(sibling) for sibling in tongue.siblings.values()))  # noqa: S704


@dataclass(frozen=True, slots=True)
class Quote:
    """A text as it stands, set apart from our own words."""

    text: str

    def render(self, tongue: Tongue) -> Markup:  # noqa: ARG002  the same in every language
        return Markup(f"<blockquote>{escape(self.text)}</blockquote>")  # noqa: S704  escaped


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Several things said in one message, an empty line between them."""

    parts: tuple["Speech | str", ...]

    def render(self, tongue: Tongue) -> Markup:
        texts = [render(part, tongue) for part in self.parts]
        return Markup("\n\n".join(text for text in texts if text))  # noqa: S704  each part is escaped


@dataclass(frozen=True, slots=True)
class Lines:
    """Several things said in one message, a line each."""

    parts: tuple["Speech | str", ...]

    def render(self, tongue: Tongue) -> Markup:
        texts = [render(part, tongue) for part in self.parts]
        return Markup("\n".join(text for text in texts if text))  # noqa: S704  each part is escaped


@dataclass(frozen=True, slots=True)
class Listed:
    """Several names in one line, with what the language puts between them."""

    parts: tuple["Speech | str", ...]

    def render(self, tongue: Tongue) -> Markup:
        return escape(tongue.listed([render(part, tongue).unescape() for part in self.parts]))


class Printable(Protocol):
    """A letter: see `domain.model.Draft`."""

    @property
    def case(self) -> str:
        """The slug of its case."""

    @property
    def language(self) -> str:
        """The language it is written in."""

    @property
    def text(self) -> str:
        """What is sent."""


@dataclass(frozen=True, slots=True)
class Printed:
    """Something said with a letter as it will be printed."""

    said: Speech
    letter: Printable

    @property
    def paper(self) -> Paper:
        """The letter, filled in only where it is shown."""
        return Paper(self.letter.case, self.letter.language, self.letter.text)

    def render(self, tongue: Tongue) -> Markup:
        return self.said.render(tongue)
