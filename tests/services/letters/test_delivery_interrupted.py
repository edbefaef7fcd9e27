"""What happens to a letter while it is being printed, or while a carrier is getting it."""

from datetime import timedelta

import pytest

from assistant.carriers.base import Parcel, Ref, Report, Telling, telling_nobody
from assistant.domain.errors import Busy, Failure
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters import delivery
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import Harness

L = LetterStatus
ROUTES = ("fax:+50255500001",)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


class Interrupted(FakeCarrier):
    """A fax machine of which a report comes in while it gets a letter."""

    harness: Harness | None = None
    report: Report | None = None

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:
        if self.harness and self.report:
            await self.harness.decisions().settle(self.report)
        return await super().submit(parcel, telling)


@pytest.mark.parametrize("by_key", [True, False])
async def test_a_late_failure_of_an_earlier_try_does_not_touch_the_one_under_way(
    harness: Harness, by_key: bool
) -> None:
    office = await harness.with_office(routes=ROUTES)
    fax = Interrupted()
    fax.answers.append(Ref(L.SUBMITTED, "job-1", timedelta(days=1)))
    await office.queue_letters("ana")
    await office.deliver_letters(fax)
    key = await office.key() if by_key else None
    report = Report(Failure("cut off"), key=key, reference="job-1")
    await office.decisions().settle(report)
    office.clock.advance(minutes=1)
    fax.harness, fax.report = office, report
    fax.answers.append(Ref(L.SUBMITTED, "job-2", timedelta(days=1)))
    await office.deliver_letters(fax)
    fax.report = None
    office.clock.advance(minutes=10)
    await office.deliver_letters(fax)
    assert (len(fax.taken), await office.letter_statuses()) == (2, [L.SUBMITTED])


async def test_a_letter_that_is_put_off_while_it_is_printed_does_not_leave(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await harness.with_office(routes=ROUTES, undo=timedelta(minutes=10))
    await office.queue_letters("ana")
    office.clock.advance(minutes=10)

    async def pdf(*_: object) -> bytes:
        await office.receive_all("ana", ["change", "name"])
        return b"%PDF"

    monkeypatch.setattr(office.printer, "pdf", pdf)
    fax = FakeCarrier()
    await office.deliver_letters(fax)
    assert "What shall stand" in office.last_text_to("ana")
    assert (fax.taken, await office.letter_statuses()) == ([], [L.QUEUED])


@ON_SQLITE
async def test_who_releases_a_letter_that_was_busy_too_often_gives_it_all_its_patience_again(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PATIENCE", 3)
    office = await harness.with_office(routes=ROUTES)
    fax = FakeCarrier()
    fax.answers.extend(Busy("the line is busy") for _ in range(5))
    await office.queue_letters("ana")
    for _ in range(4):
        await office.deliver_letters(fax)
        office.clock.advance(minutes=5)
    assert await office.letter_statuses() == [L.HELD]
    await office.decisions().decide(1, Decision.RELEASE)
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [L.RETRY_WAIT]


async def test_what_became_of_a_letter_is_not_lost_where_the_database_fails_for_a_moment(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await harness.with_office(routes=ROUTES)
    await office.queue_letters("ana")
    fax = FakeCarrier()
    letter_worker = office.letter_worker(fax)
    entered = office_fails_once(letter_worker._transitions.enter, after=2)
    monkeypatch.setattr(letter_worker._transitions, "enter", entered)
    with pytest.raises(Failure, match="deadlock"):
        await office.engine(letter_worker).run_until_idle()
    assert await office.letter_statuses() == [L.SUBMITTED]
    await office.engine(letter_worker).run_until_idle()
    assert len(fax.taken) == 1


def office_fails_once(enter, after: int):  # type: ignore[no-untyped-def]  # a method, wrapped
    """`enter`, whose call of that number fails."""
    calls = 0

    async def failing(*given: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == after + 1:
            raise Failure("a deadlock, say")
        return await enter(*given, **named)

    return failing
