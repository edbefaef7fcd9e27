"""What a new case's questions can be answered with. Each reader raises ValueError with what to write."""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from datetime import date, time
from typing import TypeVar

from assistant.content.casefile import SLUG_PATTERN, name_of_control, outside, parse_date, parse_day
from assistant.content.codes import LANGUAGE_PATTERN
from assistant.content.countries import Countries, time_zones
from assistant.content.languages import language_code, language_name
from assistant.content.scaffold import SLUG_LONGEST, phrase
from assistant.content.targets import PublicHolidays
from assistant.content.territories import called, fold
from assistant.domain.office_hours import Hours
from assistant.domain.validation import control_in

T = TypeVar("T")
Reader = Callable[[str], T]
NONE = "none"
_TIME = re.compile(r"^(\d{1,2})(?:[:.h](\d{2})?)?$")
_DAYS = re.compile(r"[1-7]")
_ENGLISH = "en"
_SHOWN = 12  # time zones


def line(longest: int) -> Callable[[str], str]:
    """Reads a text of one line, of at most so many characters, that can be printed."""

    def read(text: str) -> str:
        from assistant.content import typefaces  # they take their time

        text = unicodedata.normalize("NFC", text)
        if found := control_in(text):
            raise ValueError(
                f"there is {name_of_control(found)} in it; write it on one line, with plain spaces"
            )
        if any(brace in text for brace in "{}"):
            raise ValueError("leave out { and }, which have a meaning of their own in letters")
        if not any(letter.isalnum() for letter in text):
            raise ValueError("there is no letter in it; write a few words")
        if len(text) > longest:
            raise ValueError(f"it has {len(text)} characters; {longest} are enough")
        if unknown := typefaces.missing(text):
            raise ValueError(f"these characters cannot be printed: {unknown}; write it without them")
        return text

    return read


def slug(taken: Collection[str]) -> Callable[[str], str]:
    """Reads a short name that none of these cases has."""

    def read(text: str) -> str:
        if not re.match(SLUG_PATTERN, text) or len(text) > SLUG_LONGEST:
            raise ValueError(
                "use small letters a-z, digits and single hyphens, such as amina-diallo, "
                f"at most {SLUG_LONGEST} of them"
            )
        if text in taken:
            raise ValueError(f"there is a case or folder '{text}' already; choose another name")
        return text

    return read


def languages(text: str) -> tuple[str, ...]:
    """One or several, by their codes or names, with commas between."""
    parts = [each for each in re.split(r"[,;]", text) if each.strip()]
    return tuple(dict.fromkeys(language(each) for each in parts or [text]))


def language(text: str) -> str:
    """One, by its code or name."""
    code = language_code(text)
    if code is None or not re.match(LANGUAGE_PATTERN, code):
        raise ValueError(
            f"'{text.strip()}' is no language that we know; write its code, such as en, es or pt-BR"
        )
    return code


def country(text: str) -> str:
    """One, by its code or name."""
    found = Countries().find(text, _ENGLISH)
    exact = [code for code in found.codes if fold(text) in (fold(code), fold(called(code, _ENGLISH)))]
    if found.sure or exact:
        return next(iter((*exact, *found.codes)))
    if not found.codes:
        raise ValueError(
            f"'{text}' is no country that we know; write its name in English, or its code, such as GT"
        )
    meant = ", ".join(f"{code} for {called(code, _ENGLISH)}" for code in found.codes)
    raise ValueError(f"it may mean several; write {meant}" if len(found.codes) > 1 else f"write {meant}")


def usual_zone(country: str, town: str) -> str | None:
    """The time zone of a town there, where that is certain: the only one, or the one that is named so."""
    zones = time_zones(country)
    named = [zone for zone in zones if fold(_city(zone)) == fold(town)]
    return (zones[0] if len(zones) == 1 else None) or (named[0] if named else None)


def time_zone(country: str) -> Callable[[str], str]:
    """Reads one of the country's, by its name or by its town."""
    zones = time_zones(country)

    def read(text: str) -> str:
        for zone in zones:
            if fold(text) in (fold(zone), fold(_city(zone))):
                return zone
        there = ", ".join(zones[:_SHOWN]) + (" ..." if len(zones) > _SHOWN else "")
        raise ValueError(f"there is no time zone '{text}' in {called(country, _ENGLISH)}; there is {there}")

    return read


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def clock(text: str) -> str:
    """A time of day, such as 9:00; as 09:00."""
    found = _TIME.match(text)
    try:
        return time(int(found[1]), int(found[2] or 0)).strftime("%H:%M") if found else _no_time(text)
    except ValueError:
        return _no_time(text)


