"""What countries are called: the names in CLDR, its short and other names, and ours, by language."""

import json
import pickle
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel import Locale
from babel.localedata import locale_identifiers, resolve_locale_filename

from assistant.domain.texts import country_code

ALTERNATES_FILE = "country-alternates.json"  # these three are written by docs/generators/place_names.py
NAMES_FILE = "country-names.json"
CITIES_FILE = "cities.tsv"
_OURS_FILE = "country-names.toml"

# CLDR's codes of two letters that are not countries: groups, test regions, parts of other countries.
_NOT_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)
_BY_SHORT_NAME = ("HK", "MO", "PS")  # whose people do not use the long one
_MARKS = (*range(0x300, 0x370), 0x640, *range(0x64B, 0x656))  # accents; Arabic vowel signs, hamza, kashida
_LETTERS_ALIKE = str.maketrans(
    "\u0671\u0649\u0629\u06a9\u06cc\u00f8\u0111\u0142\u0131", "\u0627\u064a\u0647\u0643\u064aodli"
) | dict.fromkeys(_MARKS)


@cache
def country_codes() -> frozenset[str]:
    """The codes of ISO 3166, of two letters, and Kosovo's."""
    known = Locale.parse("en").territories
    return frozenset(code for code in map(str, known) if len(code) == 2 and code.isalpha()) - _NOT_COUNTRIES


@cache
def names_in(language: str) -> Mapping[str, str]:
    """What the language calls each country, by its code, and other names for it, by CLDR's kind of key.

    `PS-alt-short` is what we call a country by another name than its usual one.
    """
    usual = Locale.parse(language, sep="-").territories
    names = {str(code): str(usual[code]) for code in usual if str(code) in country_codes()}
    root = language.partition("-")[0]
    for stored in (_stored(ALTERNATES_FILE), ours()["alternates"]):
        names |= stored.get(root, {}) | stored.get(language, {})
    names |= {code: names[short] for code in _BY_SHORT_NAME if (short := f"{code}-alt-short") in names}
    return MappingProxyType(names)


def called(key: str, language: str) -> str:
    """The name by that key; the country's usual one where the language has no such other name."""
    names = names_in(language)
    return names.get(key) or names.get(country_code(key), key)


def names_everywhere() -> Mapping[str, frozenset[str]]:
    """The codes of the countries that are called so in some language, by the folded name."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    everyday = ((code, name) for code, each in _stored(NAMES_FILE).items() for name in each)
    for key, name in dict.fromkeys((*cldr_names(), *everyday)):
        names[fold(name)].add(country_code(key))
    return {name: frozenset(codes) for name, codes in names.items()}


def cldr_names() -> Iterator[tuple[str, str]]:
    """The keys and names of every language. They come often more than once."""
    # Straight from Babel's files: `Locale` would keep all 1,083 languages' whole data in memory.
    for locale in sorted(locale_identifiers()):
        data = pickle.loads(Path(resolve_locale_filename(locale)).read_bytes())  # noqa: S301  Babel's own
        for code, name in data.get("territories", {}).items():
            if code in country_codes():
                yield code, name
    for alternates in _stored(ALTERNATES_FILE).values():
        yield from alternates.items()


@cache
def cities() -> Mapping[str, str]:
    """The codes of the countries that have a city of that folded name, the largest city's first."""
    return dict(line.split("\t") for line in _read(CITIES_FILE).splitlines())


@cache
def ours() -> Mapping[str, Any]:  # Any: TOML, each table of its own shape
    """Our own tables of names: `names`, `alternates`, `several`, `words`."""
    return tomllib.loads(_read(_OURS_FILE))


@cache
def _stored(name: str) -> Mapping[str, Any]:  # Any: JSON, either of lists or of tables
    stored: Mapping[str, Any] = json.loads(_read(name))
    return stored


def _read(name: str) -> str:
    return files("assistant.content").joinpath(name).read_text("utf-8")


def words_of(text: str) -> list[str]:
    """The words of a name as names are compared: without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    letters = unicodedata.normalize("NFC", letters.translate(_LETTERS_ALIKE))
    return "".join(letter if _spells(letter) else " " for letter in letters.replace("&", " and ")).split()


def fold(name: str) -> str:
    """A name as names are compared: as `words_of`, and written as one."""
    return "".join(words_of(name))


def _spells(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN" or letter in "\u200c\u200d"
