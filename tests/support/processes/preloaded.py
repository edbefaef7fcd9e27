"""Processes of `assistant` that start at once: forks of one that has imported everything.

To start the interpreter and import what a command needs takes a second of a core, to fork some milliseconds.
A fork has its own number, pipes, folder, environment and end, and is a child of the tests' process as if that
had started it. In `make test-long`, and where a system knows no subreapers, each is started anew.
"""

import atexit
import ctypes
import gc
import os
import pickle
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from io import TextIOWrapper

from tests.support.chance import LONG
from tests.support.processes.signals import default_signals

LENGTH = 8  # bytes of a number
PR_SET_CHILD_SUBREAPER = 36  # https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html
LAZY = ("sqlalchemy.dialects.sqlite.aiosqlite", "sqlalchemy.dialects.postgresql.psycopg")


@dataclass(frozen=True)
class Start:
    """What to start: `assistant` with these arguments, there."""

    arguments: list[str]
    folder: str
    env: dict[str, str]


def of_the_interpreter(env: Mapping[str, str]) -> dict[str, str]:
    """The variables that may matter before the first line of ours runs."""
    return {name: value for name, value in env.items() if not name.startswith(("ASSISTANT_", "PYTEST_"))}


AROUND = of_the_interpreter(os.environ) | {"PYTHONWARNINGS": "error"}


def can_fork(env: Mapping[str, str]) -> bool:
    """Whether a process in this environment can be a fork."""
    return sys.platform == "linux" and not LONG and of_the_interpreter(env) == AROUND


# In the tests


class Parent:
    """The process that has imported everything, as the tests know it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", __name__, str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, env=AROUND, pass_fds=[theirs.fileno()], preexec_fn=default_signals
            )
        self._socket = ours
        self._prctl: Callable[[int, int], int] = ctypes.CDLL(None).prctl
        self._turn = threading.Lock()
        atexit.register(self.close)

    def close(self) -> None:
        """End it; what it has started goes on."""
        self._socket.close()
        self._process.wait()

    def fork(self, start: Start, descriptors: list[int]) -> int:
        """The number of a new process whose input, output and errors are these; it is a child of ours."""
        request = pickle.dumps(start)
        with self._turn:
            # For this moment only: nothing else that loses its parent becomes ours.
            assert self._prctl(PR_SET_CHILD_SUBREAPER, 1) == 0
            try:
                socket.send_fds(self._socket, [_number(len(request))], descriptors)
                self._socket.sendall(request)
                return int.from_bytes(_exactly(self._socket, LENGTH))
            finally:
                self._prctl(PR_SET_CHILD_SUBREAPER, 0)


@cache
def parent() -> Parent:
    """The one of this process. It ends when we do."""
    return Parent()


def _number(value: int) -> bytes:
    return value.to_bytes(LENGTH)


def _exactly(connection: socket.socket, length: int) -> bytes:
    read = b""
    while len(read) < length:
        more = connection.recv(length - len(read))
        assert more, "it has ended"
        read += more
    return read


# In the process that has imported everything


def import_everything() -> None:
    """What any command may import."""
    for package in ("assistant", "conversations"):
        for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if "__main__" not in module.name and ".migrations" not in module.name:
                import_module(module.name)
    for name in LAZY:
        import_module(name)


def serve(connection: socket.socket) -> None:
    """Fork as often as the tests ask for it, until they have ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, which end us
    import_everything()
    gc.freeze()
    while True:
        length, descriptors, _, _ = socket.recv_fds(connection, LENGTH, 3)
        if not length:
            return
        start: Start = pickle.loads(_exactly(connection, int.from_bytes(length)))  # noqa: S301  our own
        number = _fork()
        if number == 0:
            connection.close()
            _be(start, descriptors)
        connection.sendall(_number(number))
        for each in descriptors:
            os.close(each)


def _fork() -> int:
    """As os.fork(), but our child's parent ends at once: the process of the tests becomes its parent."""
    ends = os.pipe()
    between = os.fork()
    if between == 0:
        if (number := os.fork()) != 0:
            os.write(ends[1], _number(number))
            os._exit(0)
        for end in ends:
            os.close(end)
        return 0
    os.close(ends[1])
    number = int.from_bytes(os.read(ends[0], LENGTH))
    os.close(ends[0])
    os.waitpid(between, 0)
    return number


def _be(start: Start, descriptors: list[int]) -> None:
    """Run the command as the interpreter does. Its end is ours."""
    for number, each in enumerate(descriptors):
        os.dup2(each, number)
        os.close(each)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(start.folder)
    os.environ.clear()
    os.environ.update(start.env)
    sys.stdin, sys.stdout, sys.stderr = map(_like, (sys.stdin, sys.stdout, sys.stderr), (0, 1, 2))
    sys.argv = ["assistant", *start.arguments]
    runpy.run_module("assistant", run_name="__main__", alter_sys=True)
    sys.exit()


def _like(stream: object, descriptor: int) -> TextIOWrapper:
    """A stream with nothing in its buffers."""
    assert isinstance(stream, TextIOWrapper)
    binary = open(descriptor, "rb" if descriptor == 0 else "wb", closefd=False)  # noqa: SIM115
    return TextIOWrapper(
        binary,
        stream.encoding,
        stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


if __name__ == "__main__":
    with closing(socket.socket(fileno=int(sys.argv[1]))) as asked:
        serve(asked)
