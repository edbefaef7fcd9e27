"""`assistant run`."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Annotated

import typer

from assistant import app
from assistant.settings import Settings


def run(
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Do what is due now, in every role, then end.")
    ] = False,
) -> None:
    """Serve the chats of every channel that is set, send messages and letters.

    Set ASSISTANT_TELEGRAM_TOKEN to serve a Telegram bot. ASSISTANT_SMTP_URL, ASSISTANT_FAX_URL and
    ASSISTANT_ROUTES say how letters travel: see docs/letters.md. Ctrl-C, or a TERM signal, ends it cleanly.
    """
    settings = Settings.load()
    asyncio.run(_until_told(app.run_until_idle(settings) if until_idle else app.run(settings)))


async def _until_told(work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)
    told = False

    def stop() -> None:
        nonlocal told
        told = True
        task.cancel()

    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # not on Windows
            loop.add_signal_handler(each, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not told:
            raise
