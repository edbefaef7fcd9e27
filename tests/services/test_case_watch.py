"""A running assistant takes over what changes in case folders: chats go on, owners are told, letters wait."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.carriers.base import Ref
from assistant.carriers.tray import Tray
from assistant.content.library import GONE_AFTER, CaseFolders, CaseLibrary
from assistant.content.routing import Routing
from assistant.domain.errors import Failure, Refused
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import Press
from assistant.domain.organisers import Role
from assistant.services.case_watch import CaseWatch
from assistant.services.effects import Effects
from assistant.services.letters import stranded
from assistant.services.letters.offices import OfficeRoutes
from assistant.services.letters.stranded import REASON, StrandedLetters
from assistant.services.letters.versions import LetterTexts
from assistant.services.letters.worker import LetterWorker
from assistant.services.notifier import Notifier
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.wiring.content import CASES, make_script
from assistant.wiring.process import make_chat_moves
from conversations.organisers import notifications
from tests.support.fakes.carrier import FailingTray, FakeCarrier
from tests.support.harness import CASE, Harness
from tests.support.organisers import deliver_replies, join

OTHER = "rosa-example"
ACTION = "fax-2012"
HELD = "It waits, because we cannot send it now."
GONE = f"The folder of {CASE} is gone."


class Running:
    """A process whose case folders are watched."""

    def __init__(self, harness: Harness, root: Path, tray: FailingTray) -> None:
        self.harness = harness
        self.root = root
        self.tray = tray
        self.seconds = 0.0
        self.folders = CaseFolders([root], Routing({"tray": Tray(root)}, "tray"), lambda: self.seconds)
        self.library = CaseLibrary(self.folders.read())
        self.watch = self.watching()

    def watching(self) -> CaseWatch:
        """What watches the folders, as after a start."""
        notifier = Notifier(notifications, self.harness.script.locales)
        return CaseWatch(
            library=self.library,
            folders=self.folders,
            store=self.harness.store,
            notifier=notifier,
            texts=LetterTexts(self.harness.store, self.library, notifier, self.harness.clock),
            offices=OfficeRoutes(self.harness.store, self.library, notifier, self.harness.clock),
            told=self.root.parent / "told.json",
            clock=self.harness.clock,
        )

    @classmethod
    async def start(cls, harness: Harness, root: Path, tray: FailingTray) -> "Running":
        """A process over that one's database."""
        running = cls(harness, root, tray)
        script = make_script(Settings(_env_file=None), running.library)
        running.harness = await Harness.open(harness.store, script, harness.channel, harness.clock)
        return running

    @property
    def worker(self) -> LetterWorker:
        """The mailroom, which holds what has no case."""
        worker = self.harness.letter_worker(self.tray)
        notifier = Notifier(notifications, self.harness.script.locales)
        worker._stranded = StrandedLetters(self.library, self.harness.transitions, notifier)
        return worker

    async def settle(self) -> None:
        """Let the folders be looked at until what has changed is taken over, and all be done that is due."""
        for seconds in (2.0, 2.0, GONE_AFTER):
            self.seconds += seconds
            await self.watch.look()
        await self.work()

    async def work(self) -> None:
        """Do all that is due now."""
        await self.harness.engine(self.worker).run_until_idle()
        await deliver_replies(self.harness)

    def told(self, person: str, what: str) -> int:
        """How often they have read that."""
        return sum(what in text for text in self.harness.texts_to(person))

    def rewrite(self, name: str, text: str) -> None:
        """Give a file of the case another text."""
        (self.root / CASE / name).write_text(text, "utf-8")

    def reword(self) -> None:
        """Its letter is another one."""
        for language in ("en", "es"):
            self.rewrite(f"actions/{ACTION}/letter.{language}.txt", REWORDED)

    def close_case(self) -> None:
        """The case has ended."""
        file = self.root / CASE / "case.toml"
        ended = '\n[closed]\nen = "She is safe. Thank you."\nes = "Está a salvo. Gracias."\n'
        file.write_text(file.read_text("utf-8") + ended, "utf-8")

    def take_away(self) -> None:
        """The folder of the case is gone."""
        (self.root / CASE).rename(self.root.parent / "aside")

    def put_back(self) -> None:
        """It is there again."""
        (self.root.parent / "aside").rename(self.root / CASE)


