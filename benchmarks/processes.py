"""Programs of ours in processes of their own, and what they use of the machine (Linux: `/proc`)."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 60  # seconds that one may take to listen, on a busy machine
_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM, _CHILDREN = 11, 12, 15  # places in proc_pid_stat(5), counted from the state on


@dataclass(frozen=True, slots=True)
class Running:
    """A program, and the port on which it listens; 0: on none."""

    pid: int
    port: int

    def cpu(self) -> float:
        """Seconds of a core that it has used, of its own."""
        return _cpu(self.pid, _SYSTEM + 1)

    def memory(self) -> float:
        """What it has in memory now, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:"))


def cpu_of_family(parent: int) -> float:
    """Seconds of a core that a process, its living children, and those that it has buried have used."""
    total = _cpu(parent, _CHILDREN)
    for each in Path("/proc").glob("[0-9]*"):
        try:
            fields = _fields(int(each.name))
        except OSError:
            continue  # it has ended since
        if int(fields[1]) == parent:
            total += sum(map(int, fields[_USER : _SYSTEM + 1])) / _TICKS
    return total


def _cpu(pid: int, end: int) -> float:
    return sum(map(int, _fields(pid)[_USER:end])) / _TICKS


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()


@contextmanager
def process(*arguments: str, env: Mapping[str, str] | None = None, port: int = 0) -> Iterator[Running]:
    """A program in Python, ended at the end."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(HERE.parent), **(env or {})},
        stderr=subprocess.DEVNULL,
    ) as running:
        try:
            yield Running(running.pid, port)
        finally:
            running.terminate()


def free_port() -> int:
    """One on which nobody listens yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until_it_answers(port: int) -> None:
    """Return when somebody listens there."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            await asyncio.sleep(0.1)
