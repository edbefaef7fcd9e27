"""Letterheads of cases, compiled apart from everything else.

A letterhead is a program, and anybody may have written it. So it runs in a process of its own, which holds
nothing but the letterhead's files and the letter, has none of our settings in its environment, and ends where
it takes too much time or memory (`letterhead_process`).
"""

import os
import re
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.content.frames import Frame, receive, send
from assistant.content.letterhead_process import COMPUTING, MEMORY
from assistant.domain.cases import Letterhead
from assistant.domain.errors import Failure

KEPT = 8  # letterheads that the process keeps ready
PATIENCE = 60.0  # seconds: so long a job may take on a machine that has no time for it
_NETWORK = "it imports a package from the network; copy the package here"
_NOT_THERE = "it reads a file that is not in the folder"
_PLACE = re.compile(r"([^/\s]+):(\d+):\d+")
_MODULE = "assistant.content.letterhead_process"
# Where nobody listens: so typst looks up no name of a server, and asks none.
_ENVIRONMENT = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:1") | {
    "RAYON_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}
_ENDS: dict[int, str] = {
    signal.SIGXCPU: f"it computes for more than {COMPUTING} seconds; is there a loop without an end?",
    signal.SIGABRT: f"it needs more than {MEMORY >> 20} MiB of memory; is there a loop without an end?",
}


class Broken(Failure):
    """A case's own letterhead does not work. `detail`: why, which may repeat the letter."""

    def __init__(self, letterhead: Letterhead, detail: str) -> None:
        super().__init__(
            f"{letterhead.name} does not work: `assistant cases check` says why.", permanent=True
        )
        self.name = letterhead.name
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Printed:
    """A letter on its letterhead. `content` is empty for a picture of several pages."""

    content: bytes
    pages: int


class _Ended(Exception):
    """The process has ended. `how`: its exit code, as subprocess has it."""

    def __init__(self, how: int) -> None:
        super().__init__(how)
        self.how = how


class LetterheadCompiler:
    """Prints on letterheads of cases. One call at a time."""

    def __init__(self, typefaces: Sequence[Path]) -> None:
        """`typefaces`: the folders in which they are."""
        self._typefaces = typefaces
        self._process: _Process | None = None

    def compile(self, letterhead: Letterhead, letter: str, form: Literal["pdf", "svg"]) -> Printed:
        """The letter, as JSON, on the letterhead. Raises Broken; Failure where there is no time for it."""
        answer = self._asked(letterhead, lambda process: process.compile(letterhead, letter, form))
        if "wrong" in answer.head:
            raise Broken(letterhead, _explained(answer.head["wrong"], answer.head["where"])) from None
        return Printed(answer.body, answer.head["pages"])

    def text(self, letterhead: Letterhead, pdf: bytes) -> str:
        """What can be read on the first page of what was printed on it. Raises as `compile` does."""
        return self._asked(letterhead, lambda process: process.ask(Frame({"do": "read"}, pdf))).body.decode()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process:
            self._process.end()
            self._process = None

    def _asked(self, letterhead: Letterhead, ask: Callable[["_Process"], Frame]) -> Frame:
        had_other_work = self._process is not None
        try:
            return self._once(ask)
        except _Ended as ended:
            if had_other_work:  # which may be why: a new one is asked
                return self._asked(letterhead, ask)
            raise _why(letterhead, ended.how) from None

    def _once(self, ask: Callable[["_Process"], Frame]) -> Frame:
        if self._process is None:
            self._process = _Process(self._typefaces)
        try:
            return ask(self._process)
        except BaseException:
            self.close()
            raise


class _Process:
    """A process that compiles letterheads. It ends with this object, and with the process that made it."""

    def __init__(self, typefaces: Sequence[Path]) -> None:
        self._peer, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  nothing of it comes from outside
                [sys.executable, "-m", _MODULE, str(theirs.fileno()), *map(str, typefaces)],
                cwd="/",
                env=_ENVIRONMENT
                | {"PYTHONPATH": os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for who is at work, and not for it
            )
        self._peer.settimeout(PATIENCE)
        self._known: set[str] = set()  # letterheads that it has
        self.end = weakref.finalize(self, _end, self._process, self._peer)

    def compile(self, letterhead: Letterhead, letter: str, form: str) -> Frame:
        """What comes out. Raises _Ended, and Failure where it takes too long."""
        is_new = letterhead.digest not in self._known
        forget = is_new and len(self._known) >= KEPT
        head = {"do": "compile", "letterhead": letterhead.digest, "letter": letter, "form": form}
        files = {"main": letterhead.source, **letterhead.files}
        sizes = {"files": {name: len(content) for name, content in files.items()} if is_new else None}
        answer = self.ask(
            Frame({**head, **sizes, "forget": forget}, b"".join(files.values()) if is_new else b"")
        )
        self._known = (set() if forget else self._known) | {letterhead.digest}
        return answer

    def ask(self, job: Frame) -> Frame:
        """What it answers. Raises _Ended, and Failure where it takes too long."""
        try:
            send(self._peer, job)
            answer = receive(self._peer)
        except TimeoutError:
            raise Failure(f"A letterhead has not been compiled within {PATIENCE:.0f} seconds.") from None
        except OSError:
            answer = None
        if answer is None:
            raise _Ended(self._process.wait())
        return answer


def _end(process: "subprocess.Popen[bytes]", peer: socket.socket) -> None:
    peer.close()
    process.kill()
    process.wait()


def _why(letterhead: Letterhead, how: int) -> Failure:
    """What it says to have ended so."""
    if how == -signal.SIGKILL:
        return Failure("The process that prints on letterheads was killed: is there too little memory?")
    return Broken(letterhead, _ENDS.get(-how, "typst cannot work with it, and stops; make it simpler"))


def _explained(message: str, where: str) -> str:
    """What typst says is wrong, for who wrote the letterhead."""
    if message.startswith("failed to download package"):
        return _NETWORK
    told = _NOT_THERE if message.startswith("failed to load file") else message
    place = _PLACE.search(where)
    if place is None:
        return told
    return f"{told} (line {place[2]})" if place[1] == "main" else f"{told} ({place[1]}, line {place[2]})"
