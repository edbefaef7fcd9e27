"""Letters stay true under any order of writing, news, decisions, confirming, withdrawing, closing and dying.

Whatever happens, no letter is handed over that stands on a text that was replaced before, none twice, and
none is lost: what has not left waits for its writer or an organiser, or was withdrawn.
"""

from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from assistant.carriers.base import Parcel, Ref, Telling, telling_nobody
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.cases import Case
from assistant.domain.letters import LetterRef, Route, WrittenLetter
from assistant.domain.texts import CaseDate
from assistant.services.letters import versions
from assistant.store import chats, letters
from tests.services.letters.test_worker_stateful import SCRIPT, CountingTray, LetterWorkerMachine
from tests.support.chance import budget
from tests.support.fakes.carrier import BlankPaper
from tests.support.fakes.channel import MemoryChannel
from tests.support.invented_cases import draft_of, the_action, with_action, with_letters
from tests.support.publishing import CASE

CLOSES = CaseDate(2012, 2, 10)
CLOSED_AT = datetime(2012, 2, 12, tzinfo=UTC)


class TruthfulTray(CountingTray):
    """A tray that sees of which text a letter is made."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.made_of: dict[str, str] = {}  # by the letter's key
        self.untrue: list[str] = []
        self.unsound: set[str] = set()  # texts that were replaced, or of which nobody has said yet

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:
        if (
            self.made_of[parcel.key] in self.unsound
        ):  # not raised: the worker would take it for a carrier's fault
            self.untrue.append(parcel.key)
        return await super().submit(parcel, telling)


class FactsMachine(LetterWorkerMachine):
    """The two mailrooms, while the case folder and the news change, and writers answer."""

    def make_script(self) -> Script:
        self.version = 0
        self.undecided: set[str] = set()
        script = copy(SCRIPT)
        closing = with_action(script.cases[CASE], closes=CLOSES)
        script.cases = {CASE: self._worded(closing)}
        return script

    def make_printer(self) -> Printer:
        return BlankPaper(self.script.cases)

    def make_tray(self) -> CountingTray:
        self.truthful = TruthfulTray(self.folder / "tray")
        return self.truthful

    async def _open(self) -> None:
        await super()._open()
        await self._notice()  # as every process does when it starts

    @property
    def case(self) -> Case:
        return self.script.cases[CASE]

    @property
    def text(self) -> str:
        """The version that the case folder has."""
        return f"text {self.version}"

    def _worded(self, case: Case) -> Case:
        (text,) = {id(each): each for each in the_action(case).letters.values()}.values()
        return with_letters(case, text.templates, self.text)

    @rule()
    def write(self) -> None:
        if self.clock.now < CLOSED_AT:
            super().write()
            self.loop.run_until_complete(self._remember())

    async def _remember(self) -> None:
        async with self.store.read() as tx:
            for letter in await letters.listed(tx):
                self.truthful.made_of[letter.key] = letter.version or ""

    @rule()
    def reword(self) -> None:
        """The case folder is edited, and read again."""
        self.undecided.add(self.text)
        self.truthful.unsound.add(self.text)
        self.version += 1
        self.script.cases = {CASE: self._worded(self.case)}
        for mailroom in self.mailrooms:
            mailroom._cases = self.script.cases
        self.loop.run_until_complete(self._notice())

    async def _notice(self) -> None:
        async with self.store.write() as tx:
            await versions.note_changes(tx, self.script.cases, self.clock())

    @rule()
    def publish(self) -> None:
        """News are out after which letters written before are not true any more."""
        self.loop.run_until_complete(self._publish())
        self.truthful.unsound |= {f"text {each}" for each in range(self.version)}
        self.undecided.clear()

    async def _publish(self) -> None:
        async with self.store.write() as tx:
            await versions.lock(tx, self.case)
            await versions.replace(tx, self.case, None, self.clock())

    @rule(matters=st.booleans())
    def decide(self, matters: bool) -> None:
        self.loop.run_until_complete(self._decide(matters))
        if not matters:
            self.truthful.unsound -= self.undecided
        self.undecided.clear()

    async def _decide(self, matters: bool) -> None:
        async with self.store.write() as tx:
            await versions.decide(tx, the_action(self.case).ref, self.clock(), matters=matters)

    @precondition(lambda self: self.people)
    @rule(data=st.data(), confirms=st.booleans())
    def answer(self, data: st.DataObject, confirms: bool) -> None:
        """A writer whose letter has not left sends it with the new text, or withdraws it."""
        person = data.draw(st.integers(1, self.people))
        self.loop.run_until_complete(self._answer(f"person{person}", confirms))
        self.loop.run_until_complete(self._remember())

    async def _answer(self, person: str, confirms: bool) -> None:
        now, action = self.clock(), the_action(self.case)
        async with self.store.write() as tx:
            (chat,) = await chats.open_chats(tx, [MemoryChannel().address(person)], now.date())
            if not _can_change(chat.letters) or action.is_over(now):
                return
            draft = draft_of(self.case, name="Ana Invented", country="FI", personal_line=None)
            await letters.lock_offices(tx, [LetterRef(*action.ref, draft.target)])
            if await letters.withdraw(tx, chat, action.ref, "by its writer", now) and confirms:
                await letters.queue(tx, chat, draft, Route("tray"), now, now, action.closes_at)

    @invariant()
    def nothing_untrue_was_handed_over(self) -> None:
        if hasattr(self, "truthful"):
            assert self.truthful.untrue == []

    @rule(days=st.sampled_from([1, 3, 20]))
    def pass_days(self, days: int) -> None:
        """In 20 days, the action is over."""
        self.clock.now += timedelta(days=days)


def _can_change(written: list[WrittenLetter]) -> bool:
    return any(not each.has_left for each in written)


TestFacts = FactsMachine.TestCase
TestFacts.settings = settings(max_examples=budget(8, 150), stateful_step_count=30)
