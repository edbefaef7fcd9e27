"""When letters leave: in office hours, at the office's pace, on its action day, and not before their time."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.domain.actions import ActionDay
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.office_hours import Hours
from assistant.domain.office_pace import Pace
from assistant.domain.texts import CaseDate
from assistant.store.letters import LANE
from assistant.store.tables import lanes, letters
from tests.support.fakes.carrier import FailingTray, FakeCarrier
from tests.support.harness import Harness
from tests.support.invented_cases import the_action
from tests.support.publishing import CASE

PEOPLE = ["ana", "ben", "eva", "ida", "leo"]
QUEUED, SENT = LetterStatus.QUEUED, LetterStatus.SENT
ONE_A_MINUTE = Pace(per_minute=1)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


@pytest.fixture
def tray(tmp_path: Path) -> FailingTray:
    return FailingTray(tmp_path / "tray")


def _at(day: int, clock: str) -> datetime:
    """A moment of January 2012, UTC: the office is open from 14:00 to 22:00."""
    return datetime.fromisoformat(f"2012-01-{day:02}T{clock}Z").astimezone(UTC)


def _hours(harness: Harness, **changes: object) -> Hours:
    known = harness.script.cases[CASE].main.hours
    facts = {name: getattr(known, name) for name in Hours.__slots__}
    return Hours(**{**facts, "holidays": (), **changes})


def _day(harness: Harness, day: int) -> ActionDay:
    return ActionDay(CaseDate(2012, 1, day), the_action(harness.script.cases[CASE]).action_days[0].title)


async def _next_at(harness: Harness) -> datetime | None:
    (row,) = await harness.rows(select(lanes.c.next_at).where(lanes.c.kind == LANE))
    found: datetime | None = row["next_at"]
    return found


async def _departures(harness: Harness, tray: FailingTray, until: datetime) -> list[datetime]:
    """When letters leave until then, woken only at the moments at which the lane says there is work."""
    left: list[datetime] = []
    while harness.clock() <= until:
        before = len(tray.taken)
        await harness.deliver_letters(tray)
        left += [harness.clock()] * (len(tray.taken) - before)
        upcoming = await _next_at(harness)
        if upcoming is None:
            break
        assert upcoming > harness.clock(), "a lane with nothing to do rests"
        harness.clock.now = upcoming
    return left


async def test_a_letter_waits_until_it_can_no_longer_be_changed(harness: Harness, tray: FailingTray) -> None:
    harness = await harness.with_office(undo=timedelta(minutes=10))
    await harness.deliver_letters(tray)  # a process that begins looks at each office
    await harness.queue_letters("ana")
    harness.clock.advance(minutes=9, seconds=59)
    await harness.deliver_letters(tray)
    assert (await harness.letter_statuses(), await _next_at(harness)) == ([QUEUED], _at(24, "15:10"))
    harness.clock.advance(seconds=1)
    await harness.deliver_letters(tray)
    assert (await harness.letter_statuses(), await _next_at(harness)) == ([SENT], None)


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
    harness: Harness, tray: FailingTray, written: datetime, changes: dict[str, object], leaves: datetime
) -> None:
    harness.clock.now = written
    harness = await harness.with_office(hours=_hours(harness, **changes))
    await harness.queue_letters("ana")
    assert await _departures(harness, tray, written + timedelta(days=9)) == [leaves]


@ON_SQLITE
async def test_public_holidays_are_those_of_the_country(harness: Harness, tray: FailingTray) -> None:
    harness.clock.now = datetime(2012, 4, 4, 23, tzinfo=UTC)  # the eve of Maundy Thursday
    harness = await harness.with_office()
    await harness.queue_letters("ana")
    left = await _departures(harness, tray, harness.clock() + timedelta(days=9))
    assert left == [datetime(2012, 4, 9, 14, tzinfo=UTC)], "the Monday after Easter"


@ON_SQLITE
async def test_one_a_minute_is_one_a_minute_and_in_order(harness: Harness, tray: FailingTray) -> None:
    harness = await harness.with_office(pace=ONE_A_MINUTE)
    await harness.queue_letters(*PEOPLE)
    keys = [letter.key for letter in await harness.letters()]
    counts = []
    for _ in range(11):  # looked at more often than letters may leave
        await harness.deliver_letters(tray)
        counts.append(len(tray.taken))
        harness.clock.advance(seconds=30)
    assert counts == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5]
    assert tray.taken == keys


@ON_SQLITE
async def test_the_lane_wakes_up_for_each_letter_and_then_no_more(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await harness.with_office(pace=Pace(per_minute=2))
    await harness.queue_letters(*PEOPLE)
    left = await _departures(harness, tray, _at(25, "15:00"))
    assert left == [_at(24, "15:00") + timedelta(seconds=30) * number for number in range(5)]


@ON_SQLITE
async def test_a_runner_that_slept_makes_up_for_nothing(harness: Harness, tray: FailingTray) -> None:
    harness = await harness.with_office(pace=ONE_A_MINUTE)
    await harness.queue_letters(*PEOPLE)
    harness.clock.advance(hours=1)
    for _ in range(2):
        await harness.deliver_letters(tray)
    assert len(tray.taken) == 1


@ON_SQLITE
async def test_what_does_not_fit_before_the_office_closes_goes_on_in_the_morning(
    harness: Harness, tray: FailingTray
) -> None:
    harness.clock.now = _at(24, "21:58")
    harness = await harness.with_office(pace=ONE_A_MINUTE)
    await harness.queue_letters(*PEOPLE)
    left = await _departures(harness, tray, _at(31, "15:00"))
    assert left == [_at(24, "21:58"), _at(24, "21:59"), *(_at(25, f"14:0{minute}") for minute in range(3))]


async def test_what_is_too_much_for_a_day_goes_on_the_next_working_day(
    harness: Harness, tray: FailingTray
) -> None:
    harness.clock.now = _at(27, "15:00")  # a Friday
    harness = await harness.with_office(pace=Pace(per_day=2))
    await harness.queue_letters(*PEOPLE)
    left = await _departures(harness, tray, _at(31, "23:00"))
    assert left == [*[_at(27, "15:00")] * 2, *[_at(30, "14:00")] * 2, _at(31, "14:00")]


@ON_SQLITE
async def test_a_day_that_is_full_stays_full_for_letters_written_on_it(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await harness.with_office(pace=Pace(per_day=1))
    await harness.queue_letters("ana")
    await harness.deliver_letters(tray)
    await harness.queue_letters("ben")
    assert await _departures(harness, tray, _at(31, "23:00")) == [_at(25, "14:00")]


@ON_SQLITE
async def test_a_try_that_failed_counts_for_the_pace(harness: Harness) -> None:
    harness = await harness.with_office(pace=ONE_A_MINUTE, routes=("fax:+50255500001",))
    await harness.queue_letters("ana", "ben")
    fax = FakeCarrier()
    fax.answers.append(Failure("the line broke"))
    await harness.deliver_letters(fax)
    assert await _next_at(harness) == _at(24, "15:01")


# Action days


@ON_SQLITE
async def test_letters_wait_for_an_action_day_that_lies_ahead(harness: Harness, tray: FailingTray) -> None:
    harness = await harness.with_office(days=(_day(harness, 26), _day(harness, 30)))
    await harness.queue_letters("ana", "ben")
    assert {letter.due_at for letter in await harness.letters()} == {_at(26, "14:00")}
    harness.clock.now = _at(26, "13:59")
    await harness.queue_letters("eva")
    assert await _departures(harness, tray, _at(31, "15:00")) == [_at(26, "14:00")] * 3


@ON_SQLITE
@pytest.mark.parametrize("written", [_at(26, "14:00"), _at(26, "15:30"), _at(27, "15:30")])
async def test_on_the_action_day_and_after_it_letters_leave_at_once(
    harness: Harness, tray: FailingTray, written: datetime
) -> None:
    harness.clock.now = written
    harness = await harness.with_office(days=(_day(harness, 26),))
    await harness.queue_letters("ana")
    assert await _departures(harness, tray, _at(31, "15:00")) == [written]


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
    harness: Harness, tray: FailingTray, written: datetime, leaves: datetime
) -> None:
    harness.clock.now = written
    harness = await harness.with_office(days=(replace(_day(harness, 26), at=time(9)),))
    await harness.queue_letters("ana")
    assert await _departures(harness, tray, _at(31, "15:00")) == [leaves]


@ON_SQLITE
async def test_an_action_day_on_a_day_off_is_kept_on_the_next_working_day(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await harness.with_office(days=(_day(harness, 28),))
    await harness.queue_letters("ana")
    assert await _departures(harness, tray, _at(31, "15:00")) == [_at(30, "14:00")]


@ON_SQLITE
@pytest.mark.parametrize("day", [CaseDate(2012), CaseDate(2012, 2)])
async def test_nothing_waits_for_a_day_that_is_not_known(
    harness: Harness, tray: FailingTray, day: CaseDate
) -> None:
    title = the_action(harness.script.cases[CASE]).action_days[0].title
    harness = await harness.with_office(days=(ActionDay(day, title),))
    await harness.queue_letters("ana")
    assert await _departures(harness, tray, _at(31, "15:00")) == [_at(24, "15:00")]


@ON_SQLITE
async def test_on_the_action_day_the_office_hears_one_letter_a_minute_from_its_opening_on(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await harness.with_office(days=(_day(harness, 26),), pace=ONE_A_MINUTE)
    await harness.queue_letters(*PEOPLE)
    left = await _departures(harness, tray, _at(31, "15:00"))
    assert left == [_at(26, f"14:0{minute}") for minute in range(5)]


# What is due at once


@ON_SQLITE
async def test_letters_leave_in_the_order_in_which_they_became_due(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await harness.with_office()
    await harness.queue_letters("ana", "ben", "eva")
    async with harness.store.write() as tx:
        later = letters.update().where(letters.c.id == 1).values(due_at=_at(24, "15:05"))
        await tx.connection.execute(later)
    harness.clock.advance(minutes=5)
    await harness.deliver_letters(tray)
    assert tray.taken == [await harness.key(number) for number in (2, 3, 1)]
