"""Languages: gettext catalogues, plural forms, fallbacks, dates and countries' names."""

import gettext
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache, cached_property
from pathlib import Path

from babel import Locale as BabelLocale
from babel import UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup

from assistant.content import moments
from assistant.content.territories import called
from assistant.domain.errors import Misconfigured
from assistant.domain.texts import Locale

SOURCE_LANGUAGE = "en"  # the sentences in the code are English
_PACKAGED = Path(__file__).parent.parent / "locales"
_CHECKOUT = Path(__file__).parent.parent.parent / "locales"
CATALOGUES = _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT
"""The folder with a folder for each language that is not the source language."""


@dataclass(frozen=True)
class CatalogueLocale:
    """A `Locale` over a gettext catalogue and CLDR (Babel)."""

    language: str
    catalogue: gettext.NullTranslations
    siblings: dict[str, Locale] = field(repr=False)

    @cached_property
    def locale(self) -> BabelLocale:
        """CLDR's data for the language."""
        return BabelLocale.parse(self.language, sep="-")

    @property
    def own_name(self) -> str:
        name = self.locale.get_display_name(self.locale) or self.language
        return name[:1].upper() + name[1:]

    @cached_property
    def rtl(self) -> bool:
        return self.locale.text_direction == "rtl"

    @cached_property
    def fallbacks(self) -> tuple[str, ...]:
        root = self.language.split("-")[0]
        return tuple(dict.fromkeys((self.language, root, SOURCE_LANGUAGE)))

    @cached_property
    def _translated(self) -> dict[str, Markup]:
        return {}

    def gettext(self, message: str) -> Markup:
        found = self._translated.get(message)
        if found is None:
            found = self._translated[message] = Markup(self.catalogue.gettext(message))  # noqa: S704  our own
        return found

    def ngettext(self, one: str, many: str, count: int) -> Markup:
        return Markup(self.catalogue.ngettext(one, many, count))  # noqa: S704  our own

    def country(self, code: str) -> str:
        return called(code, self.language)

    def called(self, code: str) -> str:
        return _called(self.language, code)

    def day(self, year: int, month: int | None, day: int | None) -> str:
        if month is None:
            return str(year)
        if day is None:
            return str(format_skeleton("yMMMM", date(year, month, 1), locale=self.locale))
        return str(format_date(date(year, month, day), "long", locale=self.locale))

    def weekday(self, day: date) -> str:
        return str(format_date(day, "EEEE", locale=self.locale))

    def read_moment(self, text: str, now: datetime) -> datetime | None:
        return moments.read(text, self.language, now)

    def time(self, hour: int, minute: int) -> str:
        return str(format_time(time(hour, minute), "short", locale=self.locale))

    def number(self, value: int) -> str:
        return str(format_decimal(value, locale=self.locale))

    def listed(self, names: Sequence[str]) -> str:
        return str(format_list(list(names), locale=self.locale))


@cache
def _called(language: str, code: str) -> str:
    """What `language` calls the language with that code; the code itself where CLDR has no such language."""
    try:
        known = BabelLocale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        return code
    return str(known.get_display_name(language.replace("-", "_")) or code)


def load_locales() -> Mapping[str, Locale]:
    """Every language we speak, by code, the source language first.

    An installed package brings compiled catalogues; a checkout compiles its .po files in memory.
    Raises Misconfigured where a catalogue cannot be read.
    """
    locales: dict[str, Locale] = {}
    locales[SOURCE_LANGUAGE] = CatalogueLocale(SOURCE_LANGUAGE, gettext.NullTranslations(), locales)
    for folder in sorted(CATALOGUES.glob("*/LC_MESSAGES")):
        language = folder.parent.name.replace("_", "-")
        if language != SOURCE_LANGUAGE:
            locales[language] = CatalogueLocale(language, _read_catalogue(folder), locales)
    return locales


def _read_catalogue(folder: Path) -> gettext.NullTranslations:
    compiled, source = folder / "assistant.mo", folder / "assistant.po"
    try:
        if compiled.exists():
            return gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
        buffer = io.BytesIO()
        with source.open("rb") as text:
            write_mo(buffer, read_po(text, locale=folder.parent.name))
        buffer.seek(0)
        return gettext.GNUTranslations(buffer)
    except (OSError, ValueError, UnicodeError) as error:
        raise Misconfigured(f"The catalogue in {folder} cannot be read: {error}") from error
