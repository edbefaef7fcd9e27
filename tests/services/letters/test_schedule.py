"""When letters are expected to leave, and that they leave then."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from assistant.domain.actions import ActionDay
from assistant.domain.errors import Failure
from assistant.domain.letters import ExpectedActionDay, ExpectedDeparture
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.office_pace import Pace
from assistant.domain.texts import CaseDate
from assistant.services.letters.schedule import plan
from assistant.store import lanes as lane_store
from assistant.store import letter_queue
from assistant.store.letters import LANE
from assistant.store.tables import lanes, letter_log, letters
from tests.support.fakes.carrier import FailingTray, FakeCarrier
from tests.support.harness import LETTER, Harness
from tests.support.invented_cases import the_action, with_action
from tests.support.offices import OFFICE, REF
from tests.support.publishing import CASE

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point
TUESDAY, WEDNESDAY, THURSDAY, MONDAY = (date(2012, 1, day) for day in (24, 25, 26, 30))


def _at(day: int, clock: str) -> datetime:
    """A moment of January 2012, UTC: the office is open from 14:00 to 22:00."""
    return datetime.fromisoformat(f"2012-01-{day:02}T{clock}Z")


async def _leaving(harness: Harness) -> ExpectedDeparture:
    await harness.schedule.look(harness.clock())
    await harness.schedule.close()
    return harness.schedule.leaving(harness.clock())[REF]


async def _many_letters(harness: Harness, count: int, due_at: datetime) -> None:
    """That many letters of people who are not remembered."""
    async with harness.store.write() as tx:
        lane = (await lane_store.lane_ids(tx, LANE, [OFFICE]))[OFFICE]
        row = {"lane_id": lane, "case_slug": CASE, "country": "FI", "language": "es", "route": "tray"}
        row |= {"status": LetterStatus.QUEUED, "body": b"sealed", "epoch": 0, "attempts": 0}
        row |= {"created_at": harness.clock(), "due_at": due_at}
        await tx.connection.execute(insert(letters), [row | {"key": f"k-{n}"} for n in range(count)])


def _day(harness: Harness, day: int) -> ActionDay:
    return ActionDay(CaseDate(2012, 1, day), the_action(harness.script.cases[CASE]).action_days[0].title)


# What is foreseen


@ON_SQLITE
@pytest.mark.parametrize(
    ("now", "leaving"),
    [
        (_at(24, "12:00"), ExpectedDeparture(TUESDAY, today=True)),
        (_at(24, "21:49"), ExpectedDeparture(TUESDAY, today=True)),
        (_at(24, "21:50"), ExpectedDeparture(WEDNESDAY, today=False)),  # it can be changed for ten minutes
        (_at(25, "03:00"), ExpectedDeparture(WEDNESDAY, today=False)),  # Tuesday evening there
        (_at(25, "06:00"), ExpectedDeparture(WEDNESDAY, today=True)),  # midnight there
        (_at(27, "22:00"), ExpectedDeparture(MONDAY, today=False)),
    ],
)
async def test_with_an_empty_queue_a_letter_leaves_in_the_next_office_hours(
    harness: Harness, now: datetime, leaving: ExpectedDeparture
) -> None:
    harness.clock.now = now
    harness = await harness.with_office(undo=timedelta(minutes=10))
    assert await _leaving(harness) == leaving


async def test_behind_a_thousand_letters_it_is_two_days(harness: Harness) -> None:
    harness = await harness.with_office(pace=Pace(per_minute=1))
    await _many_letters(harness, 1_000, harness.clock())  # 420 on Tuesday, 480 on Wednesday
    assert await _leaving(harness) == ExpectedDeparture(THURSDAY, today=False)


@ON_SQLITE
@pytest.mark.parametrize(("count", "day"), [(419, TUESDAY), (420, WEDNESDAY)])
async def test_the_letter_that_no_longer_fits_leaves_a_day_later(
    harness: Harness, count: int, day: date
) -> None:
    harness = await harness.with_office(pace=Pace(per_minute=1))
    await _many_letters(harness, count, harness.clock())
    assert (await _leaving(harness)).day == day


@ON_SQLITE
async def test_letters_wait_for_an_action_day_and_those_behind_them_too(harness: Harness) -> None:
    day = _day(harness, 26)
    harness = await harness.with_office(days=(day,), pace=Pace(per_day=2))
    announced = ExpectedActionDay(day.title, _at(26, "14:00"), REF.of)
    assert await _leaving(harness) == ExpectedDeparture(THURSDAY, today=False, action_day=announced)
    await harness.queue_letters("ana", "ben")
    harness.clock.advance(minutes=1)
    assert await _leaving(harness) == ExpectedDeparture(date(2012, 1, 27), today=False)


@ON_SQLITE
async def test_what_left_today_counts(harness: Harness, tmp_path: Path) -> None:
    harness = await harness.with_office(pace=Pace(per_day=1))
    await harness.queue_letters("ana")
    await harness.deliver_letters(FailingTray(tmp_path / "tray"))
    assert await _leaving(harness) == ExpectedDeparture(WEDNESDAY, today=False)


@ON_SQLITE
async def test_all_letters_are_foreseen_and_no_other(harness: Harness) -> None:
    foreseen = harness.schedule.leaving(harness.clock())
    assert (list(foreseen), len(foreseen)) == ([REF, REF._replace(action="threats")], 2)
    for gone in (REF._replace(case="nobody"), REF._replace(action="gone"), REF._replace(target="gone")):
        with pytest.raises(KeyError):
            foreseen[gone]


@ON_SQLITE
async def test_people_are_told_the_day_one_after_the_other(harness: Harness) -> None:
    harness = await harness.with_office(pace=Pace(per_day=2))
    for person in ("ana", "ben", "eva"):
        await harness.receive_all(person, LETTER[:-1])
    told = [
        next(text for text in harness.texts_to(person) if "Thank you" in text)
        for person in ("ana", "ben", "eva")
    ]
    assert ["will be sent today" in text for text in told] == [True, True, False]
    assert "will be sent on January 25, 2012" in told[2]
    await harness.schedule.close()


# Looking


@ON_SQLITE
async def test_the_queues_are_looked_at_once_a_minute(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[datetime] = []
    real = letter_queue.queue_of

    async def counted(*arguments: object) -> object:
        looks.append(harness.clock())
        return await real(*arguments)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(letter_queue, "queue_of", counted)
    for _ in range(13):
        await _leaving(harness)
        harness.clock.advance(seconds=10)
    assert looks == [_at(24, "15:00"), _at(24, "15:01"), _at(24, "15:02")]


@ON_SQLITE
async def test_what_another_process_queued_is_known_after_a_minute(harness: Harness) -> None:
    harness = await harness.with_office(pace=Pace(per_day=1))
    assert (await _leaving(harness)).today
    await _many_letters(harness, 1, harness.clock())
    harness.clock.advance(seconds=59)
    assert (await _leaving(harness)).today
    harness.clock.advance(seconds=1)
    assert not (await _leaving(harness)).today


@ON_SQLITE
async def test_a_look_that_fails_costs_nobody_a_turn(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise Failure("the database does not answer")

    monkeypatch.setattr(letter_queue, "queue_of", fails)
    assert await _leaving(harness) == ExpectedDeparture(TUESDAY, today=True)


# Plans


async def _planned(harness: Harness) -> list[datetime]:
    office = harness.script.cases[CASE].main
    async with harness.store.read() as tx:
        portions = list(await plan(tx, CASE, office, harness.clock()))
    return [each.first + office.pace.gap * number for each in portions for number in range(each.letters)]


async def _to_the_end(harness: Harness, tray: FailingTray) -> list[datetime]:
    """Let time pass until nothing waits. Returns when letters left."""
    while True:
        await harness.deliver_letters(tray)
        (row,) = await harness.rows(select(lanes.c.next_at).where(lanes.c.kind == LANE))
        if row["next_at"] is None:
            break
        harness.clock.now = row["next_at"]
    handed = select(letter_log.c.at).where(letter_log.c.status == LetterStatus.SUBMITTING)
    return [row["at"] for row in await harness.rows(handed.order_by(letter_log.c.id))]


@ON_SQLITE
@pytest.mark.parametrize("pace", [Pace(), Pace(per_minute=2), Pace(per_day=3), Pace(per_minute=1, per_day=3)])
async def test_a_plan_is_what_then_happens(harness: Harness, tmp_path: Path, pace: Pace) -> None:
    harness.clock.now = _at(27, "21:58")  # Friday, about to close
    harness = await harness.with_office(pace=pace, undo=timedelta(minutes=1))
    await harness.queue_letters("ana", "ben", "eva", "ida", "leo")
    harness.clock.advance(minutes=1)
    await harness.queue_letters("tom", "una")
    planned = await _planned(harness)
    assert (len(planned), await _to_the_end(harness, FailingTray(tmp_path / "tray"))) == (7, planned)


@ON_SQLITE
async def test_a_plan_made_later_in_the_day_counts_what_has_left(harness: Harness, tmp_path: Path) -> None:
    tray = FailingTray(tmp_path / "tray")
    harness = await harness.with_office(pace=Pace(per_minute=1, per_day=3))
    await harness.queue_letters("ana", "ben", "eva", "ida", "leo")
    await harness.deliver_letters(tray)
    harness.clock.advance(seconds=20)
    planned = await _planned(harness)
    assert planned[0] == _at(24, "15:01")
    assert (await _to_the_end(harness, tray))[1:] == planned


@ON_SQLITE
async def test_who_was_told_a_day_sees_the_letter_leave_on_it(harness: Harness, tmp_path: Path) -> None:
    harness = await harness.with_office(pace=Pace(per_day=2), days=(_day(harness, 26),))
    told = []
    for person in ("ana", "ben", "eva", "ida", "leo"):
        told.append((await _leaving(harness)).day)
        await harness.queue_letters(person)
        harness.clock.advance(minutes=1)
    hours = harness.script.cases[CASE].main.hours
    assert [hours.day(at) for at in await _to_the_end(harness, FailingTray(tmp_path / "tray"))] == told


@ON_SQLITE
async def test_letters_that_are_held_or_with_a_carrier_are_in_no_plan(harness: Harness) -> None:
    assert await _planned(harness) == []
    harness = await harness.with_office(routes=("fax:+50255500001",))
    await harness.queue_letters("ana")
    await harness.deliver_letters(FakeCarrier())
    assert await _planned(harness) == []


@ON_SQLITE
async def test_what_is_kept_for_a_later_day_is_in_nobodys_way(harness: Harness) -> None:
    harness = await harness.with_office(pace=Pace(per_minute=1))
    await _many_letters(harness, 500, _at(30, "14:00"))
    assert await _leaving(harness) == ExpectedDeparture(TUESDAY, today=True)
    await harness.queue_letters("ana")
    harness.schedule.queued(REF, harness.clock())
    assert harness.schedule.leaving(harness.clock())[REF] == ExpectedDeparture(TUESDAY, today=True)


@ON_SQLITE
async def test_no_day_is_promised_on_which_the_action_is_over(harness: Harness) -> None:
    case = with_action(harness.script.cases[CASE], closes=CaseDate(2012, 1, 24), action_days=())
    harness = await (await harness.with_case(case)).with_office(undo=timedelta(minutes=10))
    harness.clock.now = _at(24, "21:30")
    assert await _leaving(harness) == ExpectedDeparture(TUESDAY, today=True)
    harness.clock.now = _at(24, "21:55")  # the office opens again on Wednesday
    assert harness.schedule.leaving(harness.clock()).get(REF) is None
    await harness.receive_all("ana", LETTER[:-1])
    assert "will be sent" not in harness.last_text_to("ana")
