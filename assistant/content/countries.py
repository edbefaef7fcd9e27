"""Countries by what people call them: in any language of CLDR, as codes or flags, and by their cities.

In silence only what is exactly a country's name is taken. What is merely like one is a suggestion.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache, cached_property

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from assistant.content.territories import (
    cities,
    country_codes,
    fold,
    names_everywhere,
    names_in,
    ours,
    words_of,
)
from assistant.domain.ports import Found
from assistant.domain.quiet_hours import day_everywhere
from assistant.domain.texts import country_code

TEXT_MAX = 80  # characters; the longest name in CLDR has 62
SUGGESTED = 4
WORDS_MAX = 6  # of a name that is looked for in a sentence
MENTION_LENGTH = 4  # shorter words are too little to guess from
SHORT = 5  # shorter words may be a country only in another language: man, end, laws, male
SLIPS = {5: 1, 9: 2, 13: 3}  # by a name's length: so many letters wrong, missing, too many or exchanged
WRONG_LETTER = 6  # in shorter words a wrong letter makes another word: child, walls, begin
FAR_AWAY = 8  # shorter words are not compared with the names of other languages: Tokyo, Toko

ARTICLES = frozenset(["the", "el", "la", "los", "las", "le", "les"])
_FLAG = re.compile("^[\U0001f1e6-\U0001f1ff]{2}$")
_PART_OF_BRITAIN = re.compile("^\U0001f3f4\U000e0067\U000e0062")  # flags of England, Scotland, Wales


class Countries:
    """The gazetteer over CLDR. The names of all languages are read at first use (about 0.4 s)."""

    def __init__(self) -> None:
        self._spoken: dict[str, Mapping[str, str]] = {}

    def knows(self, code: str) -> bool:
        return country_code(code) in country_codes()

    def find(self, text: str, language: str) -> Found:
        text = text.strip()
        if not text or len(text) > TEXT_MAX:
            return Found()
        return self._by_sign(text) or self._by_name(words_of(text), language)

    def names(self, text: str, language: str) -> bool:
        """Whether the text is just a country's name, in that language or in English."""
        return fold(text) in self._names_for(language)

    def _by_sign(self, text: str) -> Found | None:
        flag = text.replace("\ufe0f", "")
        if _PART_OF_BRITAIN.match(flag):
            return Found(("GB",), sure=True)
        if _FLAG.match(flag):
            flagged = "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in flag)
            return Found((flagged,), sure=True) if flagged in country_codes() else Found()
        letters = text.replace(".", "") if text.isupper() else text
        letters = letters.strip("?!¿¡., ")
        code = _codes().get(letters.upper()) if letters.isascii() else None
        if code is None or fold(letters) in _words("answers"):
            return None
        if letters.isupper():
            return Found((code,), sure=True)
        # "gt" may be a code, but "is" and "can" are words.
        return Found((code,)) if len(letters) == 2 and fold(letters) not in _words("words") else None

    def _by_name(self, words: list[str], language: str) -> Found:
        whole = "".join(words)
        names = [whole, "".join(words[1:])] if words and words[0] in ARTICLES else [whole]
        if not any(letter.isalpha() for letter in whole) or whole in _words("answers"):
            return Found()
        own = self._names_for(language)
        exact = (self._exactly(name, own) for name in names if name)
        return (
            next((found for found in exact if found.codes), None)
            or _mentioned(words, own)
            or Found(() if whole in _words("words") else self._like(whole, own))
        )

    def _exactly(self, name: str, own: Mapping[str, str]) -> Found:
        """What is called so: in the reader's language or English, in any other, or a city."""
        if several := _several().get(name):
            return Found(several, sure=False)
        if key := own.get(name):
            code = country_code(key)
            return Found((code,), sure=True, called=key)
        if name in _words("words"):
            return Found()
        at_home = cities().get(name, "").split()
        if codes := self._everywhere.get(name):
            every = tuple(dict.fromkeys((*sorted(codes), *at_home, *_one_slip_away(name, own))))
            return Found(every[:SUGGESTED], sure=len(every) == 1 and not _may_be_a_word(name))
        return Found(tuple(at_home))

    def _like(self, name: str, own: Mapping[str, str]) -> tuple[str, ...]:
        """Countries with a name like that: first those of the reader's language and of English."""
        if codes := _alike(name, own):
            return codes[:SUGGESTED]
        if len(name) < FAR_AWAY:
            return ()
        near = [called for called, _ in _slips(name, self._beginning.get(name[0], ()), 1)]
        return tuple(dict.fromkeys(code for each in near for code in sorted(self._everywhere[each])))[
            :SUGGESTED
        ]

    def _names_for(self, language: str) -> Mapping[str, str]:
        """Folded names in the reader's language and in English, and everyday names, with their keys."""
        if language not in self._spoken:
            names = {fold(name): code for code, every in ours()["names"].items() for name in every}
            for each in ("en", language):
                keys = names_in(each)
                names |= {fold(keys[key]): key for key in sorted(keys, key=len, reverse=True)}
            self._spoken[language] = names
        return self._spoken[language]

    @cached_property
    def _everywhere(self) -> Mapping[str, frozenset[str]]:
        return names_everywhere()

    @cached_property
    def _beginning(self) -> Mapping[str, list[str]]:
        """The names of all languages by their first letter: all of them take 4 ms to compare."""
        names: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._everywhere:
            names[name[:1]].append(name)
        return names


