"""A clock that was wrong for one letter, and is right again: nothing waits for the time that it showed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from assistant.carriers.base import Ref
from assistant.domain.actions import ActionDay
from assistant.domain.broadcasts import Timing
from assistant.domain.cases import Case
from assistant.domain.effects import Approve, Propose, Save
from assistant.domain.errors import Failure
from assistant.domain.letters import ExpectedDeparture
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus, MessageStatus
from assistant.domain.office_pace import Pace
from assistant.domain.organisers import Role
from assistant.domain.targets import Target
from assistant.domain.texts import CaseDate
from assistant.services.clock_watch import TRUSTED_AFTER, ClockWatch
from assistant.services.letters.schedule import LEFT_AHEAD, foreseen, plan
from assistant.store.letters import LANE
from assistant.store.tables import answers, broadcasts, chats, lanes, letters, messages
from tests.support.answers import answer, mailed
from tests.support.fakes.carrier import FailingTray, FakeCarrier
from tests.support.harness import Harness
from tests.support.invented_cases import the_action
from tests.support.offices import REF
from tests.support.organisers import carry_out, join
from tests.support.publishing import CASE

ONE_A_MINUTE = Pace(per_minute=1)
MINUTE = timedelta(minutes=1)
UNDO = timedelta(minutes=10)
JUMPS = pytest.mark.parametrize(
    "wrong", [timedelta(hours=1), timedelta(days=1), timedelta(days=3653)], ids=["hour", "day", "ten years"]
)
_L = LetterStatus


class Watched:
    """A process whose clock can be set, and what looks at that clock."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.seconds = 0.0
        self.watch = ClockWatch(
            harness.store,
            harness.schedule,
            harness.news.broadcast_service.undo,
            harness.clock,
            lambda: self.seconds,
        )

    async def pass_by(self, seconds: float) -> None:
        """Time passes in truth."""
        self.seconds += seconds
        self.harness.clock.advance(seconds=seconds)
        await self.watch.look()

    async def set(self, by: timedelta) -> None:
        """Somebody sets the clock."""
        self.harness.clock.now += by
        await self.pass_by(1)

    async def until_trusted(self) -> None:
        """The clock goes on for long enough."""
        await self.pass_by(TRUSTED_AFTER + 1)


@pytest.fixture
def tray(tmp_path: Path) -> FailingTray:
    return FailingTray(tmp_path / "tray")


def _office(harness: Harness) -> tuple[Case, Target]:
    case = harness.script.cases[CASE]
    return case, case.targets[REF.target]


async def _plan(harness: Harness) -> list[datetime]:
    case, target = _office(harness)
    async with harness.store.read() as tx:
        return [portion.first for portion in await plan(tx, case.slug, target, harness.clock())]


async def _foreseen(harness: Harness) -> list[datetime]:
    case, target = _office(harness)
    async with harness.store.read() as tx:
        return sorted((await foreseen(tx, case, target, harness.clock())).values())


@JUMPS
async def test_one_letter_by_a_wrong_clock_keeps_no_other_waiting(
    harness: Harness, tray: FailingTray, wrong: timedelta
) -> None:
    harness = await harness.with_office(pace=ONE_A_MINUTE)
    process = Watched(harness)
    await harness.queue_letters("ana", "ben", "eva")
    await process.set(wrong)
    await harness.deliver_letters(tray)
    assert len(tray.taken) == 1
    await process.set(-wrong)
    now = harness.clock()
    assert await _foreseen(harness) == [now, now + MINUTE]
    assert await _plan(harness) == [now]
    expected = await _expected(harness)
    assert (expected.day, expected.today) == (now.date(), True)
    with capture_logs() as logged:
        await harness.deliver_letters(tray)
    assert [each["event"] for each in logged].count(LEFT_AHEAD) == 1
    assert len(tray.taken) == 2
    await process.pass_by(30)
    await harness.deliver_letters(tray)
    assert len(tray.taken) == 2, "no faster than its pace"
    await process.pass_by(31)
    await harness.deliver_letters(tray)
    assert len(tray.taken) == 3