@pytest.fixture
async def running(harness: Harness, tmp_path: Path) -> AsyncIterator[Running]:
    root = tmp_path / "cases"
    for slug in (CASE, OTHER):
        shutil.copytree(CASES / "norma-cruz", root / slug)
    yield await Running.start(harness, root, FailingTray(tmp_path / "tray"))


REWORDED = "Reworded. {{ name }} {{ country }} {% if line %}{{ line }}{% endif %}"
START = [f"/start {CASE}", "English", "go", "Finland", "Quillabamba Testperson", "skip"]


# Chats


async def test_a_letter_that_reads_otherwise_by_now_is_shown_again_and_nothing_else_is_asked_again(
    running: Running,
) -> None:
    here = running.harness
    await here.receive_all("ana", START)
    shown = here.channel.sent["ana"][-1]
    running.reword()
    await running.settle()
    await here.receive("ana", Press(shown.mark or "", "send"))
    assert await here.letters() == []
    assert "Reworded. Quillabamba Testperson Finland" in here.last_text_to("ana")
    await here.receive("ana", "send")
    assert len(await here.letters()) == 1


async def test_a_case_that_ends_in_mid_letter_is_told_and_nothing_is_queued(running: Running) -> None:
    here = running.harness
    await here.receive_all("ana", START)
    running.close_case()
    await running.settle()
    await here.receive("ana", "send")
    assert await here.letters() == []
    assert "She is safe. Thank you." in here.last_text_to("ana")


async def test_a_link_leads_to_a_case_that_came_after_the_start(running: Running) -> None:
    here = running.harness
    copy = Path(shutil.copytree(CASES / "norma-cruz", running.root / "berta-example"))
    (copy / "briefing.en.md").write_text("Berta was arrested.", "utf-8")
    await running.settle()
    await here.receive_all("ana", ["/start berta-example", "English"])
    assert "Berta was arrested." in here.last_text_to("ana")


# Owners


async def test_owners_are_told_once_of_each_mistake_and_once_that_it_is_mended(running: Running) -> None:
    await join(running.harness, "olga")
    await join(running.harness, "vera", Role.APPROVER)
    good = (running.root / CASE / "case.toml").read_text("utf-8")
    for text in ("person = ", "person = ", "langauges = 1"):
        running.rewrite("case.toml", text)
        await running.settle()
        await running.settle()
    mistake = f"The folder of {CASE} has a mistake. Its last good version goes on."
    assert running.told("olga", mistake) == 2
    assert running.told("olga", "case.toml: ") == 2
    running.rewrite("case.toml", good)
    await running.settle()
    await running.settle()
    assert running.told("olga", f"The folder of {CASE} is good again.") == 1
    assert not [text for text in running.harness.texts_to("vera") if "folder" in text]
    running.rewrite("case.toml", "person = ")
    await running.settle()
    assert running.told("olga", mistake) == 3


async def test_what_owners_know_is_kept_over_a_restart(running: Running) -> None:
    await join(running.harness, "olga")
    good = (running.root / CASE / "case.toml").read_text("utf-8")
    running.rewrite("case.toml", "person = ")
    await running.settle()
    again = await Running.start(running.harness, running.root, running.tray)
    await again.settle()
    assert running.told("olga", "has a mistake") == 1
    assert not again.library.lacks(CASE)
    again.rewrite("case.toml", good)
    last = await Running.start(again.harness, again.root, again.tray)
    await last.settle()
    assert running.told("olga", "is good again") == 1


