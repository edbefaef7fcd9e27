"""Many processes on one PostgreSQL, with Procrastinate: each does its part, and who dies is followed."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assistant.store.database import Store
from assistant.store.tables import letters as letters_table
from assistant.store.tables import processes as processes_table
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import CASE, TIMEOUT, Installation
from tests.support.processes.serving import end, telegram_installation
from tests.support.processes.telegram_supporters import Supporter

pytestmark = [
    pytest.mark.chance,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]

LAST = "pass this on"
RECEIPT = "to the campaign, which passes it on"


def shared(folder: Path, server: FakeTelegram, database_url: str) -> Installation:
    """An installation whose processes share a database."""
    keyring = folder / "keyring.json"
    return telegram_installation(folder, server, database_url, engine="procrastinate", keyring=str(keyring))


async def known(store: Store) -> int:
    """How many processes there have been."""
    async with store.read() as tx:
        return await tx.connection.scalar(select(func.coalesce(func.max(processes_table.c.id), 0))) or 0


@asynccontextmanager
async def at_work(
    installation: Installation, store: Store, roles: Sequence[str]
) -> AsyncIterator[Sequence["subprocess.Popen[bytes]"]]:
    """A process for each role, one after the other; those that still live are told to end."""
    processes = []
    try:
        for role in roles:
            before = await known(store)
            processes.append(installation.start("run", "--role", role))
            async with asyncio.timeout(TIMEOUT):
                while await known(store) == before:  # noqa: ASYNC110  only the database knows
                    await asyncio.sleep(0.05)
        yield processes
        for process in processes:
            if process.poll() is None:
                done = await end(process)
                assert (done.code, done.out) == (0, ""), done.err
    finally:
        for process in processes:
            process.kill()
            with process:
                pass


async def letters_left(store: Store, count: int) -> None:
    """Wait until so many have."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            async with store.read() as tx:
                found = list(await tx.connection.scalars(select(letters_table.c.status)))
            if found.count("sent") == count:
                return
            await asyncio.sleep(0.05)


async def test_who_reads_and_who_works_share_a_letter(
    tmp_path: Path, database_url: str, store: Store
) -> None:
    async with FakeTelegram() as server:
        installation = shared(tmp_path, server, database_url)
        async with at_work(installation, store, ["web", "work", "work"]):
            ana = Supporter(server, server.person("Ana Example", "en"))
            await ana.person.write(f"/start {CASE}")
            await ana.until(LAST)
            await letters_left(store, 1)
            await ana.until(RECEIPT)
    assert len(installation.facts) == 1


async def test_when_the_reader_dies_another_one_reads(
    tmp_path: Path, database_url: str, store: Store
) -> None:
    async with FakeTelegram() as server:
        installation = shared(tmp_path, server, database_url)
        async with at_work(installation, store, ["web", "web"]) as (first, _second):
            ana = Supporter(server, server.person("Ana Example", "en"), {"ready": "go"})
            await ana.person.write(f"/start {CASE}")
            await ana.until("Which country")
            first.send_signal(signal.SIGKILL)
            await ana.person.write("Spain")
            begun = asyncio.get_running_loop().time()
            await ana.until("What shall stand")
            assert asyncio.get_running_loop().time() - begun < TIMEOUT / 2


async def test_when_a_worker_dies_or_freezes_the_letters_leave_all_the_same_and_once(
    tmp_path: Path, database_url: str, store: Store
) -> None:
    async with FakeTelegram() as server:
        installation = shared(tmp_path, server, database_url)
        async with at_work(installation, store, ["web", "work", "work"]) as (_, first, second):
            people = [Supporter(server, server.person(f"Person {each}", "en")) for each in "abcdef"]
            for number, each in enumerate(people):
                await each.person.write(f"/start {CASE}")
                await each.until(LAST)
                if number == 1:
                    first.send_signal(signal.SIGKILL)
                if number == 3:
                    second.send_signal(signal.SIGSTOP)
            async with at_work(installation, store, ["work"]):
                await letters_left(store, len(people))
                second.send_signal(signal.SIGCONT)
                for each in people:
                    await each.until(RECEIPT)
    assert len(installation.facts) == len(people)
    assert len(installation.tray) == 2 * len(people)


async def test_a_process_that_works_alone_is_refused_beside_them(
    tmp_path: Path, database_url: str, store: Store
) -> None:
    async with FakeTelegram() as server:
        installation = shared(tmp_path, server, database_url)
        async with at_work(installation, store, ["work"]):
            installation.set(engine="embedded")
            refused = await asyncio.to_thread(installation.run, "run")
        assert refused.code == 1
        assert "Another assistant works on this database" in refused.err
