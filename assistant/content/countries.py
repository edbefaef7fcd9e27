"""Countries by what people call them: in any language of CLDR, with typing mistakes, as codes or flags."""

import pickle
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers, resolve_locale_filename

from assistant.domain.ports import Found
from assistant.domain.quiet_hours import day_everywhere

TEXT_MAX = 80  # characters; the longest name in CLDR has 62
SURE_SCORE = 88  # of 100: one wrong letter in eight
SURE_MARGIN = 12  # how far the second best has to be behind; with 8, one wrong letter is another country
SURE_LENGTH = 5  # in shorter words one letter makes another country: Iran, Iraq
NEAR_SCORE = 72
SUGGESTED = 4
MENTION_LENGTH = 4  # shorter texts are too little to guess from

# CLDR's codes of two letters that are not countries: groups, test regions, parts of other countries.
_NOT_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)
_ANSWERS = frozenset(["NO", "SI", "NA"])  # said louder, still not Norway, Slovenia or Namibia
_SHARED = frozenset(["congo", "kongo", "kata"])  # two countries' name, though a language may use it for one
_FLAG = re.compile("^[\U0001f1e6-\U0001f1ff]{2}$")
_PART_OF_BRITAIN = re.compile("^\U0001f3f4\U000e0067\U000e0062")  # flags of England, Scotland, Wales
_ACCENTS = re.compile("[\u0300-\u036f\u064b-\u0652\u0640]")  # Latin and Greek accents; Arabic vowel signs
_LETTERS_ALIKE = str.maketrans("أإآٱىةكی", "اااايهكي")


class Countries:
    """The gazetteer over CLDR. The names of all languages are read at first use (about 0.4 s)."""

    def __init__(self) -> None:
        known = {code for code in _names_in("en") if len(code) == 2 and code.isalpha()}
        self._codes = frozenset(known - _NOT_COUNTRIES)
        self._spoken: dict[str, Mapping[str, str]] = {}

    def knows(self, code: str) -> bool:
        return code in self._codes

    def find(self, text: str, language: str) -> Found:
        text = text.strip()
        if not text or len(text) > TEXT_MAX:
            return Found()
        return self._by_sign(text) or self._by_name(_fold(text), language)

    def _by_sign(self, text: str) -> Found | None:
        flag = text.replace("\ufe0f", "")
        if _PART_OF_BRITAIN.match(flag):
            return Found(("GB",), sure=True)
        if _FLAG.match(flag):
            code = "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in flag)
            return Found((code,), sure=True) if code in self._codes else Found()
        # "DE" is a code; "no" and "is" are words first, and Norway and Iceland only perhaps.
        if text.upper() in self._codes and text.isascii():
            return Found((text.upper(),), sure=text.isupper() and text not in _ANSWERS)
        return None

    def _by_name(self, name: str, language: str) -> Found:
        if not any(letter.isalpha() for letter in name):
            return Found()
        own = self._names_for(language)
        if name in own and name not in _SHARED:
            return Found((own[name],), sure=True)
        codes = self._everywhere.get(name, frozenset())
        parts = _sharing(name, own)
        if codes:
            every = tuple(dict.fromkeys((*sorted(codes), *_one_slip_away(name, own), *parts)))
            return Found(every[:SUGGESTED], sure=len(every) == 1 and not _is_short(name))
        if parts:
            return Found(parts[:SUGGESTED])
        return _judge(name, _near(name, own)) or _judge(name, _near(name, self._unshared)) or Found()

    def _names_for(self, language: str) -> Mapping[str, str]:
        """Folded names in the reader's language and in English, and everyday names, with their codes."""
        if language not in self._spoken:
            names = dict(_aliases())
            for each in ("en", language):
                names |= {_fold(name): code for code, name in _names_in(each).items() if code in self._codes}
            self._spoken[language] = names
        return self._spoken[language]

    @cached_property
    def _everywhere(self) -> Mapping[str, frozenset[str]]:
        locales = sorted(locale_identifiers())
        pairs = dict.fromkeys(pair for locale in locales for pair in _territories(locale))
        names: defaultdict[str, set[str]] = defaultdict(set)
        for code, name in pairs:
            if code in self._codes:
                names[_fold(name)].add(code)
        return {name: frozenset(codes) for name, codes in names.items()}

    @cached_property
    def _unshared(self) -> Mapping[str, str]:
        """The names that are one country's in all languages."""
        return {name: next(iter(codes)) for name, codes in self._everywhere.items() if len(codes) == 1}