async def _expected(harness: Harness) -> ExpectedDeparture:
    await harness.schedule.look(harness.clock())
    await harness.schedule.close()
    return harness.schedule.leaving(harness.clock())[REF]


@JUMPS
async def test_a_day_is_not_full_of_letters_that_left_ahead_of_it(
    harness: Harness, tray: FailingTray, wrong: timedelta
) -> None:
    harness = await harness.with_office(pace=Pace(per_day=2))
    process = Watched(harness)
    await harness.queue_letters("ana", "ben", "eva", "ida")
    await process.set(wrong)
    await harness.deliver_letters(tray)
    assert len(tray.taken) == 2
    await process.set(-wrong)
    await harness.deliver_letters(tray)
    assert len(tray.taken) == 4


@JUMPS
async def test_a_letter_that_left_ahead_counts_for_its_day_once_the_clock_is_trusted(
    harness: Harness, tray: FailingTray, wrong: timedelta
) -> None:
    harness = await harness.with_office(pace=Pace(per_day=1))
    process = Watched(harness)
    await harness.queue_letters("ana")
    await process.set(wrong)
    await harness.deliver_letters(tray)
    await process.set(-wrong)
    await process.until_trusted()
    await harness.queue_letters("ben")
    await harness.deliver_letters(tray)
    assert len(tray.taken) == 1
    assert {row["left_at"] for row in await harness.rows(select(letters.c.left_at))} == {
        None,
        harness.clock(),
    }


@JUMPS
async def test_a_letter_that_was_written_by_a_wrong_clock_leaves_as_if_it_were_written_now(
    harness: Harness, tray: FailingTray, wrong: timedelta
) -> None:
    harness = await harness.with_office(undo=UNDO)
    process = Watched(harness)
    await process.set(wrong)
    await harness.queue_letters("ana")
    await process.set(-wrong)
    await process.until_trusted()
    (letter,) = await harness.letters()
    assert (letter.created_at, letter.due_at) == (harness.clock(), harness.clock() + UNDO)
    await process.pass_by(UNDO.total_seconds())
    await harness.deliver_letters(tray)
    assert await harness.letter_statuses() == [_L.SENT]


async def test_a_letter_that_waits_for_an_action_day_still_does(harness: Harness) -> None:
    title = the_action(harness.script.cases[CASE]).action_days[0].title
    harness = await harness.with_office(days=(ActionDay(CaseDate(2012, 1, 30), title),))
    process = Watched(harness)
    await process.set(timedelta(days=1))
    await harness.queue_letters("ana")
    await process.set(-timedelta(days=1))
    await harness.queue_letters("ben")
    await process.until_trusted()
    action_day = datetime(2012, 1, 30, 14, tzinfo=UTC)
    assert [letter.due_at for letter in await harness.letters()] == [action_day, action_day]


@JUMPS
async def test_a_letter_that_failed_by_a_wrong_clock_is_tried_again_soon(
    harness: Harness, wrong: timedelta
) -> None:
    harness = await harness.with_office(routes=("fax:+50255500001",))
    process = Watched(harness)
    await harness.queue_letters("ana")
    fax = FakeCarrier()
    fax.answers.append(Failure("the line broke"))
    await process.set(wrong)
    await harness.deliver_letters(fax)
    await process.set(-wrong)
    await process.pass_by(6 * 3600)
    await harness.deliver_letters(fax)
    assert await harness.letter_statuses() == [_L.SUBMITTED]


