"""The `assistant` command as people and programs run it: real processes over a folder of their own."""

import asyncio
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import update
from typer.testing import CliRunner

from assistant.cli import app
from assistant.dialogue.script import Script
from assistant.domain.errors import Failure
from assistant.services.broadcasts.approval import SHELL
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import chats
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import Harness
from tests.support.processes import preloaded
from tests.support.processes.signals import default_signals

TIMEOUT = 60.0  # seconds: only to end a test that would hang; on a busy machine a start alone takes 30
ASSISTANT = ("-m", "assistant")
CASE = "norma-cruz"
OFFICE_HOURS = "2026-11-24T15:00:00Z"  # a Tuesday, nine o'clock in Guatemala
LETTER = {  # an answer to each question of the letter, by its name
    "language": "en",
    "ready": "go",
    "name": "Rosa Example",
    "country": "Spain",
    "line": "skip",
    "verdict": "send",
    "subscribe": "yes",
}

Message = dict[str, Any]  # Any: JSON


@dataclass(frozen=True)
class Completed:
    """A process that has ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one plain sentence it failed with, and nothing else."""
        [line] = self.err.splitlines()
        assert line.startswith("assistant: "), line
        return line.removeprefix("assistant: ")

    @property
    def messages(self) -> list[Message]:
        """What `chat --json` wrote."""
        return [json.loads(line) for line in self.out.splitlines()]


class Program(subprocess.Popen[bytes]):
    """A process that no test waits for without end: it is left at once when a test fails, and soon anyway."""

    def wait(self, timeout: float | None = None) -> int:
        return super().wait(TIMEOUT if timeout is None else timeout)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.kill()
        try:
            super().__exit__(kind, error, trace)
        except subprocess.TimeoutExpired:
            self.kill()
            super().wait()
            raise


class Fork(Program):
    """The same, which is there at once."""

    def _execute_child(self, args: list[str], *given: Any) -> None:  # Any: subprocess's own, private to it
        folder, env = given[4:6]
        ends = given[9:15]  # of the pipes: to read and to write, of its input, its output and its errors
        start = preloaded.Start(args, str(folder), env)
        self.pid = preloaded.parent().fork(start, [ends[0], ends[3], ends[5]])
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]  # those that are the child's


class Installation:
    """A folder with its data, its database, and the settings of its processes."""

    def __init__(self, folder: Path, database_url: str | None = None, **settings: str | Path) -> None:
        """`settings`: variables without their prefix, such as `telegram_token`."""
        self.folder = folder
        self.data = folder / "data"
        self.program: Sequence[str] = ASSISTANT  # what the interpreter runs
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
        self.env |= {"ASSISTANT_DATA_DIR": str(self.data), "PYTHONWARNINGS": "error"}
        self.env["ASSISTANT_LISTEN"] = "127.0.0.1:0"
        self.env["ASSISTANT_CLOCK"] = OFFICE_HOURS
        self.env["ASSISTANT_UNDO_MINUTES"] = "0"
        if database_url:
            self.env["ASSISTANT_DATABASE_URL"] = database_url
            self.env["ASSISTANT_KEYRING"] = str(self.data / "keyring.json")
        self.set(**settings)

    def set(self, **settings: str | Path) -> None:
        """Change settings of the processes started from now on."""
        self.env |= {f"ASSISTANT_{name.upper()}": str(value) for name, value in settings.items()}

    @property
    def database(self) -> Path:
        """The file of the default database."""
        return self.data / "assistant.sqlite"

    @property
    def tray(self) -> list[str]:
        """The files in the tray, hidden ones too."""
        folder = self.data / "tray"
        return sorted(file.name for file in folder.iterdir()) if folder.exists() else []

    @property
    def facts(self) -> list[dict[str, Any]]:
        """The facts of every letter in the tray."""
        return [json.loads(file.read_text("utf-8")) for file in sorted(self.data.glob("tray/*.json"))]

    def make(self) -> "Installation":
        """Make the database and the keyring, as `assistant run` does at its first start. Itself."""
        done = self.run("run", "--until-idle")
        assert done.code == 0, done.err
        return self

    def start(
        self, *arguments: str | bytes, terminal: int | None = None, first: Callable[[], object] | None = None
    ) -> Program:
        """Start a command without waiting for it.

        Its input and output are pipes, or `terminal`; `first` is done in the process before it starts.
        """
        ends = subprocess.PIPE if terminal is None else terminal
        usual = self.program == ASSISTANT
        if usual and terminal is None and first is None and preloaded.can_fork(self.env):
            return Fork(
                list(map(os.fsdecode, arguments)),
                stdin=ends,
                stdout=ends,
                stderr=ends,
                cwd=self.folder,
                env=self.env,
            )

        def before_it_starts() -> None:
            default_signals()
            if first is not None:
                first()

        return Program(
            [sys.executable, *self.program, *arguments],
            stdin=ends,
            stdout=ends,
            stderr=ends,
            cwd=self.folder,
            env=self.env,
            start_new_session=terminal is not None,
            preexec_fn=before_it_starts,
        )

    def run(self, *arguments: str | bytes, typed: str = "") -> Completed:
        """Run a command until it ends. A traceback never is a way to end."""
        with self.start(*arguments) as process:
            return finish(process, typed.encode())

    def call(self, *arguments: str, typed: str | bytes = "") -> Completed:
        """The same within this process, thirty times as fast. Only for commands that end by themselves."""
        invoke = partial(CliRunner(env=self.env).invoke, app, list(arguments), input=typed)
        with contextlib.chdir(self.folder), ThreadPoolExecutor(1) as thread:
            done = thread.submit(invoke).result() if _is_in_a_loop() else invoke()
        if isinstance(done.exception, Failure):  # as `assistant.cli.main` ends
            return Completed(1, done.stdout, f"{done.stderr}assistant: {done.exception.reason}\n")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Completed(done.exit_code, done.stdout, done.stderr)

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        """Its database, to look into."""
        url = self.env.get("ASSISTANT_DATABASE_URL", f"sqlite:///{self.database}")
        keyring = Path(self.env.get("ASSISTANT_KEYRING", self.data / "keyring.json"))
        store = await Store.open(url, KeyringFile(keyring))
        try:
            yield store
        finally:
            await store.close()

    @asynccontextmanager
    async def harness(self, script: Script, account: str = "memory:1") -> AsyncIterator[Harness]:
        """A process in memory over its database, to prepare letters and news with. `account`: of ours."""
        self.data.mkdir(exist_ok=True)
        async with self.store() as store:
            harness = await Harness.open(store, script, MemoryChannel(account), FakeClock())
            try:
                yield harness
                async with store.write() as tx:  # lately, by the processes' clock: nobody is inactive
                    lately = datetime.fromisoformat(OFFICE_HOURS).date()
                    await tx.connection.execute(update(chats).values(active_on=lately))
            finally:
                harness.printer.close()
                await harness.give_back_lanes()

    async def publish(self, script: Script, update: str) -> int:
        """Have that update of the case approved, its undo window over. Its number.

        A process that runs meanwhile counts it, and sends it.
        """
        async with self.harness(script) as harness, asyncio.timeout(TIMEOUT):
            harness.clock.now = datetime.fromisoformat(OFFICE_HOURS)
            async with harness.store.write() as tx:
                number = await harness.news.broadcast_service.save(tx, SHELL, harness.written(update))
            while (await harness.broadcast(number)).counts is None:  # noqa: ASYNC110  another process's doing
                await asyncio.sleep(0.05)
            await harness.propose_and_approve(number)
        return number

    def status(self, letter: int) -> str:
        """Where that letter is."""
        shown = self.call("letters", "show", str(letter), "--json")
        return str(json.loads(shown.out)["status"])

    def log(self, letter: int) -> list[dict[str, str]]:
        """Every step of that letter."""
        steps: list[dict[str, str]] = json.loads(self.call("letters", "log", str(letter), "--json").out)
        return steps

    def json(self, *arguments: str) -> Any:  # Any: JSON
        """What a listing says with `--json`."""
        done = self.call(*arguments, "--json")
        assert (done.code, done.err) == (0, ""), done.err
        return json.loads(done.out)

    def letters(self) -> list[dict[str, Any]]:
        """All letters, as `assistant letters list` knows them."""
        listed: list[dict[str, Any]] = self.json("letters", "list")
        return listed

    @contextmanager
    def chat(self, *arguments: str) -> Iterator["Chat"]:
        """`assistant chat --json`, opened with the case."""
        process = self.start("chat", "--json", "--case", CASE, *arguments)
        chat = Chat(process)
        try:
            yield chat
        finally:
            chat.kill()


