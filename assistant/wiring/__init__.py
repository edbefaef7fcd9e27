"""Settings become objects. The only place that builds them: for app.py, commands and tests.

What takes long to import, and is not needed by all who come here, is imported where it is built.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog

import conversations
from assistant.carriers.base import Carrier
from assistant.carriers.tray import Tray
from assistant.channels.base import Channel, Profile
from assistant.content.cases import Checked, check_cases, check_folder, load_cases
from assistant.content.countries import Countries, every_country, time_zones, time_zones_of_language
from assistant.content.i18n import load_locales
from assistant.content.library import CaseFolders, CaseLibrary
from assistant.content.printer import Printer
from assistant.content.word_lists import make_reviewer
from assistant.dialogue.script import Script
from assistant.domain.cases import Case
from assistant.domain.clock import Clock, moved_clock, system_clock
from assistant.domain.errors import Misconfigured
from assistant.domain.flood import FloodLimits
from assistant.domain.messages import Account, Reply
from assistant.domain.organisers import Organiser, Permission
from assistant.domain.processes import EMBEDDED, ProcessRole
from assistant.domain.quiet_hours import OfficeZones, QuietHours
from assistant.domain.retention import Retention
from assistant.domain.texts import Locale
from assistant.engine.base import Engine, Worker
from assistant.engine.embedded import EmbeddedEngine
from assistant.runtime import clock_of
from assistant.services.broadcasts.approval import BroadcastService, wake
from assistant.services.broadcasts.failure_guard import FailureGuard
from assistant.services.broadcasts.overview import BroadcastOverview
from assistant.services.broadcasts.progress import ProgressMessages
from assistant.services.broadcasts.rendering import Renderer
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
from assistant.services.letters.decisions import LetterDecisions, TeamDecisions
from assistant.services.letters.delivery import CarrierDelivery
from assistant.services.letters.mail import MailReader
from assistant.services.letters.notices import WriterNotices
from assistant.services.letters.offices import OfficeRoutes
from assistant.services.letters.overview import LetterOverview
from assistant.services.letters.review import LetterReview, ReviewRules
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
from assistant.services.organisers.effects import OrganiserEffects
from assistant.services.organisers.record import RecordWatch
from assistant.services.organisers.sessions import Sessions
from assistant.services.organisers.team import OrganiserService
from assistant.services.presence import Presence
from assistant.services.readiness import Readiness
from assistant.services.retention import Piece, RetentionWorker
from assistant.services.turns import Turns
from assistant.services.webhooks.overview import WebhookService
from assistant.services.webhooks.worker import WebhookWorker
from assistant.settings import Settings
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.wiring.carriers import configured_carriers, open_carriers, routing
from assistant.wiring.pages import keep_transcripts
from assistant.wiring.stores import make_generation_watch, open_store
from assistant.wiring.webhooks import configured_endpoints, usable_endpoints
from conversations import broadcast_message, commands
from conversations import cards as card_wording
from conversations.organisers import notifications as organiser_notifications
from conversations.organisers.sentences import team as team_sentences
from conversations.supporters.sentences import account, moving, receipts

if TYPE_CHECKING:
    from assistant.services.letters.print_runs import PrintRuns


log = structlog.get_logger()


@asynccontextmanager
async def open_letter_overview(settings: Settings) -> AsyncIterator[LetterOverview]:
    """What reads letters. Carriers that are set wrongly keep nobody from it."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings))

        def carriers() -> Mapping[str, Carrier]:
            try:
                made = configured_carriers(settings, store.secret("mail"))
            except Misconfigured:
                return {}
            for each in made.values():
                stack.push_async_callback(each.close)
            return made

        yield LetterOverview(store, carriers)


class Content(Protocol):
    """What is written about, and in which languages: a `Script`, or less."""

    @property
    def cases(self) -> Mapping[str, Case]:
        """By slug."""

    @property
    def locales(self) -> Mapping[str, Locale]:
        """By code."""


@dataclass(frozen=True, slots=True)
class _Content:
    """Cases and languages alone."""

    cases: Mapping[str, Case]
    locales: Mapping[str, Locale]


