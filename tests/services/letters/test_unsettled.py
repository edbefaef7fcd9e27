"""Letters about which nobody decides come to an end, and so do their texts."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from assistant.carriers.base import Outcome, Ref, Report
from assistant.carriers.post import Post
from assistant.domain.errors import Failure, Refused
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.retention import AWAIT_REPORT, KEEP_UNDECIDED, Retention
from assistant.services.letters import unsettled
from assistant.services.letters.print_runs import PrintRuns
from assistant.services.retention import RetentionWorker, due
from assistant.store import uncertain_letters
from assistant.store.tables import chats, letters
from assistant.store.unsettled_letters import UNDECIDED, UNREPORTED
from assistant.wiring.process import make_deletions
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import Harness
from tests.support.publishing import CASE

pytestmark = pytest.mark.both_databases

L = LetterStatus
DAY = timedelta(days=1)
RETENTION = Retention()
IN_DOUBT = Failure("the line was cut", uncertain=True)
TAKEN = Ref(L.SUBMITTED, "job-1", timedelta(hours=1))
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


@pytest.fixture
async def office(harness: Harness) -> Harness:
    return await harness.with_office(routes=("fax:+50255500001", "fax:+50255500002"))


async def _keep_house(harness: Harness) -> None:
    pieces = make_deletions(harness.script, harness.transitions, harness.clock, RETENTION)
    worker = RetentionWorker(harness.store, harness.clock, RETENTION, pieces=pieces)
    await worker.open()
    await harness.engine(worker).run_until_idle()
    await harness.outbox.settle()


async def _after(harness: Harness, passed: timedelta) -> None:
    harness.clock.advance(seconds=passed.total_seconds())
    await _keep_house(harness)


async def _with_text(harness: Harness) -> list[tuple[LetterStatus, bool]]:
    return [(each.status, each.has_text) for each in await harness.letters()]


async def _faxed(office: Harness, *answers: Outcome) -> FakeCarrier:
    """A letter each of ana and others was faxed, with that outcome."""
    fax = FakeCarrier()
    fax.answers.extend(answers)
    await office.queue_letters(*("ana", "ben", "eva")[: len(answers)])
    await office.deliver_letters(fax)
    return fax


async def test_a_held_letter_is_cancelled_when_nobody_has_decided_and_its_writer_is_told(
    office: Harness,
) -> None:
    await office.queue_letters("ana")
    office.clock.advance(days=10)
    await office.decisions().decide(1, Decision.HOLD)
    await _after(office, KEEP_UNDECIDED)
    assert await _with_text(office) == [(L.HELD, True)], "the days count from when it was held"
    assert (await due(office.store, office.clock(), RETENTION))[UNDECIDED] == 0
    office.clock.advance(seconds=1)
    assert (await due(office.store, office.clock(), RETENTION))[UNDECIDED] == 1
    await _keep_house(office)
    assert await _with_text(office) == [(L.CANCELLED, False)]
    assert (await office.letter_log())[-1].reason == unsettled.CANCELLED
    await _after(office, DAY)  # it is morning where they live
    assert "has waited for 60 days. So we do not send it any more" in office.last_text_to("ana")
    with pytest.raises(Refused, match="Nothing can be decided"):
        await office.decisions().decide(1, Decision.RELEASE)


@ON_SQLITE
async def test_a_letter_that_waits_to_be_read_goes_too_and_can_be_written_again(office: Harness) -> None:
    await office.queue_letters("ana")
    await office.decisions().decide(1, Decision.HOLD)
    async with office.store.write() as tx:
        await tx.connection.execute(update(letters).values(review="link"))
    await _after(office, KEEP_UNDECIDED + DAY)
    assert await _with_text(office) == [(L.CANCELLED, False)]
    await office.queue_letters("ana")
    assert await _with_text(office) == [(L.CANCELLED, False), (L.QUEUED, True)]


async def test_of_an_uncertain_letter_only_the_text_goes_and_it_cannot_be_sent_again(office: Harness) -> None:
    await _faxed(office, IN_DOUBT)
    office.clock.advance(seconds=KEEP_UNDECIDED.total_seconds())
    await _keep_house(office)
    assert await _with_text(office) == [(L.UNCERTAIN, True)]
    await _after(office, timedelta(seconds=1))
    assert await _with_text(office) == [(L.UNCERTAIN, False)]
    assert (await office.letter_log())[-1].reason == unsettled.UNCERTAIN
    with pytest.raises(Refused, match=r"^The text of letter 1 is deleted: it cannot be sent again\.$"):
        await office.decisions().decide(1, Decision.SEND_AGAIN)
    await office.receive("ana", "status")
    assert "Nobody could find out whether your letter" in office.last_text_to("ana")
    async with office.store.read() as tx:
        assert (await uncertain_letters.count(tx)).letters == 0, "nobody has to decide about it any more"
    assert await office.decisions().decide(1, Decision.ARRIVED) is L.DELIVERED


@ON_SQLITE
async def test_of_an_uncertain_letter_without_text_only_days_are_known(office: Harness) -> None:
    office.clock.advance(seconds=1234)
    await _faxed(office, IN_DOUBT)
    await _after(office, KEEP_UNDECIDED + DAY)
    (row,) = await office.rows(select(letters.c.created_at, letters.c.left_at))
    assert {(at.hour, at.minute, at.second) for at in row.values()} == {(0, 0, 0)}
    steps = (await office.letter_log())[:-1]
    assert {(step.at.hour, step.at.minute, step.at.second) for step in steps} == {(0, 0, 0)}


async def test_of_a_letter_of_which_its_carrier_never_tells_a_person_decides(office: Harness) -> None:
    fax = await _faxed(office, TAKEN)
    await _after(office, AWAIT_REPORT)
    assert await _with_text(office) == [(L.SUBMITTED, True)]
    office.clock.advance(seconds=1)
    assert (await due(office.store, office.clock(), RETENTION))[UNREPORTED] == 1
    await _keep_house(office)
    assert await _with_text(office) == [(L.UNCERTAIN, True)], (
        "it can be sent again as long as that makes sense"
    )
    assert (await office.letter_log())[-1].reason == unsettled.UNREPORTED
    await _after(office, KEEP_UNDECIDED - AWAIT_REPORT)
    assert await _with_text(office) == [(L.UNCERTAIN, False)]
    await office.decisions(fax).settle(Report(Ref(L.DELIVERED, "job-1"), key=await office.key()))
    assert await office.letter_statuses() == [L.DELIVERED], "late news is news"


async def test_about_the_letter_of_who_was_forgotten_its_carrier_is_not_asked_for_ever(
    office: Harness,
) -> None:
    office.clock.advance(seconds=1234)
    fax = await _faxed(office, TAKEN)
    await office.receive_all("ana", ["forget", "yes"])
    office.clock.advance(seconds=AWAIT_REPORT.total_seconds())
    await office.deliver_letters(fax)
    assert await _with_text(office) == [(L.SUBMITTED, False)], "until then news of it is counted"
    office.clock.advance(minutes=1)
    await office.deliver_letters(fax)
    assert await _with_text(office) == [(L.UNCERTAIN, False)]
    last, *before = reversed(await office.letter_log())
    assert last.reason == unsettled.UNREPORTED
    assert {(step.at.minute, step.at.second) for step in before} == {(0, 0)}, "its moments lead to nobody"
    asked = fax.polls
    office.clock.advance(days=1)
    await office.deliver_letters(fax)
    assert fax.polls == asked > 0
    async with office.store.read() as tx:
        assert (await uncertain_letters.count(tx)).letters == 0, "nobody has to decide about it"
    await office.decisions(fax).settle(Report(Ref(L.DELIVERED, "job-1"), key=await office.key()))
    assert await office.letter_statuses() == [L.DELIVERED], "late news is news"


@ON_SQLITE
async def test_a_letter_without_a_text_takes_no_other_route(office: Harness) -> None:
    fax = await _faxed(office, TAKEN)
    await _after(office, KEEP_UNDECIDED + DAY)
    assert await _with_text(office) == [(L.UNCERTAIN, False)]
    refused = Failure("no such number", permanent=True)
    await office.decisions(fax).settle(Report(refused, key=await office.key()))
    await office.deliver_letters(fax)
    assert await _with_text(office) == [(L.FAILED, False)]
    assert len(fax.taken) == 1
    with pytest.raises(Refused, match="is deleted: it cannot be sent again"):
        await office.decisions().decide(1, Decision.RETRY)


@ON_SQLITE
@pytest.mark.parametrize(("printed", "after"), [(False, L.CANCELLED), (True, L.UNCERTAIN)])
async def test_a_letter_by_post_that_nobody_prints_is_cancelled_and_one_on_paper_is_uncertain(
    harness: Harness, printed: bool, after: LetterStatus
) -> None:
    office = await harness.with_office(routes=("post:Ministry; Street 1 ;Town",))
    await office.queue_letters("ana")
    await office.deliver_letters(Post())
    print_runs = PrintRuns(office.store, office.printer, office.transitions, office.clock)
    if printed:
        run = await print_runs.print(CASE)
        assert run is not None
        await print_runs.printed(run)
    await _after(office, KEEP_UNDECIDED)
    assert await _with_text(office) == [(L.SUBMITTED, True)]
    await _after(office, DAY)
    assert await _with_text(office) == [(after, False)]
    assert await print_runs.waiting(CASE) == {}
    told = [text for text in office.texts_to("ana") if "So we do not send it" in text]
    assert len(told) == (after is L.CANCELLED), "only what is certain is said"


@ON_SQLITE
async def test_what_may_have_been_sent_before_a_restore_is_not_said_to_be_cancelled(office: Harness) -> None:
    await office.queue_letters("ana")
    await office.decisions().decide(1, Decision.HOLD)
    async with office.store.write() as tx:
        await tx.connection.execute(update(letters).values(restored_at=office.clock()))
    await _after(office, KEEP_UNDECIDED + DAY)
    assert await _with_text(office) == [(L.UNCERTAIN, False)]
    assert office.texts_to("ana") == []


async def test_they_go_in_pieces(office: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsettled, "PIECE", 1)
    await _faxed(office, IN_DOUBT, TAKEN, IN_DOUBT)
    office.clock.advance(days=61)
    _, end_some = make_deletions(office.script, office.transitions, office.clock, RETENTION)
    done = []
    while True not in done:
        async with office.store.write() as tx:
            done.append((await end_some(tx)).done)
    assert len(done) == 4
    assert await _with_text(office) == [(L.UNCERTAIN, False)] * 3


@ON_SQLITE
async def test_a_chat_is_not_kept_for_a_letter_of_which_nothing_will_be_known(office: Harness) -> None:
    await _faxed(office, IN_DOUBT)
    for _ in range(15):
        await _after(office, 30 * DAY)
    assert await office.rows(select(chats.c.id)) == []
