"""Many processes of one installation on one PostgreSQL: webs behind a load balancer, and works."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import TIMEOUT, Completed, Installation, Program, finish
from tests.support.processes.load_balancer import LoadBalancer, balancing
from tests.support.processes.ports import reserved
from tests.support.processes.readiness import readiness_status_beginning, until_ready
from tests.support.processes.serving import end, telegram_installation

ROOT = Path(__file__).parents[3]  # of the modules of the tests
WEBS, WORKS = 2, 2
SIZE = WEBS + WORKS
LASTING = (
    1.0  # seconds of a connection to a web, so that the next one goes elsewhere; a busy machine needs some
)
AWAY = "The database server"


class Fleet:
    """The processes: webs first. Each can die and is started again."""

    def __init__(self, installations: Sequence[tuple[str, Installation]], listens: Sequence[str]) -> None:
        """`listens`: where each of them tells how it is."""
        self.installations = installations
        self.listens = listens
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
        """End it at once, wherever it is, and start it anew."""
        async with self._lock:
            self.processes[place].kill()
            await end(self.processes[place], by=None)
            self._start(place)

    def _start(self, place: int) -> None:
        role, installation = self.installations[place]
        self.processes[place] = installation.start("run", "--role", role)

    async def freeze(self, place: int, seconds: float) -> None:
        """Let it stand still for so long."""
        process = self.processes[place]
        process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            process.send_signal(signal.SIGCONT)

    async def are_ready(self) -> None:
        """Return when the database works for every process; then all of it does."""
        for each in self.listens:
            await until_ready(each)

    async def are_without(self, part: str, trouble: str) -> None:
        """Return when every process says that it is not ready, because that part has such a trouble."""
        for each in self.listens:
            assert await readiness_status_beginning(each, part, trouble) == 503

    async def end(self) -> list[Completed]:
        """End all of them as a service is ended. How each of them ended."""
        ended = []
        for process in self.processes:
            done = await end(process)
            if done.code != 0:
                see_that_it_was_cut_off(done)
            ended.append(done)
        return ended

    def destroy(self) -> None:
        """Leave none running."""
        for process in self.processes:
            process.send_signal(signal.SIGCONT)
            process.kill()
            done = finish(process)
            print(process.pid, done.code, done.err[-4000:])  # shown where the test fails


def see_that_it_was_cut_off(done: Completed) -> None:
    """A process may end because its database was not there when it started, and for nothing else."""
    assert done.code == 1, done.err
    assert AWAY in done.err, done.err


async def answers(port: int) -> None:
    """Wait until there is a web server."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def fleet_of(
    folder: Path,
    server: FakeTelegram,
    database_url: str,
    programs: Mapping[int, Sequence[str]] = MappingProxyType({}),
    **settings: str,
) -> AsyncIterator[tuple[Fleet, LoadBalancer]]:
    """Webs behind a load balancer that Telegram calls, and works.

    `programs`: what runs in those places instead of `assistant`.
    """
    async with AsyncExitStack() as stack:
        listens = [stack.enter_context(reserved()) for _ in range(SIZE)]
        ports = [int(each.rpartition(":")[2]) for each in listens]
        balancer = await stack.enter_async_context(balancing(ports[:WEBS], lasting=LASTING))
        shared = {
            "engine": "procrastinate",
            "keyring": str(folder / "keyring.json"),
            "telegram_webhook_url": f"http://127.0.0.1:{balancer.port}/hook",
            **settings,
        }
        roles = ["web"] * WEBS + ["work"] * WORKS
        installations = [
            telegram_installation(folder, server, database_url, listen=each, **shared) for each in listens
        ]
        for place, program in programs.items():
            installations[place].program = program
            installations[place].env["PYTHONPATH"] = str(ROOT)
        fleet = Fleet(list(zip(roles, installations, strict=True)), listens)
        stack.callback(fleet.destroy)
        for port in ports:
            await answers(port)
        yield fleet, balancer
