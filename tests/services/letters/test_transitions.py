"""Each step that the table of lifecycles has, and what takes a letter that step; and no other step."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

import pytest
from sqlalchemy import update

from assistant.carriers.base import Outcome, Ref, Report
from assistant.domain.errors import Busy, Failure
from assistant.domain.letter_decisions import Decision
from assistant.domain.letters import Transition
from assistant.domain.lifecycle import LETTERS, IllegalTransition, LetterStatus
from assistant.domain.retention import KEEP_UNDECIDED, Retention
from assistant.services.letters import delivery
from assistant.store import letters, restored
from assistant.store.tables import letters as letter_table
from assistant.wiring.process import make_deletions
from tests.support.fakes.carrier import BlankPaper, FakeCarrier
from tests.support.harness import Harness
from tests.support.letter_claims import deliver_and_crash, transitions_taken, withdraw

L, D = LetterStatus, Decision
TABLE = {(old, new) for old in L for new in LETTERS.after(old)}
TAKEN, ARRIVED, SENT = (Ref(status, "job") for status in (L.SUBMITTED, L.DELIVERED, L.SENT))
REFUSED, CUT = Failure("refused", permanent=True), Failure("cut off")
UNCLEAR, BUSY = Failure("unclear", uncertain=True), Busy("busy")
ROUTES = ("fax:+50255500001", "email:office@example.org")


# Each step of the table, and what takes it


@dataclass
class Scenario:
    """One letter of one person."""

    harness: Harness
    fax: FakeCarrier
    person: str
    number: int

    async def report(self, outcome: Outcome) -> None:
        assert await self.harness.decisions().settle(Report(outcome, key=await self.harness.key(self.number)))


Act = Callable[[Scenario], Awaitable[object]]


def _handed(outcome: Outcome) -> Act:
    async def act(scenario: Scenario) -> None:
        scenario.fax.answers.append(outcome)
        await scenario.harness.deliver_letters(scenario.fax)

    return act


def _asked(outcome: Outcome) -> Act:
    async def act(scenario: Scenario) -> None:
        scenario.fax.reports[await scenario.harness.key(scenario.number)] = outcome
        scenario.harness.clock.advance(minutes=1)
        await scenario.harness.deliver_letters(scenario.fax)

    return act


def _reported(outcome: Outcome) -> Act:
    return lambda scenario: scenario.report(outcome)


def _decided(decision: Decision) -> Act:
    return lambda scenario: scenario.harness.decisions(scenario.fax).decide(scenario.number, decision)


async def _withdrawn(scenario: Scenario) -> None:
    await withdraw(scenario.harness, scenario.person)


async def _put_back(scenario: Scenario) -> None:
    async with scenario.harness.store.write() as tx:
        await restored.hold_letters(tx, "the database was put back", [], scenario.harness.clock())


async def _left_alone(scenario: Scenario) -> None:
    """Nobody has decided about it for so long."""
    harness = scenario.harness
    harness.clock.advance(seconds=KEEP_UNDECIDED.total_seconds() + 1)
    for piece in make_deletions(harness.script, harness.transitions, harness.clock, Retention()):
        async with harness.store.write() as tx:
            await piece(tx)


async def _unprinted(scenario: Scenario) -> None:
    assert isinstance(scenario.harness.printer, BlankPaper)
    scenario.harness.printer.faults.append(ZeroDivisionError())
    await scenario.harness.deliver_letters(scenario.fax)


async def _waited(scenario: Scenario) -> None:
    scenario.harness.clock.advance(minutes=10)
    await scenario.harness.deliver_letters(scenario.fax)


async def _crashed(scenario: Scenario) -> None:
    await deliver_and_crash(scenario.harness, scenario.fax)
    await scenario.harness.deliver_letters(scenario.fax)


SCENARIOS: Mapping[tuple[LetterStatus, LetterStatus], Sequence[Sequence[Act]]] = {
    (L.QUEUED, L.HELD): [[_decided(D.HOLD)]],
    (L.QUEUED, L.SUBMITTING): [[_handed(TAKEN)]],
    (L.QUEUED, L.CANCELLED): [[_withdrawn], [_decided(D.CANCEL)]],
    (L.HELD, L.QUEUED): [[_decided(D.HOLD), _decided(D.RELEASE)]],
    (L.HELD, L.CANCELLED): [[_decided(D.HOLD), _decided(D.CANCEL)], [_decided(D.HOLD), _withdrawn]],
    (L.SUBMITTING, L.SUBMITTED): [[_handed(TAKEN)]],
    (L.SUBMITTING, L.DELIVERED): [[_handed(ARRIVED)]],
    (L.SUBMITTING, L.SENT): [[_handed(SENT)]],
    (L.SUBMITTING, L.RETRY_WAIT): [[_handed(BUSY)], [_crashed]],
    (L.SUBMITTING, L.HELD): [[_unprinted], [_handed(CUT)]],
    (L.SUBMITTING, L.FAILED): [[_handed(REFUSED)]],
    (L.SUBMITTING, L.UNCERTAIN): [[_handed(UNCLEAR)]],
    (L.SUBMITTED, L.DELIVERED): [[_handed(TAKEN), _asked(ARRIVED)], [_handed(TAKEN), _reported(ARRIVED)]],
    (L.SUBMITTED, L.SENT): [[_handed(TAKEN), _asked(SENT)], [_handed(TAKEN), _reported(SENT)]],
    (L.SUBMITTED, L.RETRY_WAIT): [[_handed(TAKEN), _asked(BUSY)], [_handed(TAKEN), _reported(BUSY)]],
    (L.SUBMITTED, L.HELD): [[_handed(TAKEN), _asked(CUT)], [_handed(TAKEN), _reported(CUT)]],
    (L.SUBMITTED, L.FAILED): [[_handed(TAKEN), _asked(REFUSED)], [_handed(TAKEN), _reported(REFUSED)]],
    (L.SUBMITTED, L.UNCERTAIN): [[_handed(TAKEN), _asked(UNCLEAR)], [_handed(TAKEN), _reported(UNCLEAR)]],
    (L.SUBMITTED, L.CANCELLED): [[_handed(TAKEN), _decided(D.CANCEL)]],
    (L.RETRY_WAIT, L.QUEUED): [[_handed(BUSY), _decided(D.RETRY)]],
    (L.RETRY_WAIT, L.SUBMITTING): [[_handed(BUSY), _waited]],
    (L.RETRY_WAIT, L.HELD): [[_handed(BUSY), _decided(D.HOLD)]],
    (L.RETRY_WAIT, L.FAILED): [[_handed(BUSY), _reported(REFUSED)]],
    (L.RETRY_WAIT, L.CANCELLED): [[_handed(BUSY), _decided(D.CANCEL)]],
    (L.UNCERTAIN, L.DELIVERED): [
        [_handed(UNCLEAR), _decided(D.ARRIVED)],
        [_handed(UNCLEAR), _reported(ARRIVED)],
    ],
    (L.UNCERTAIN, L.QUEUED): [[_handed(UNCLEAR), _decided(D.SEND_AGAIN)]],
    (L.UNCERTAIN, L.FAILED): [[_handed(UNCLEAR), _reported(REFUSED)]],
    (L.FAILED, L.QUEUED): [[_handed(REFUSED), _decided(D.RETRY)]],
    (L.FAILED, L.CANCELLED): [[_handed(REFUSED), _decided(D.CANCEL)]],
    (L.SENT, L.DELIVERED): [[_handed(SENT), _reported(ARRIVED)]],
    (L.SENT, L.FAILED): [[_handed(SENT), _reported(REFUSED)]],
    (L.SENT, L.UNCERTAIN): [[_handed(SENT), _reported(UNCLEAR)]],
    (L.HELD, L.UNCERTAIN): [[_put_back, _left_alone]],
    (L.HELD, L.SENT): [[_put_back, _decided(D.HAD_LEFT)]],  # last: it holds all letters
}
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


@ON_SQLITE
async def test_each_step_of_the_table_is_taken_by_something_that_happens(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TRIES", 1)  # after a plain failure a person decides
    office = await harness.with_office(routes=ROUTES[:1])
    number = 0
    taken = set()
    for (old, new), stories in SCENARIOS.items():
        for acts in stories:
            number += 1
            await _play(Scenario(office, FakeCarrier(can_cancel=True), f"person{number}", number), acts)
            steps = list(pairwise((await transitions_taken(office))[number]))
            assert (old, new) in steps, f"{old} to {new}: {steps}"
            assert set(steps) <= TABLE
            taken |= set(steps)
    assert taken == set(SCENARIOS) == TABLE


async def _play(scenario: Scenario, acts: Sequence[Act]) -> None:
    harness = scenario.harness
    harness.clock.now = harness.clock.now.replace(hour=15)  # the office is open
    await harness.queue_letters(scenario.person)
    for act in acts:
        await act(scenario)
    async with harness.store.write() as tx:  # nothing of it is left for the next one
        await tx.connection.execute(update(letter_table).values(status=L.CANCELLED))


@ON_SQLITE
async def test_a_step_that_the_table_does_not_have_is_refused_and_changes_nothing(harness: Harness) -> None:
    await harness.queue_letters("ana")
    (letter,) = await harness.letters()
    before = await harness.letter_log()
    for old, new in product(L, repeat=2):
        if (old, new) not in TABLE:
            with pytest.raises(IllegalTransition, match=f"^{old} cannot become {new}$"):
                async with harness.store.write() as tx:
                    standing = update(letter_table).values(status=old)
                    await tx.connection.execute(standing)
                    await letters.apply_transitions(
                        tx,
                        [Transition(letter=replace(letter, status=old), status=new, reason="a bug")],
                        harness.clock(),
                    )
    assert (await harness.letters(), await harness.letter_log()) == ([letter], before)


async def test_a_letter_that_has_moved_on_is_left_alone(harness: Harness) -> None:
    await harness.queue_letters("ana")
    (letter,) = await harness.letters()
    late = Transition(letter=replace(letter, status=L.SUBMITTING), status=L.SENT, reason="late")
    async with harness.store.write() as tx:
        assert await letters.apply_transitions(tx, [late], harness.clock()) == []
    assert (await harness.letter_statuses(), len(await harness.letter_log())) == ([L.QUEUED], 1)