def _is_in_a_loop() -> bool:
    """Whether this is called by a test with an event loop, in which a command cannot run its own."""
    with contextlib.suppress(RuntimeError):
        return asyncio.get_running_loop() is not None
    return False


def finish(process: subprocess.Popen[bytes], typed: bytes = b"") -> Completed:
    """Wait for the process, and see that it did not end in a traceback."""
    try:
        out, err = process.communicate(typed, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    done = Completed(process.returncode, (out or b"").decode(), (err or b"").decode())
    assert "Traceback" not in done.err + done.out, done.err + done.out
    return done


class Chat:
    """`assistant chat --json` in the hands of a program that waits for each answer before it goes on."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.heard: list[Message] = []
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def next(self) -> Message:
        """The next message, waiting for it."""
        line = self._lines.get(timeout=TIMEOUT)
        assert line, f"the chat has ended: {self.process.stderr and self.process.stderr.read().decode()}"
        message: Message = json.loads(line)
        self.heard.append(message)
        return message

    def until(self, wanted: Callable[[Message], bool]) -> Message:
        """The next message that is like this."""
        while not wanted(message := self.next()):
            pass
        return message

    def question(self, name: str | None = None) -> Message:
        """The next question, or the next one with that name."""
        return self.until(lambda message: message["asks"] == name if name else bool(message["asks"]))

    def type(self, line: str) -> None:
        """Type one line."""
        assert self.process.stdin
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def write_letter(self, *, until: str | None = None, **answers: str) -> Message:
        """Answer every question by its name, up to the end or to the question `until`, which stays open."""
        given = LETTER | answers
        while (asked := self.question())["asks"] != until:
            self.type(given[asked["asks"]])
            if asked["asks"] == "subscribe":
                return self.until(lambda message: message["conversation"] == "subscribe")
        return asked

    def end(self) -> Completed:
        """End the input, as Ctrl-D does."""
        assert self.process.stdin and self.process.stderr
        self.process.stdin.close()
        while line := self._lines.get(timeout=TIMEOUT):
            self.heard.append(json.loads(line))
        err = self.process.stderr.read().decode()
        assert "Traceback" not in err, err
        return Completed(self.process.wait(TIMEOUT), "", err)

    def left(self) -> list[Message]:
        """All that was heard of a chat that was killed: its last line may have been cut off."""
        while line := self._lines.get(timeout=TIMEOUT):
            with contextlib.suppress(json.JSONDecodeError):
                self.heard.append(json.loads(line))
        return self.heard

    def kill(self) -> None:
        """End the process at once, wherever it is."""
        with self.process:
            self.process.kill()
            self._reader.join()