def _no_time(text: str) -> str:
    raise ValueError(f"'{text}' is no time of day; write hours and minutes, such as 09:00")


def later(opens: str) -> Callable[[str], str]:
    """Reads a time of day after that one."""

    def read(text: str) -> str:
        closes = clock(text)
        if closes <= opens:
            raise ValueError(f"the office opens at {opens}; write a later time")
        return closes

    return read


def workdays(text: str) -> tuple[int, ...]:
    """Days as numbers, 1 is Monday: 1 2 3 4 5, or 1-5."""
    spelt = re.sub(r"([1-7])\s*[-–]\s*([1-7])", lambda ends: _between(ends[1], ends[2]), text)
    days = tuple(sorted({int(day) for day in _DAYS.findall(spelt)}))
    if not days or re.sub(r"[1-7,;\s]", "", spelt):
        raise ValueError("write days as numbers, 1 is Monday, such as 1-5 or 1 2 3 4 7")
    return days


def _between(first: str, last: str) -> str:
    if first > last:
        raise ValueError(f"write {first}-7 1-{last} for days over a Sunday")
    return " ".join(map(str, range(int(first), int(last) + 1)))


def days_shown(days: Sequence[int]) -> str:
    """Days as they are written: 1-5, or 1 2 3 4 7."""
    first, last = days[0], days[-1]
    whole = len(days) > 2 and list(days) == list(range(first, last + 1))
    return f"{first}-{last}" if whole else " ".join(map(str, days))


def asks(code: str, longest: int) -> Callable[[str], str]:
    """Reads what letters in that language ask: what goes on after its phrase, or a whole sentence."""
    begins, after = phrase(code, "asks_begins"), phrase(code, "asks_after")
    checked = line(longest)

    def read(text: str) -> str:
        text = checked(text)
        if not begins or not after:
            return text
        text = text.removeprefix(after.rstrip(" .")).strip().rstrip(".")
        first, _, others = text.partition(" ")
        if first.casefold() != begins or not others:
            raise ValueError(f"begin with '{begins}', such as: {phrase(code, 'asks_example')}")
        return f"{begins} {others}"

    return read


def optional(read: Callable[[str], T]) -> Callable[[str], T | None]:
    """Reads what `read` does, or `none`."""
    return lambda text: None if text.strip().casefold() == NONE else read(text)


def first_day(text: str) -> str:
    """A day, month or year."""
    return str(parse_date(text))


def last_day(today: date, opens: str | None) -> Callable[[str], str]:
    """Reads a day, month or year that is not over, and not before `opens`."""

    def read(text: str) -> str:
        found = parse_date(text)
        if found.last_day < today:
            raise ValueError(f"{found} is over; write a day to come, or {NONE}")
        if opens and found.last_day < parse_date(opens).first_day:
            raise ValueError(f"letters are written from {opens} on; write a later day, or {NONE}")
        return str(found)

    return read


def action_day(
    hours: Hours, today: date, from_day: str | None, until_day: str | None
) -> Callable[[str], str]:
    """Reads a day to come on which the office is open and letters are written."""

    def read(text: str) -> str:
        day = parse_day(text)
        if day <= today:
            raise ValueError(f"{day} is no day to come; write a later one, or {NONE}")
        first, last = (parse_date(each) if each else None for each in (from_day, until_day))
        if told := outside(parse_date(str(day)), first, last):
            raise ValueError(f"{told}, or {NONE}")
        if not hours.is_open(day):
            opens = hours.day(hours.opening_after(day))
            raise ValueError(f"the office is closed on {day:%A} {day}; it is open on {opens:%A} {opens}")
        return str(day)

    return read


def office_hours(country: str, timezone: str, opens: str, closes: str, days: Sequence[int]) -> Hours:
    """The hours of an office that is closed on weekends and public holidays."""
    return Hours(
        timezone=timezone,
        opens=time.fromisoformat(opens),
        closes=time.fromisoformat(closes),
        workdays=frozenset(days),
        holidays=PublicHolidays(country),
    )


def named(code: str) -> str:
    """What English calls a language, behind a question."""
    return f"in {language_name(code)}"
