"""`assistant run` as a process of its own, serving a fake Telegram."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import Completed, Installation, finish


def telegram_installation(
    folder: Path, server: FakeTelegram, database_url: str | None = None, **settings: str
) -> Installation:
    """An installation that serves this Telegram, by polling unless `settings` say otherwise."""
    return Installation(
        folder, database_url, telegram_token=server.token, telegram_api_url=server.url, **settings
    )


def by_webhook(listen: str) -> dict[str, str]:
    """The settings of an installation that listens there, and is called there by Telegram."""
    return {"listen": listen, "telegram_webhook_url": f"http://{listen}/hook"}


async def end(process: subprocess.Popen[bytes], by: signal.Signals | None = signal.SIGTERM) -> Completed:
    """Tell the process to end, and wait until it has; the token is in nothing that it wrote."""
    if by is not None:
        process.send_signal(by)
    done = await asyncio.to_thread(finish, process)
    assert FakeTelegram.token.partition(":")[2] not in done.out + done.err
    return done


@asynccontextmanager
async def serving(installation: Installation) -> AsyncIterator[subprocess.Popen[bytes]]:
    """Serve for a while, and end as a service is ended; or it ended by itself in between."""
    process = installation.start("run")
    try:
        yield process
        if process.returncode is None:
            done = await end(process)
            assert (done.code, done.out) == (0, ""), done.err
    finally:
        process.kill()
        with process:
            pass