def make_content(settings: Settings, cases: Mapping[str, Case] | None = None) -> Content:
    """For who has no conversation to hold. A case that cannot be used is left out, which is logged.

    Raises Misconfigured where no case can be used, or a catalogue is broken.
    """
    if cases is None:
        problems: dict[str, str] = {}
        cases = load_cases(cases_roots(settings), routing(settings), problems)
        warn_of_cases(problems)
    return _Content(cases, load_locales())


def warn_of_cases(problems: Mapping[str, str]) -> None:
    """Say why cases cannot be used, by slug."""
    for slug, why in problems.items():
        log.warning("a case cannot be used: `assistant cases check` says why", case=slug, why=why)


def case_folders(settings: Settings) -> CaseFolders:
    """The folders of all cases, to be looked at while they change. Raises Misconfigured as `routing` does."""
    return CaseFolders(cases_roots(settings), routing(settings))


def make_cards(settings: Settings, content: Content) -> Cards:
    """What draws cards and flyers; it is to be closed."""
    clock = clock_of(settings, create=False)
    return Cards(content.cases, content.locales, card_wording, settings.organisation, clock)


def make_letter_transitions(content: Content, metrics: Metrics | None = None) -> LetterTransitions:
    """What writes down what becomes of letters."""
    return LetterTransitions(
        content.cases,
        content.locales,
        receipts.receipt,
        receipts.kept_waiting,
        receipts.office_gone,
        receipts.not_sent_in_time,
        receipts.confirm_new_text,
        time_zones,
        metrics,
    )


@asynccontextmanager
async def open_letter_decisions(settings: Settings) -> AsyncIterator[LetterDecisions]:
    """What carries out organisers' decisions, and reports of carriers; it needs no channel."""
    transitions = make_letter_transitions(make_content(settings))
    async with open_store(settings) as store, open_carriers(settings, store) as carriers:
        yield LetterDecisions(store, transitions, carriers, clock_of(settings, create=False))


def make_answer_service(content: Content, clock: Clock, notifier: Notifier) -> AnswerService:
    """What takes in what offices answer, and passes it on."""
    notices = WriterNotices(content.locales, time_zones)
    return AnswerService(content.cases, notices, receipts.office_answered, notifier, clock)


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


def review_rules(settings: Settings) -> ReviewRules:
    """What the settings say of the review of letters."""
    return ReviewRules(newcomer_letters=settings.newcomer_letters, every_line=settings.read_every_line)


def make_letter_review(
    content: Content, clock: Clock, notifier: Notifier, rules: ReviewRules
) -> LetterReview:
    """What has letters read before they are sent."""
    transitions = make_letter_transitions(content)
    return LetterReview(content.cases, make_reviewer(), transitions, receipts, notifier, clock, rules)


def make_mail_reader(
    store: Store,
    content: Content,
    transitions: LetterTransitions,
    carriers: Mapping[str, Carrier],
    clock: Clock,
) -> MailReader:
    """What reads mail that comes to our addresses."""
    notifier = Notifier(organiser_notifications, content.locales)
    decisions = LetterDecisions(store, transitions, carriers, clock)
    return MailReader(store, decisions, make_answer_service(content, clock, notifier))


@asynccontextmanager
async def open_mail_reader(settings: Settings) -> AsyncIterator[MailReader]:
    """What reads mail; it needs no channel."""
    content = make_content(settings)
    async with open_store(settings) as store, open_carriers(settings, store) as carriers:
        clock = clock_of(settings, create=False)
        yield make_mail_reader(store, content, make_letter_transitions(content), carriers, clock)


@asynccontextmanager
async def open_answers(settings: Settings) -> AsyncIterator[tuple[Store, AnswerService]]:
    """What offices have answered, and what passes it on."""
    content = make_content(settings)
    notifier = Notifier(organiser_notifications, content.locales)
    async with open_store(settings) as store:
        yield store, make_answer_service(content, clock_of(settings, create=False), notifier)


@asynccontextmanager
async def open_letter_review(settings: Settings) -> AsyncIterator[tuple[Store, LetterReview]]:
    """What decides about letters that wait to be read; it needs no channel."""
    content = make_content(settings)
    notifier = Notifier(organiser_notifications, content.locales)
    async with open_store(settings) as store:
        yield (
            store,
            make_letter_review(content, clock_of(settings, create=False), notifier, review_rules(settings)),
        )


