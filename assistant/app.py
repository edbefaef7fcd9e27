"""The only wiring: settings become services, and services become a running process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress

import structlog

from assistant.channels.base import Channel
from assistant.channels.terminal import Terminal
from assistant.content.library import CaseFolders, CaseLibrary
from assistant.dialogue.script import Script
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.processes import EMBEDDED, ProcessRole
from assistant.runtime import calm_collector, make_data_dir, only_one, warm_up
from assistant.services.keys import KeysWorker
from assistant.services.retention import RetentionWorker
from assistant.services.sole_reader import SoleReader
from assistant.services.supervisor import receive_all
from assistant.settings import Settings
from assistant.web.health import Health
from assistant.web.server import check_address, serve
from assistant.wiring.carriers import configured_inbox
from assistant.wiring.channels import configured_channels
from assistant.wiring.content import case_folders, make_script, warn_of_cases
from assistant.wiring.pages import page_routes
from assistant.wiring.process import Assistant, assistant, make_case_watch, make_flood_control
from assistant.wiring.webhooks import configured_endpoints

NOTHING_TO_RUN = (
    "There is nothing to run: set ASSISTANT_TELEGRAM_TOKEN, or ASSISTANT_SIGNAL_API_URL and "
    "ASSISTANT_SIGNAL_NUMBER, or ASSISTANT_WEB_URL, or use `assistant chat`."
)
DATABASE_PATIENCE = 60.0  # seconds that a database server may take to come, when both are started together
LOCK_PATIENCE = 3.0  # seconds: a chat in a terminal holds the lock for a moment, to hand over a letter

log = structlog.get_logger()


async def run(settings: Settings, role: ProcessRole = ProcessRole.ALL) -> None:
    """Do what a process of that role does, until cancelled. A case that cannot be used is left out.

    Case folders are watched: what changes in them is taken over.
    """
    folders = case_folders(settings)
    library = CaseLibrary(folders.read())
    warn_of_cases(library.problems)
    await _run(settings, role, library, folders)


async def _run(settings: Settings, role: ProcessRole, library: CaseLibrary, folders: CaseFolders) -> None:
    _check_engine(settings, role)
    script = make_script(settings, library)
    channels = configured_channels(settings, script)
    if not channels:
        raise Misconfigured(NOTHING_TO_RUN)
    inbox = configured_inbox(settings)
    check_address(settings.listen)
    if settings.clock:
        log.warning("a rehearsal: the clock is moved, but people in chats are really written to")
    warm_up(script.cases.values())
    async with _at_work(settings, role, script, channels, library, DATABASE_PATIENCE) as served:
        receive = make_flood_control(served, script).receive
        reading = [] if role is ProcessRole.WORK else channels
        readers = {each.account: SoleReader(served.store, str(each.account)) for each in reading}
        routes = [route for channel in reading for route in channel.routes(receive)]
        routes += [
            route for each in served.carriers.values() for route in each.routes(served.decisions.settle)
        ]
        routes += page_routes(served, script, reading, receive)
        if routes and settings.listen == "none":
            raise Misconfigured(
                "A webhook or web page is set, but ASSISTANT_LISTEN=none: nobody could call it."
            )
        engines = served.engines(role)
        health = Health(
            served.store,
            reading,
            served.metrics,
            served.readiness(engines),
            unusable=library.problems,
            cases=library,
            stands_by=lambda account: readers[account].stands_by,
        )
        routes += health.routes()
        async with serve(settings.listen, routes, settings.connections):
            calm_collector()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(served.presence.watch())
                for engine in engines:
                    tasks.create_task(engine.run())
                if reading:
                    tasks.create_task(receive_all(reading, receive, readers))
                tasks.create_task(served.generation.run())
                tasks.create_task(make_case_watch(served, library, folders).run())
                tasks.create_task(served.clock_watch.run())
                if inbox is not None and role is not ProcessRole.WEB:
                    from assistant.services.letters.inbox import InboxWatcher  # imapclient takes its time

                    watcher = InboxWatcher(inbox, served.mail_reader)
                    tasks.create_task(SoleReader(served.store, "mail").run(watcher.run))
                log.info("running", channels=[str(channel.account) for channel in channels])


def _check_engine(settings: Settings, role: ProcessRole) -> None:
    """Raises Misconfigured where that engine, role and database do not go together."""
    if settings.engine == EMBEDDED:
        if role is not ProcessRole.ALL:
            raise Misconfigured("--role needs ASSISTANT_ENGINE=procrastinate: one process does everything.")
        return
    if not settings.database.startswith("postgres"):
        raise Misconfigured("ASSISTANT_ENGINE=procrastinate needs a PostgreSQL: see ASSISTANT_DATABASE_URL.")


async def run_until_idle(settings: Settings) -> None:
    """Do what is due in every role, once."""
    script = make_script(settings)
    async with _at_work(settings, ProcessRole.ALL, script, configured_channels(settings, script)) as served:
        await served.engine(letters=True, messages=True).run_until_idle()


@asynccontextmanager
async def _at_work(
    settings: Settings,
    role: ProcessRole,
    script: Script,
    channels: Sequence[Channel],
    library: CaseLibrary | None = None,
    patience: float = 0.0,
) -> AsyncIterator[Assistant]:
    make_data_dir(settings)
    configured_endpoints(settings)  # otherwise what waits for them would be dropped
    async with (
        only_one(settings, LOCK_PATIENCE) if settings.engine == EMBEDDED else nullcontext(),
        assistant(settings, script, channels, library, role=role, patience=patience) as served,
    ):
        await _begin_upkeep(served)
        await served.broadcast_worker.open()
        await served.uncertain_worker.open()
        if role is not ProcessRole.WEB:
            await served.webhook_worker.open()
        await served.clock_watch.begin()
        yield served


async def _begin_upkeep(served: Assistant) -> None:
    """What is kept no longer goes, and keys change, in whatever process is at work."""
    await RetentionWorker(served.store, served.clock, served.settings.retention).open()
    await KeysWorker(served.store, served.clock).open()


async def chat(settings: Settings, script: Script, terminal: Terminal) -> None:
    """Talk in this terminal until the end of input, and put confirmed letters into the tray.

    The upkeep is done here, too, unless a running assistant does that: many have nothing but such chats.
    """
    async with assistant(settings, script, [terminal], role=ProcessRole.CHAT) as served:
        await _begin_upkeep(served)
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
