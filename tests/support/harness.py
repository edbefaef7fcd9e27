"""A whole assistant around a channel in memory, and one person writing a letter with it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select

from assistant.carriers.base import Carrier
from assistant.carriers.tray import Tray
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.dialogue.talk import Conversation
from assistant.domain.actions import ActionDay
from assistant.domain.cases import Case
from assistant.domain.lanes import Lane, Pause
from assistant.domain.letters import Letter, LogEntry, Route
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.messages import Content, Handled, Incoming, TextMessage
from assistant.domain.richtext import plain
from assistant.engine.base import Worker
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.counter import CounterDays
from assistant.services.effects import Effects
from assistant.services.letters.decisions import LetterDecisions
from assistant.services.letters.delivery import CarrierDelivery
from assistant.services.letters.mail import MailReader
from assistant.services.letters.offices import OfficeRoutes
from assistant.services.letters.schedule import DepartureSchedule
from assistant.services.letters.transitions import LetterTransitions
from assistant.services.letters.versions import LetterTexts
from assistant.services.letters.worker import LetterWorker
from assistant.services.messages.outbox import Outbox, OutboxWorker
from assistant.services.metrics import Metrics
from assistant.services.retention import KIND as RETENTION
from assistant.services.retention import RetentionWorker
from assistant.services.turns import Turns
from assistant.store import chats as chat_store
from assistant.store import lanes as lane_store
from assistant.store import letters as letter_store
from assistant.store.broadcasts import LANE as BULK
from assistant.store.chats import Chat
from assistant.store.database import Store
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.store.tables import copies, lanes, messages
from assistant.wiring.letters import make_letter_transitions
from assistant.wiring.organisers import OrganiserServices, make_organiser_services
from assistant.wiring.process import make_chat_moves, make_outbox
from conversations import commands
from tests.support.fakes.carrier import BlankPaper
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.invented_cases import draft_of, the_action, with_action, with_target
from tests.support.publishing import CASE as CASE
from tests.support.publishing import UPDATE as UPDATE
from tests.support.publishing import BroadcastSteps

NAME = "Quillabamba Testperson"
PERSONAL_LINE = "My invented aunt Zorzal also grows turnips."
LETTER = ["hello", "English", "go", "Finland", NAME, PERSONAL_LINE, "send", "yes"]
SOURCES = ("flyer", "poster")
_ids = count(1)


class _RolledBack(Exception):
    """Ends a transaction of which nothing is kept."""


@dataclass
class Harness(BroadcastSteps):
    """One process: everything over one store and one channel."""

    store: Store
    script: Script
    channel: MemoryChannel
    clock: FakeClock
    outbox: Outbox
    turns: Turns
    printer: Printer
    schedule: DepartureSchedule
    news: OrganiserServices

    @classmethod
    async def open(
        cls,
        store: Store,
        script: Script,
        channel: MemoryChannel,
        clock: FakeClock,
        effects: Effects | None = None,
        undo: timedelta = timedelta(),
        approvals: int = 2,
        pages: str | None = None,
        webhooks: Sequence[str] = (),
    ) -> "Harness":
        """The process, with its reply lane taken. `undo`: how long letters can be changed.

        `approvals`: how many persons it takes to start a broadcast. `pages`: the address of the web pages.
        `webhooks`: the names of their endpoints.
        """
        metrics = Metrics(clock)
        printer = Printer(script.cases)
        by_account = {channel.account: channel}
        news = make_organiser_services(
            store, script, by_account, clock, approvals, pages=pages, webhooks=webhooks
        )
        outbox = make_outbox(store, by_account, printer, clock, metrics, news)
        await outbox.open()
        await LetterTexts(store, script.cases, news.notifier, clock).look()
        await OfficeRoutes(store, script.cases, news.notifier, clock).look()
        schedule = DepartureSchedule(store, script.cases, undo, clock)
        doing = effects or Effects(
            script.cases, schedule, news.effects, news.letter_review, make_chat_moves(news.notifier, outbox)
        )
        turns = Turns(store, script, doing, outbox, clock, metrics, SOURCES)
        return cls(store, script, channel, clock, outbox, turns, printer, schedule, news)

    async def restarted(
        self, effects: Effects | None = None, channel: MemoryChannel | None = None
    ) -> "Harness":
        """Another process over the same store, clock and channel, or with a channel object of its own."""
        return await Harness.open(self.store, self.script, channel or self.channel, self.clock, effects)

    async def give_back_lanes(self) -> None:
        """As a process does at its end."""
        async with self.store.write() as tx:
            await lane_store.release(tx)

    def incoming(
        self,
        person: str,
        content: str | Content,
        number: str | None = None,
        language: str | None = None,
        quotes: str | None = None,
    ) -> Incoming:
        """A message of that person, new unless its number is given."""
        said = TextMessage(content) if isinstance(content, str) else content
        return Incoming(
            self.channel.address(person), number or f"m{next(_ids)}", said, language=language, quotes=quotes
        )

    async def receive(
        self,
        person: str,
        content: str | Content,
        number: str | None = None,
        language: str | None = None,
        quotes: str | None = None,
    ) -> Handled:
        """Take a turn, and wait until its replies are out."""
        handled = await self.turns.handle(self.incoming(person, content, number, language, quotes))
        await self.outbox.settle()
        return handled

    async def receive_all(self, person: str, contents: Iterable[str]) -> None:
        """One turn after the other."""
        for content in contents:
            await self.receive(person, content)

    def texts_to(self, person: str) -> list[str]:
        """What that person has read, as plain text."""
        return [plain(reply.html) for reply in self.channel.sent[person]]

    def last_text_to(self, person: str) -> str:
        """The last thing that person has read."""
        return self.texts_to(person)[-1]

    async def data_of(self, person: str, number: str | None = None) -> dict[str, Any]:
        """What is in the file that they get who ask what we keep. Any: JSON."""
        self.channel.shows_files = True
        before = len(self.channel.files)
        await self.receive(person, "mydata", number)
        (file,) = [each for each in self.channel.files[before:] if each]
        assert (file.name, file.kind) == ("my-data.json", "application/json")
        stored: dict[str, Any] = json.loads(file.content)
        return stored

    def engine(self, *extra: Worker) -> EmbeddedEngine:
        """An engine over this process's messages, and what else is given."""
        workers: list[Worker] = [OutboxWorker(self.outbox, kind) for kind in (REPLIES, BULK)]
        workers.append(self.news.broadcast_worker)
        return EmbeddedEngine(StoredLanes(self.store), [*workers, *extra], self.clock)

    async def subscribe(self, *people: str, language: str = "en") -> None:
        """Have those people subscribe to the case's news, and forget what they read on the way."""
        for person in people:
            await self.receive(person, "subscribe", language=language)
            await self.receive(person, "1")
        self.channel.sent.clear()
        self.channel.order.clear()

    async def until_in_flight(self) -> None:
        """Return when a message is on its way."""
        async with asyncio.timeout(10):
            while MessageStatus.SENDING not in await self.message_statuses():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def bulk_statuses(self) -> list[MessageStatus]:
        """Where the messages of broadcasts are, the oldest first."""
        query = select(copies.c.status).order_by(copies.c.broadcast_id, copies.c.chat_id)
        return [MessageStatus(row["status"]) for row in await self.rows(query)]

    @property
    def transitions(self) -> LetterTransitions:
        """What writes down what becomes of letters."""
        return make_letter_transitions(self.script)

    def letter_worker(self, *carriers: Carrier | Path) -> LetterWorker:
        """A mailroom with those carriers; a folder stands for a tray in it."""
        chosen = [Tray(each) if isinstance(each, Path) else each for each in carriers]
        by_name = {carrier.name: carrier for carrier in chosen}
        delivery = CarrierDelivery(self.script.cases, by_name, self.printer, self.clock)
        return LetterWorker(self.store, self.script.cases, delivery, self.transitions, self.clock)

    def decisions(self, *carriers: Carrier) -> LetterDecisions:
        """What carries out decisions of organisers and reports of carriers."""
        return LetterDecisions(
            self.store, self.transitions, {carrier.name: carrier for carrier in carriers}, self.clock
        )

    def mail_reader(self, *carriers: Carrier) -> MailReader:
        """What reads mail to our addresses."""
        return MailReader(self.store, self.decisions(*carriers), self.news.answer_service)

    async def letters(self) -> list[Letter]:
        """Every letter, the oldest first."""
        async with self.store.read() as tx:
            return await letter_store.listed(tx)

    async def letter_log(self, letter: int = 1) -> list[LogEntry]:
        """Every step of that letter."""
        async with self.store.read() as tx:
            return await letter_store.log(tx, letter)

    async def letter_statuses(self) -> list[LetterStatus]:
        """Where the letters are."""
        return [letter.status for letter in await self.letters()]

    async def message_statuses(self) -> list[MessageStatus]:
        """Where the messages are, the oldest first, and after them the copies of broadcasts."""
        found = await self.rows(select(messages.c.status).order_by(messages.c.id))
        return [MessageStatus(row["status"]) for row in found] + await self.bulk_statuses()

    async def pauses(self) -> list[Pause]:
        """The channel's lanes that are kept still."""
        async with self.store.read() as tx:
            return await lane_store.pauses(tx, str(self.channel.account), self.clock())

    async def end_pauses(self) -> None:
        """End those pauses, as an operator does from another process."""
        async with self.store.write() as tx:
            await lane_store.resume(tx, str(self.channel.account), self.clock())

    async def work_once(self, kind: str) -> float | None:
        """One batch of the channel's lane of that kind, run by this process from now on."""
        pause = await self.outbox.step(await self.lane_of(kind))
        await self.outbox.settle()
        return pause

    async def lane_of(self, kind: str) -> Lane:
        """The channel's lane of that kind, run by this process from now on."""
        query = select(lanes).where(lanes.c.kind == kind, lanes.c.name == str(self.channel.account))
        (row,) = await self.rows(query)
        return await self.outbox.take(Lane(row["id"], kind, row["name"], row["epoch"]))

    async def chat(self, person: str) -> Chat:
        """That person's chat as a turn would find it; made where there is none, which is then not kept."""
        with suppress(_RolledBack):
            async with self.store.write() as tx:
                address = self.channel.address(person)
                (found,) = await chat_store.open_chats(tx, [address], self.clock().date())
                raise _RolledBack
        return found

    async def key(self, letter: int = 1) -> str:
        """The key of that letter."""
        (found,) = [each for each in await self.letters() if each.id == letter]
        return found.key

    async def rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        """What the query finds."""
        async with self.store.read() as tx:
            return [dict(row._mapping) for row in await tx.connection.execute(query)]

    async def run_retention(self) -> None:
        """Do the housekeeping that is due."""
        watch = self.news.record_watch
        review = self.news.letter_review
        days = CounterDays(self.clock)
        told = (self.news.answer_service.tell_waiting, review.remind, watch.look, watch.send_code)
        chores = (days.close, *told)
        housekeeping = RetentionWorker(self.store, self.clock, self.script.retention, *chores)
        await housekeeping.open()
        await EmbeddedEngine(StoredLanes(self.store), [housekeeping], self.clock).run_until_idle()

    async def holding_retention(self) -> Callable[[], Awaitable[float | None]]:
        """Take the housekeeping's lane: what does one step of it, as its engine would."""
        housekeeping = RetentionWorker(self.store, self.clock, self.script.retention)
        await housekeeping.open()
        async with self.store.write() as tx:
            number = (await lane_store.lane_ids(tx, RETENTION, [RETENTION]))[RETENTION]
        lane = await housekeeping.take(Lane(number, RETENTION, RETENTION))
        return lambda: housekeeping.step(lane)

    async def with_office(
        self,
        days: tuple[ActionDay, ...] = (),
        undo: timedelta = timedelta(),
        routes: Iterable[str] = (),
        **target: Any,
    ) -> "Harness":
        """A process over the same store, clock and channel, with another office in its case, on blank paper.

        `routes`: as in a case folder; none: those it has. `target`: what else is different about the office.
        Any: the fields of `Target`.
        """
        if routes:
            target["routes"] = tuple(map(Route.parse, routes))
        case = with_action(with_target(self.script.cases[CASE], **target), action_days=days)
        script = copy(self.script)
        script.cases = {**script.cases, CASE: case}
        opened = await Harness.open(self.store, script, self.channel, self.clock, undo=undo)
        opened.printer = BlankPaper(script.cases)
        return opened

    async def with_case(self, case: Case, undo: timedelta = timedelta()) -> "Harness":
        """A process over the same store, clock and channel, with that case instead of the one of its name."""
        script = copy(self.script)
        script.cases = {**script.cases, case.slug: case}
        opened = await Harness.open(self.store, script, self.channel, self.clock, undo=undo)
        opened.printer = BlankPaper(script.cases)
        return opened

    async def queue_letters(self, *people: str, language: str = "en") -> None:
        """Queue a letter of each of them, who live in Finland, without the talk before it."""
        case, now = self.script.cases[CASE], self.clock()
        draft = draft_of(case, name=NAME, country="FI", personal_line=None)
        route, due_at = the_action(case).main.routes[0], self.schedule.earliest(draft.ref, now)
        for person in people:
            async with self.store.write() as tx:
                address = self.channel.address(person)
                (chat,) = await chat_store.open_chats(tx, [address], now.date())
                chat.language = language
                await chat_store.save(tx, [chat], now.date())
                closes_at = the_action(case).closes_at
                await letter_store.queue(tx, chat, draft, route, now, due_at, closes_at)

    async def deliver_letters(self, *carriers: Carrier) -> None:
        """A new process hands over, sends and asks all that is due. Raises the last Failure met."""
        await self.engine(self.letter_worker(*carriers)).run_until_idle()


def with_conversations(script: Script, conversations: Mapping[str, Conversation]) -> Script:
    """The script with some conversations replaced."""
    return Script(
        conversations={**script.conversations, **conversations},
        commands=script.commands,
        afresh=script.afresh,
        team=script.team,
        arguments=script.arguments,
        urgent=script.urgent,
        organisation=script.organisation,
        retention=script.retention,
        settled=script.settled,
        asides=script.asides,
        courtesies=commands.COURTESIES,
        thanks=commands.THANKS,
        polite=commands.POLITE,
        topics=commands.TOPICS,
        asking=commands.ASKING,
        asking_us=commands.ASKING_US,
        phrases=script.phrases,
        locales=script.locales,
        cases=script.cases,
        gazetteer=script.gazetteer,
        typeface=script.typeface,
    )