@asynccontextmanager
async def open_webhook_service(settings: Settings) -> AsyncIterator[tuple[Store, WebhookService]]:
    """What knows how endpoints are, and tests them."""
    names = [each.name for each in configured_endpoints(settings)]
    async with open_store(settings) as store:
        yield store, WebhookService(store, names, clock_of(settings, create=False))


@asynccontextmanager
async def open_print_runs(settings: Settings, content: Content) -> AsyncIterator["PrintRuns"]:
    """What prints letters for the post."""
    from assistant.services.letters.print_runs import PrintRuns  # typst takes its time

    printer = Printer(content.cases)
    async with open_store(settings) as store:
        try:
            yield PrintRuns(
                store, printer, make_letter_transitions(content), clock_of(settings, create=False)
            )
        finally:
            printer.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganiserServices:
    """Everything that organisers do and see, and what sends what they have written.

    `rates`: how many messages a second each account sends to many; 0: as fast as it goes.
    """

    store: Store
    overview: BroadcastOverview
    broadcast_service: BroadcastService
    organiser_service: OrganiserService
    answer_service: AnswerService
    letter_review: LetterReview
    record_watch: RecordWatch
    effects: OrganiserEffects
    broadcast_worker: BroadcastWorker
    progress_messages: ProgressMessages
    quiet_hours: QuietHours
    failure_guard: FailureGuard
    renderer: Renderer
    notifier: Notifier
    rates: Mapping[Account, float]
    sessions: Sessions
    webhook_service: WebhookService


