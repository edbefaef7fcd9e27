"""The only wiring: settings become services, and services become a running process."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

import conversations
from assistant.carriage import make_letterbook, open_carriers, open_store, routing
from assistant.carriers.base import Carrier
from assistant.channels.base import Channel, Profile
from assistant.channels.signal.channel import Signal
from assistant.channels.telegram.channel import Telegram
from assistant.channels.terminal import Terminal
from assistant.content import typefaces
from assistant.content.cases import Checked, check_cases, load_cases
from assistant.content.countries import Countries
from assistant.content.i18n import load_tongues
from assistant.dialogue.script import Script
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Reply
from assistant.engine.base import Worker
from assistant.engine.embedded import EmbeddedEngine
from assistant.newsdesk import make_newsdesk
from assistant.process import calm_collector, clock_of, make_data_dir, only_one, warm_up
from assistant.services.desk import Desk
from assistant.services.effects import Effects
from assistant.services.handover import Handover
from assistant.services.housekeeping import Housekeeping
from assistant.services.lanes import StoredLanes
from assistant.services.mailroom import Mailroom
from assistant.services.metrics import Metrics
from assistant.services.newsroom import Newsroom
from assistant.services.outbox import Outbox, OutboxWorker
from assistant.services.printing import Printer
from assistant.services.reception import receive_all
from assistant.services.timetable import Timetable
from assistant.services.turns import Turns
from assistant.settings import Settings
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.lanes import REPLIES
from assistant.web.health import Health
from assistant.web.server import check_address, serve
from conversations import phrases

CASES = Path(conversations.__file__).parent / "cases"
NOTHING_TO_RUN = (
    "There is nothing to run: set ASSISTANT_TELEGRAM_TOKEN, or ASSISTANT_SIGNAL_API_URL and "
    "ASSISTANT_SIGNAL_NUMBER, or use `assistant chat`."
)
LOCK_PATIENCE = 10.0  # seconds: a chat in a terminal holds the lock while it hands over a letter

log = structlog.get_logger()


def cases_roots(settings: Settings) -> list[Path]:
    """The folders that hold case folders."""
    return [CASES, *([settings.cases_dir] if settings.cases_dir else [])]


def checked_cases(settings: Settings) -> list[Checked]:
    """Every case folder with what is wrong about it."""
    return check_cases(cases_roots(settings), routing(settings))


def make_script(settings: Settings) -> Script:
    """Everything the dialogue is made of. Raises Misconfigured where a case or catalogue is broken."""
    return Script(
        conversations=conversations.CONVERSATIONS,
        commands={**phrases.COMMANDS, **phrases.QUIET},
        afresh=conversations.AFRESH,
        team=phrases.TEAM,
        arguments=conversations.ARGUMENTS,
        phrases=phrases,
        tongues=load_tongues(),
        cases=load_cases(cases_roots(settings), routing(settings)),
        gazetteer=Countries(),
        typeface=typefaces,
    )


def said_on_failure(script: Script, language: str | None) -> Reply:
    """What a person hears when nothing can be stored."""
    tongue = script.tongue(language) or script.default_tongue
    return Reply(script.phrases.failed().render(tongue))


@dataclass(frozen=True, slots=True)
class Assistant:
    """One process's services, ready to run."""

    settings: Settings
    store: Store
    outbox: Outbox
    turns: Turns
    mailroom: Mailroom
    newsroom: Newsroom
    carriers: Mapping[str, Carrier]
    desk: Desk
    metrics: Metrics
    clock: Clock

    def engine(self, *, letters: bool, messages: bool) -> EmbeddedEngine:
        """An engine over the lanes of letters, of this process's channels, or both."""
        workers: list[Worker] = []
        if messages:
            workers += [OutboxWorker(self.outbox, kind) for kind in (REPLIES, BULK)]
        if letters:
            workers += [self.mailroom, self.newsroom, Housekeeping(self.store, self.clock)]
        return EmbeddedEngine(StoredLanes(self.store), workers, self.clock)


