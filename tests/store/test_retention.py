"""How long things are kept: what people wrote goes, that they wrote stays, for counting."""

from datetime import timedelta

import pytest
from sqlalchemy import Table, select, update

from assistant.carriers.base import Ref
from assistant.domain.letter_decisions import Decision
from assistant.domain.letters import ENDED
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import ApprovalRequest, RequestKind, Role
from assistant.services.broadcasts.approval import SHELL
from assistant.services.retention import due
from assistant.store import audit, pauses
from assistant.store.tables import audit as audit_table
from assistant.store.tables import chats, invitations, letters, requests
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import Harness
from tests.support.invented_cases import with_retention

pytestmark = pytest.mark.both_databases

L = LetterStatus
KEPT = (L.DELIVERED, L.SENT, L.FAILED, L.CANCELLED)  # seven days after the end, or four weeks
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


async def _letters(harness: Harness, *statuses: LetterStatus) -> None:
    """A letter in each of these states, since now."""
    await harness.queue_letters(*(f"person{number}" for number in range(len(statuses))))
    async with harness.store.write() as tx:
        for number, status in enumerate(statuses, 1):
            standing = update(letters).where(letters.c.id == number)
            ended_at = harness.clock() if status in ENDED else None
            await tx.connection.execute(standing.values(status=status, due_at=None, ended_at=ended_at))


async def _with_text(harness: Harness) -> set[LetterStatus]:
    """The states of the letters whose text is there, after the housekeeping."""
    await harness.run_retention()
    kept = await harness.rows(select(letters.c.status).where(letters.c.body.is_not(None)))
    return {LetterStatus(row["status"]) for row in kept}


async def test_the_text_of_a_letter_that_came_to_its_end_goes_after_its_days_and_not_before(
    harness: Harness,
) -> None:
    await _letters(harness, *KEPT)
    for days, after in ((7, {L.FAILED, L.CANCELLED}), (21, set[LetterStatus]())):
        before = await _with_text(harness)
        harness.clock.advance(days=days - 1)  # of the moment only its day is kept by then
        assert await _with_text(harness) == before
        harness.clock.advance(days=1, seconds=1)
        assert await _with_text(harness) == after
        harness.clock.advance(seconds=-1)
    rows = [(letter.status, letter.country, letter.case) for letter in await harness.letters()]
    assert rows == [(status, "FI", "norma-cruz") for status in KEPT], "for counting"


async def test_the_text_of_a_letter_that_may_still_leave_stays(harness: Harness) -> None:
    open_ones = sorted(set(L) - set(KEPT))
    await _letters(harness, *open_ones)
    harness.clock.advance(days=400)
    assert await _with_text(harness) == set(open_ones)


async def test_texts_of_letters_go_as_early_as_is_set(harness: Harness) -> None:
    harness.script = with_retention(harness.script, letters=1, failed=9)
    await _letters(harness, *KEPT)
    harness.clock.advance(days=1)
    assert await _with_text(harness) == set(KEPT)
    harness.clock.advance(seconds=1)
    assert await _with_text(harness) == {L.FAILED, L.CANCELLED}
    harness.clock.advance(days=7)  # of the moment only its day is kept by then
    assert await _with_text(harness) == {L.FAILED, L.CANCELLED}
    harness.clock.advance(days=1)
    assert await _with_text(harness) == set()


async def test_a_talk_that_was_left_goes_as_early_as_is_set(harness: Harness) -> None:
    harness.script = with_retention(harness.script, drafts=2)
    await harness.receive("ana", "hello")
    talks = select(chats.c.id).where(chats.c.state.is_not(None))
    for days, left in ((2, 1), (1, 0)):
        harness.clock.advance(days=days)
        counted = await due(harness.store, harness.clock(), harness.script.retention)
        assert counted["talks that were left"] == 1 - left
        await harness.run_retention()
        assert len(await harness.rows(talks)) == left


