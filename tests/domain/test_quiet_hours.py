"""When people sleep."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.content.countries import time_zones
from assistant.dialogue.script import Script
from assistant.domain.quiet_hours import SLEEPS, WAKES, OfficeZones, next_waking_hour
from tests.support.chance import budget
from tests.support.invented_cases import the_action, with_target


def _at(day: int, clock: str) -> datetime:
    """A moment of January 2012, UTC."""
    return datetime.fromisoformat(f"2012-01-{day:02}T{clock}Z")


HELSINKI = ("Europe/Helsinki",)  # two hours ahead


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (_at(24, "06:00"), _at(24, "06:00")),  # 08:00 there
        (_at(24, "12:34:56"), _at(24, "12:34:56")),
        (_at(24, "18:59"), _at(24, "18:59")),
        (_at(24, "19:00"), _at(25, "06:00")),  # 21:00 there
        (_at(24, "22:34:56"), _at(25, "06:00")),  # after midnight
        (_at(24, "05:59"), _at(24, "06:00")),
    ],
)
def test_by_day_it_is_now_and_by_night_in_the_morning(now: datetime, told: datetime) -> None:
    assert next_waking_hour(now, HELSINKI) == told


@pytest.mark.parametrize(
    ("country", "now", "told"),
    [
        ("US", _at(24, "20:15"), _at(24, "20:15")),  # 15:15 in New York, 10:15 in Honolulu
        ("US", _at(24, "15:00"), _at(24, "18:00")),  # five in the morning in Honolulu
        ("US", _at(25, "02:00"), _at(25, "18:00")),  # nine in the evening in New York
        (
            "RU",
            _at(24, "15:00"),
            _at(25, "05:00"),
        ),  # eight in Kaliningrad, five in the afternoon in Kamchatka
        ("RU", _at(24, "08:59"), _at(24, "08:59")),
        ("RU", _at(24, "09:00"), _at(25, "05:00")),  # nine in the evening in Kamchatka
        ("IN", _at(24, "00:10"), _at(24, "03:00")),  # whole hours, UTC: half past eight there
    ],
)
def test_in_a_wide_country_it_has_to_be_day_everywhere(country: str, now: datetime, told: datetime) -> None:
    assert next_waking_hour(now, time_zones(country)) == told


def test_where_no_zone_is_known_nothing_waits() -> None:
    assert next_waking_hour(_at(24, "03:21"), ()) == _at(24, "03:21")


def test_a_moment_keeps_being_one_whatever_its_zone() -> None:
    night = _at(24, "22:34").astimezone(ZoneInfo("Asia/Tokyo"))
    assert next_waking_hour(night, HELSINKI) == _at(25, "06:00")


ROUND_THE_WORLD = ["Pacific/Kiritimati", "Asia/Tokyo", "Europe/Paris", "America/Lima", "Pacific/Honolulu"]


@given(
    st.lists(st.sampled_from(ROUND_THE_WORLD), min_size=1, unique=True),
    st.integers(0, 2 * 24 * 60).map(
        lambda minutes: datetime(2012, 1, 24, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
)
@settings(max_examples=budget(12, 50))
def test_no_hour_of_the_next_day_is_better_and_none_as_good_comes_earlier(
    zones: list[str], now: datetime
) -> None:
    def awake(moment: datetime) -> int:
        return sum(WAKES <= moment.astimezone(ZoneInfo(zone)).hour < SLEEPS for zone in zones)

    told = next_waking_hour(now, zones)
    hour = now.replace(minute=0) + timedelta(hours=1)
    assert told >= now
    for each in [now, *(hour + timedelta(hours=number) for number in range(24))]:
        assert awake(told) > awake(each) if each < told else awake(told) >= awake(each)


def test_the_zones_of_offices_are_those_of_the_cases_there_are_now(script: Script) -> None:
    shipped = script.cases["norma-cruz"]
    hours = replace(shipped.main.hours, timezone="Asia/Tokyo")
    tokyo = with_target(
        replace(shipped, slug="tokyo", actions={"fax-2012": the_action(shipped)}), hours=hours
    )
    cases = {"norma-cruz": shipped}
    zones = OfficeZones(cases)
    assert list(zones) == ["America/Guatemala"]
    cases |= {"tokyo": tokyo, "another": shipped}
    assert (list(zones), len(zones)) == (["America/Guatemala", "Asia/Tokyo"], 2)
    assert (zones[1], zones[:1]) == ("Asia/Tokyo", ("America/Guatemala",))
    cases.clear()
    assert not zones