def _names_in(language: str) -> Mapping[str, str]:
    territories = Locale.parse(language, sep="-").territories
    return {str(code): str(territories[code]) for code in territories}


def _territories(locale: str) -> Iterable[tuple[str, str]]:
    """Straight from Babel's file: `Locale` would keep all 1,083 languages' whole data in memory."""
    data = pickle.loads(Path(resolve_locale_filename(locale)).read_bytes())  # noqa: S301  Babel's own
    yield from data.get("territories", {}).items()


def _aliases() -> Mapping[str, str]:
    stored = tomllib.loads(files("assistant.content").joinpath("country-names.toml").read_text("utf-8"))
    return {_fold(name): code for code, names in stored.items() for name in names}


def _fold(name: str) -> str:
    """A name as names are compared: without case, accents, punctuation and articles."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    letters = unicodedata.normalize("NFC", _ACCENTS.sub("", letters)).translate(_LETTERS_ALIKE)
    words = "".join(letter if _spells(letter) else " " for letter in letters.replace("&", " and ")).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def _spells(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN" or letter in "\u200c\u200d"


def _is_short(name: str) -> bool:
    """Whether it may be a word here and a country only in another language: man, end, laws, male."""
    return name.isascii() and len(name) < SURE_LENGTH


def _one_slip_away(name: str, names: Mapping[str, str]) -> list[str]:
    """Codes of the names from which one letter wrong, missing, too many or out of order makes `name`."""
    from rapidfuzz import process  # most countries are found without it
    from rapidfuzz.distance import OSA

    matches = process.extract(name, names.keys(), scorer=OSA.distance, score_cutoff=1, limit=None)
    return [names[called] for called, *_ in matches]


def _near(name: str, names: Mapping[str, str]) -> dict[str, float]:
    """Codes of the names most alike, with their best score, best first."""
    if len(name) < MENTION_LENGTH:
        return {}
    from rapidfuzz import fuzz, process

    matches = process.extract(name, names.keys(), scorer=fuzz.ratio, score_cutoff=NEAR_SCORE, limit=20)
    scores: dict[str, float] = {}
    for called, score, _ in matches:
        scores.setdefault(names[called], score)
    return scores


def _sharing(name: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Codes of names that `name` is a part of (congo), or that are mentioned in it (I live in Germany)."""
    if len(name) < MENTION_LENGTH:
        return ()
    text = f" {name} "
    return tuple(
        dict.fromkeys(
            code
            for called, code in names.items()
            if f" {name}" in f" {called}" or (len(called) >= MENTION_LENGTH and f" {called} " in text)
        )
    )


def _judge(name: str, near: Mapping[str, float]) -> Found | None:
    """Sure of the first where it is close, and nothing else is nearly as close."""
    if not near:
        return None
    scores = [*near.values(), 0.0]
    sure = len(name) >= SURE_LENGTH and scores[0] >= SURE_SCORE and scores[0] - scores[1] >= SURE_MARGIN
    return Found(tuple(near)[:SUGGESTED], sure)


_ZONES_BESIDES = {"XK": ("Europe/Belgrade",), "BV": ("Europe/Oslo",), "HM": ("Indian/Kerguelen",)}
"""Of countries to which the time zone database gives none of their own."""


def time_zones(code: str) -> tuple[str, ...]:
    """The time zones of a country, by CLDR; none where it is not known."""
    return tuple(get_global("territory_zones").get(code, _ZONES_BESIDES.get(code, ())))


@cache
def every_country() -> tuple[str, ...]:
    """The codes of all countries that have a time zone, by CLDR."""
    zoned = (code for code in get_global("territory_zones") if len(code) == 2 and code.isalpha())
    return tuple(dict.fromkeys((*zoned, *_ZONES_BESIDES)))


@cache
def time_zones_of_language(language: str) -> tuple[str, ...]:
    """The time zones in which its readers are taken to live: where it is an official language, by CLDR.

    None where these lie so far apart that it is never day in all of them: that tells nothing.
    """
    zones: dict[str, None] = {}
    for country in every_country():
        spoken = get_global("territory_languages").get(country, {}).get(language, {})
        if spoken.get("official_status") in ("official", "de_facto_official"):
            zones |= dict.fromkeys(time_zones(country))
    return tuple(zones) if day_everywhere(tuple(zones)) else ()
