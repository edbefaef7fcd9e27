"""What goes wrong on the way: the next route, another try, a rest, or a person who decides."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from assistant.carriers.base import Ref
from assistant.domain.errors import Busy, Down, Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.office_hours import Hours
from assistant.services.letters import delivery
from assistant.store import office_routes
from tests.support.fakes.carrier import BlankPaper, FailingTray, FakeCarrier
from tests.support.harness import Harness
from tests.support.invented_cases import the_action
from tests.support.publishing import CASE

L = LetterStatus
ALWAYS = Hours(timezone="UTC", opens=time(0), closes=time(23, 59), workdays=frozenset(range(1, 8)))
ROUTES = ("fax:+50255500001", "email:office@example.org")
REFUSED = Failure("the number is not in service", permanent=True)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


@pytest.fixture
async def office(harness: Harness) -> Harness:
    """A harness whose office has a fax and, where that fails, an address for mail."""
    return await harness.with_office(routes=ROUTES)


@pytest.fixture
def fax() -> FakeCarrier:
    return FakeCarrier(in_flight=3)


@pytest.fixture
def mail() -> FakeCarrier:
    return FakeCarrier("email", in_flight=3)


def _paper(harness: Harness) -> BlankPaper:
    assert isinstance(harness.printer, BlankPaper)
    return harness.printer


async def _steps(harness: Harness, letter: int = 1) -> list[tuple[LetterStatus, str]]:
    return [(step.status, step.reason) for step in await harness.letter_log(letter)]


# The next route


async def test_where_a_route_fails_for_good_the_next_one_is_taken(
    office: Harness, fax: FakeCarrier, mail: FakeCarrier
) -> None:
    fax.answers.append(REFUSED)
    await office.queue_letters("ana")
    await office.deliver_letters(fax, mail)
    assert await _steps(office) == [
        (L.QUEUED, "confirmed by the supporter"),
        (L.SUBMITTING, "handed to the carrier"),
        (L.FAILED, "the number is not in service"),
        (L.QUEUED, "goes by email instead"),
        (L.SUBMITTING, "handed to the carrier"),
        (L.SUBMITTED, "taken by the email"),
    ]
    (parcel,) = mail.taken
    (letter,) = await office.letters()
    assert (parcel.to, parcel.key, str(letter.route)) == ("office@example.org", letter.key, ROUTES[1])
    assert fax.taken == []


@ON_SQLITE
async def test_the_next_route_has_all_tries_before_it(
    office: Harness, fax: FakeCarrier, mail: FakeCarrier
) -> None:
    fax.answers.extend([Failure("cut off"), Failure("cut off"), REFUSED])
    mail.answers.append(Failure("greylisted"))
    await office.queue_letters("ana")
    for _ in range(3):
        await office.deliver_letters(fax, mail)
        office.clock.advance(minutes=5)
    (letter,) = await office.letters()
    assert (letter.status, letter.attempts, str(letter.route)) == (L.RETRY_WAIT, 1, ROUTES[1])


@ON_SQLITE
async def test_where_the_last_route_fails_the_letter_has_failed(
    office: Harness, fax: FakeCarrier, mail: FakeCarrier
) -> None:
    fax.answers.append(REFUSED)
    mail.answers.append(Failure("no such address", permanent=True))
    await office.queue_letters("ana")
    await office.deliver_letters(fax, mail)
    assert (await _steps(office))[-1] == (L.FAILED, "no such address")
    office.clock.advance(days=3)
    await office.deliver_letters(fax, mail)
    assert (fax.taken, mail.taken, await office.letter_statuses()) == ([], [], [L.FAILED])


@ON_SQLITE
async def test_a_route_that_is_no_longer_in_the_case_is_followed_by_none(
    harness: Harness, fax: FakeCarrier
) -> None:
    before = await harness.with_office(routes=("fax:+50255500009",))
    await before.queue_letters("ana")
    after = await harness.with_office(routes=ROUTES)
    office = the_action(after.script.cases[CASE]).main
    async with after.store.write() as tx:
        await office_routes.confirm(tx, CASE, office.slug, office.routes)  # two people have
    fax.answers.append(REFUSED)
    await after.deliver_letters(fax, FakeCarrier("email"))
    assert await after.letter_statuses() == [L.FAILED]


@ON_SQLITE
async def test_a_letter_refused_after_its_carrier_took_it_goes_on_too(
    office: Harness, fax: FakeCarrier, mail: FakeCarrier
) -> None:
    await office.queue_letters("ana")
    await office.deliver_letters(fax, mail)
    fax.reports[await office.key()] = REFUSED
    office.clock.advance(minutes=1)
    await office.deliver_letters(fax, mail)
    assert [status for status, _ in await _steps(office)][2:] == [
        *(L.SUBMITTED, L.FAILED, L.QUEUED),
        *(L.SUBMITTING, L.SUBMITTED),
    ]
    assert len(mail.taken) == 1


# Another try


@ON_SQLITE
async def test_after_ten_tries_a_person_decides(office: Harness, fax: FakeCarrier, mail: FakeCarrier) -> None:
    fax.answers.extend(Failure("cut off") for _ in range(delivery.TRIES))
    await office.queue_letters("ana")
    for _ in range(delivery.TRIES + 5):
        await office.deliver_letters(fax, mail)
        office.clock.advance(days=1)
    assert (await _steps(office))[-1] == (L.HELD, "cut off Tried 10 times: an organiser decides.")
    assert (list(fax.answers), fax.taken, mail.taken) == ([], [], [])


@ON_SQLITE
async def test_each_try_is_waited_for_longer_up_to_a_quarter_of_a_day(
    office: Harness, fax: FakeCarrier
) -> None:
    office.clock.now = office.clock.now.replace(hour=0)
    office = await office.with_office(routes=ROUTES, hours=ALWAYS)
    fax.answers.extend(Failure("cut off") for _ in range(delivery.TRIES - 1))
    await office.queue_letters("ana")
    waits = []
    for _ in range(delivery.TRIES - 1):
        await office.deliver_letters(fax)
        (letter,) = await office.letters()
        assert letter.due_at is not None
        waits.append((letter.due_at - office.clock()) / timedelta(minutes=1))
        office.clock.now = letter.due_at
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256]


@ON_SQLITE
async def test_a_busy_line_uses_up_no_tries(office: Harness, fax: FakeCarrier) -> None:
    fax.answers.extend(Busy("busy") for _ in range(2 * delivery.TRIES))
    await office.queue_letters("ana")
    for _ in range(2 * delivery.TRIES):
        await office.deliver_letters(fax)
        (letter,) = await office.letters()
        assert (letter.status, letter.attempts) == (L.RETRY_WAIT, 0)
        assert letter.due_at == office.clock() + timedelta(minutes=5)
        office.clock.advance(minutes=5)
    await office.deliver_letters(fax)
    (letter,) = await office.letters()
    assert (letter.status, letter.attempts) == (L.SUBMITTED, 1)


@ON_SQLITE
async def test_a_line_that_is_busy_for_days_becomes_a_persons_business(
    office: Harness, fax: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PATIENCE", 3)
    fax.answers.extend(Busy("busy") for _ in range(4))
    await office.queue_letters("ana")
    for _ in range(6):
        await office.deliver_letters(fax)
        office.clock.advance(minutes=5)
    assert (await _steps(office))[-1] == (L.HELD, "busy Put off 3 times: an organiser decides.")
    assert fax.taken == []


# A rest


async def test_a_carrier_that_is_down_gets_no_more_of_the_batch(office: Harness, fax: FakeCarrier) -> None:
    fax.answers.append(Down("the fax server does not answer", retry_after=60))
    await office.queue_letters("ana", "ben", "eva")
    with pytest.raises(Failure, match="the fax server does not answer"):
        await office.deliver_letters(fax)
    assert fax.taken == []
    for letter in await office.letters():
        assert (letter.status, letter.attempts) == (L.RETRY_WAIT, 0)
        assert letter.due_at == office.clock() + timedelta(seconds=60)
        assert (await _steps(office, letter.id))[-1][1] == "the fax server does not answer"
    office.clock.advance(seconds=50)
    await office.deliver_letters(fax)
    assert fax.taken == []
    office.clock.advance(seconds=10)
    await office.deliver_letters(fax)
    assert len(fax.taken) == 3


@ON_SQLITE
async def test_the_lane_of_a_carrier_that_is_down_rests_though_a_letter_has_become_due(
    office: Harness, fax: FakeCarrier
) -> None:
    fax.answers.append(Down("the fax server does not answer", retry_after=600))
    await office.queue_letters("ana")
    engine = office.engine(office.letter_worker(fax))
    with pytest.raises(Failure, match="does not answer"):
        await engine.run_until_idle()
    await office.queue_letters("ben")
    await engine.run_until_idle()
    assert fax.taken == [], "by that process's own time ten minutes have not passed"


@ON_SQLITE
async def test_letters_on_another_route_still_leave(
    office: Harness, fax: FakeCarrier, mail: FakeCarrier
) -> None:
    fax.answers.append(REFUSED)
    mail.answers.append(Failure("greylisted"))
    await office.queue_letters("ana")
    await office.deliver_letters(fax, mail)
    await office.queue_letters("ben", "eva")
    office.clock.advance(minutes=1)
    fax.answers.append(Down("the fax server does not answer"))
    with pytest.raises(Failure, match="does not answer"):
        await office.deliver_letters(fax, mail)
    assert await office.letter_statuses() == [L.SUBMITTED, L.RETRY_WAIT, L.RETRY_WAIT]
    assert len(mail.taken) == 1


@ON_SQLITE
async def test_a_carrier_that_is_set_wrongly_is_asked_once_a_batch_and_waits_for_its_operator(
    office: Harness, fax: FakeCarrier
) -> None:
    fax.answers.append(Misconfigured("ASSISTANT_FAX_URL: the password is refused"))
    await office.queue_letters("ana", "ben", "eva")
    await office.deliver_letters(fax)
    assert fax.taken == []
    assert {(each.status, each.attempts) for each in await office.letters()} == {(L.RETRY_WAIT, 0)}
    office.clock.advance(minutes=5)
    await office.deliver_letters(fax)
    assert len(fax.taken) == 3


# What should not happen


@ON_SQLITE
async def test_a_surprise_in_printing_freezes_that_letter_and_no_other(
    office: Harness, fax: FakeCarrier
) -> None:
    _paper(office).faults.extend([None, ZeroDivisionError(), None])
    await office.queue_letters("ana", "ben", "eva")
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [L.SUBMITTED, L.HELD, L.SUBMITTED]
    assert (await _steps(office, 2))[-1] == (L.HELD, "our error: ZeroDivisionError")
    assert len(fax.taken) == 2


@ON_SQLITE
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Failure("no typeface draws it", permanent=True), L.HELD),
        (Misconfigured("mend the letterhead"), L.RETRY_WAIT),
        (Failure("the disk is full"), L.RETRY_WAIT),
    ],
)
async def test_what_time_does_not_change_about_printing_is_for_a_person(
    office: Harness, fax: FakeCarrier, fault: Failure, status: LetterStatus
) -> None:
    _paper(office).faults.append(fault)
    await office.queue_letters("ana")
    await office.deliver_letters(fax)
    assert (await _steps(office))[-1] == (status, fault.reason)
    assert fax.taken == []


@ON_SQLITE
async def test_after_a_surprise_in_the_carrier_the_letter_may_have_arrived(
    harness: Harness, tmp_path: Path
) -> None:
    tray = FailingTray(tmp_path / "tray")
    tray.in_flight = 3
    tray.faults.append(ZeroDivisionError())
    office = await harness.with_office()
    await office.queue_letters("ana", "ben")
    await office.deliver_letters(tray)
    assert await office.letter_statuses() == [L.UNCERTAIN, L.SENT]
    assert (await _steps(office))[-1] == (L.UNCERTAIN, "our error: ZeroDivisionError")


@ON_SQLITE
@pytest.mark.parametrize("status", [L.QUEUED, L.CANCELLED, L.HELD])
async def test_what_no_carrier_can_say_is_a_surprise(
    office: Harness, fax: FakeCarrier, status: LetterStatus
) -> None:
    fax.answers.append(Ref(status, "job-1"))
    await office.queue_letters("ana")
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [L.UNCERTAIN]
