"""What organisers decide about letters: what they can, what they cannot, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import update

from assistant.carriers.base import Ref, Report
from assistant.domain.effects import DecideLetter
from assistant.domain.errors import Failure, Refused
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Role
from assistant.store.tables import letters
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import Harness
from tests.support.named_letters import called
from tests.support.organisers import carry_out, join

L, D = LetterStatus, Decision
LEADS: Mapping[Decision, Mapping[LetterStatus, LetterStatus]] = {
    D.RETRY: {L.RETRY_WAIT: L.QUEUED, L.FAILED: L.QUEUED},
    D.HOLD: {L.QUEUED: L.HELD, L.RETRY_WAIT: L.HELD},
    D.RELEASE: {L.HELD: L.QUEUED},
    D.CANCEL: dict.fromkeys((L.QUEUED, L.HELD, L.RETRY_WAIT, L.FAILED, L.SUBMITTED), L.CANCELLED),
    D.ARRIVED: {L.UNCERTAIN: L.DELIVERED},
    D.SEND_AGAIN: {L.UNCERTAIN: L.QUEUED},
    D.HAD_LEFT: {L.HELD: L.SENT},
}
FITTING = {  # the commands that are named where another one is refused
    L.QUEUED: "What fits is: cancel, hold.",
    L.HELD: "What fits is: cancel, release.",
    L.RETRY_WAIT: "What fits is: cancel, hold, retry.",
    L.FAILED: "What fits is: cancel, retry.",
    L.SUBMITTED: "What fits is: cancel.",
    L.UNCERTAIN: "What fits is: resolve.",
}
NOTHING = "Nothing can be decided about it any more."
LOGGED = {
    D.RETRY: "an organiser wants it tried again",
    D.HOLD: "an organiser holds it",
    D.RELEASE: "an organiser lets it go",
    D.CANCEL: "an organiser cancelled it",
    D.ARRIVED: "an organiser found out that it has arrived",
    D.SEND_AGAIN: "an organiser wants it sent again",
    D.HAD_LEFT: "an organiser found out that it had been sent before the restore",
}
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


@pytest.fixture
def fax() -> FakeCarrier:
    return FakeCarrier(can_cancel=True)


@pytest.fixture
async def office(harness: Harness) -> Harness:
    """A harness in which one letter to a fax machine is queued."""
    office = await harness.with_office(routes=("fax:+50255500001",))
    await office.queue_letters("ana")
    return office


async def _put(
    harness: Harness, status: LetterStatus, attempts: int = 3, restored_at: datetime | None = None
) -> None:
    async with harness.store.write() as tx:
        await tx.connection.execute(
            update(letters).values(
                status=status, attempts=attempts, restored_at=restored_at, **called(tx, 1, "job-1")
            )
        )


@ON_SQLITE
async def test_each_decision_leads_on_from_its_own_states_and_is_refused_in_all_others(
    office: Harness, fax: FakeCarrier
) -> None:
    decisions = office.decisions(fax)
    for decision, status in product(Decision, LetterStatus):
        await _put(office, status, restored_at=office.clock() if decision is D.HAD_LEFT else None)
        steps = await office.letter_log()
        if after := LEADS[decision].get(status):
            assert await decisions.decide(1, decision) is after
            added = (await office.letter_log())[len(steps) :]
            assert [(step.status, step.reason) for step in added] == [(after, LOGGED[decision])]
            assert await office.letter_statuses() == [after]
            continue
        with pytest.raises(Refused) as refused:
            await decisions.decide(1, decision)
        assert refused.value.reason == (
            f"Letter 1 is {status}. {FITTING.get(status, NOTHING)} "
            "`assistant letters log 1` shows how it came there."
        )
        assert (await office.letter_statuses(), await office.letter_log()) == ([status], steps)


@ON_SQLITE
async def test_about_a_letter_that_is_not_there_nothing_can_be_decided(office: Harness) -> None:
    with pytest.raises(Refused, match=r"^There is no letter 7\."):
        await office.decisions().decide(7, D.CANCEL)


@ON_SQLITE
@pytest.mark.parametrize(
    ("decision", "status", "attempts"),
    [
        (D.RELEASE, L.HELD, 0),
        (D.RETRY, L.FAILED, 0),
        (D.RETRY, L.RETRY_WAIT, 0),
        (D.SEND_AGAIN, L.UNCERTAIN, 0),
        (D.HOLD, L.RETRY_WAIT, 3),
    ],
)
async def test_what_is_to_go_again_has_all_tries_before_it(
    office: Harness, decision: Decision, status: LetterStatus, attempts: int
) -> None:
    await _put(office, status)
    await office.decisions().decide(1, decision)
    (letter,) = await office.letters()
    assert (letter.attempts, str(letter.route)) == (attempts, "fax:+50255500001")


@ON_SQLITE
async def test_what_is_held_stays_and_what_is_released_leaves(office: Harness, fax: FakeCarrier) -> None:
    await office.decisions().decide(1, D.HOLD)
    office.clock.advance(days=1)
    await office.deliver_letters(fax)
    assert (fax.taken, await office.letter_statuses()) == ([], [L.HELD])
    await office.decisions().decide(1, D.RELEASE)
    await office.deliver_letters(fax)
    assert (len(fax.taken), await office.letter_statuses()) == (1, [L.SUBMITTED])


async def test_a_letter_that_is_held_and_released_leaves_no_earlier(
    office: Harness, fax: FakeCarrier
) -> None:
    waiting = await office.with_office(undo=timedelta(days=9))
    await waiting.queue_letters("ben")
    (*_, before) = await waiting.letters()
    for decision in (D.HOLD, D.RELEASE):
        await waiting.decisions().decide(before.id, decision)
        (*_, after) = await waiting.letters()
        assert after.due_at == before.due_at
    await waiting.deliver_letters(fax)
    assert (await waiting.letter_statuses())[-1] is L.QUEUED


async def test_a_letter_sent_again_leaves_once_more(office: Harness, fax: FakeCarrier) -> None:
    fax.answers.append(Failure("unclear", uncertain=True))
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [L.UNCERTAIN]
    await office.decisions().decide(1, D.SEND_AGAIN)
    await office.deliver_letters(fax)
    assert (len(fax.taken), await office.letter_statuses()) == (1, [L.SUBMITTED])


@ON_SQLITE
async def test_what_is_cancelled_never_leaves_and_another_one_can_be_written(
    office: Harness, fax: FakeCarrier
) -> None:
    await office.decisions().decide(1, D.CANCEL)
    await office.queue_letters("ana")
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [L.CANCELLED, L.SUBMITTED]
    assert [parcel.key for parcel in fax.taken] == [await office.key(2)]


# Called back


@ON_SQLITE
async def test_a_letter_with_its_carrier_is_called_back(office: Harness, fax: FakeCarrier) -> None:
    await office.deliver_letters(fax)
    assert await office.decisions(fax).decide(1, D.CANCEL) is L.CANCELLED
    assert fax.cancelled == [await office.key()]


@ON_SQLITE
@pytest.mark.parametrize("known", [True, False])
async def test_where_it_cannot_be_called_back_it_may_arrive(
    office: Harness, fax: FakeCarrier, known: bool
) -> None:
    await office.deliver_letters(fax)
    fax.can_cancel = False
    decisions = office.decisions(fax) if known else office.decisions()
    with pytest.raises(
        Refused, match=r"^Letter 1 is with its carrier, which cannot call it back: it may arrive\.$"
    ):
        await decisions.decide(1, D.CANCEL)
    assert await office.letter_statuses() == [L.SUBMITTED]


@ON_SQLITE
@pytest.mark.parametrize("status", [L.QUEUED, L.HELD, L.RETRY_WAIT, L.FAILED])
async def test_nothing_is_called_back_that_no_carrier_has(
    office: Harness, fax: FakeCarrier, status: LetterStatus
) -> None:
    await _put(office, status)
    await office.decisions(fax).decide(1, D.CANCEL)
    assert fax.cancelled == []


@dataclass
class Slow(FakeCarrier):
    """A machine at which the letter arrives while it is called back."""

    harness: Harness | None = field(default=None, kw_only=True)

    async def cancel(self, key: str, reference: str) -> bool:
        assert self.harness is not None
        return await self.harness.decisions().settle(Report(Ref(L.DELIVERED, reference), key=key))


@ON_SQLITE
async def test_a_decision_that_comes_too_late_is_told_so(office: Harness) -> None:
    slow = Slow(harness=office)
    await office.deliver_letters(slow)
    with pytest.raises(Refused, match=r"^Letter 1 has just moved on\. Look at it again\.$"):
        await office.decisions(slow).decide(1, D.CANCEL)
    assert await office.letter_statuses() == [L.DELIVERED]


# Letters of people who were forgotten


@ON_SQLITE
@pytest.mark.parametrize(
    ("fault", "decision"),
    [
        (Failure("refused", permanent=True), D.RETRY),
        (Failure("unclear", uncertain=True), D.SEND_AGAIN),
    ],
)
async def test_a_forgotten_letter_is_not_sent_again(
    office: Harness, fax: FakeCarrier, fault: Failure, decision: Decision
) -> None:
    fax.answers.append(fault)
    await office.deliver_letters(fax)
    await office.receive_all("ana", ["forget", "yes"])
    with pytest.raises(Refused, match="is deleted: it cannot be sent again"):
        await office.decisions().decide(1, decision)
    await office.deliver_letters(fax)
    assert fax.taken == []


@ON_SQLITE
async def test_it_can_be_settled_that_a_forgotten_letter_has_arrived(
    office: Harness, fax: FakeCarrier
) -> None:
    fax.answers.append(Failure("unclear", uncertain=True))
    await office.deliver_letters(fax)
    await office.receive_all("ana", ["forget", "yes"])
    assert await office.decisions().decide(1, D.ARRIVED) is L.DELIVERED


@ON_SQLITE
@pytest.mark.parametrize(
    ("person", "decision"),
    [("dora", D.ARRIVED), ("dora", D.SEND_AGAIN), ("abel", D.CANCEL), ("abel", D.HOLD), ("abel", D.RETRY)],
)
async def test_organisers_decide_what_their_role_covers_and_the_shell_the_rest(
    office: Harness, person: str, decision: Decision
) -> None:
    await join(office, "dora", Role.DRAFTER)
    await join(office, "abel", Role.APPROVER)
    before = await office.letter_statuses()
    with pytest.raises(Refused, match="another role"):
        await carry_out(office, person, DecideLetter(1, decision, 1))
    assert await office.letter_statuses() == before
