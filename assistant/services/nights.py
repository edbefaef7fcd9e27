"""When copies of a broadcast may leave: by day where their readers live, or at an hour of theirs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from assistant.domain.broadcasts import Broadcast, Timing
from assistant.domain.quiet import after_the_night, zone
from assistant.store.fanout import Departures


class Nights:
    """Knows when it is day, and where."""

    def __init__(
        self, countries: Mapping[str, Sequence[str]], languages: Mapping[str, Sequence[str]]
    ) -> None:
        """The time zones (IANA) of each country, and of the countries that speak each of our languages."""
        self._countries = countries
        self._languages = languages
        self._departures: dict[tuple[int, datetime], Departures] = {}  # the last ones asked for
        self._mornings: dict[tuple[str | None, str | None], datetime] = {}
        self._quarter = datetime.min.replace(tzinfo=UTC)

    def departures(self, broadcast: Broadcast, now: datetime) -> Departures:
        """When its copies may leave, from now on."""
        key = (broadcast.id, _quarter(now))
        if key not in self._departures:
            self._departures = {key: self._departing(broadcast.announcement.timing, now)}
        return self._departures[key]

    def _departing(self, timing: Timing, now: datetime) -> Departures:
        def grouped(places: Mapping[str, Sequence[str]]) -> Mapping[datetime, list[str]]:
            moments: defaultdict[datetime, list[str]] = defaultdict(list)
            for place, zones in places.items():
                if (moment := leaves(timing, now, zones)) != now:
                    moments[moment].append(place)
            return moments

        return Departures(leaves(timing, now, ()), grouped(self._countries), grouped(self._languages))

    def morning(self, country: str | None, language: str | None, now: datetime) -> datetime | None:
        """When it is day again for a reader who lives there, and reads that; None where it is day now."""
        if self._quarter != _quarter(now):
            self._quarter, self._mornings = _quarter(now), {}
        place = (country, None if country else language)
        if place not in self._mornings:
            zones = self._zones(country, language)
            self._mornings[place] = after_the_night(now, zones) if zones else now
        moment = self._mornings[place]
        return moment if moment > now else None

    def hour(self, timing: Timing, country: str | None, language: str | None, now: datetime) -> datetime:
        """When the hour of that timing has come for a reader who lives there: `now`, unless it is ahead."""
        if timing.day is None:
            return now
        return leaves(timing, now, self._zones(country, language))

    def _zones(self, country: str | None, language: str | None) -> Sequence[str]:
        return self._countries.get(country or "") or self._languages.get(language or "") or ()


def _quarter(moment: datetime) -> datetime:
    """The quarter of an hour that it is in: every zone's clock is off by a multiple of that."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def leaves(timing: Timing, now: datetime, zones: Sequence[str]) -> datetime:
    """When a copy may leave to a reader who lives in one of these time zones, nobody knows in which.

    At an hour of theirs it leaves when that hour has come in all of them.
    """
    moment = now
    if timing.day is not None and timing.hour is not None:
        there = datetime.combine(timing.day, timing.hour)
        moments = [there.replace(tzinfo=zone(name)).astimezone(UTC) for name in zones or ("UTC",)]
        moment = max(now, *moments)
    return moment if timing.urgent or not zones else after_the_night(moment, zones)