@cache
def _codes() -> Mapping[str, str]:
    """The country of each code, of two letters or three."""
    longer = {
        alias: codes[0]
        for alias, codes in get_global("territory_aliases").items()
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1 and codes[0] in country_codes()
    }
    return longer | {code: code for code in country_codes()}


@cache
def _several() -> Mapping[str, tuple[str, ...]]:
    """The countries of a name that is several countries', or that of a place in them."""
    return {fold(name): tuple(codes.split()) for codes, names in ours()["several"].items() for name in names}


@cache
def _words(kind: str) -> frozenset[str]:
    """Words of that kind: the kinds are explained in the file."""
    return frozenset(map(fold, ours()["words"][kind]))


def _may_be_a_word(name: str) -> bool:
    """Whether it may be a word here, and a country only in another language: man, end, male, island."""
    return (name.isascii() and len(name) < SHORT) or name in _words("asked")


def _one_slip_away(name: str, names: Mapping[str, str]) -> list[str]:
    """Codes of the names from which one letter wrong, missing, too many or out of order makes `name`."""
    if len(name) < SHORT:
        return []
    return [country_code(names[called]) for called, _ in _slips(name, names.keys(), 1)]


def _alike(name: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Codes of the names with the fewest slips: few for the length, and none at the beginning."""
    allowed = max((slips for length, slips in SLIPS.items() if len(name) >= length), default=0)
    near: dict[str, int] = {}
    for called, slips in _slips(name, names.keys(), allowed) if allowed else ():
        same_letters = len(name) != len(called) or sorted(name) == sorted(called)
        if _begin_alike(name, called) and (same_letters or len(name) >= WRONG_LETTER):
            near.setdefault(country_code(names[called]), slips)
    fewest = min(near.values(), default=0)
    return tuple(code for code, slips in near.items() if slips <= fewest + 1)


def _slips(name: str, names: Collection[str], most: int) -> list[tuple[str, int]]:
    """The names that are so many slips away or less, and how many, the fewest first."""
    from rapidfuzz import process  # most countries are found without it
    from rapidfuzz.distance import OSA

    matches = process.extract(name, names, scorer=OSA.distance, score_cutoff=most, limit=None)
    return [(called, int(slips)) for called, slips, _ in matches]


def _begin_alike(name: str, called: str) -> bool:
    return name[0] == called[0] or (name[0], name[1:2]) == (called[1:2], called[0])


def _mentioned(words: list[str], own: Mapping[str, str]) -> Found | None:
    """Countries and cities named in a sentence: I live in Germany."""
    codes: dict[str, None] = {}
    for first in range(len(words)):
        for last in range(min(len(words), first + WORDS_MAX), first, -1):
            name = "".join(words[first:last])
            if len(name) < MENTION_LENGTH or name in _words("words"):
                continue
            several = _several().get(name) or ((country_code(own[name]),) if name in own else ())
            codes |= dict.fromkeys(several or cities().get(name, "").split())
    return Found(tuple(codes)[:SUGGESTED]) if codes and len(words) > 1 else None


_ZONES_BESIDES = {"XK": ("Europe/Belgrade",), "BV": ("Europe/Oslo",), "HM": ("Indian/Kerguelen",)}
"""Of countries to which the time zone database gives none of their own."""


_OFFICIAL = ("official", "de_facto_official")


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
        if spoken.get("official_status") in _OFFICIAL:
            zones |= dict.fromkeys(time_zones(country))
    return tuple(zones) if day_everywhere(tuple(zones)) else ()


def languages_of(code: str) -> tuple[str, ...]:
    """The official languages of a whole country, those of most people first, by CLDR."""
    spoken = get_global("territory_languages").get(code, {})
    official = [each for each in spoken if spoken[each].get("official_status") in _OFFICIAL]
    by_speakers = sorted(official, key=lambda each: spoken[each]["population_percent"], reverse=True)
    return tuple(each.replace("_", "-") for each in by_speakers)


def workdays_of(code: str) -> tuple[int, ...]:
    """The days of a country that are no weekend, by CLDR, 1 to 5 where it is not known; Monday is 1."""
    try:
        locale = Locale.parse(f"und_{code}", resolve_likely_subtags=True)
    except (UnknownLocaleError, ValueError):
        return (1, 2, 3, 4, 5)
    first, last = locale.weekend_start, locale.weekend_end  # Monday is 0
    weekend = {(first + each) % 7 + 1 for each in range((last - first) % 7 + 1)}
    return tuple(day for day in range(1, 8) if day not in weekend)
