"""Settings become one process's services, ready to run."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import conversations
from assistant.carriers.base import Carrier
from assistant.carriers.tray import Tray
from assistant.channels.base import Channel
from assistant.content.countries import time_zones
from assistant.content.library import CaseFolders, CaseLibrary
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.clock import Clock
from assistant.domain.flood import FloodLimits
from assistant.domain.messages import Account, Reply
from assistant.domain.processes import EMBEDDED, ProcessRole
from assistant.domain.retention import Retention
from assistant.engine.base import Engine, Worker
from assistant.engine.embedded import EmbeddedEngine
from assistant.runtime import clock_of
from assistant.services.broadcasts.approval import wake
from assistant.services.broadcasts.worker import BroadcastWorker
from assistant.services.cards import Cards
from assistant.services.case_watch import CaseWatch
from assistant.services.chat_moves import ChatMoves
from assistant.services.clock_watch import ClockWatch
from assistant.services.counter import CounterDays
from assistant.services.databases.generation import GenerationWatch
from assistant.services.effects import Effects
from assistant.services.flood_control import FloodControl
from assistant.services.inactivity import InactiveChats
from assistant.services.keys import KeyringWatch, KeysWorker
from assistant.services.letters.answers import AnswerService
from assistant.services.letters.carrier_health import CarrierHealth
from assistant.services.letters.decisions import LetterDecisions
from assistant.services.letters.delivery import CarrierDelivery
from assistant.services.letters.mail import MailReader
from assistant.services.letters.notices import WriterNotices
from assistant.services.letters.offices import OfficeRoutes
from assistant.services.letters.review import LetterReview
from assistant.services.letters.schedule import DepartureSchedule
from assistant.services.letters.stranded import StrandedLetters
from assistant.services.letters.transitions import LetterTransitions
from assistant.services.letters.tray_files import TrayFiles
from assistant.services.letters.uncertain import UncertainWorker
from assistant.services.letters.unsettled import UnsettledLetters
from assistant.services.letters.versions import LetterTexts
from assistant.services.letters.worker import LetterWorker
from assistant.services.messages.outbox import Outbox, OutboxWorker
from assistant.services.metrics import Metrics
from assistant.services.notifier import Notifier
from assistant.services.organisers.record import RecordWatch
from assistant.services.presence import Presence
from assistant.services.readiness import Readiness
from assistant.services.retention import Piece, RetentionWorker
from assistant.services.turns import Turns
from assistant.services.webhooks.worker import WebhookWorker
from assistant.settings import Settings
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.wiring.carriers import open_carriers
from assistant.wiring.content import Content, make_cards
from assistant.wiring.letters import make_letter_transitions, review_rules
from assistant.wiring.organisers import OrganiserServices, make_organiser_services
from assistant.wiring.pages import keep_transcripts
from assistant.wiring.stores import make_generation_watch, open_store
from assistant.wiring.webhooks import usable_endpoints
from conversations.organisers import notifications as organiser_notifications
from conversations.supporters.sentences import account, moving, receipts


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """One process's services, ready to run."""

    settings: Settings
    store: Store
    presence: Presence
    outbox: Outbox
    turns: Turns
    letter_worker: LetterWorker
    organisers: OrganiserServices
    broadcast_worker: BroadcastWorker
    webhook_worker: WebhookWorker
    uncertain_worker: UncertainWorker
    carriers: Mapping[str, Carrier]
    decisions: LetterDecisions
    mail_reader: MailReader
    answer_service: AnswerService
    letter_review: LetterReview
    record_watch: RecordWatch
    metrics: Metrics
    notifier: Notifier
    texts: LetterTexts
    offices: OfficeRoutes
    clock_watch: ClockWatch
    generation: GenerationWatch
    carrier_health: CarrierHealth
    deletions: Sequence[Piece]
    printer: Printer
    cards: Cards
    clock: Clock

    def readiness(self, engines: Sequence[Engine]) -> Readiness:
        """What of it does not work now. `engines`: those that run."""
        return Readiness(
            self.store,
            self.clock,
            carriers=self.carrier_health,
            runners=engines,
            failed_turns=self.turns.failed_lately,
        )

    def engine(self, *, letters: bool, messages: bool) -> EmbeddedEngine:
        """An engine over the lanes of letters, of this process's channels, or both.

        Only with both are endpoints told of events: who ends a chat in a terminal waits for none of them.
        """
        workers: list[Worker] = [*self._repliers(), *self._senders()] if messages else []
        workers += self._letter_workers() if letters else []
        workers += [self.webhook_worker] if letters and messages else []
        return EmbeddedEngine(StoredLanes(self.store), workers, self.clock)

    def engines(self, role: ProcessRole) -> Sequence[Engine]:
        """What runs the lanes of a process of that role, by the settings.

        Replies are sent by the process that has taken their turn, whatever the engine.
        """
        if self.settings.engine == EMBEDDED:
            return [self.engine(letters=True, messages=True)]
        replies = EmbeddedEngine(StoredLanes(self.store), self._repliers(), self.clock)
        if role is ProcessRole.WEB:
            return [replies]
        from assistant.engine.procrastinate import Calls, ProcrastinateEngine

        assert isinstance(self.store.on_wake, Calls)  # noqa: S101  for the type checker: `open_store` set it
        workers = [*self._senders(), *self._letter_workers(), self.webhook_worker]
        lanes = StoredLanes(self.store, self.clock)
        return [replies, ProcrastinateEngine(self.store.on_wake, lanes, workers)]

    def _repliers(self) -> list[Worker]:
        return [OutboxWorker(self.outbox, REPLIES)]

    def _senders(self) -> list[Worker]:
        return [OutboxWorker(self.outbox, BULK)]

    def _letter_workers(self) -> list[Worker]:
        watch = self.record_watch
        retention = self.settings.retention
        tray = TrayFiles(Tray(self.settings.tray), retention)
        days = CounterDays(self.clock)
        told = (self.answer_service.tell_waiting, self.letter_review.remind, watch.look, watch.send_code)
        chores = (days.close, *told)  # so that the code which owners get covers these batches
        pieces = (*self.deletions, tray.clear)
        housekeeping = RetentionWorker(
            self.store, self.clock, retention, *chores, pieces=pieces, metrics=self.metrics
        )
        keys = KeysWorker(self.store, self.clock)
        return [self.letter_worker, self.broadcast_worker, self.uncertain_worker, housekeeping, keys]