@ON_SQLITE
async def test_the_days_are_counted_from_the_end_and_not_from_the_writing(harness: Harness) -> None:
    office = await harness.with_office(routes=("fax:+50255500001",))
    await office.queue_letters("ana")
    fax = FakeCarrier()
    fax.answers.append(Ref(L.SUBMITTED, "job-1", timedelta(days=20)))
    await office.deliver_letters(fax)
    office.clock.advance(days=20)
    fax.reports[await office.key()] = Ref(L.SENT, "job-1")
    await office.deliver_letters(fax)
    office.clock.advance(days=6)
    assert await _with_text(office) == {L.SENT}
    office.clock.advance(days=1, seconds=1)
    assert await _with_text(office) == set()


@ON_SQLITE
async def test_a_failed_letter_can_be_tried_again_for_four_weeks(harness: Harness) -> None:
    office = await harness.with_office(routes=("fax:+50255500001",))
    await _letters(office, L.FAILED)
    office.clock.advance(days=28)
    assert await _with_text(office) == {L.FAILED}
    await office.decisions().decide(1, Decision.RETRY)
    fax = FakeCarrier()
    await office.deliver_letters(fax)
    assert len(fax.taken) == 1


async def test_people_still_see_that_they_wrote_and_that_the_text_is_gone(harness: Harness) -> None:
    await harness.queue_letters("ana")
    async with harness.store.write() as tx:
        await tx.connection.execute(
            update(letters).values(status=L.DELIVERED, due_at=None, ended_at=harness.clock())
        )
    harness.clock.now += timedelta(days=8)
    await harness.run_retention()
    (letter,) = (await harness.data_of("ana"))["letters"]
    assert (letter["case"], letter["status"]) == ("norma-cruz", "delivered")
    assert (letter["name"], letter["line"], letter["text"]) == ("", None, "")


@ON_SQLITE
async def test_who_wrote_once_has_written_though_the_text_is_gone(harness: Harness) -> None:
    await harness.queue_letters("ana")
    async with harness.store.write() as tx:
        await tx.connection.execute(
            update(letters).values(status=L.SENT, due_at=None, ended_at=harness.clock())
        )
    harness.clock.now += timedelta(days=8)
    await harness.run_retention()
    await harness.receive("ana", "letter")
    assert "You have already written a letter" in harness.last_text_to("ana")
    await harness.receive("ana", "change")
    assert "has been sent" in harness.last_text_to("ana")


# What organisers leave


async def _rows(harness: Harness, table: Table) -> int:
    """How many there are after the housekeeping."""
    await harness.run_retention()
    return len(await harness.rows(select(table)))


async def test_an_invitation_that_nobody_has_used_goes(harness: Harness) -> None:
    async with harness.store.write() as tx:
        await harness.news.organiser_service.invite(tx, SHELL, Role.OWNER)
    assert await _rows(harness, invitations) == 1
    harness.clock.advance(minutes=10)
    assert await _rows(harness, invitations) == 0


async def test_what_no_second_person_has_wanted_goes(harness: Harness) -> None:
    async with harness.store.write() as tx:
        await harness.news.organiser_service.ask(
            tx, SHELL, ApprovalRequest(id=0, what=RequestKind.RESUME, subject="norma-cruz")
        )
    harness.clock.advance(hours=23)
    assert await _rows(harness, requests) == 1
    harness.clock.advance(hours=1)
    assert await _rows(harness, requests) == 0


async def test_what_organisers_did_is_kept_for_a_year_and_the_rest_of_it_still_holds(
    harness: Harness,
) -> None:
    for _ in range(3):
        async with harness.store.write() as tx:
            await harness.news.organiser_service.pause(tx, SHELL, "norma-cruz")
            await pauses.resume(tx, "norma-cruz")
        harness.clock.advance(days=1)
    harness.clock.advance(days=365 - 2, seconds=-1)
    assert await _rows(harness, audit_table) == 3 - 1 + 1, "the first one is gone, which is written down"
    async with harness.store.read() as tx:
        assert (await audit.verify(tx)).entries == 3
        assert [entry.id async for entry in audit.listed(tx)] == [2, 3, 4]
