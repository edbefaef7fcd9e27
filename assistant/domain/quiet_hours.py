"""Quiet hours: when readers sleep, and when what nobody asked for may be sent."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import overload
from zoneinfo import ZoneInfo

from assistant.domain.broadcasts import Broadcast, Timing
from assistant.domain.cases import Case

zone = cache(ZoneInfo)  # itself it remembers eight, and reads the others from the disk each time
WAKES = 8  # o'clock, where the reader lives
SLEEPS = 21
_HOUR = timedelta(hours=1)
_LOOK_AHEAD = 24  # hours


def next_waking_hour(moment: datetime, zones: Sequence[str]) -> datetime:
    """`moment` where it is day in all of these time zones, otherwise the next whole hour (UTC) that is.

    Where there is no such hour, the one at which it is day in the most of them.
    """
    whole = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    candidates = (moment, *(whole + hours * _HOUR for hours in range(1, _LOOK_AHEAD + 1)))
    return max(candidates, key=lambda each: _awake(each, zones))


def _awake(moment: datetime, zones: Sequence[str]) -> int:
    """In how many of them it is day."""
    return sum(WAKES <= moment.astimezone(zone(name)).hour < SLEEPS for name in zones)


def day_everywhere(zones: Sequence[str]) -> bool:
    """Whether there is an hour at which it is day in all of these time zones."""
    hours = (datetime(2012, 1, 23, hour, tzinfo=UTC) for hour in range(24))  # any day: it moves by an hour
    return any(_awake(hour, zones) == len(zones) for hour in hours)


@dataclass(frozen=True, slots=True)
class DueTimes:
    """When copies may be sent, UTC: by the reader's country, else by their language, else `default`."""

    default: datetime
    by_country: Mapping[datetime, Collection[str]]
    by_language: Mapping[datetime, Collection[str]]


class OfficeZones(Sequence[str]):
    """The time zones of all the offices, as the cases are now: each once."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        self._cases = cases

    def __iter__(self) -> Iterator[str]:
        return iter(self._zones())

    def __len__(self) -> int:
        return len(self._zones())

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._zones()[index]

    def _zones(self) -> tuple[str, ...]:
        offices = (target for case in self._cases.values() for target in case.targets.values())
        return tuple(dict.fromkeys(office.timezone for office in offices))


class QuietHours:
    """Knows when it is day, and where."""

    def __init__(
        self,
        countries: Mapping[str, Sequence[str]],
        languages: Mapping[str, Sequence[str]],
        default: Sequence[str] = (),
    ) -> None:
        """The time zones (IANA) of each country, and of the countries that speak each of our languages.

        `default`: those of readers of whom nothing else tells where they live.
        """
        self._countries = countries
        self._languages = dict(languages)
        self._default = default
        self._departures: dict[tuple[int, datetime], DueTimes] = {}  # the last ones asked for
        self._mornings: dict[tuple[str | None, str | None], datetime] = {}
        self._quarter = datetime.min.replace(tzinfo=UTC)

    def learn(self, homes: Mapping[str, str]) -> None:
        """Take readers of a language to live where most of those do of whom we know it: by language."""
        self._languages |= {language: self._countries.get(country, ()) for language, country in homes.items()}
        self._departures, self._mornings = {}, {}

    def departures(self, broadcast: Broadcast, now: datetime) -> DueTimes:
        """When its copies may be sent, from now on."""
        key = (broadcast.id, _quarter(now))
        if key not in self._departures:
            self._departures = {key: self._departing(broadcast.announcement.timing, now)}
        return self._departures[key]

    def _departing(self, timing: Timing, now: datetime) -> DueTimes:
        def grouped(places: Mapping[str, Sequence[str]]) -> Mapping[datetime, list[str]]:
            moments: defaultdict[datetime, list[str]] = defaultdict(list)
            for place, zones in places.items():
                if (moment := departs_at(timing, now, zones or self._default)) != now:
                    moments[moment].append(place)
            return moments

        return DueTimes(
            departs_at(timing, now, self._default), grouped(self._countries), grouped(self._languages)
        )

    def morning(self, country: str | None, language: str | None, now: datetime) -> datetime | None:
        """When it is day again for a reader who lives there, and reads that; None where it is day now."""
        if self._quarter != _quarter(now):
            self._quarter, self._mornings = _quarter(now), {}
        place = (country, None if country else language)
        if place not in self._mornings:
            zones = self._zones(country, language)
            self._mornings[place] = next_waking_hour(now, zones) if zones else now
        moment = self._mornings[place]
        return moment if moment > now else None

    def hour(self, timing: Timing, country: str | None, language: str | None, now: datetime) -> datetime:
        """When the hour of that timing has come for a reader who lives there: `now`, unless it is ahead."""
        if timing.day is None:
            return now
        return departs_at(timing, now, self._zones(country, language))

    def _zones(self, country: str | None, language: str | None) -> Sequence[str]:
        return self._countries.get(country or "") or self._languages.get(language or "") or self._default


def _quarter(moment: datetime) -> datetime:
    """The quarter of an hour that it is in: every zone's clock is off by a multiple of that."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def departs_at(timing: Timing, now: datetime, zones: Sequence[str]) -> datetime:
    """When a copy may be sent to a reader who lives in one of these time zones, nobody knows in which.

    At an hour of theirs it is sent when that hour has come in all of them.
    """
    moment = now
    if timing.day is not None and timing.hour is not None:
        there = datetime.combine(timing.day, timing.hour)
        moments = [there.replace(tzinfo=zone(name)).astimezone(UTC) for name in zones or ("UTC",)]
        moment = max(now, *moments)
    return moment if timing.urgent or not zones else next_waking_hour(moment, zones)
