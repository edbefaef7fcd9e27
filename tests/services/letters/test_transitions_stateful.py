"""Letters under anything that can happen to them: they take the steps of their table, and no other.

Carriers that answer, fail and report late, organisers who decide, people who change their minds or are
forgotten, processes that die: in any order.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from assistant.carriers.base import Outcome, Ref, Report
from assistant.domain.errors import Busy, Down, Failure, Misconfigured, Refused
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LETTERS, LetterStatus
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.wiring.content import make_script
from tests.support.chance import budget
from tests.support.databases import copy_sqlite
from tests.support.fakes.carrier import FakeCarrier
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import Harness
from tests.support.letter_claims import deliver_and_crash, transitions_taken, withdraw

L, D = LetterStatus, Decision
SCRIPT = make_script(Settings(_env_file=None))
ROUTES = ("fax:+50255500001", "email:office@example.org")
TABLE = {(old, new) for old in L for new in LETTERS.after(old)}
TAKEN, ARRIVED, SENT = (Ref(status, "job") for status in (L.SUBMITTED, L.DELIVERED, L.SENT))
REFUSED, CUT = Failure("refused", permanent=True), Failure("cut off")
UNCLEAR, BUSY = Failure("unclear", uncertain=True), Busy("busy")
OUTCOMES: list[Outcome] = [TAKEN, TAKEN, ARRIVED, SENT, REFUSED, CUT, UNCLEAR, BUSY]
ANSWERS: list[Outcome] = [*OUTCOMES, Down("off"), Misconfigured("wrong")]


# In any order


class TransitionMachine(RuleBasedStateMachine):
    """One office with two routes, its mailroom and its desk."""

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.fax, self.mail = FakeCarrier(can_cancel=True), FakeCarrier("email", in_flight=2)
        self.people = 0
        self.do(self._open())
        self.write()

    async def _open(self) -> None:
        url = f"sqlite:///{copy_sqlite(self.folder / 'letters.sqlite')}"
        self.store = await Store.open(url, KeyringFile(self.folder / "keyring.json"))
        harness = await Harness.open(self.store, SCRIPT, MemoryChannel(), FakeClock())
        self.harness = await harness.with_office(routes=ROUTES)

    def do(self, work: Coroutine[Any, Any, object]) -> None:  # Any: what coroutines are typed with
        self.loop.run_until_complete(work)

    @rule()
    def write(self) -> None:
        self.people += 1
        self.do(self.harness.queue_letters(f"person{self.people}"))

    async def _deliver(self) -> None:
        with suppress(Failure):  # of a carrier that is down
            await self.harness.deliver_letters(self.fax, self.mail)

    @rule(answers=st.lists(st.sampled_from(ANSWERS), max_size=3))
    def step(self, answers: list[Outcome]) -> None:
        for carrier in (self.fax, self.mail):
            carrier.answers.clear()
            carrier.answers.extend(answers)
        self.do(self._deliver())

    @rule(news=st.sampled_from(OUTCOMES), which=st.integers(0, 3))
    def ask(self, news: Outcome, which: int) -> None:
        self.harness.clock.advance(minutes=1)
        self.do(self._ask(news, which))

    async def _ask(self, news: Outcome, which: int) -> None:
        submitted = [each for each in await self.harness.letters() if each.status is L.SUBMITTED]
        for each in submitted[which : which + 1]:
            self.fax.reports[each.key] = self.mail.reports[each.key] = news
        await self._deliver()
        self.fax.reports.clear()
        self.mail.reports.clear()

    @rule(outcome=st.sampled_from(OUTCOMES), which=st.integers(0, 3))
    def report(self, outcome: Outcome, which: int) -> None:
        self.do(self._report(outcome, which))

    async def _report(self, outcome: Outcome, which: int) -> None:
        for each in (await self.harness.letters())[which : which + 1]:
            assert await self.harness.decisions().settle(Report(outcome, key=each.key))

    @rule(decision=st.sampled_from(Decision), which=st.integers(1, 4), called_back=st.booleans())
    def decide(self, decision: Decision, which: int, called_back: bool) -> None:
        self.fax.can_cancel = called_back
        with suppress(Refused):
            self.do(self.harness.decisions(self.fax).decide(which, decision))

    @rule(which=st.integers(1, 4), forgotten=st.booleans())
    def change_ones_mind(self, which: int, forgotten: bool) -> None:
        person = f"person{min(which, self.people)}"
        if forgotten:
            self.do(self.harness.receive_all(person, ["forget", "yes"]))
        else:
            self.do(withdraw(self.harness, person))

    @rule(answer=st.sampled_from(ANSWERS), known=st.sampled_from([None, TAKEN, ARRIVED, SENT, UNCLEAR]))
    def crash(self, answer: Outcome, known: Outcome | None) -> None:
        self.do(self._crash(answer, known))

    async def _crash(self, answer: Outcome, known: Outcome | None) -> None:
        self.fax.answers.appendleft(answer)
        await deliver_and_crash(self.harness, self.fax, self.mail)
        for each in await self.harness.letters():
            if known is not None and each.status is L.SUBMITTING:
                self.fax.reports[each.key] = self.mail.reports[each.key] = known
        await self._deliver()
        self.fax.reports.clear()
        self.mail.reports.clear()

    @rule(minutes=st.sampled_from([1, 10, 600]))
    def wait(self, minutes: int) -> None:
        self.harness.clock.advance(minutes=minutes)

    @precondition(lambda self: hasattr(self, "harness"))
    @invariant()
    def every_step_is_one_of_the_table(self) -> None:
        self.do(self._check())

    async def _check(self) -> None:
        steps = await transitions_taken(self.harness)
        for letter in await self.harness.letters():
            assert steps[letter.id][0] is L.QUEUED
            assert steps[letter.id][-1] is letter.status
            assert set(pairwise(steps[letter.id])) <= TABLE

    def teardown(self) -> None:
        if hasattr(self, "harness"):
            self.do(self.store.close())
            shutil.rmtree(self.folder)
        if hasattr(self, "loop"):
            self.loop.close()


TestTransitions = TransitionMachine.TestCase
TestTransitions.settings = settings(max_examples=budget(3, 8), stateful_step_count=10)