@asynccontextmanager
async def assistant(
    settings: Settings,
    script: Script,
    channels: Sequence[Channel],
    library: CaseLibrary | None = None,
    *,
    role: ProcessRole,
    patience: float = 0.0,
) -> AsyncIterator[Assistant]:
    """The services over these channels, closed at the end with everything sent that was under way.

    `role`: what this process does. `patience`: seconds that a database server may take to come.

    Where nothing is stored yet, the database and the keyring are made. `library`: letters to offices that
    it has no more are held; None: they are left alone, because cases may be elsewhere.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings, create=True, patience=patience))
        presence = Presence(store, role, settings.engine)
        await presence.open()
        stack.push_async_callback(presence.close)
        keyring_watch = KeyringWatch(store)
        keyring_watch.open()
        stack.push_async_callback(keyring_watch.close)
        clock = clock_of(settings)
        keep_transcripts(channels, store, clock)
        for channel in channels:
            await channel.open()
            stack.push_async_callback(channel.close)
        generation = make_generation_watch(settings, store, clock)
        await generation.raise_()
        stack.push_async_callback(generation.end)
        metrics = Metrics(clock)
        printer = Printer(script.cases)
        stack.callback(printer.close)
        cards = make_cards(settings, script)
        stack.callback(cards.close)
        by_account = {channel.account: channel for channel in channels}
        endpoints = {each.name: each for each in usable_endpoints(settings)}
        news = make_organiser_services(
            store,
            script,
            by_account,
            clock,
            settings.approvals,
            review_rules(settings),
            settings.web_url,
            list(endpoints),
        )
        from assistant.webhooks.client import Client  # aiohttp takes its time

        webhook_client = Client()
        stack.push_async_callback(webhook_client.close)
        stack.push_async_callback(news.progress_messages.close)
        outbox = make_outbox(store, by_account, printer, clock, metrics, news)
        await outbox.open()
        stack.push_async_callback(outbox.stop)
        carriers = await stack.enter_async_context(open_carriers(settings, store))
        transitions = make_letter_transitions(script, metrics)
        delivery = CarrierDelivery(script.cases, carriers, printer, clock, store.lease)
        notifier = Notifier(organiser_notifications, script.locales)
        stranded = None if library is None else StrandedLetters(library, transitions, notifier)
        letter_worker = LetterWorker(store, script.cases, delivery, transitions, clock, stranded)
        schedule = DepartureSchedule(store, script.cases, settings.undo, clock)
        stack.push_async_callback(schedule.close)
        moves = make_chat_moves(notifier, outbox)
        effects = Effects(script.cases, schedule, news.effects, news.letter_review, moves)
        texts = LetterTexts(store, script.cases, notifier, clock)
        await texts.look()
        offices = OfficeRoutes(store, script.cases, notifier, clock)
        await offices.look()
        turns = Turns(
            store,
            script,
            effects,
            outbox,
            clock,
            metrics,
            settings.counted_sources,
            keys_change=role is not ProcessRole.CHAT,
        )
        decisions = LetterDecisions(store, transitions, carriers, clock)
        yield Assistant(
            settings=settings,
            store=store,
            presence=presence,
            outbox=outbox,
            turns=turns,
            letter_worker=letter_worker,
            organisers=news,
            broadcast_worker=news.broadcast_worker,
            webhook_worker=WebhookWorker(store, endpoints, webhook_client, clock, metrics),
            uncertain_worker=UncertainWorker(store, notifier, clock),
            carriers=carriers,
            decisions=decisions,
            mail_reader=MailReader(store, decisions, news.answer_service),
            answer_service=news.answer_service,
            letter_review=news.letter_review,
            record_watch=news.record_watch,
            metrics=metrics,
            notifier=notifier,
            texts=texts,
            offices=offices,
            clock_watch=ClockWatch(store, schedule, news.broadcast_service.undo, clock),
            generation=generation,
            carrier_health=delivery.health,
            deletions=make_deletions(script, transitions, clock, settings.retention),
            printer=printer,
            cards=cards,
            clock=clock,
        )


def make_chat_moves(notifier: Notifier, outbox: Outbox) -> ChatMoves:
    """What moves chats from one channel to another."""
    return ChatMoves(notifier, moving, outbox.elsewhere)


def make_outbox(
    store: Store,
    channels: Mapping[Account, Channel],
    printer: Printer,
    clock: Clock,
    metrics: Metrics,
    news: OrganiserServices,
) -> Outbox:
    """What sends messages, and tells the broadcasts what became of them. `channels`: by their account."""
    return Outbox(
        store,
        channels,
        printer,
        clock,
        metrics,
        quiet_until=news.quiet_hours.morning,
        after_batch=news.failure_guard.hear,
        on_drained=wake,
    )


def make_inactive_chats(content: Content, clock: Clock, retention: Retention) -> InactiveChats:
    """What asks who has been silent for long, and forgets them a month later."""
    notices = WriterNotices(content.locales, time_zones)
    return InactiveChats(notices, account.still_there, clock, retention)


def make_deletions(
    content: Content, transitions: LetterTransitions, clock: Clock, retention: Retention
) -> Sequence[Piece]:
    """What ends by its age, wherever the housekeeping is done."""
    unsettled = UnsettledLetters(transitions, receipts.waited_too_long, clock)
    return (make_inactive_chats(content, clock, retention).ask_and_forget, unsettled.end_some)


def make_flood_control(served: "Assistant", script: Script) -> FloodControl:
    """What everything that people write on platforms goes through."""
    settings = served.settings
    limits = FloodLimits(
        settings.flood_chat_burst, settings.flood_chat_per_minute, settings.flood_all_per_minute
    )
    return FloodControl(served.turns.handle, script, conversations.PROTECTIVE, limits, served.metrics)


def make_case_watch(served: "Assistant", library: CaseLibrary, folders: CaseFolders) -> CaseWatch:
    """What takes over changes of case folders while the assistant runs."""
    return CaseWatch(
        library=library,
        folders=folders,
        store=served.store,
        notifier=served.notifier,
        texts=served.texts,
        offices=served.offices,
        told=served.settings.told_case_problems,
        clock=served.clock,
    )


def said_on_failure(script: Script, language: str | None) -> Reply:
    """What a person hears when nothing can be stored."""
    locale = script.locale(language) or script.default_locale
    return Reply(script.phrases.failed().render(locale))
