"""`assistant chat` at a real terminal, with a person who types."""

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes.installation import CASE, TIMEOUT, Installation

CTRL_C, CTRL_D = "\x03", "\x04"


class TerminalSession:
    """A pseudo-terminal with the chat running in it."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self.process = process
        self.shown = ""
        self._terminal = terminal

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
            self.shown += more
        seen, self.shown = self.shown.split(text, 1)
        return seen + text

    def leave(self) -> int:
        """See the rest, and how the chat ended."""
        while more := self._read():
            self.shown += more
        return self.process.wait(TIMEOUT)

    def _read(self) -> str:
        readable, _, _ = select.select([self._terminal], [], [], TIMEOUT)
        assert readable, f"nothing more is shown than {self.shown}"
        try:
            return os.read(self._terminal, 1000).decode("utf-8", "replace").replace("\r\n", "\n")
        except OSError:  # how Linux says that nobody has the terminal open any more
            return ""


@contextmanager
def open_terminal(
    installation: Installation, *arguments: str, command: Sequence[str] = ("chat",)
) -> Iterator[TerminalSession]:
    """Start the chat, or another command, in a terminal of its own."""

    def take_the_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    ours, theirs = pty.openpty()
    process = installation.start(*command, *arguments, terminal=theirs, first=take_the_terminal)
    os.close(theirs)
    try:
        with process:
            yield TerminalSession(process, ours)
            process.kill()
    finally:
        os.close(ours)


def test_a_person_writes_a_letter_by_numbers_and_words(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with open_terminal(installation, "--case", CASE) as rosa:
        start = rosa.see("2. Español\n")
        assert str(installation.database) in start and str(installation.data / "tray") in start
        assert "Ctrl-D ends the chat" in start and "keyring" in start
        rosa.type("1")
        rosa.see("  1. Write the letter\n  2. Not now\n")
        rosa.type("yes")
        rosa.see("What name")
        rosa.type("Rosa Example")
        rosa.see("Which country")
        rosa.type("Gutemala")
        rosa.see("1. Skip")
        rosa.type("Her work is needed.")
        draft = rosa.see("3. Do not send\n")
        assert "Her work is needed.\n" in draft and "<b>" not in draft and "&" not in draft
        rosa.type("se")
        rosa.see("1. Yes")
        rosa.type("no")
        rosa.see("That is fine.")
        rosa.press(CTRL_D)
        assert rosa.leave() == 0
    assert [(facts["name"], facts["country"]) for facts in installation.facts] == [("Rosa Example", "GT")]


def test_a_person_who_reads_slowly_misses_nothing(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with open_terminal(installation, "--language", "en", "--case", CASE) as rosa:
        rosa.type("go")
        for _ in range(12):  # far more than a terminal holds for a reader
            rosa.type("/privacy")
            rosa.type("/help")
        rosa.type("Rosa Example")
        shown = rosa.see("Which country")
        assert len(re.findall(r"We keep your chat's address", shown)) == 12
        assert len(re.findall(r"see or delete what we keep", shown)) == 12
        rosa.press(CTRL_D)
        assert rosa.leave() == 0


def test_ctrl_c_ends_the_chat_and_nothing_is_lost(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with open_terminal(installation, "--language", "en", "--case", CASE) as rosa:
        rosa.see("2. Not now")
        rosa.type("go")
        rosa.see("What name")
        rosa.press(CTRL_C)
        assert rosa.leave() == 0
        assert "Traceback" not in rosa.shown
    with open_terminal(installation, "--language", "en") as rosa:
        rosa.see("What name")
        rosa.process.send_signal(signal.SIGHUP)  # the window was closed
        assert rosa.leave() != 0
        assert "Traceback" not in rosa.shown
