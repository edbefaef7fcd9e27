"""The ledger of letters under any order of claims, crashes, hand-overs, cancellations and deaths.

Whatever happens, each letter moves only as the table of lifecycles allows, and the tray gets it at most once.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from assistant.carriers.base import Parcel, Ref, Telling, telling_nobody
from assistant.carriers.tray import Tray
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane, LaneLost
from assistant.domain.letters import Route
from assistant.domain.lifecycle import LETTERS, LetterStatus
from assistant.services.letters.delivery import CarrierDelivery
from assistant.services.letters.worker import LetterWorker
from assistant.settings import Settings
from assistant.store import chats, forgetting, lanes, letters
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import letter_log
from assistant.wiring.content import make_script
from assistant.wiring.letters import make_letter_transitions
from tests.support.chance import budget
from tests.support.databases import copy_sqlite
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.invented_cases import draft_of
from tests.support.offices import OFFICE
from tests.support.publishing import CASE

SCRIPT = make_script(Settings(_env_file=None))
PRINTER = Printer(SCRIPT.cases)  # it takes a while to make one
FAULTS = [None, None, Failure("busy"), Failure("refused", permanent=True), Failure("cut", uncertain=True)]


class Crash(BaseException):
    """The process ends here."""


class CountingTray(Tray):
    """A tray that counts, and that a process can die at."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.taken: Counter[str] = Counter()
        self.fault: BaseException | None = None
        self.crashes_after = False

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:
        fault, self.fault = self.fault, None
        if fault is not None:
            raise fault
        self.taken[parcel.key] += 1
        ref = await super().submit(parcel, telling)
        if self.crashes_after:
            self.crashes_after = False
            raise Crash
        return ref


class LetterWorkerMachine(RuleBasedStateMachine):
    """Two mailrooms over one lane; either may die or lose the lane at any time."""

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = FakeClock()
        self.script = self.make_script()
        self.tray = self.make_tray()
        self.people = 0
        self.held: dict[int, Lane] = {}
        self.loop.run_until_complete(self._open())
        self.write()
        self.take(0)

    def make_script(self) -> Script:
        """With the cases that letters are written for."""
        return SCRIPT

    def make_printer(self) -> Printer:
        """What prints letters."""
        return PRINTER

    def make_tray(self) -> CountingTray:
        """Where letters go."""
        return CountingTray(self.folder / "tray")

    async def _open(self) -> None:
        url = f"sqlite:///{copy_sqlite(self.folder / 'ledger.sqlite')}"
        self.store = await Store.open(url, KeyringFile(self.folder / "keyring.json"))
        self.mailrooms = [
            LetterWorker(
                self.store,
                self.script.cases,
                CarrierDelivery(self.script.cases, {"tray": self.tray}, self.make_printer(), self.clock),
                make_letter_transitions(self.script),
                self.clock,
            )
            for _ in range(2)
        ]
        async with self.store.write() as tx:
            self.lane = Lane((await lanes.lane_ids(tx, letters.LANE, [OFFICE]))[OFFICE], letters.LANE, OFFICE)

    @rule()
    def write(self) -> None:
        self.people += 1
        self.loop.run_until_complete(self._write(f"person{self.people}"))

    async def _write(self, person: str) -> None:
        draft = draft_of(self.script.cases[CASE], name="Ana Invented", country="FI", personal_line=None)
        async with self.store.write() as tx:
            address = MemoryChannel().address(person)
            (chat,) = await chats.open_chats(tx, [address], self.clock().date())
            await letters.queue(tx, chat, draft, Route("tray"), self.clock(), self.clock())

    @rule(which=st.integers(0, 1))
    def take(self, which: int) -> None:
        self.held[which] = self.loop.run_until_complete(self._take(which))

    async def _take(self, which: int) -> Lane:
        taken = await self.mailrooms[which].take(self.lane)
        return Lane(taken.id, taken.kind, taken.name, taken.epoch)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), fault=st.sampled_from(FAULTS))
    def step(self, data: st.DataObject, fault: Failure | None) -> None:
        self.tray.fault = fault
        self._run(data.draw(st.sampled_from(sorted(self.held))))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), after=st.booleans())
    def crash(self, data: st.DataObject, after: bool) -> None:
        """In the middle of handing over: before the tray has the letter, or after."""
        self.tray.fault = None if after else Crash()
        self.tray.crashes_after = after
        self._run(data.draw(st.sampled_from(sorted(self.held))))
        self.tray.crashes_after = False

    def _run(self, which: int) -> None:
        try:
            self.loop.run_until_complete(self.mailrooms[which].step(self.held[which]))
        except (LaneLost, Crash):
            del self.held[which]
        self.tray.fault = None

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        person = data.draw(st.integers(1, self.people))
        self.loop.run_until_complete(self._forget(f"person{person}"))

    async def _forget(self, person: str) -> None:
        async with self.store.write() as tx:
            address = MemoryChannel().address(person)
            (chat,) = await chats.open_chats(tx, [address], self.clock().date())
            await forgetting.forget(tx, chat, self.clock())

    @rule(minutes=st.sampled_from([1, 10, 600]))
    def wait(self, minutes: int) -> None:
        self.clock.now += timedelta(minutes=minutes)

    @invariant()
    def every_step_was_allowed_and_nothing_went_twice(self) -> None:
        if not hasattr(self, "store"):
            return
        assert not [key for key, count in self.tray.taken.items() if count > 1]
        now, steps = self.loop.run_until_complete(self._read())
        for letter, status in now.items():
            assert steps[letter][0] == LetterStatus.QUEUED
            for old, new in zip(steps[letter], steps[letter][1:], strict=False):
                LETTERS.check(old, new)
            assert steps[letter][-1] == status

    async def _read(self) -> tuple[dict[int, LetterStatus], dict[int, list[LetterStatus]]]:
        async with self.store.read() as tx:
            now = {letter.id: letter.status for letter in await letters.listed(tx)}
            steps: dict[int, list[LetterStatus]] = {letter: [] for letter in now}
            for row in await tx.connection.execute(select(letter_log).order_by(letter_log.c.id)):
                steps[row.letter_id].append(LetterStatus(row.status))
        return now, steps

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        self.loop.run_until_complete(self._finish())
        self.loop.close()
        shutil.rmtree(self.folder)

    async def _finish(self) -> None:
        """A runner that nothing happens to brings every letter to an end."""
        lane = await self._take(0)
        for _ in range(20):
            self.clock.now = (self.clock.now + timedelta(days=1)).replace(hour=15)  # the office is open
            while await self.mailrooms[0].step(lane) is not None:
                pass
        now, _ = await self._read()
        ends = {LetterStatus.SENT, LetterStatus.FAILED, LetterStatus.UNCERTAIN, LetterStatus.CANCELLED}
        ends.add(LetterStatus.HELD)  # a person decides
        assert set(now.values()) <= ends
        assert set(self.tray.taken.values()) <= {1}
        assert sum(self.tray.taken.values()) >= Counter(now.values())[LetterStatus.SENT]
        await self.store.close()


TestLetterWorker = LetterWorkerMachine.TestCase
TestLetterWorker.settings = settings(max_examples=budget(8, 40), stateful_step_count=15)
