"""Owners are told of letters that may have arrived: once for all, and again only when there are more."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.domain.errors import Failure
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Role
from assistant.services.letters.transitions import GATHERED, UNCERTAIN_LANE
from assistant.services.letters.uncertain import TELL_AGAIN, UncertainWorker
from assistant.store.tables import lanes
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import Harness
from tests.support.organisers import join

IN_DOUBT = Failure("the line was cut", uncertain=True)


class Told:
    """Two owners and an approver, and a worker that tells them."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.seconds = 0.0
        self.worker = self.process()

    def process(self) -> UncertainWorker:
        harness = self.harness
        return UncertainWorker(harness.store, harness.news.notifier, harness.clock, lambda: self.seconds)

    async def in_doubt(self, *people: str) -> None:
        """Their letters may have arrived."""
        fax = FakeCarrier()
        fax.answers.extend([IN_DOUBT] * len(people))
        await self.harness.queue_letters(*people)
        await self.harness.deliver_letters(fax)

    async def pass_by(self, seconds: float) -> None:
        self.seconds += seconds
        self.harness.clock.advance(seconds=seconds)
        await self.harness.engine(self.worker).run_until_idle()

    def heard(self, person: str) -> list[str]:
        return [text for text in self.harness.texts_to(person) if "may have arrived" in text]


@pytest.fixture
async def told(harness: Harness) -> Told:
    for person, role in (
        ("olga", Role.OWNER),
        ("abel", Role.OWNER),
        ("vera", Role.APPROVER),
        ("dora", Role.DRAFTER),
    ):
        await join(harness, person, role)
    return Told(await harness.with_office(routes=("fax:+50255500001",)))


@pytest.mark.both_databases
async def test_approvers_are_told_once_of_letters_that_become_uncertain_together(told: Told) -> None:
    await told.in_doubt("ana", "ben", "eva")
    await told.pass_by(1)
    assert not told.heard("olga"), "there may be more in a moment"
    await told.pass_by(GATHERED.total_seconds())
    for person in ("olga", "abel"):
        (text,) = told.heard(person)
        assert text.startswith("<10 letters may have arrived, and nobody knows.")
        assert "assistant letters list --status uncertain" in text
    assert len(told.heard("vera")) == 1, "an approver decides, too"
    assert not told.heard("dora")
    await told.pass_by(timedelta(days=3).total_seconds())
    assert len(told.heard("olga")) == 1


async def test_more_of_them_are_told_of_ten_minutes_later_at_the_earliest(told: Told) -> None:
    await told.in_doubt("ana")
    await told.pass_by(GATHERED.total_seconds())
    await told.in_doubt("ben")
    await told.pass_by(GATHERED.total_seconds())
    await told.in_doubt("eva")
    await told.pass_by(GATHERED.total_seconds())
    assert len(told.heard("olga")) == 1
    (lane,) = await told.harness.rows(select(lanes.c.next_at).where(lanes.c.kind == UNCERTAIN_LANE))
    assert lane["next_at"] is not None
    await told.pass_by(TELL_AGAIN)
    assert [text.split(".")[0] for text in told.heard("olga")] == [
        "<10 letters may have arrived, and nobody knows",
        "<10 letters may have arrived, and nobody knows",
    ]


async def test_a_restart_tells_nothing_twice(told: Told) -> None:
    await told.in_doubt("ana")
    await told.pass_by(GATHERED.total_seconds())
    told.worker = told.process()
    await told.worker.open()
    await told.pass_by(1)
    assert len(told.heard("olga")) == 1


async def test_a_letter_that_is_uncertain_once_more_is_told_of_again(told: Told) -> None:
    await told.in_doubt("ana")
    await told.pass_by(GATHERED.total_seconds())
    await told.harness.decisions().decide(1, Decision.SEND_AGAIN)
    fax = FakeCarrier()
    fax.answers.append(IN_DOUBT)
    await told.harness.deliver_letters(fax)
    assert await told.harness.letter_statuses() == [LetterStatus.UNCERTAIN]
    await told.pass_by(TELL_AGAIN)
    assert len(told.heard("olga")) == 2
