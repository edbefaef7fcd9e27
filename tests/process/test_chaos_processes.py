"""People write to several processes, which are killed, frozen and cut off: nothing is lost, or twice."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from assistant.domain.errors import Failure
from assistant.domain.lifecycle import MessageStatus
from assistant.store.database import Store
from assistant.store.tables import has, letters, messages
from tests.support.chance import budget
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import (
    CASE,
    LETTER,
    TIMEOUT,
    Completed,
    Installation,
    Program,
    finish,
)
from tests.support.processes.load_balancer import LoadBalancer, balancing
from tests.support.processes.ports import reserved
from tests.support.processes.serving import end, telegram_installation
from tests.support.processes.telegram_supporters import Supporter

pytestmark = [
    pytest.mark.chance,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
    pytest.mark.timeout(budget(300, 1800)),
]

PEOPLE = budget(6, 30)
FAULTS = budget(4, 200)
WEBS, WORKS = 2, 2
FROZEN = (0.5, 8.0)  # seconds: shorter and longer than a lease
LAST = "pass this on"
AWAY = "The database server"
QUESTIONS = ["ready", "name", "country", "line", "verdict", "subscribe"]


class Fleet:
    """Processes of one installation, each of which can die and is started again."""

    def __init__(self, installations: list[tuple[str, Installation]]) -> None:
        self.installations = installations
        self._lock = asyncio.Lock()
        self.processes: list[Program] = [
            each.start("run", "--role", role) for role, each in self.installations
        ]

    async def supervise(self) -> None:
        """Start what has ended by itself, as a supervisor does: one that was cut off while it started."""
        while True:
            async with self._lock:
                for place, process in enumerate(self.processes):
                    if process.poll() is not None:
                        see_that_it_was_cut_off(await end(process, by=None))
                        self._start(place)
            await asyncio.sleep(0.2)

    async def kill(self, place: int) -> None:
        async with self._lock:
            self.processes[place].kill()
            await end(self.processes[place], by=None)
            self._start(place)

    def _start(self, place: int) -> None:
        role, installation = self.installations[place]
        self.processes[place] = installation.start("run", "--role", role)

    async def freeze(self, place: int, seconds: float) -> None:
        process = self.processes[place]
        process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            process.send_signal(signal.SIGCONT)

    async def end(self) -> None:
        for process in self.processes:
            done = await end(process)
            if done.code != 0:
                see_that_it_was_cut_off(done)

    def destroy(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGCONT)
            process.kill()
            done = finish(process)
            print(process.pid, done.code, done.err[-2000:])  # shown where the test fails


async def answers(port: int) -> None:
    """Wait until there is a web server."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


def see_that_it_was_cut_off(done: Completed) -> None:
    assert done.code == 1, done.err
    assert AWAY in done.err, done.err


@asynccontextmanager
async def fleet_of(
    folder: Path, server: FakeTelegram, database_url: str
) -> AsyncIterator[tuple[Fleet, LoadBalancer]]:
    """Webs behind a load balancer that Telegram calls, and works."""
    async with AsyncExitStack() as stack:
        listens = [stack.enter_context(reserved()) for _ in range(WEBS)]
        balancer = await stack.enter_async_context(
            balancing([int(each.rpartition(":")[2]) for each in listens], lasting=0.1)
        )
        shared = {
            "engine": "procrastinate",
            "keyring": str(folder / "keyring.json"),
            "telegram_webhook_url": f"http://127.0.0.1:{balancer.port}/hook",
        }
        web = [telegram_installation(folder, server, database_url, listen=each, **shared) for each in listens]
        work = [telegram_installation(folder, server, database_url, **shared) for _ in range(WORKS)]
        fleet = Fleet([*(("web", each) for each in web), *(("work", each) for each in work)])
        stack.callback(fleet.destroy)
        for each in listens:
            await answers(int(each.rpartition(":")[2]))
        yield fleet, balancer


async def test_webs_and_works_are_killed_and_frozen_while_people_write(
    tmp_path: Path, database_url: str, store: Store, rng: random.Random
) -> None:
    async with (
        FakeTelegram(0.1) as server,
        fleet_of(tmp_path, server, database_url) as (fleet, balancer),
    ):
        people = [
            Supporter(
                server,
                server.person(f"Person {number}", "en"),
                LETTER | {"name": f"Person {chr(65 + number)}"},
                patience=TIMEOUT * (1 + FAULTS / 20),
            )
            for number in range(PEOPLE)
        ]
        for each in people:
            await each.person.write(f"/start {CASE}")
        supervising = asyncio.create_task(fleet.supervise())
        writing = [asyncio.create_task(each.until(LAST)) for each in people]
        async with asyncio.timeout(TIMEOUT):
            while len(balancer.used) < WEBS:  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.01)
        faults = 0
        while faults < FAULTS and not (faults >= 2 and all(task.done() for task in writing)):
            place = rng.randrange(WEBS + WORKS)
            match rng.choice(["kill", "freeze", "cut"]):
                case "kill":
                    await fleet.kill(place)
                case "freeze":
                    await fleet.freeze(place, rng.uniform(*FROZEN))
                case "cut":
                    await cut_connections(store)
            faults += 1
            await asyncio.sleep(rng.uniform(0, 2))
        print(f"{faults} faults")
        async with asyncio.timeout(TIMEOUT * (1 + FAULTS / 20)):
            await asyncio.gather(*writing)
        await nothing_open(store)
        supervising.cancel()
        await asyncio.gather(supervising, return_exceptions=True)
        await fleet.end()
        assert len(balancer.used) == WEBS, "both webs were called"
    for each in people:
        assert each.asked == QUESTIONS
    names = Counter(facts["name"] for facts in fleet.installations[0][1].facts)
    assert names == Counter(each.answers["name"] for each in people), "one letter each"


async def cut_connections(store: Store) -> None:
    """All connections to the database end, wherever they are in a transaction."""
    async with store.read() as tx:
        await tx.connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


async def nothing_open(store: Store) -> None:
    """Wait until every message and every letter has come to its end."""
    found: dict[str, int] = {}
    try:
        async with asyncio.timeout(TIMEOUT):
            while found != {"letters sent": PEOPLE}:
                await asyncio.sleep(0.1)
                with suppress(Failure):  # a connection of ours was cut, too
                    found = await open_ones(store)
    except TimeoutError:
        raise AssertionError(f"still open: {found}") from None


async def open_ones(store: Store) -> dict[str, int]:
    async with store.read() as tx:
        open_messages = await tx.connection.execute(
            select(messages.c.status, messages.c.lane_id, func.count())
            .where(has(messages.c.status, MessageStatus.QUEUED, MessageStatus.SENDING))
            .group_by(messages.c.status, messages.c.lane_id)
        )
        found = {f"messages {row[0]} on lane {row[1]}": row[2] for row in open_messages}
        counted = await tx.connection.execute(
            select(letters.c.status, func.count()).group_by(letters.c.status)
        )
        return found | {f"letters {row[0]}": row[1] for row in counted}