def make_organiser_services(
    store: Store,
    content: Content,
    channels: Mapping[Account, Channel],
    clock: Clock,
    approvals: int,
    rules: ReviewRules | None = None,
    pages: str | None = None,
    webhooks: Sequence[str] = (),
) -> OrganiserServices:
    """`channels`: by their account; they need not be open.

    `approvals`: how many persons it takes to start a broadcast.
    `rules`: of the review of letters; None: those by default. `pages`: the address of the web pages.
    `webhooks`: the names of their endpoints.
    """
    notifier = Notifier(organiser_notifications, content.locales)
    renderer = Renderer(broadcast_message, content.cases, content.locales)
    rates = {account: channel.pace.bulk for account, channel in channels.items()}
    quiet_hours = QuietHours(
        {country: time_zones(country) for country in every_country()},
        {language: time_zones_of_language(language) for language in content.locales},
        OfficeZones(content.cases),
    )
    broadcast_service = BroadcastService(renderer, notifier, content.cases, clock, approvals)
    organiser_service = OrganiserService(broadcast_service, notifier, content.cases, rates, clock)
    progress_messages = ProgressMessages(store, channels, notifier)
    answer_service = make_answer_service(content, clock, notifier)
    letter_review = make_letter_review(content, clock, notifier, rules or ReviewRules())
    sessions = Sessions(store, notifier, clock, pages)
    webhook_service = WebhookService(store, webhooks, clock)
    return OrganiserServices(
        store=store,
        overview=BroadcastOverview(store),
        broadcast_service=broadcast_service,
        organiser_service=organiser_service,
        answer_service=answer_service,
        letter_review=letter_review,
        record_watch=RecordWatch(notifier, clock),
        effects=OrganiserEffects(
            broadcast_service,
            organiser_service,
            notifier,
            team_sentences,
            quiet_hours,
            answer_service,
            letter_review,
            sessions,
            TeamDecisions(make_letter_transitions(content), clock),
            webhook_service,
        ),
        broadcast_worker=BroadcastWorker(
            store, broadcast_service, renderer, notifier, progress_messages, quiet_hours, rates, clock
        ),
        progress_messages=progress_messages,
        quiet_hours=quiet_hours,
        failure_guard=FailureGuard(store, broadcast_service),
        renderer=renderer,
        notifier=notifier,
        rates=rates,
        sessions=sessions,
        webhook_service=webhook_service,
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


@asynccontextmanager
async def open_organiser_services(
    settings: Settings, script: Script | None = None
) -> AsyncIterator[OrganiserServices]:
    """What organisers do, over the database. No channel is opened: notifications are sent by `assistant run`.

    `script`: None where neither cases nor channels matter. Then nothing that is wrong with them is in the
    way: what is to stop has to stop.
    """
    channels = configured_channels(settings, script) if script else []
    by_account = {channel.account: channel for channel in channels}
    async with open_store(settings) as store:
        clock, content = clock_of(settings, create=False), script or _Content({}, load_locales())
        yield make_organiser_services(
            store, content, by_account, clock, settings.approvals, pages=settings.web_url
        )


def who_approves(team: Sequence[Organiser], number: int) -> str:
    """What to do next, so that somebody approves what the shell has drafted."""
    able = [f"{each.name} (organiser {each.number})" for each in team if each.role.may(Permission.APPROVE)]
    if not able:
        return (
            "Nobody can yet. `assistant organisers invite --role approver` makes a code for a second person; "
            "where there is only one, set ASSISTANT_APPROVALS=1."
        )
    return f"Any of these can, with /approve {number} in their chat: {', '.join(able)}."


CASES = Path(conversations.__file__).parent / "cases"


def cases_roots(settings: Settings) -> list[Path]:
    """The folders that hold case folders."""
    return [CASES, *([settings.cases_dir] if settings.cases_dir else [])]


def checked_cases(settings: Settings) -> list[Checked]:
    """Every case folder with what is wrong about it."""
    return check_cases(cases_roots(settings), routing(settings), today=today(settings))


def checked_folder(settings: Settings, folder: Path) -> list[Checked]:
    """A case folder anywhere, or each in a folder of them, with what is wrong about it."""
    return check_folder(folder, cases_roots(settings), routing(settings), today(settings))


def checked_case(settings: Settings, slug: str) -> Checked | None:
    """The folder of that case with what is wrong about it; None where there is none."""
    folders = (root / slug for root in cases_roots(settings))
    folder = next((each for each in folders if each.is_dir()), None)
    return checked_folder(settings, folder)[0] if folder else None


def today(settings: Settings) -> date:
    """The day, or the first one of a rehearsal: who only looks starts no clock."""
    now = system_clock()
    return (moved_clock(settings.clock, now)() if settings.clock else now).date()


def make_script(settings: Settings, cases: Mapping[str, Case] | None = None) -> Script:
    """Everything the dialogue is made of. Raises Misconfigured where a case or catalogue is broken.

    `cases`: by slug; None: those of the settings.
    """
    from assistant.content import typefaces

    if cases is None:
        cases = load_cases(cases_roots(settings), routing(settings))
    content = make_content(settings, cases)
    return Script(
        conversations=conversations.CONVERSATIONS,
        commands={**commands.COMMANDS, **commands.QUIET},
        afresh=conversations.AFRESH,
        team=commands.TEAM,
        arguments=conversations.ARGUMENTS,
        urgent=conversations.URGENT,
        settled=conversations.SETTLED,
        asides=conversations.ASIDES,
        courtesies=commands.COURTESIES,
        thanks=commands.THANKS,
        polite=commands.POLITE,
        topics=commands.TOPICS,
        asking=commands.ASKING,
        asking_us=commands.ASKING_US,
        phrases=commands,
        locales=content.locales,
        cases=content.cases,
        gazetteer=Countries(),
        typeface=typefaces,
        organisation=settings.organisation,
        retention=settings.retention,
    )


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


def configured_channels(settings: Settings, content: Content) -> list[Channel]:
    """The channels that the settings name. Raises Misconfigured where one is set wrongly."""
    channels: list[Channel] = []
    if token := settings.telegram():
        from assistant.channels.telegram.channel import Telegram

        with settings.blaming("telegram_token"):
            channels.append(
                Telegram(
                    token,
                    settings.telegram_api_url,
                    webhook_url=settings.telegram_webhook_url,
                    paid_rate=settings.telegram_paid_rate,
                    profiles=_profiles(content),
                )
            )
    if address := settings.signal():
        from assistant.channels.signal.channel import Signal

        channels.append(Signal(*address, settings.signal_expiry))
    if settings.web_url:
        from assistant.channels.web import Web

        channels.append(Web(settings.web_url))
    return channels


def _profiles(content: Content) -> dict[str, Profile]:
    """What a platform shows of us, by language."""
    return {
        language: Profile(
            commands.menu(locale),
            commands.profile_about().render(locale).unescape(),
            commands.profile_description().render(locale).unescape(),
        )
        for language, locale in content.locales.items()
    }