async def test_a_mistake_is_told_when_the_database_is_there_again(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await join(running.harness, "olga")
    running.rewrite("case.toml", "person = ")
    with monkeypatch.context() as broken:
        broken.setattr(Store, "write", _down)
        for _ in range(2):
            running.seconds += 2
            with pytest.raises(Failure):
                await running.watch.look()
        assert list(running.library.problems) == [CASE]
    await running.settle()
    assert running.told("olga", "has a mistake") == 1


def _down(*_: object, **__: object) -> object:
    raise Failure("The database is down.")


async def test_where_the_folder_of_cases_cannot_be_read_it_is_said_and_nothing_is_held(
    running: Running,
) -> None:
    await running.harness.queue_letters("ana")
    aside = running.root.parent / "aside"
    running.root.rename(aside)
    for _ in range(3):
        running.seconds += GONE_AFTER
        with pytest.raises(Failure, match="cannot be read"):
            await running.watch.look()
    await running.work()
    assert await running.harness.letter_statuses() == [LetterStatus.SENT]
    aside.rename(running.root)
    await running.settle()


async def test_an_error_of_ours_ends_no_watch(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.services import case_watch

    monkeypatch.setattr(case_watch, "EVERY", 0.0)
    looked = asyncio.Event()
    looks = iter([ValueError("an error"), Failure("The disk is gone."), None])

    def look() -> None:
        outcome = next(looks, None)
        if outcome is None:
            loop.call_soon_threadsafe(looked.set)
        else:
            raise outcome

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(running.folders, "look", look)
    watching = asyncio.create_task(running.watch.run())
    await asyncio.wait_for(looked.wait(), 10)
    watching.cancel()
    done, _ = await asyncio.wait([watching], timeout=10)
    assert done


# Letters of a case that is gone


@pytest.mark.both_databases
async def test_letters_are_held_and_writers_and_owners_are_told_once(running: Running) -> None:
    here = running.harness
    await join(here, "olga")
    await here.queue_letters("ana", "ben")
    await here.queue_letters("eva", language="es")
    running.take_away()
    for _ in range(3):
        await running.settle()
    assert await here.letter_statuses() == [LetterStatus.HELD] * 3
    assert (await here.letter_log())[-1].reason == REASON
    assert [running.told(each, HELD) for each in ("ana", "ben")] == [1, 1]
    assert running.told("eva", "porque ahora no podemos enviarla") == 1
    assert running.told("olga", GONE) == 1
    assert "<10 letters are held." in here.last_text_to("olga")
    assert running.tray.taken == []


async def test_however_many_they_are_owners_are_told_once(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stranded, "BATCH", 2)
    people = ["ana", "ben", "eva", "ida"]
    await join(running.harness, "olga")
    await running.harness.queue_letters(*people)
    running.take_away()
    await running.settle()
    assert [running.told(each, HELD) for each in people] == [1] * 4
    assert running.told("olga", GONE) == 1
    assert "<10 letters are held." in running.harness.last_text_to("olga")
    decisions = running.harness.decisions()
    running.put_back()
    await running.settle()
    assert await decisions.release_case(CASE) == 4


async def test_a_letter_for_a_later_day_is_held_at_once_and_keeps_its_day(running: Running) -> None:
    here = await running.harness.with_office(undo=timedelta(days=9))
    await here.queue_letters("ana")
    (before,) = await here.letters()
    running.take_away()
    await running.settle()
    (held,) = await here.letters()
    assert (held.status, held.due_at) == (LetterStatus.HELD, before.due_at)
    running.put_back()
    await running.settle()
    assert await running.harness.decisions().release_case(CASE) == 1
    (released,) = await here.letters()
    assert (released.status, released.due_at) == (LetterStatus.QUEUED, before.due_at)


async def test_its_writer_can_ask_for_it_and_withdraw_it(running: Running) -> None:
    here = running.harness
    await here.receive_all("ana", [*START, "send", "no"])
    running.take_away()
    await running.settle()
    await here.receive("ana", "status")
    assert HELD in here.last_text_to("ana")
    await here.receive_all("ana", ["withdraw", "yes"])
    assert await here.letter_statuses() == [LetterStatus.CANCELLED]


@pytest.mark.both_databases
async def test_when_the_folder_is_back_a_person_lets_the_letters_go(running: Running) -> None:
    here = running.harness
    await join(here, "olga")
    await here.queue_letters("ana", "ben", "eva")
    await here.decisions().decide(3, Decision.HOLD)
    running.take_away()
    await running.settle()
    with pytest.raises(Refused, match="has no office any more"):
        await here.decisions().decide(1, Decision.RELEASE)
    await running.work()
    assert await here.letter_statuses() == [LetterStatus.HELD] * 3
    assert running.told("ana", HELD) == 1
    with pytest.raises(Refused, match=f"There is no case '{CASE}'"):
        await here.decisions().release_case(CASE)
    running.put_back()
    await running.settle()
    assert await here.letter_statuses() == [LetterStatus.HELD] * 3
    assert f"assistant letters release --case {CASE}" in here.last_text_to("olga")
    assert "<10 letters are held." in here.last_text_to("olga")
    assert await here.decisions().release_case(CASE) == 2
    await running.work()
    assert await here.letter_statuses() == [LetterStatus.SENT, LetterStatus.SENT, LetterStatus.HELD]
    assert await here.decisions().release_case(CASE) == 0


async def test_who_is_forgotten_or_has_withdrawn_is_not_told(running: Running) -> None:
    here = running.harness
    for person in ("ana", "ben"):
        await here.receive_all(person, [*START, "send", "no"])
    await here.receive_all("ana", ["forget", "yes"])
    await here.receive_all("ben", ["withdraw", "yes"])
    running.take_away()
    await running.settle()
    assert [running.told(each, HELD) for each in ("ana", "ben")] == [0, 0]


async def test_a_folder_that_is_only_broken_holds_no_letter(running: Running) -> None:
    await running.harness.queue_letters("ana")
    running.rewrite("case.toml", "person = ")
    again = await Running.start(running.harness, running.root, running.tray)
    assert CASE not in again.library
    await again.settle()
    assert await running.harness.letter_statuses() == [LetterStatus.QUEUED]
    assert running.told("ana", HELD) == 0


async def test_letters_of_a_case_that_was_gone_before_the_start_are_held(running: Running) -> None:
    await running.harness.queue_letters("ana")
    running.take_away()
    again = await Running.start(running.harness, running.root, running.tray)
    await again.settle()
    assert await running.harness.letter_statuses() == [LetterStatus.HELD]


@pytest.mark.both_databases
async def test_a_letter_that_arrives_when_its_case_is_gone_is_told_without_an_office(
    running: Running,
) -> None:
    here, carrier = running.harness, FakeCarrier("tray")
    await here.queue_letters("ana")
    await here.deliver_letters(carrier)
    assert await here.letter_statuses() == [LetterStatus.SUBMITTED]
    running.take_away()
    await running.settle()
    assert await here.letter_statuses() == [LetterStatus.SUBMITTED]
    carrier.reports[await here.key()] = Ref(LetterStatus.DELIVERED, "job-1")
    here.clock.advance(hours=1)
    worker = here.letter_worker(carrier)
    worker._stranded = running.worker._stranded
    await here.engine(worker).run_until_idle()
    await deliver_replies(here)
    assert await here.letter_statuses() == [LetterStatus.DELIVERED]
    assert running.told("ana", "Your letter to the office has arrived.") == 1


async def test_a_letter_is_not_queued_where_its_case_goes_within_the_turn(running: Running) -> None:
    here = running.harness
    await here.receive_all("ana", START)
    effects = Effects(
        {},
        here.schedule,
        here.news.effects,
        here.news.letter_review,
        make_chat_moves(here.news.notifier, here.outbox),
    )
    with_less = await here.restarted(effects)
    await with_less.receive("ana", "send")
    assert await here.letters() == []
    assert "nothing" in here.last_text_to("ana").lower()


async def test_a_process_that_watches_no_folders_leaves_letters_alone(running: Running) -> None:
    here = running.harness
    await here.queue_letters("ana")
    running.take_away()
    for seconds in (2.0, GONE_AFTER):
        running.seconds += seconds
        await running.watch.look()
    await here.engine(here.letter_worker(running.tray)).run_until_idle()
    assert await here.letter_statuses() == [LetterStatus.QUEUED]


# What changes within a folder


async def test_what_waits_for_a_case_that_is_closed_is_withdrawn_and_its_writers_are_told(
    running: Running,
) -> None:
    here = running.harness
    await here.queue_letters("ana", "ben")
    await here.decisions().decide(2, Decision.HOLD)
    running.close_case()
    await running.settle()
    assert await here.letter_statuses() == [LetterStatus.CANCELLED] * 2
    assert [running.told(each, "The action is over") for each in ("ana", "ben")] == [1, 1]
    assert running.tray.taken == []


async def test_what_waited_when_a_case_was_closed_before_the_start_is_withdrawn(running: Running) -> None:
    await running.harness.queue_letters("ana")
    await running.harness.decisions().decide(1, Decision.HOLD)
    running.close_case()
    again = await Running.start(running.harness, running.root, running.tray)
    await again.settle()
    assert await running.harness.letter_statuses() == [LetterStatus.CANCELLED]


async def test_a_letter_with_another_text_is_noticed_without_a_restart(running: Running) -> None:
    here = running.harness
    await join(here, "vera", Role.APPROVER)
    await running.settle()
    await here.queue_letters("ana")
    running.reword()
    await running.settle()
    assert running.told("vera", "reads otherwise than before") == 1
    assert await here.letter_statuses() == [LetterStatus.QUEUED]
    assert running.tray.taken == []


@pytest.mark.both_databases
async def test_letters_of_an_action_that_is_gone_are_held_until_it_is_back(running: Running) -> None:
    here = running.harness
    await join(here, "olga")
    await here.queue_letters("ana")
    folder, aside = running.root / CASE / "actions" / ACTION, running.root.parent / "action"
    folder.rename(aside)
    for _ in range(2):
        await running.settle()
    assert await here.letter_statuses() == [LetterStatus.HELD]
    assert running.told("ana", HELD) == 1
    assert running.told("olga", f"An action or an office is gone from the folder of {CASE}.") == 1
    assert await here.decisions().release_case(CASE) == 0
    with pytest.raises(Refused, match="has no office any more"):
        await here.decisions().decide(1, Decision.RELEASE)
    await running.work()
    assert await here.letter_statuses() == [LetterStatus.HELD]
    assert running.told("ana", HELD) == 1
    aside.rename(folder)
    await running.settle()
    assert running.told("olga", f"Letters for {CASE} can be sent again.") == 1
    assert await here.decisions().release_case(CASE) == 1
    await running.work()
    assert await here.letter_statuses() == [LetterStatus.SENT]


async def test_the_letter_of_an_action_that_is_gone_can_be_asked_for_and_withdrawn(running: Running) -> None:
    here = running.harness
    await here.receive_all("ana", [*START, "send", "no"])
    shutil.rmtree(running.root / CASE / "actions" / ACTION)
    await running.settle()
    await here.receive("ana", "status")
    assert HELD in here.last_text_to("ana")
    await here.receive("ana", "change")
    assert "You cannot change it now." in here.last_text_to("ana")
    await here.receive_all("ana", ["withdraw", "yes"])
    assert await here.letter_statuses() == [LetterStatus.CANCELLED]


async def test_letters_of_an_action_with_a_new_name_go_on(running: Running) -> None:
    here = running.harness
    await here.queue_letters("ana")
    actions = running.root / CASE / "actions"
    (actions / ACTION).rename(actions / "faxes")
    file = actions / "faxes" / "action.toml"
    file.write_text(file.read_text("utf-8").replace('formerly = ["', f'formerly = ["{ACTION}", "'), "utf-8")
    await running.settle()
    [letter] = await here.letters()
    assert (letter.ref.action, letter.status) == ("faxes", LetterStatus.SENT)


async def test_who_wrote_to_several_offices_is_told_once_and_so_are_owners(running: Running) -> None:
    targets = running.root / CASE / "targets"
    shutil.copy(targets / "attorney-general.toml", targets / "minister.toml")
    file = running.root / CASE / "actions" / ACTION / "action.toml"
    both = 'targets = ["attorney-general", "minister"]'
    file.write_text(file.read_text("utf-8").replace('targets = ["attorney-general"]', both), "utf-8")
    await running.settle()
    here = running.harness
    await join(here, "olga")
    await here.receive_all("ana", START)
    await here.receive_all("ana", ["yes", "send", "no"])
    assert len(await here.letters()) == 2
    running.take_away()
    await running.settle()
    assert await here.letter_statuses() == [LetterStatus.HELD] * 2
    assert running.told("ana", HELD) == 1
    assert running.told("olga", GONE) == 1
    assert "<10 letters are held." in here.last_text_to("olga")
