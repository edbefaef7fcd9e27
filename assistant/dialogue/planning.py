"""Answers about what is said to many: texts of several lines, numbers, moments, countries."""

import re
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from assistant.dialogue.answers import Answer, Option, Reading, Taken, Understood, fold, pick
from assistant.domain.names import Refusal

PROSE_MAX = 600  # characters: more is not read on a phone
YEARS_AHEAD = 1  # what is farther away is a slip of the finger
_MOMENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[ T]+(\d{1,2})[:.](\d{2})")
_UNSEEN = {"Cc", "Cs", "Co", "Cn"}  # control, lone surrogates, private use, unassigned
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # turn what follows around
_BETWEEN_DIGITS = re.compile(r"[\s.,'\u2019\u066b\u066c\u00a0\u202f]")


class Prose(Answer[str | None]):
    """A text of some lines. With `skip` it may be left out: then the answer is None."""

    def __init__(self, skip: Option | None = None, limit: int = PROSE_MAX) -> None:
        """`limit`: characters after cleaning."""
        self._skip = skip
        self.limit = limit

    def options(self, reading: Reading) -> tuple[Option, ...]:  # noqa: ARG002
        return (self._skip,) if self._skip else ()

    def understand(self, text: str, reading: Reading) -> Understood:
        if self._skip and self.exactly(text, reading):
            return Taken(None)
        cleaned = clean_prose(text)
        if not any(unicodedata.category(each)[0] not in "CZ" for each in cleaned):
            return Refusal.EMPTY
        return Refusal.TOO_LONG if len(cleaned) > self.limit else Taken(cleaned)

    def restore(self, stored: str | None, reading: Reading) -> str | None:  # noqa: ARG002
        if stored is None and self._skip is None:
            raise ValueError("it cannot be skipped any more")
        if stored is not None and (clean_prose(stored) != stored or len(stored) > self.limit):
            raise ValueError("no longer a valid text")
        return stored


def clean_prose(text: str) -> str:
    """The text without control characters and empty space around its lines; at most one line is empty."""
    kept = "".join(
        each
        for each in text.replace("\r\n", "\n")
        if each == "\n" or (unicodedata.category(each) not in _UNSEEN and each not in _OVERRIDES)
    )
    lines = [line.strip() for line in unicodedata.normalize("NFC", kept).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class Number(Answer[str]):
    """This very number, typed, in any digits: whoever types it has read it."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted

    def understand(self, text: str, reading: Reading) -> Understood:  # noqa: ARG002
        digits = _BETWEEN_DIGITS.sub("", text.strip())
        right = digits.isdecimal() and len(digits) < 19 and int(digits) == self._wanted
        return Taken(str(self._wanted)) if right else Refusal.ANOTHER_NUMBER

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        if stored != str(self._wanted):
            raise ValueError("another number by now")
        return stored


class Which(Answer[str]):
    """A number of something there is, such as `12`, perhaps with what it looked like: `12.1f0e`.

    A number is never a place on the list: each option's `word` says what to type.
    """

    def __init__(self, *options: Option) -> None:
        self._options = options

    def options(self, reading: Reading) -> tuple[Option, ...]:  # noqa: ARG002
        return self._options

    def exactly(self, text: str, reading: Reading) -> str | None:
        word = text.strip().lstrip("#")
        if word in {option.value for option in self._options}:
            return word
        return None if fold(word).isdecimal() else pick(word, self._options, reading.tongue, loosely=False)

    def understand(self, text: str, reading: Reading) -> Understood:
        value = self.exactly(text, reading)
        return Refusal.NOT_OFFERED if value is None else Taken(value)

    def restore(self, stored: str | None, reading: Reading) -> str:
        value = self.exactly((stored or "").partition(".")[0], reading)
        if stored is None or value is None:
            raise ValueError("there is no such one")
        return stored


class Code(Answer[str]):
    """A one-time code, as people type it: without blanks, hyphens and small letters."""

    limit = 20

    def understand(self, text: str, reading: Reading) -> Understood:  # noqa: ARG002
        code = clean_code(text)
        if not code:
            return Refusal.EMPTY
        return Taken(code) if len(code) <= self.limit else Refusal.TOO_LONG

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        code = clean_code(stored or "")
        if not 0 < len(code) <= self.limit:
            raise ValueError("no code")
        return code


def clean_code(text: str) -> str:
    """The letters and digits of a code."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).upper() if each.isalnum())


def _read_moment(text: str) -> datetime | None:
    """The day and time that `2012-01-23 09:00` names, nowhere in particular; None where it names none."""
    found = _MOMENT.fullmatch(_plain_digits(text))
    if found is None:
        return None
    year, month, day, hour, minute = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001  the zone is added by who knows it
    except ValueError:
        return None


class Moment(Answer[str]):
    """A moment ahead, as a clock shows it in a time zone: `2012-01-23 09:00`. Stored as ISO, in UTC."""

    def __init__(self, timezone: str, now: datetime) -> None:
        self._zone = ZoneInfo(timezone)
        self._now = now

    def understand(self, text: str, reading: Reading) -> Understood:  # noqa: ARG002
        there = _read_moment(text)
        if there is None or not 1 < there.year <= self._now.year + YEARS_AHEAD:
            return Refusal.NO_MOMENT
        moment = there.replace(tzinfo=self._zone).astimezone(UTC)
        return Taken(moment.isoformat()) if moment > self._now else Refusal.PAST

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        datetime.fromisoformat(stored or "")
        return stored or ""


class LocalTime(Answer[str]):
    """A day and a time of day where each reader lives: `2012-01-23 10:00`. Stored as ISO, without a zone."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def understand(self, text: str, reading: Reading) -> Understood:  # noqa: ARG002
        there = _read_moment(text)
        if there is None or there.year > self._now.year + YEARS_AHEAD:
            return Refusal.NO_MOMENT
        return Taken(there.isoformat()) if there.date() >= self._now.date() else Refusal.PAST

    def restore(self, stored: str | None, reading: Reading) -> str:  # noqa: ARG002
        datetime.fromisoformat(stored or "")
        return stored or ""


class Countries(Answer[str | None]):
    """Some countries, separated by commas: their codes with blanks between; None where `everywhere`."""

    limit = 500

    def __init__(self, everywhere: Option) -> None:
        self._everywhere = everywhere

    def options(self, reading: Reading) -> tuple[Option, ...]:  # noqa: ARG002
        return (self._everywhere,)

    def understand(self, text: str, reading: Reading) -> Understood:
        if self.exactly(text, reading):
            return Taken(None)
        if len(text) > self.limit:
            return Refusal.TOO_LONG
        codes = []
        for name in filter(str.strip, re.split(r"[,;\n\u060c\u3001]+", text)):
            found = reading.gazetteer.find(name, reading.tongue.language)
            if not found.sure:
                return Refusal.UNKNOWN_COUNTRY
            codes.append(found.codes[0])
        return Taken(" ".join(dict.fromkeys(codes))) if codes else Refusal.EMPTY

    def restore(self, stored: str | None, reading: Reading) -> str | None:
        if stored is not None and not all(map(reading.gazetteer.knows, stored.split())):
            raise ValueError("no longer a country")
        return stored


def _plain_digits(text: str) -> str:
    """The text with digits of any script as 0 to 9."""
    return "".join(str(unicodedata.digit(each, each)) for each in text.strip())
