"""Days and times as people write them: `Monday 9:00`, `30/11/2026 9:00`, `mañana a las 9:00`."""

import re
from datetime import datetime, time

from assistant.domain.validation import plain_digits

MORNING = time(9)  # what a day alone means
_LONGEST = 60  # characters: more is no day and time
_ARTICLE = re.compile(r"^(?:on|el|este|this) ", re.IGNORECASE)
_AT = re.compile(r"\b(?:at|a las?)\b", re.IGNORECASE)
_FULL_HOUR = re.compile(
    r"\b(?:at|a las?) (\d{1,2})(?![\d:.]|\s?[ap]\.?m)", re.IGNORECASE
)  # not read by the library
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[T ]+(\d{1,2})[:.](\d{2})")


def read(text: str, language: str, now: datetime) -> datetime | None:
    """The moment that is written so in a language, or in English; None where none is.

    `now` and the result are as clocks show them there, without a zone. What is left open lies ahead.
    """
    written = " ".join(plain_digits(text).split())
    if found := _ISO.fullmatch(written):
        return _moment(*map(int, found.groups()))
    if written.isdecimal() or len(written) > _LONGEST:
        return None
    return _in_words(written, language, now)


def _moment(year: int, month: int, day: int, hour: int, minute: int) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001  the zone is added by who knows it
    except ValueError:
        return None


def _in_words(text: str, language: str, now: datetime) -> datetime | None:
    from dateparser.date import DateDataParser  # takes a second: only who plans a time waits for it

    # "at 9" and "el lunes" are not read by the library.
    text = _FULL_HOUR.sub(r"\1:00", _ARTICLE.sub("", text))
    base = now.replace(second=59, microsecond=1)  # a time that nobody writes: the one written is told from it
    settings = {"PREFER_DATES_FROM": "future", "RELATIVE_BASE": base, "RETURN_TIME_AS_PERIOD": True}
    languages = list(dict.fromkeys([language.split("-")[0], "en"]))
    for each in languages:
        found = DateDataParser(languages=[each], settings=settings).get_date_data(text)
        if found.date_obj is not None and found.period == "time":
            return found.date_obj.replace(second=0, microsecond=0, tzinfo=None)
        if found.date_obj is not None and found.period == "day" and not _AT.search(text):
            return datetime.combine(found.date_obj.date(), MORNING)
    return None
