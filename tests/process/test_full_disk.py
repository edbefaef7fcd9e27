"""A disk that fills up while people write: what is answered is stored, and it goes on by itself."""

import asyncio
import random
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chance import budget
from tests.support.chaos.campaign import campaign
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import OFFICE_HOURS, TIMEOUT
from tests.support.processes.ports import reserved
from tests.support.processes.readiness import readiness_status_troubled, until_ready, until_said
from tests.support.processes.serving import by_webhook, end, serving, telegram_installation
from tests.support.processes.small_disk import Disk, LimitedFiles, mounted_disk

pytestmark = [
    pytest.mark.chance,
    pytest.mark.timeout(budget(200, 1200)),
    pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits processes that run"),
]

TIMES = budget(1, 10)
PEOPLE = 3  # who begin to write before each time
ALL_WELL = {"database": "ok", "carrier tray": "ok"}
FAST = f"{OFFICE_HOURS}@60"  # a letter that meets a full tray is tried again after minutes
# What SQLite has taken of a disk it can go on using, for a while, and a tray is made by the first letter.
TROUBLES = {"database": "The disk that holds the database", "carrier tray": "The tray"}
LINES = 40 + 15 * TIMES  # of a log in which nothing that repeats is told again


@pytest.fixture(params=["limit", pytest.param("mount", marks=pytest.mark.long)])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """Where the process stores everything."""
    if request.param == "limit":
        yield LimitedFiles()
        return
    with mounted_disk(tmp_path / "data", "32m") as disk:
        yield disk


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_full_disk_costs_nothing_but_time(
    tmp_path: Path, database_url: str, disk: Disk, rng: random.Random
) -> None:
    elsewhere = database_url.startswith("postgresql")
    url = database_url if elsewhere else None
    async with FakeTelegram() as server:
        with reserved() as listen:
            installation = telegram_installation(tmp_path, server, url, clock=FAST, **by_webhook(listen))
            async with (
                serving(installation) as process,
                campaign(server, installation, TIMEOUT * (1 + TIMES)) as going_on,
            ):
                for _ in range(TIMES):
                    await until_ready(listen, ALL_WELL)
                    await going_on.begin_letters(PEOPLE)
                    await asyncio.sleep(rng.uniform(0, 0.5))
                    await asyncio.to_thread(disk.fill, process.pid)
                    assert await readiness_status_troubled(listen, TROUBLES) == 503
                    await asyncio.sleep(rng.uniform(0, budget(1, 5)))
                    await asyncio.to_thread(disk.free, process.pid)
                    await until_said(listen, ALL_WELL)
                await asyncio.gather(*going_on.writing)
                ended = await end(process)  # it has written no traceback
                assert ended.code == 0
                assert len(ended.err.splitlines()) <= LINES, ended.err
                async with installation.store() as store:
                    await going_on.is_over(store)
                    await going_on.check(store)
