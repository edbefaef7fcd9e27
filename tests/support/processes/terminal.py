"""A command at a real terminal, with a person who types."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes.installation import TIMEOUT, Installation


class TerminalSession:
    """A pseudo-terminal with the chat running in it."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self.process = process
        self.shown = ""
        self._terminal = terminal
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def type(self, line: str) -> None:
        """Type a line and press Enter."""
        self.press(f"{line}\n")

    def press(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._terminal, keys.encode())

    def see(self, text: str) -> str:
        """All that is shown until this text appears; it counts as seen."""
        while text not in self.shown:
            more = self._read()
            assert more, f"the chat has ended; it showed {self.shown}"
            self._show(more)
        seen, self.shown = self.shown.split(text, 1)
        return seen + text

    def wait(self) -> None:
        """Wait until the process waits for a key: Ctrl-C a moment before is noticed at the next key only."""
        state = ""
        while state != "S":  # it sleeps: proc_pid_stat(5)
            stat = Path(f"/proc/{self.process.pid}/stat").read_text("ascii", errors="replace")
            state = stat.rpartition(")")[2].split()[0]

    def leave(self) -> int:
        """See the rest, and how the chat ended."""
        while more := self._read():
            self._show(more)
        return self.process.wait(TIMEOUT)

    def _show(self, more: str) -> None:
        """What is read ends anywhere, also within the end of a line."""
        self.shown = (self.shown + more).replace("\r\n", "\n")

    def _read(self) -> str:
        readable, _, _ = select.select([self._terminal], [], [], TIMEOUT)
        assert readable, f"nothing more is shown than {self.shown}"
        try:
            return self._decoder.decode(os.read(self._terminal, 1000)) or self._read()
        except OSError:  # how Linux says that nobody has the terminal open any more
            return ""


@contextmanager
def open_terminal(
    installation: Installation, *arguments: str, command: Sequence[str] = ("chat",), columns: int = 0
) -> Iterator[TerminalSession]:
    """Start the chat, or another command, in a terminal of its own. `columns`: its width; 0: nobody knows."""

    def take_the_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24 if columns else 0, columns, 0, 0))
    process = installation.start(*command, *arguments, terminal=theirs, first=take_the_terminal)
    os.close(theirs)
    try:
        with process:
            yield TerminalSession(process, ours)
            process.kill()
    finally:
        os.close(ours)
