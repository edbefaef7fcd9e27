"""News of letters: reports that come by themselves, in any order and more than once, and what is asked."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.carriers.base import Outcome, Ref, Report
from assistant.domain.errors import Busy, Failure
from assistant.domain.lifecycle import LetterStatus
from assistant.store.tables import action_counts
from tests.support.fakes.carrier import FailingTray, FakeCarrier
from tests.support.harness import Harness
from tests.support.letter_claims import deliver_and_crash
from tests.support.offices import REF

L = LetterStatus
ROUTES = ("fax:+50255500001", "email:office@example.org")
ARRIVED = Ref(L.DELIVERED, "job-1", reason="one page was confirmed")
REFUSED = Failure("the number is not in service", permanent=True)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


@pytest.fixture
def fax() -> FakeCarrier:
    return FakeCarrier()


@pytest.fixture
def mail() -> FakeCarrier:
    return FakeCarrier("email")


@pytest.fixture
async def office(harness: Harness, fax: FakeCarrier) -> Harness:
    """A harness whose first letter is with the fax machine, which calls it `job-1`."""
    office = await harness.with_office(routes=ROUTES)
    await office.queue_letters("ana")
    fax.answers.append(Ref(L.SUBMITTED, "job-1", timedelta(days=1)))
    await office.deliver_letters(fax)
    return office


async def _steps(harness: Harness, letter: int = 1) -> list[LetterStatus]:
    return [step.status for step in await harness.letter_log(letter)]


async def _counted(harness: Harness) -> int:
    (row,) = await harness.rows(select(action_counts))
    assert (row["case_slug"], row["action_slug"]) == REF.of
    return int(row["arrived"])


# Reports


@pytest.mark.parametrize("by", ["key", "reference"])
async def test_a_report_settles_the_letter_that_it_names(office: Harness, by: str) -> None:
    await office.queue_letters("ben")
    report = Report(ARRIVED, key=await office.key()) if by == "key" else Report(ARRIVED, reference="job-1")
    assert await office.decisions().settle(report)
    assert await office.letter_statuses() == [L.DELIVERED, L.QUEUED]
    last = (await office.letter_log())[-1]
    assert (last.status, last.reason) == (L.DELIVERED, "one page was confirmed")


@ON_SQLITE
@pytest.mark.parametrize("report", [Report(ARRIVED, key="nobody-0"), Report(ARRIVED, reference="job-9")])
async def test_a_report_about_no_letter_is_answered_so(office: Harness, report: Report) -> None:
    assert not await office.decisions().settle(report)
    assert await office.letter_statuses() == [L.SUBMITTED]


@ON_SQLITE
@pytest.mark.parametrize("name", ["", "None"])
async def test_a_letter_without_a_reference_is_found_by_none(office: Harness, name: str) -> None:
    await office.queue_letters("ben")
    assert not await office.decisions().settle(Report(ARRIVED, reference=name))


async def test_what_is_reported_twice_counts_once(office: Harness) -> None:
    for _ in range(3):
        assert await office.decisions().settle(Report(ARRIVED, reference="job-1"))
    assert (await _steps(office)).count(L.DELIVERED) == await _counted(office) == 1


@ON_SQLITE
async def test_what_has_arrived_stays_so_whatever_comes_after(office: Harness) -> None:
    await office.decisions().settle(Report(ARRIVED, reference="job-1"))
    unclear = Failure("unclear", uncertain=True)
    late: list[Outcome] = [Ref(L.SUBMITTED, "job-1"), Ref(L.SENT, "job-1"), REFUSED, unclear, Busy("busy")]
    for outcome in late:
        assert await office.decisions().settle(Report(outcome, reference="job-1"))
        assert await office.letter_statuses() == [L.DELIVERED]


async def test_news_may_come_before_the_carriers_own_answer_is_stored(
    harness: Harness, tmp_path: Path
) -> None:
    office = await harness.with_office()
    await office.queue_letters("ana")
    tray = FailingTray(tmp_path / "tray")

    async def settle() -> None:
        assert await office.decisions().settle(Report(ARRIVED, key=await office.key()))

    tray.meanwhile = settle
    await office.deliver_letters(tray)
    assert await _steps(office) == [L.QUEUED, L.SUBMITTING, L.DELIVERED]


@ON_SQLITE
async def test_a_failure_of_an_earlier_try_says_nothing_about_this_one(
    office: Harness, fax: FakeCarrier
) -> None:
    decisions, key = office.decisions(), await office.key()
    await decisions.settle(Report(Failure("cut off"), reference="job-1"))
    office.clock.advance(minutes=1)
    fax.answers.append(Ref(L.SUBMITTED, "job-2", timedelta(days=1)))
    await office.deliver_letters(fax)
    for late in (Failure("cut off"), REFUSED, Failure("unclear", uncertain=True)):
        assert await decisions.settle(Report(late, key=key, reference="job-1"))
        assert await office.letter_statuses() == [L.SUBMITTED]
    await decisions.settle(Report(REFUSED, key=key, reference="job-2"))
    assert L.FAILED in await _steps(office)


@ON_SQLITE
async def test_an_earlier_try_that_arrived_all_the_same_has_arrived(
    office: Harness, fax: FakeCarrier
) -> None:
    decisions, key = office.decisions(), await office.key()
    await decisions.settle(Report(Failure("cut off"), reference="job-1"))
    office.clock.advance(minutes=1)
    fax.answers.append(Ref(L.SUBMITTED, "job-2", timedelta(days=1)))
    await office.deliver_letters(fax)
    await decisions.settle(Report(ARRIVED, key=key, reference="job-1"))
    assert await office.letter_statuses() == [L.DELIVERED]


@ON_SQLITE
@pytest.mark.parametrize(
    ("outcome", "status", "attempts"),
    [
        (Failure("cut off"), L.RETRY_WAIT, 1),
        (Busy("busy"), L.RETRY_WAIT, 0),
        (Failure("unclear", uncertain=True), L.UNCERTAIN, 1),
        (Ref(L.SENT, "job-1"), L.SENT, 1),
    ],
)
async def test_a_report_is_judged_like_an_answer(
    office: Harness, outcome: Outcome, status: LetterStatus, attempts: int
) -> None:
    await office.decisions().settle(Report(outcome, reference="job-1"))
    (letter,) = await office.letters()
    assert (letter.status, letter.attempts) == (status, attempts)


@ON_SQLITE
async def test_a_letter_put_off_by_a_report_wakes_its_lane(office: Harness, fax: FakeCarrier) -> None:
    await office.decisions().settle(Report(Busy("busy", retry_after=120), reference="job-1"))
    office.clock.advance(minutes=2)
    await office.deliver_letters(fax)
    assert len(fax.taken) == 2


@ON_SQLITE
async def test_what_comes_back_after_it_was_sent_goes_by_the_next_route(
    harness: Harness, fax: FakeCarrier, mail: FakeCarrier
) -> None:
    office = await harness.with_office(routes=tuple(reversed(ROUTES)))
    await office.queue_letters("ana")
    mail.answers.append(Ref(L.SENT, "<1@example.org>"))
    await office.deliver_letters(fax, mail)
    bounced = Failure("the mailbox does not exist", permanent=True)
    assert await office.decisions().settle(Report(bounced, key=await office.key()))
    await office.deliver_letters(fax, mail)
    assert await _steps(office) == [
        *(L.QUEUED, L.SUBMITTING, L.SENT),
        *(L.FAILED, L.QUEUED, L.SUBMITTING, L.SUBMITTED),
    ]
    assert [parcel.to for parcel in fax.taken] == ["+50255500001"]


@ON_SQLITE
async def test_what_was_sent_may_turn_out_to_be_uncertain_and_is_not_sent_again(
    harness: Harness, fax: FakeCarrier, mail: FakeCarrier
) -> None:
    office = await harness.with_office(routes=tuple(reversed(ROUTES)))
    await office.queue_letters("ana")
    mail.answers.append(Ref(L.SENT, "<1@example.org>"))
    await office.deliver_letters(fax, mail)
    unclear = Failure("another mailbox did not get it", uncertain=True)
    assert await office.decisions().settle(Report(unclear, key=await office.key()))
    office.clock.advance(days=3)
    await office.deliver_letters(fax, mail)
    assert await _steps(office) == [L.QUEUED, L.SUBMITTING, L.SENT, L.UNCERTAIN]
    assert fax.taken == []


# What is asked


@ON_SQLITE
@pytest.mark.parametrize(
    ("news", "status"),
    [
        (ARRIVED, L.DELIVERED),
        (Ref(L.SENT, "job-1"), L.SENT),
        (Failure("unclear", uncertain=True), L.UNCERTAIN),
        (Failure("cut off"), L.RETRY_WAIT),
    ],
)
async def test_a_carrier_that_is_asked_tells_what_became_of_a_letter(
    office: Harness, fax: FakeCarrier, news: Outcome, status: LetterStatus
) -> None:
    fax.reports[await office.key()] = news
    office.clock.advance(days=1)
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [status]


async def test_a_carrier_is_asked_when_that_is_worthwhile_and_then_again_and_again(
    office: Harness, fax: FakeCarrier
) -> None:
    polls = []
    for pause in (timedelta(hours=23), timedelta(hours=1), *[timedelta(seconds=15)] * 5):
        office.clock.now += pause
        await office.deliver_letters(fax)
        polls.append(fax.polls)
    assert polls == [0, 1, 1, 2, 2, 3, 3]
    assert await _steps(office) == [L.QUEUED, L.SUBMITTING, L.SUBMITTED], "no news is no step"


@ON_SQLITE
@pytest.mark.parametrize("silence", [Failure("it does not answer"), ZeroDivisionError()])
async def test_while_a_carrier_cannot_be_asked_letters_leave_all_the_same(
    office: Harness, fax: FakeCarrier, silence: Exception
) -> None:
    fax.unavailable = silence
    office.clock.advance(days=1)
    await office.queue_letters("ben")
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [L.SUBMITTED, L.SUBMITTED]
    fax.unavailable = None
    fax.reports[await office.key()] = ARRIVED
    office.clock.advance(seconds=30)
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [L.DELIVERED, L.SUBMITTED]


@ON_SQLITE
async def test_news_that_it_is_still_on_its_way_are_no_step(office: Harness, fax: FakeCarrier) -> None:
    fax.reports[await office.key()] = Ref(L.SUBMITTED, "job-1", reason="dialling")
    office.clock.advance(days=1)
    await office.deliver_letters(fax)
    assert await _steps(office) == [L.QUEUED, L.SUBMITTING, L.SUBMITTED]


@ON_SQLITE
async def test_mail_that_nothing_came_back_of_in_two_days_is_sent(
    harness: Harness, mail: FakeCarrier
) -> None:
    office = await harness.with_office(routes=(ROUTES[1],))
    await office.queue_letters("ana")
    mail.answers.append(Ref(L.SUBMITTED, "<1@example.org>", timedelta(days=2)))
    await office.deliver_letters(mail)
    mail.reports[await office.key()] = Ref(L.SENT, "<1@example.org>", reason="nothing came back in two days")
    office.clock.advance(hours=47)
    await office.deliver_letters(mail)
    assert (mail.polls, await office.letter_statuses()) == (0, [L.SUBMITTED])
    office.clock.advance(hours=1)
    await office.deliver_letters(mail)
    assert (mail.polls, await office.letter_statuses()) == (1, [L.SENT])


@ON_SQLITE
async def test_carriers_are_asked_out_of_office_hours_too(office: Harness, fax: FakeCarrier) -> None:
    fax.reports[await office.key()] = ARRIVED
    office.clock.advance(days=4, hours=9)  # Sunday, before dawn
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [L.DELIVERED]


# After a crash


@ON_SQLITE
@pytest.mark.parametrize(
    ("known", "status"),
    [
        (ARRIVED, L.DELIVERED),
        (Ref(L.SUBMITTED, "job-1"), L.SUBMITTED),
        (Failure("it keeps no journal", uncertain=True), L.UNCERTAIN),
    ],
)
async def test_after_a_crash_the_carrier_is_asked_before_anything_is_sent_again(
    harness: Harness, fax: FakeCarrier, known: Outcome, status: LetterStatus
) -> None:
    office = await harness.with_office(routes=ROUTES)
    await office.queue_letters("ana")
    await deliver_and_crash(office, fax)
    fax.reports[await office.key()] = known
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [status]
    assert len(fax.taken) == 1, "before the crash"
