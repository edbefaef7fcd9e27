"""Codes that case files are written with: of countries, languages and time zones.

Every check raises ValueError with a sentence that says what to write.
"""

import re
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from assistant.content.languages import language_code
from assistant.content.territories import country_codes, fold

OTHERS: Literal["others"] = "others"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$"  # with script and country: zh-Hant, pt-BR
_USED_BY_THE_EU = {"UK": "GB", "EL": "GR"}
_EVERYBODY = ("everybody", "everyone", "everywhere", "anybody", "anyone", "all", "world", "")
_LIKE_OTHERS = ("others", "other", "allothers", "therest", "rest", "everybodyelse", "everyoneelse")


def check_country(text: str) -> str:
    """A code of ISO 3166-1, of two capital letters."""
    if text in country_codes():
        return text
    raise ValueError(f"'{text}' is no country code; {_country_to_write(text)}")


def _country_to_write(text: str) -> str:
    from assistant.content.countries import Countries  # all languages' names: where there is a mistake

    found = Countries().find(text, "en").codes
    codes = (_USED_BY_THE_EU[text.upper()],) if text.upper() in _USED_BY_THE_EU else found
    if codes:
        return f"write {' or '.join(codes)}"
    return "write two capital letters, as in ISO 3166, such as GT"


def check_language(text: str) -> str:
    """A code of BCP 47 that CLDR knows: `es`, `zh-Hant`, `pt-BR`."""
    code = language_code(text)
    root = text.partition("-")[0]
    if code and re.match(LANGUAGE_PATTERN, text) and code.partition("-")[0] == root:
        return text
    if code and re.match(LANGUAGE_PATTERN, text):  # another code of the same language: `eng`
        code = code.partition("-")[0]
    raise ValueError(f"'{text}' is no language code; write {code or 'one such as en, es or pt-BR'}")


def check_zone(text: str) -> str:
    """A name of the time zone database."""
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"'{text}' is not a time zone; {_zone_to_write(text)}") from error
    return text


def _zone_to_write(text: str) -> str:
    towns = {
        fold(zone.rpartition("/")[2]): zone
        for zone in sorted(available_timezones())
        if "/" in zone and not zone.startswith("Etc/")
    }
    alike = towns.get(fold(text.rpartition("/")[2])) if re.search("[a-z]{3}", text) else None
    return f"write {alike}" if alike else "write a continent and a town, such as America/Guatemala"


def check_whom_it_serves(value: object) -> object:
    """The countries that an office is for, or the others: a list of codes, or `others`."""
    if value == OTHERS:
        return value
    if isinstance(value, str):
        raise ValueError(_not_served(value))
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError('write countries, such as ["CL", "PE"], or "others"')
    for each in value:
        if set(map(fold, re.findall(r"\w+", each))) & set(_LIKE_OTHERS) or fold(each) in _EVERYBODY:
            raise ValueError(_not_served(each, alone=len(value) == 1))
        check_country(each)
    if twice := next((each for each in value if value.count(each) > 1), None):
        raise ValueError(f"{twice} stands there twice; delete one of the two")
    return value


def _not_served(text: str, *, alone: bool = True) -> str:
    """What to write instead of a text that stands there for all countries."""
    folded = fold(text)
    if folded in _EVERYBODY:
        return "leave it out for an office that gets letters of everybody"
    if folded in _LIKE_OTHERS and alone:
        return f'write "{OTHERS}", without anything beside it'
    if set(map(fold, re.findall(r"\w+", text))) & set(_LIKE_OTHERS):
        return "an office is for some countries or for the others; write a second one for the others"
    codes = [each for each in re.split(r"[\s,;/]+", text) if each]
    if all(each in country_codes() for each in codes):
        return f"write each country between quotes, in square brackets: {codes}".replace("'", '"')
    found = _country_to_write(text).removeprefix("write ")
    if found in country_codes():
        return f'write ["{found}"]'
    return f'\'{text}\' is no list of countries; write one such as ["CL", "PE"], or "{OTHERS}"'
