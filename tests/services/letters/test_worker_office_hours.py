"""When letters leave: in office hours, at the office's pace, on its action day, and not before their time."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.domain.cases import ActionDay
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.office_hours import Hours, Pace
from assistant.domain.texts import CaseDate
from assistant.store.letters import LANE
from assistant.store.tables import lanes, letters
from tests.support.fakes.carrier import Machine, Moody
from tests.support.harness import House
from tests.support.publishing import CASE

PEOPLE = ["ana", "ben", "eva", "ida", "leo"]
QUEUED, SENT = LetterStatus.QUEUED, LetterStatus.SENT
ONE_A_MINUTE = Pace(per_minute=1)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


@pytest.fixture
def tray(tmp_path: Path) -> Moody:
    return Moody(tmp_path / "tray")


def _at(day: int, clock: str) -> datetime:
    """A moment of January 2012, UTC: the office is open from 14:00 to 22:00."""
    return datetime.fromisoformat(f"2012-01-{day:02}T{clock}Z").astimezone(UTC)


def _hours(house: House, **changes: object) -> Hours:
    known = house.script.cases[CASE].target.hours
    facts = {name: getattr(known, name) for name in Hours.__slots__}
    return Hours(**{**facts, "holidays": (), **changes})


def _day(house: House, day: int) -> ActionDay:
    return ActionDay(CaseDate(2012, 1, day), house.script.cases[CASE].action_days[0].title)


async def _next_at(house: House) -> datetime | None:
    (row,) = await house.rows(select(lanes.c.next_at).where(lanes.c.kind == LANE))
    found: datetime | None = row["next_at"]
    return found


async def _departures(house: House, tray: Moody, until: datetime) -> list[datetime]:
    """When letters leave until then, woken only at the moments at which the lane says there is work."""
    left: list[datetime] = []
    while house.clock() <= until:
        before = len(tray.taken)
        await house.deliver(tray)
        left += [house.clock()] * (len(tray.taken) - before)
        upcoming = await _next_at(house)
        if upcoming is None:
            break
        assert upcoming > house.clock(), "a lane with nothing to do rests"
        house.clock.now = upcoming
    return left


async def test_a_letter_waits_until_it_can_no_longer_be_changed(house: House, tray: Moody) -> None:
    house = await house.with_office(undo=timedelta(minutes=10))
    await house.queue("ana")
    house.clock.pass_by(minutes=9, seconds=59)
    await house.deliver(tray)
    assert (await house.letter_statuses(), await _next_at(house)) == ([QUEUED], _at(24, "15:10"))
    house.clock.pass_by(seconds=1)
    await house.deliver(tray)
    assert (await house.letter_statuses(), await _next_at(house)) == ([SENT], None)


@ON_SQLITE
@pytest.mark.parametrize(
    ("written", "changes", "leaves"),
    [
        (_at(24, "13:00"), {}, _at(24, "14:00")),
        (_at(24, "21:59"), {}, _at(24, "21:59")),
        (_at(24, "22:00"), {}, _at(25, "14:00")),
        (_at(27, "22:30"), {}, _at(30, "14:00")),  # a weekend lies between
        (_at(28, "15:00"), {"on_weekends": True}, _at(28, "15:00")),
        (_at(27, "22:30"), {"holidays": frozenset({date(2012, 1, 30)})}, _at(31, "14:00")),
        (
            _at(27, "22:30"),
            {"holidays": frozenset({date(2012, 1, 30)}), "on_holidays": True},
            _at(30, "14:00"),
        ),
        (_at(24, "15:00"), {"timezone": "Asia/Tokyo"}, _at(24, "23:00")),
    ],
)
async def test_a_letter_leaves_at_the_next_moment_in_office_hours(
    house: House, tray: Moody, written: datetime, changes: dict[str, object], leaves: datetime
) -> None:
    house.clock.now = written
    house = await house.with_office(hours=_hours(house, **changes))
    await house.queue("ana")
    assert await _departures(house, tray, written + timedelta(days=9)) == [leaves]


@ON_SQLITE
async def test_public_holidays_are_those_of_the_country(house: House, tray: Moody) -> None:
    house.clock.now = datetime(2012, 4, 4, 23, tzinfo=UTC)  # the eve of Maundy Thursday
    house = await house.with_office()
    await house.queue("ana")
    left = await _departures(house, tray, house.clock() + timedelta(days=9))
    assert left == [datetime(2012, 4, 9, 14, tzinfo=UTC)], "the Monday after Easter"


@ON_SQLITE
async def test_one_a_minute_is_one_a_minute_and_in_order(house: House, tray: Moody) -> None:
    house = await house.with_office(pace=ONE_A_MINUTE)
    await house.queue(*PEOPLE)
    keys = [letter.key for letter in await house.letters()]
    counts = []
    for _ in range(11):  # looked at more often than letters may leave
        await house.deliver(tray)
        counts.append(len(tray.taken))
        house.clock.pass_by(seconds=30)
    assert counts == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5]
    assert tray.taken == keys


@ON_SQLITE
async def test_the_lane_wakes_up_for_each_letter_and_then_no_more(house: House, tray: Moody) -> None:
    house = await house.with_office(pace=Pace(per_minute=2))
    await house.queue(*PEOPLE)
    left = await _departures(house, tray, _at(25, "15:00"))
    assert left == [_at(24, "15:00") + timedelta(seconds=30) * number for number in range(5)]


@ON_SQLITE
async def test_a_runner_that_slept_makes_up_for_nothing(house: House, tray: Moody) -> None:
    house = await house.with_office(pace=ONE_A_MINUTE)
    await house.queue(*PEOPLE)
    house.clock.pass_by(hours=1)
    for _ in range(2):
        await house.deliver(tray)
    assert len(tray.taken) == 1


@ON_SQLITE
async def test_what_does_not_fit_before_the_office_closes_goes_on_in_the_morning(
    house: House, tray: Moody
) -> None:
    house.clock.now = _at(24, "21:58")
    house = await house.with_office(pace=ONE_A_MINUTE)
    await house.queue(*PEOPLE)
    left = await _departures(house, tray, _at(31, "15:00"))
    assert left == [_at(24, "21:58"), _at(24, "21:59"), *(_at(25, f"14:0{minute}") for minute in range(3))]


async def test_what_is_too_much_for_a_day_goes_on_the_next_working_day(house: House, tray: Moody) -> None:
    house.clock.now = _at(27, "15:00")  # a Friday
    house = await house.with_office(pace=Pace(per_day=2))
    await house.queue(*PEOPLE)
    left = await _departures(house, tray, _at(31, "23:00"))
    assert left == [*[_at(27, "15:00")] * 2, *[_at(30, "14:00")] * 2, _at(31, "14:00")]


@ON_SQLITE
async def test_a_day_that_is_full_stays_full_for_letters_written_on_it(house: House, tray: Moody) -> None:
    house = await house.with_office(pace=Pace(per_day=1))
    await house.queue("ana")
    await house.deliver(tray)
    await house.queue("ben")
    assert await _departures(house, tray, _at(31, "23:00")) == [_at(25, "14:00")]


@ON_SQLITE
async def test_a_try_that_failed_counts_for_the_pace(house: House) -> None:
    house = await house.with_office(pace=ONE_A_MINUTE, routes=("fax:+50255500001",))
    await house.queue("ana", "ben")
    fax = Machine()
    fax.answers.append(Failure("the line broke"))
    await house.deliver(fax)
    assert await _next_at(house) == _at(24, "15:01")


# Action days


@ON_SQLITE
async def test_letters_wait_for_an_action_day_that_lies_ahead(house: House, tray: Moody) -> None:
    house = await house.with_office(days=(_day(house, 26), _day(house, 30)))
    await house.queue("ana", "ben")
    assert {letter.due_at for letter in await house.letters()} == {_at(26, "14:00")}
    house.clock.now = _at(26, "13:59")
    await house.queue("eva")
    assert await _departures(house, tray, _at(31, "15:00")) == [_at(26, "14:00")] * 3


@ON_SQLITE
@pytest.mark.parametrize("written", [_at(26, "14:00"), _at(26, "15:30"), _at(27, "15:30")])
async def test_on_the_action_day_and_after_it_letters_leave_at_once(
    house: House, tray: Moody, written: datetime
) -> None:
    house.clock.now = written
    house = await house.with_office(days=(_day(house, 26),))
    await house.queue("ana")
    assert await _departures(house, tray, _at(31, "15:00")) == [written]


@ON_SQLITE
@pytest.mark.parametrize(
    ("written", "leaves"),
    [
        (_at(24, "15:00"), _at(26, "15:00")),
        (_at(26, "14:59"), _at(26, "15:00")),
        (_at(26, "15:01"), _at(26, "15:01")),
    ],
)
async def test_an_action_that_begins_at_an_hour_begins_then(
    house: House, tray: Moody, written: datetime, leaves: datetime
) -> None:
    house.clock.now = written
    house = await house.with_office(days=(replace(_day(house, 26), at=time(9)),))
    await house.queue("ana")
    assert await _departures(house, tray, _at(31, "15:00")) == [leaves]


@ON_SQLITE
async def test_an_action_day_on_a_day_off_is_kept_on_the_next_working_day(house: House, tray: Moody) -> None:
    house = await house.with_office(days=(_day(house, 28),))
    await house.queue("ana")
    assert await _departures(house, tray, _at(31, "15:00")) == [_at(30, "14:00")]


@ON_SQLITE
@pytest.mark.parametrize("day", [CaseDate(2012), CaseDate(2012, 2)])
async def test_nothing_waits_for_a_day_that_is_not_known(house: House, tray: Moody, day: CaseDate) -> None:
    title = house.script.cases[CASE].action_days[0].title
    house = await house.with_office(days=(ActionDay(day, title),))
    await house.queue("ana")
    assert await _departures(house, tray, _at(31, "15:00")) == [_at(24, "15:00")]


@ON_SQLITE
async def test_on_the_action_day_the_office_hears_one_letter_a_minute_from_its_opening_on(
    house: House, tray: Moody
) -> None:
    house = await house.with_office(days=(_day(house, 26),), pace=ONE_A_MINUTE)
    await house.queue(*PEOPLE)
    left = await _departures(house, tray, _at(31, "15:00"))
    assert left == [_at(26, f"14:0{minute}") for minute in range(5)]


# What is due at once


@ON_SQLITE
async def test_letters_leave_in_the_order_in_which_they_became_due(house: House, tray: Moody) -> None:
    house = await house.with_office()
    await house.queue("ana", "ben", "eva")
    async with house.store.write() as tx:
        later = letters.update().where(letters.c.id == 1).values(due_at=_at(24, "15:05"))
        await tx.connection.execute(later)
    house.clock.pass_by(minutes=5)
    await house.deliver(tray)
    assert tray.taken == [await house.key(number) for number in (2, 3, 1)]