@JUMPS
async def test_a_carrier_is_asked_about_a_letter_as_soon_as_it_would_have_been(
    harness: Harness, wrong: timedelta
) -> None:
    harness = await harness.with_office(routes=("fax:+50255500001",))
    process = Watched(harness)
    await harness.queue_letters("ana")
    fax = FakeCarrier()
    fax.answers.append(Ref(_L.SUBMITTED, "job", timedelta(minutes=5)))
    await process.set(wrong)
    await harness.deliver_letters(fax)
    await process.set(-wrong)
    await process.until_trusted()
    fax.reports[await harness.key()] = Ref(_L.DELIVERED, "job")
    await process.pass_by(4 * 60)
    await harness.deliver_letters(fax)
    assert await harness.letter_statuses() == [_L.SUBMITTED], "not sooner either"
    await process.pass_by(60)
    await harness.deliver_letters(fax)
    assert await harness.letter_statuses() == [_L.DELIVERED]


@JUMPS
async def test_a_reply_that_failed_by_a_wrong_clock_is_sent_once_it_is_right(
    harness: Harness, wrong: timedelta
) -> None:
    process = Watched(harness)
    await process.set(wrong)
    harness.channel.faults["ana"] += [Failure("an outage", retry_after=1200.0)]
    await harness.receive("ana", "hello", language="en")
    before = len(harness.channel.sent["ana"])
    await process.set(-wrong)
    await harness.end_pauses()
    await harness.engine().run_until_idle()
    assert len(harness.channel.sent["ana"]) > before
    assert MessageStatus.QUEUED not in await harness.message_statuses()


@pytest.mark.parametrize("awake", [True, False], ids=["awake", "asleep"])
async def test_who_is_awake_is_told_at_once_what_a_wrong_clock_has_put_off(
    harness: Harness, awake: bool
) -> None:
    process = Watched(harness)
    for said in ("hello", "help"):
        await harness.receive("ana", said, language="en")
    tomorrow = harness.clock() + timedelta(days=1)
    async with harness.store.write() as tx:
        mine = update(messages).where(messages.c.id == 1)
        told = {"status": MessageStatus.QUEUED, "notice": True, "due_at": tomorrow, "reason": None}
        await tx.connection.execute(mine.values(told))
    await process.set(timedelta(minutes=1) if awake else timedelta(hours=2))
    await process.set(-timedelta(minutes=1))
    (due,) = await harness.rows(select(messages.c.due_at).where(messages.c.id == 1))
    assert (due["due_at"] < tomorrow) is awake


async def test_what_sleeps_until_the_morning_sleeps_until_the_next_one(harness: Harness) -> None:
    process = Watched(harness)
    await harness.receive("ana", "hello", language="en")
    morning = harness.clock() + timedelta(days=365, hours=15)
    async with harness.store.write() as tx:
        changed = update(messages).values(
            status=MessageStatus.QUEUED, notice=True, due_at=morning, reason=None
        )
        await tx.connection.execute(changed)
    await process.until_trusted()
    dues = {row["due_at"] for row in await harness.rows(select(messages.c.due_at))}
    assert dues == {morning - timedelta(days=365)}


@JUMPS
async def test_a_broadcast_that_was_approved_by_a_wrong_clock_begins_in_time(
    harness: Harness, wrong: timedelta
) -> None:
    process = Watched(harness)
    await harness.subscribe("ana")
    await join(harness, "olga", Role.OWNER)
    await join(harness, "abel", Role.OWNER)
    await process.set(wrong)
    await carry_out(harness, "olga", Save(replace(harness.written(), timing=Timing(urgent=True))))
    await harness.address()
    digest = (await harness.broadcast(1)).digest
    await carry_out(harness, "olga", Propose(1, digest))
    await carry_out(harness, "abel", Approve(1, digest))
    await process.set(-wrong)
    await process.until_trusted()
    found = await harness.broadcast(1)
    assert (found.status, found.starts_at) == (
        BroadcastStatus.APPROVED,
        harness.clock() + harness.news.broadcast_service.undo,
    )


@JUMPS
async def test_organisers_are_told_of_answers_though_they_were_told_by_a_wrong_clock(
    harness: Harness, wrong: timedelta
) -> None:
    await join(harness, "olga", Role.OWNER)
    await mailed(harness, "ana")
    process = Watched(harness)
    await process.set(wrong)
    await harness.mail_reader().read(answer(1, "Thank you.", number=1))
    await process.set(-wrong)
    await harness.mail_reader().read(answer(1, "Indeed.", number=2))
    assert len(await harness.rows(select(answers.c.id).where(answers.c.told_at.is_not(None)))) == 2