@asynccontextmanager
async def assistant(
    settings: Settings, script: Script, channels: Sequence[Channel]
) -> AsyncIterator[Assistant]:
    """The services over these channels, closed at the end with everything sent that was under way."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings))
        for channel in channels:
            await channel.open()
            stack.push_async_callback(channel.close)
        clock = clock_of(settings)
        metrics = Metrics(clock)
        printer = Printer(script.cases)
        stack.callback(printer.close)
        by_line = {channel.line: channel for channel in channels}
        news = make_newsdesk(store, script, by_line, clock, settings.approvals)
        stack.push_async_callback(news.board.close)
        outbox = Outbox(store, by_line, printer, clock, metrics, news.nights, news.alarm)
        await outbox.open()
        stack.push_async_callback(outbox.stop)
        carriers = await stack.enter_async_context(open_carriers(settings, store))
        book = make_letterbook(script, metrics)
        handover = Handover(script.cases, carriers, printer, clock)
        mailroom = Mailroom(store, script.cases, handover, book, clock)
        timetable = Timetable(store, script.cases, settings.undo, clock)
        stack.push_async_callback(timetable.close)
        effects = Effects(script.cases, timetable, news.effects)
        turns = Turns(store, script, effects, outbox, clock, metrics)
        desk = Desk(store, book, carriers, clock)
        yield Assistant(
            settings, store, outbox, turns, mailroom, news.newsroom, carriers, desk, metrics, clock
        )


def configured_channels(settings: Settings, script: Script) -> list[Channel]:
    """The channels that the settings name. Raises Misconfigured where one is set wrongly."""
    channels: list[Channel] = []
    if token := settings.telegram():
        channels.append(
            Telegram(
                token,
                settings.telegram_api_url,
                webhook_url=settings.telegram_webhook_url,
                paid_rate=settings.telegram_paid_rate,
                profiles=_profiles(script),
            )
        )
    if address := settings.signal():
        channels.append(Signal(*address, settings.signal_expiry))
    return channels


def _profiles(script: Script) -> dict[str, Profile]:
    """What a platform shows of us, by language."""
    return {
        language: Profile(
            {name: said.render(tongue).unescape() for name, said in phrases.MENU.items()},
            phrases.profile_about().render(tongue).unescape(),
            phrases.profile_description().render(tongue).unescape(),
        )
        for language, tongue in script.tongues.items()
    }


async def run(settings: Settings) -> None:
    """Serve every channel and run every lane, until cancelled."""
    script = make_script(settings)
    channels = configured_channels(settings, script)
    if not channels:
        raise Misconfigured(NOTHING_TO_RUN)
    check_address(settings.listen)
    if settings.clock:
        log.warning("a rehearsal: the clock is moved, but people in chats are really written to")
    warm_up(script.cases.values())
    async with _at_work(settings, script, channels) as served:
        receive = served.turns.handle
        routes = [route for channel in channels for route in channel.routes(receive)]
        routes += [route for each in served.carriers.values() for route in each.routes(served.desk.settle)]
        if routes and settings.listen == "none":
            raise Misconfigured("A webhook is set, but ASSISTANT_LISTEN=none: nobody could call it.")
        routes += Health(served.store, channels, served.metrics).routes()
        engine = served.engine(letters=True, messages=True)
        async with serve(settings.listen, routes):
            calm_collector()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(engine.run())
                tasks.create_task(receive_all(channels, receive))
                log.info("running", channels=[channel.line for channel in channels])


async def run_until_idle(settings: Settings) -> None:
    """Do what is due in every role, once."""
    script = make_script(settings)
    async with _at_work(settings, script, configured_channels(settings, script)) as served:
        await served.engine(letters=True, messages=True).run_until_idle()


@asynccontextmanager
async def _at_work(
    settings: Settings, script: Script, channels: Sequence[Channel]
) -> AsyncIterator[Assistant]:
    make_data_dir(settings)
    async with only_one(settings, LOCK_PATIENCE), assistant(settings, script, channels) as served:
        await Housekeeping(served.store, served.clock).open()
        await served.newsroom.open()
        yield served


async def chat(settings: Settings, script: Script, terminal: Terminal) -> None:
    """Talk in this terminal until the end of input, and put confirmed letters into the tray."""
    async with assistant(settings, script, [terminal]) as served:
        engine = served.engine(letters=False, messages=True)
        messages = asyncio.create_task(engine.run())
        letters = asyncio.create_task(_carry_letters(served))
        try:
            await terminal.run(served.turns.handle)
            await served.outbox.settle()
        finally:
            for task in (messages, letters):
                task.cancel()
            await asyncio.gather(messages, letters, return_exceptions=True)
        try:
            await engine.run_until_idle()  # what still waits in the lanes: news, replies behind others
        except Failure as failure:
            log.error("messages wait for the next chat", reason=failure.reason)
        await _carry_due(served)


async def _carry_letters(served: Assistant) -> None:
    while True:
        await asyncio.sleep(1)
        await _carry_due(served)


async def _carry_due(served: Assistant) -> None:
    """Hand over the letters that are due, unless a running assistant does that already."""
    with suppress(Misconfigured):
        async with only_one(served.settings, 0):
            try:
                await served.engine(letters=True, messages=False).run_until_idle()
            except Failure as failure:
                log.error("letters stay in the queue for now", reason=failure.reason)
