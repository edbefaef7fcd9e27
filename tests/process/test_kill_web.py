"""The process is killed again and again while somebody writes on the web page, and started again."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, CookieJar
from sqlalchemy import func, select

from assistant.store.tables import letters, transcripts
from tests.support.chance import budget
from tests.support.harness import NAME, PERSONAL_LINE
from tests.support.processes.installation import TIMEOUT, Installation
from tests.support.processes.ports import reserved
from tests.support.processes.readiness import until_ready
from tests.support.visitor import Visitor

pytestmark = [pytest.mark.chance, pytest.mark.both_databases, pytest.mark.timeout(300)]

LETTER = ("Write the letter", "Finland", NAME, PERSONAL_LINE, "Send", "Yes")
BUTTONS = {"Write the letter", "Send", "Yes"}
KILLS = budget(3, 20)


@asynccontextmanager
async def killed_after(installation: Installation, listen: str, seconds: float) -> AsyncIterator[None]:
    """It runs, and is killed after so many seconds, or at the end."""
    with installation.start("run") as process:
        try:
            await until_ready(listen)
            killer = asyncio.get_running_loop().call_later(seconds, process.kill)
            yield
            killer.cancel()
        finally:
            process.kill()


async def answered(visitor: Visitor, said: str) -> bool:
    """Whether that was sent, and its answer has come. After an error the same page sends it again."""
    page = visitor.page
    try:
        await (visitor.press(said) if said in BUTTONS else visitor.write(said))
    except ClientError:
        visitor.page = page
        return False
    return visitor.status == 200


async def test_nothing_is_lost_and_nothing_happens_twice(
    tmp_path: Path, database_url: str, rng: random.Random
) -> None:
    with reserved() as listen:
        other = None if database_url.startswith("sqlite") else database_url
        installation = Installation(
            tmp_path, other, web_url=f"http://{listen}", listen=listen, undo_minutes="60"
        )
        left = list(LETTER)
        async with ClientSession(f"http://{listen}", cookie_jar=CookieJar(unsafe=True)) as client:
            visitor = Visitor(client)
            kills = 0
            async with asyncio.timeout(TIMEOUT * 8):
                while left:
                    seconds = rng.uniform(0, 0.4) if kills < KILLS else TIMEOUT
                    async with killed_after(installation, listen, seconds):
                        if visitor.status == 0:
                            with suppress(ClientError):
                                await visitor.open()
                        while left and visitor.status and await answered(visitor, left[0]):
                            left.pop(0)
                    kills += 1
        async with installation.store() as store, store.read() as tx:
            assert await tx.connection.scalar(select(func.count()).select_from(letters)) == 1
            said = await tx.connection.scalar(
                select(func.count()).select_from(transcripts).where(transcripts.c.theirs)
            )
            assert said is not None and len(LETTER) <= said <= len(LETTER) + kills, (said, kills)