async def test_what_is_kept_for_days_is_not_kept_for_years(harness: Harness, tray: FailingTray) -> None:
    harness = await harness.with_office()
    process = Watched(harness)
    await process.set(timedelta(days=3653))
    await harness.queue_letters("ana")
    await harness.receive("ben", "hello", language="en")
    await harness.deliver_letters(tray)
    await process.set(-timedelta(days=3653))
    await process.until_trusted()
    await process.pass_by(timedelta(days=400).total_seconds())
    await harness.run_retention()
    assert [row["body"] for row in await harness.rows(select(letters.c.body))] == [None]
    assert not await harness.rows(select(messages.c.id))
    assert {row["recent"] for row in await harness.rows(select(chats.c.recent))} == {""}


async def test_lanes_look_at_once_when_a_process_begins_or_the_clock_is_set_back(harness: Harness) -> None:
    process = Watched(harness)
    await harness.queue_letters("ana")
    for happens in (process.watch.begin, lambda: process.set(-timedelta(hours=1))):
        async with harness.store.write() as tx:
            await tx.connection.execute(update(lanes).values(next_at=harness.clock() + timedelta(days=3653)))
        await happens()
        assert all(row["next_at"] <= harness.clock() for row in await harness.rows(select(lanes.c.next_at)))


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1), timedelta(days=15_000)])
async def test_a_clock_that_goes_back_for_a_minute_harms_nothing(
    harness: Harness, tray: FailingTray, back: timedelta
) -> None:
    harness = await harness.with_office(pace=ONE_A_MINUTE, undo=UNDO)
    process = Watched(harness)
    await harness.queue_letters("ana", "ben")
    await process.pass_by(UNDO.total_seconds())
    await harness.deliver_letters(tray)
    before = await harness.rows(select(letters).order_by(letters.c.id))
    await process.set(-back)
    await harness.deliver_letters(tray)
    await harness.run_retention()
    await process.pass_by(60)
    await process.set(back)
    assert await harness.rows(select(letters).order_by(letters.c.id)) == before
    await harness.deliver_letters(tray)
    assert len(tray.taken) == 2


async def test_a_clock_that_is_right_changes_nothing(harness: Harness, tray: FailingTray) -> None:
    harness = await harness.with_office(pace=ONE_A_MINUTE, undo=UNDO)
    process = Watched(harness)
    await harness.queue_letters("ana", "ben")
    await process.pass_by(UNDO.total_seconds())
    await harness.deliver_letters(tray)
    queries = [select(each) for each in (letters, messages, broadcasts, chats, answers)]
    before = [await harness.rows(query) for query in queries]
    with capture_logs() as logged:
        await process.watch.begin()
        await process.until_trusted()
    assert [await harness.rows(query) for query in queries] == before
    assert not logged


async def test_the_log_says_once_that_the_clock_was_set(harness: Harness) -> None:
    process = Watched(harness)
    with capture_logs() as logged:
        await process.pass_by(5)
        await process.set(timedelta(hours=1))
        await process.pass_by(5)
        await process.set(-timedelta(hours=1))
    assert [each["by"] for each in logged] == ["60 minutes ahead", "60 minutes back"]


@pytest.mark.both_databases
async def test_nobody_who_hands_letters_over_waits_for_it_in_a_ring(harness: Harness) -> None:
    harness = await harness.with_office(routes=("fax:+50255500001",))
    process = Watched(harness)
    await process.set(timedelta(days=1))
    await harness.queue_letters("ana", "ben")
    await process.set(-timedelta(days=1))
    await process.until_trusted()
    await harness.deliver_letters(FakeCarrier())
    (lane,) = await harness.rows(select(lanes.c.next_at).where(lanes.c.kind == LANE))
    assert lane["next_at"] is not None
