"""An office's hours: on which days, and from when until when, letters are sent to it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from assistant.domain.errors import Misconfigured
from assistant.domain.office_hours import Hours

WEEK = frozenset({1, 2, 3, 4, 5})
OFFICE = Hours(
    timezone="America/Guatemala", opens=time(8), closes=time(16), workdays=WEEK
)  # 14:00 to 22:00 UTC
TUESDAY = date(2012, 1, 24)
FRIDAY, SATURDAY = date(2012, 1, 27), date(2012, 1, 28)


def _at(day: int, clock: str = "00:00") -> datetime:
    """A moment of January 2012, UTC."""
    return datetime.combine(date(2012, 1, day), time.fromisoformat(clock), UTC)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (_at(24, "15:12"), _at(24, "15:12")),  # in its hours
        (_at(24, "14:00"), _at(24, "14:00")),  # just opened
        (_at(24, "13:59"), _at(24, "14:00")),  # in the morning
        (_at(24, "21:59"), _at(24, "21:59")),  # about to close
        (_at(24, "22:00"), _at(25, "14:00")),  # just closed
        (_at(25, "03:00"), _at(25, "14:00")),  # still Tuesday evening there
        (_at(27, "22:00"), _at(30, "14:00")),  # Friday evening
        (_at(28, "15:00"), _at(30, "14:00")),  # Saturday
    ],
)
def test_letters_wait_for_the_next_opening(now: datetime, opens: datetime) -> None:
    assert OFFICE.next_open(now) == opens


@pytest.mark.parametrize(
    ("on_weekends", "on_holidays", "opens"),
    [
        (False, False, _at(31, "14:00")),  # Monday is the holiday
        (False, True, _at(30, "14:00")),
        (True, False, _at(28, "14:00")),
        (True, True, _at(28, "14:00")),
    ],
)
def test_weekends_and_holidays_are_a_choice_each(
    on_weekends: bool, on_holidays: bool, opens: datetime
) -> None:
    office = replace(OFFICE, holidays={date(2012, 1, 30)}, on_weekends=on_weekends, on_holidays=on_holidays)
    assert office.next_open(_at(27, "23:00")) == opens


def test_a_holiday_on_a_weekend_needs_both_choices() -> None:
    office = replace(OFFICE, holidays={SATURDAY}, on_weekends=True)
    assert not office.is_open(SATURDAY)
    assert replace(office, on_holidays=True).is_open(SATURDAY)


@pytest.mark.parametrize(
    ("zone", "closed", "opens"),
    [
        ("America/New_York", datetime(2012, 3, 9, 23, tzinfo=UTC), datetime(2012, 3, 12, 12, tzinfo=UTC)),
        ("America/New_York", datetime(2012, 11, 2, 23, tzinfo=UTC), datetime(2012, 11, 5, 13, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2012, 3, 23, 23, tzinfo=UTC), datetime(2012, 3, 26, 6, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2012, 10, 26, 23, tzinfo=UTC), datetime(2012, 10, 29, 7, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2023, 4, 27, 20, tzinfo=UTC), datetime(2023, 4, 28, 5, tzinfo=UTC)),
    ],
)
def test_an_office_opens_by_its_own_clock_when_that_is_changed(
    zone: str, closed: datetime, opens: datetime
) -> None:
    assert replace(OFFICE, timezone=zone).next_open(closed) == opens
    assert f"{opens.astimezone(ZoneInfo(zone)):%H:%M}" == "08:00"


@pytest.mark.parametrize(
    ("day", "long"), [(date(2012, 3, 11), 5), (date(2012, 3, 12), 6), (date(2012, 11, 4), 7)]
)
def test_a_night_on_which_clocks_are_changed_is_as_long_as_it_is(day: date, long: int) -> None:
    office = Hours(
        timezone="America/New_York", opens=time(0), closes=time(6), workdays=WEEK, on_weekends=True
    )
    opens, closes = office.window(day)
    assert closes - opens == timedelta(hours=long)


def test_a_day_that_has_no_midnight_begins_all_the_same() -> None:
    cairo, day = replace(OFFICE, timezone="Africa/Cairo"), date(2023, 4, 28)
    begins = cairo.moment(day, time())
    assert (begins, cairo.day(begins), cairo.clock(begins)) == (
        datetime(2023, 4, 27, 22, tzinfo=UTC),
        day,
        "01:00",
    )
    assert cairo.day(begins - timedelta(milliseconds=1)) == date(2023, 4, 27)


class _Always:
    def __contains__(self, day: object) -> bool:
        return True


@pytest.mark.parametrize(
    "office", [replace(OFFICE, workdays=frozenset()), replace(OFFICE, holidays=_Always())]
)
def test_an_office_that_never_opens_is_a_setting_to_mend(office: Hours) -> None:
    with pytest.raises(Misconfigured, match="never opens: see its workdays and holidays"):
        office.next_open(_at(24, "15:00"))


def test_an_office_says_what_its_own_clock_and_calendar_show() -> None:
    late = _at(25, "03:12")
    assert (OFFICE.clock(late), OFFICE.day(late), OFFICE.moment(TUESDAY, time())) == (
        "21:12",
        TUESDAY,
        _at(24, "06:00"),
    )


# Departures
