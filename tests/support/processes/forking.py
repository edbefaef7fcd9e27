"""Processes that are cheap to start, to be killed: everything is imported once, and each run is a fork.

In the program: `serve_forks(work)`. In a test:
`async with fork_server("tests.support.processes.crashing_broadcast_worker")`.
Each line of input starts a fork. Its number is written when it begins, and how it ended (a signal below zero)
when it has.
"""

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn

from tests.support.processes.installation import TIMEOUT
from tests.support.processes.signals import default_signals

POLL_INTERVAL = 0.002  # seconds between two looks at how far it is
ENV = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
ENV["PYTHONWARNINGS"] = "error"

Work = Callable[[], Coroutine[None, None, None]]


# In the program


def serve_forks(work: Work) -> None:
    """A process of its own for each line of input: its number is its own until the next line comes."""
    last: int | None = None
    for _ in sys.stdin:
        if last is not None:
            os.waitpid(last, 0)
        last = os.fork()
        if last == 0:
            _run_fork(work)
        print(last, flush=True)
        end = os.waitid(os.P_PID, last, os.WEXITED | os.WNOWAIT)
        assert end is not None
        print(end.si_status if end.si_code == os.CLD_EXITED else -end.si_status, flush=True)


def _run_fork(work: Work) -> NoReturn:
    """Nothing of the parent's is done twice: no buffer is written, and nothing is tidied up."""
    try:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is logged is no number
        asyncio.run(work())
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


# In a test


@dataclass
class ForkedProcess:
    """A process at work. `end`: how it ended, once it has."""

    number: int
    end: asyncio.Task[int]

    async def killed(self) -> bool:
        """Kill it. False where it had come to its end before."""
        os.kill(self.number, signal.SIGKILL)
        ended = await self.end
        assert ended in (0, -signal.SIGKILL), "it failed by itself"
        return ended != 0

    async def until(self, true: Callable[[], bool]) -> None:
        """Return when it has done that, or has ended."""
        async with asyncio.timeout(TIMEOUT):
            while not (true() or self.end.done()):  # noqa: ASYNC110  another process has no events
                await asyncio.sleep(POLL_INTERVAL)


@dataclass
class ForkServer:
    """A program that forks when told to."""

    process: asyncio.subprocess.Process
    forked: ForkedProcess | None = None

    async def fork(self) -> ForkedProcess:
        """The next fork; the last one has ended."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.forked = ForkedProcess(await self._number(), asyncio.create_task(self._number()))
        return self.forked

    async def _number(self) -> int:
        assert self.process.stdout is not None
        return int(await self.process.stdout.readline())

    async def close(self) -> None:
        """Leave nothing running."""
        if self.forked is not None:
            with suppress(AssertionError):
                await self.forked.killed()
        self.process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        await self.process.wait()


@asynccontextmanager
async def fork_server(module: str, *arguments: str) -> AsyncIterator[ForkServer]:
    """That program. It has not begun."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=ENV,
        preexec_fn=default_signals,
    )
    program = ForkServer(process)
    try:
        yield program
    finally:
        await program.close()
