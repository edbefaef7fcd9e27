"""The pace of an office: no letter too many, and none too late."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.domain.figures import FEW
from assistant.domain.office_hours import Hours
from assistant.domain.office_pace import Departures, Pace, Portion, shown_portions
from tests.support.chance import budget

WEEK = frozenset({1, 2, 3, 4, 5})
OFFICE = Hours(
    timezone="America/Guatemala", opens=time(8), closes=time(16), workdays=WEEK
)  # 14:00 to 22:00 UTC
TUESDAY = date(2012, 1, 24)
FRIDAY, SATURDAY = date(2012, 1, 27), date(2012, 1, 28)
NO_PACE = Pace()


def _at(day: int, clock: str = "00:00") -> datetime:
    """A moment of January 2012, UTC."""
    return datetime.combine(date(2012, 1, day), time.fromisoformat(clock), UTC)


def test_letters_leave_at_the_pace_until_the_office_closes_and_go_on_in_the_morning() -> None:
    leaving = Departures(OFFICE, Pace(per_minute=1), _at(24, "21:58"))
    assert list(leaving.put(_at(24, "21:58"), 3)) == [
        Portion(TUESDAY, _at(24, "21:58"), _at(24, "21:59"), 2),
        Portion(date(2012, 1, 25), _at(25, "14:00"), _at(25, "14:00"), 1),
    ]
    assert leaving.next(_at(24)) == _at(25, "14:01")


def test_what_has_left_before_counts() -> None:
    now = _at(24, "15:00")
    paced = Departures(OFFICE, Pace(per_minute=1), now, last=now - timedelta(seconds=20))
    assert paced.next(now) == now + timedelta(seconds=40)
    full = Departures(OFFICE, Pace(per_day=5), now, last=now, left_today=5)
    assert full.next(now) == _at(25, "14:00")
    room = Departures(OFFICE, Pace(per_day=5), now, last=now, left_today=4)
    assert [(each.day.day, each.letters) for each in room.put(now, 7)] == [(24, 1), (25, 5), (26, 1)]


def test_a_full_friday_spills_over_to_monday() -> None:
    leaving = Departures(OFFICE, Pace(per_day=2), _at(27, "15:00"))
    assert [(each.day.day, each.letters) for each in leaving.put(_at(27), 5)] == [(27, 2), (30, 2), (31, 1)]


def test_letters_without_a_pace_leave_together() -> None:
    leaving = Departures(OFFICE, NO_PACE, _at(24, "12:00"))
    assert list(leaving.put(_at(24), 9)) == [Portion(TUESDAY, _at(24, "14:00"), _at(24, "14:00"), 9)]


def test_a_letter_for_a_later_day_waits_for_that() -> None:
    leaving = Departures(OFFICE, Pace(per_minute=1), _at(24, "15:00"))
    for earliest in (_at(25, "15:00"), _at(26, "03:00"), _at(27, "15:00")):
        assert leaving.next(earliest) == OFFICE.next_open(earliest)
        assert [each.first for each in leaving.put(earliest, 1)] == [OFFICE.next_open(earliest)]
    assert leaving.next(_at(24)) == _at(27, "15:01"), "none overtakes it"


@pytest.mark.parametrize(
    ("offices", "told"),
    [
        ([24], [["10+", "10+", "<10"]]),
        ([3], [["<10"]]),
        ([14, 3], [["<18"], ["<18"]]),  # with both counted, the small one would be below 8
        ([24, 3], [["10+"], ["<10"]]),
        ([24, 30], [["10+", "10+", "<10"], ["10+", "10+", "10+"]]),
        ([30, 0], [["20+"], []]),
    ],
)
def test_of_few_letters_a_plan_does_not_tell_how_many_they_are(
    offices: list[int], told: list[list[str]]
) -> None:
    """Ten a day; how many wait for all offices together is known."""
    planned = {
        place: list(Departures(OFFICE, Pace(per_day=FEW), _at(24, "15:00")).put(_at(24), letters))
        for place, letters in enumerate(offices)
    }
    found = shown_portions(planned)
    assert [[str(count) for _, count in found[place]] for place in planned] == told


def test_none_leave_where_none_are_put_in() -> None:
    assert list(Departures(OFFICE, NO_PACE, _at(24)).put(_at(24), 0)) == []


def test_a_million_letters_are_a_portion_a_day() -> None:
    leaving = Departures(OFFICE, Pace(per_minute=100), _at(24, "14:00"))
    portions = list(leaving.put(_at(24, "14:00"), 1_000_000))
    assert {each.letters for each in portions[:-1]} == {8 * 60 * 100}
    assert (len(portions), sum(each.letters for each in portions)) == (21, 1_000_000)


# Any office, any pace, any queue

ZONES = ["America/Guatemala", "America/New_York", "Europe/Berlin", "Africa/Cairo", "Asia/Kathmandu", "UTC"]
BEGIN = datetime(2023, 3, 1, tzinfo=UTC)


@st.composite
def _hours(draw: st.DrawFn) -> Hours:
    opens = draw(st.integers(0, 1438))
    closes = draw(st.integers(opens + 1, min(1439, opens + 60)))
    return Hours(
        timezone=draw(st.sampled_from(ZONES)),
        opens=time(*divmod(opens, 60)),
        closes=time(*divmod(closes, 60)),
        workdays=draw(st.frozensets(st.integers(1, 7), min_size=1)),
        holidays=frozenset(BEGIN.date() + timedelta(days=each) for each in draw(st.sets(st.integers(0, 70)))),
        on_weekends=draw(st.booleans()),
        on_holidays=draw(st.booleans()),
    )


PACES = st.builds(Pace, st.sampled_from([0, 1, 2, 6, 60]), st.sampled_from([0, 1, 2, 5, 40]))
MOMENTS = st.integers(0, 60 * 24 * 3600).map(lambda seconds: BEGIN + timedelta(seconds=seconds))
QUEUES = st.lists(st.tuples(MOMENTS, st.integers(0, 40)), max_size=6)
LEFT = st.none() | st.tuples(st.integers(0, 200), st.integers(0, 5))  # seconds ago, letters that day


def _one_by_one(
    hours: Hours,
    pace: Pace,
    now: datetime,
    left: tuple[int, int] | None,
    queue: Sequence[tuple[datetime, int]],
) -> list[datetime]:
    """When each letter leaves, by the plainest reading of the rules."""
    last = now - timedelta(seconds=left[0]) if left else None
    by_day = {hours.day(now): left[1] if left else 0}
    leaves: list[datetime] = []
    for earliest, count in queue:
        for _ in range(count):
            at = hours.next_open(max(now, earliest, last + pace.gap if last else now))
            if pace.per_day and by_day.get(hours.day(at), 0) >= pace.per_day:
                at = hours.opening_after(hours.day(at))
            by_day[hours.day(at)] = by_day.get(hours.day(at), 0) + 1
            last = at
            leaves.append(at)
    return leaves


def _departures(hours: Hours, pace: Pace, now: datetime, left: tuple[int, int] | None) -> Departures:
    if left is None:
        return Departures(hours, pace, now)
    return Departures(hours, pace, now, now - timedelta(seconds=left[0]), left[1])


def _moments(portions: Sequence[Portion], pace: Pace) -> list[datetime]:
    return [each.first + pace.gap * number for each in portions for number in range(each.letters)]


@given(_hours(), PACES, MOMENTS, LEFT, QUEUES)
@settings(max_examples=budget(15, 60))
def test_portions_say_when_each_letter_leaves(
    hours: Hours, pace: Pace, now: datetime, left: tuple[int, int] | None, queue: list[tuple[datetime, int]]
) -> None:
    together, single = (_departures(hours, pace, now, left) for _ in range(2))
    portions = [portion for earliest, count in queue for portion in together.put(earliest, count)]
    foreseen = []
    for earliest, count in queue:
        for _ in range(count):
            foreseen.append(single.next(earliest))
            (portion,) = single.put(earliest, 1)
            assert (portion.first, portion.last, portion.letters) == (foreseen[-1], foreseen[-1], 1)
    assert _moments(portions, pace) == foreseen == _one_by_one(hours, pace, now, left, queue)


@given(_hours(), PACES, MOMENTS, LEFT, QUEUES)
@settings(max_examples=budget(15, 60))
def test_portions_are_in_order_in_office_hours_and_never_more_than_the_office_can_bear(
    hours: Hours, pace: Pace, now: datetime, left: tuple[int, int] | None, queue: list[tuple[datetime, int]]
) -> None:
    leaving = _departures(hours, pace, now, left)
    portions = [portion for earliest, count in queue for portion in leaving.put(earliest, count)]
    assert sum(each.letters for each in portions) == sum(count for _, count in queue)
    by_day: dict[date, int] = {}
    for each in portions:
        opens, closes = hours.window(each.day)
        assert each.letters > 0
        assert hours.is_open(each.day)
        assert opens <= each.first <= each.last < closes
        assert each.last - each.first == pace.gap * (each.letters - 1)
        by_day[each.day] = by_day.get(each.day, 0) + each.letters
    for earlier, later in pairwise(portions):
        assert later.first - earlier.last >= pace.gap
    today = by_day.pop(hours.day(now), 0)
    if pace.per_day:
        assert all(count <= pace.per_day for count in by_day.values())
        assert today <= max(0, pace.per_day - (left[1] if left else 0))


@pytest.mark.parametrize("per_minute", [11, 14, 18, 27, 28, 42, 59])
def test_a_pace_that_does_not_divide_a_minute_ends_at_closing_too(per_minute: int) -> None:
    hours = Hours(timezone="UTC", opens=time(9), closes=time(11), workdays=frozenset(range(1, 8)))
    begin = datetime(2012, 1, 24, tzinfo=UTC)
    portions = list(Departures(hours, Pace(per_minute), begin).put(begin, 10_000))
    assert sum(portion.letters for portion in portions) == 10_000
    assert all(portion.letters > 0 for portion in portions)
    assert all(portion.last < hours.window(portion.day)[1] for portion in portions)
