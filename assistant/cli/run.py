"""`assistant run`."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from enum import StrEnum
from typing import Annotated

import structlog
import typer

from assistant import app
from assistant.cli.logging import set_up_logging
from assistant.domain.processes import ProcessRole
from assistant.event_loop import run_in_loop
from assistant.settings import Settings
from assistant.wiring.stores import open_keyring

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LAST_RESORT = 7.0  # seconds after which it ends whatever hangs: many supervisors kill after ten
AGAIN = 0.5  # seconds: a signal that comes twice at once is one: a terminal sends it, and who started us, too

log = structlog.get_logger()


class RunRole(StrEnum):
    """What `assistant run` can do; `assistant chat` is a command of its own."""

    ALL = ProcessRole.ALL.value
    WEB = ProcessRole.WEB.value
    WORK = ProcessRole.WORK.value


def run(
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Do what is due now, in every role, then end.")
    ] = False,
    role: Annotated[
        RunRole,
        typer.Option(
            help="web: talk with people. work: send letters and broadcasts. all: both. For several processes "
            "on one PostgreSQL, with ASSISTANT_ENGINE=procrastinate."
        ),
    ] = RunRole.ALL,
) -> None:
    """Serve the chats of every channel that is set, send messages and letters.

    Set ASSISTANT_TELEGRAM_TOKEN to serve a Telegram bot. ASSISTANT_SMTP_URL, ASSISTANT_FAX_URL and
    ASSISTANT_ROUTES say how letters travel: see docs/letters.md. Ctrl-C, or a TERM or HUP signal, ends it
    cleanly; Ctrl-C or TERM once more ends it at once.
    """
    settings = Settings.load()
    if settings.log == "json":
        set_up_logging(as_json=True)
    open_keyring(settings)  # before the loop: it may ask a person
    work = app.run_until_idle(settings) if until_idle else app.run(settings, ProcessRole(role.value))
    run_in_loop(_until_told(work))


async def _until_told(work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)
    ending = _Ending(task)
    loop = asyncio.get_running_loop()
    for each in ENDING:
        if each == signal.SIGTERM or signal.getsignal(each) is not signal.SIG_IGN:
            loop.add_signal_handler(each, ending.told, each)
    with contextlib.suppress(asyncio.CancelledError):
        await task
    if ending.told_at is None and task.cancelled():
        raise asyncio.CancelledError
    if ending.told_at is not None:
        log.info("stopped")


def _end_anyway() -> None:
    """Where a database, a disk or our own loop hangs. All that is stored bears a crash at any moment."""
    log.error("stopped at once, because something hangs: what was being sent may have arrived")
    sys.stderr.flush()
    os._exit(1)


class _Ending:
    """What signals do. Where one came ignored (`nohup`, a script's background job) it stays so."""

    def __init__(self, task: asyncio.Task[None]) -> None:
        self._task = task
        self.told_at: float | None = None  # by the loop's clock

    def told(self, by: signal.Signals) -> None:
        """End in order; at once, where we are told once more meanwhile."""
        now = asyncio.get_running_loop().time()
        if self.told_at is None:
            self.told_at = now
            log.info("stopping: what is being sent is finished first", signal=by.name)
            self._task.cancel()
            last_resort = threading.Timer(LAST_RESORT, _end_anyway)
            last_resort.daemon = True
            last_resort.start()
        elif by != signal.SIGHUP and now - self.told_at > AGAIN:
            log.warning("stopped at once: what was being sent may have arrived", signal=by.name)
            signal.signal(by, signal.SIG_DFL)
            os.kill(os.getpid(), by)
