"""No signal is ignored because of where we were started, and nothing waits without end.

`nohup` ignores SIGHUP, and a shell that starts something in the background SIGINT: many servers of continuous
integration start tests so.
"""

import asyncio
import math
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from assistant.cli.run import AGAIN
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes import installation as installations
from tests.support.processes.installation import CASE, TIMEOUT, Chat, Installation
from tests.support.processes.serving import end, serving, telegram_installation
from tests.support.processes.signals import default_signals
from tests.support.processes.terminal import open_terminal

pytestmark = pytest.mark.chance

ROOT = Path(__file__).parents[2]
AT_THE_TERMINAL = "tests/cli/test_chat_terminal.py::test_ctrl_c_ends_the_chat_and_nothing_is_lost"
IN_THE_BACKGROUND = 'trap "" INT HUP; exec "$0" "$@"'


def ignore_interrupts() -> None:
    """As a shell does for what it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


# The product


def test_a_chat_in_the_background_ends_on_sigterm_and_nothing_is_lost(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    options = ("chat", "--json", "--language", "en", "--case", CASE)
    with installation.start(*options, first=ignore_interrupts) as process:
        chat = Chat(process)
        chat.question("ready")
        chat.type("go")
        chat.question("country")
        process.send_signal(signal.SIGINT)
        chat.type("Spain")
        chat.question("name")
        process.terminate()
        assert process.wait() == -signal.SIGTERM
    with installation.chat("--language", "en") as chat:
        chat.question("name")


async def test_a_service_in_the_background_ends_on_sigterm(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        process = telegram_installation(tmp_path, server).start("run", first=ignore_interrupts)
        with process:
            await server.until(lambda: any(name == "getUpdates" for name, _ in server.calls), TIMEOUT)
            done = await end(process)
        assert (done.code, done.out) == (0, "")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_service_says_that_it_ends_and_that_it_has(tmp_path: Path, told: signal.Signals) -> None:
    async with FakeTelegram() as server:
        process = telegram_installation(tmp_path, server).start("run")
        with process:
            await server.until(lambda: any(name == "getUpdates" for name, _ in server.calls), TIMEOUT)
            done = await end(process, told)
        assert (done.code, done.out) == (0, "")
        assert f"signal={told.name}" in done.err
        assert done.err.index("stopping") < done.err.index("stopped")


@pytest.mark.parametrize("ignored", [signal.SIGINT, signal.SIGHUP])
async def test_a_service_leaves_a_signal_ignored_that_came_so(
    tmp_path: Path, ignored: signal.Signals
) -> None:
    async with FakeTelegram() as server:
        process = telegram_installation(tmp_path, server).start(
            "run", first=lambda: signal.signal(ignored, signal.SIG_IGN)
        )
        with process:
            await server.until(lambda: any(name == "getUpdates" for name, _ in server.calls), TIMEOUT)
            process.send_signal(ignored)
            before = len(server.calls)
            await server.until(lambda: len(server.calls) > before + 1, TIMEOUT)
            done = await end(process)
        assert done.code == 0
        assert "signal=SIGTERM" in done.err


@pytest.mark.parametrize("once_more", [signal.SIGTERM, signal.SIGINT])
async def test_a_service_that_is_told_once_more_ends_at_once(
    tmp_path: Path, once_more: signal.Signals
) -> None:
    async with FakeTelegram() as server:
        process = telegram_installation(tmp_path, server).start("run")
        with process:
            await server.until(lambda: any(name == "getUpdates" for name, _ in server.calls), TIMEOUT)
            server.fail_next("sendMessage", hang=math.inf)
            await server.person("Ana").write("hello")
            await server.until(lambda: any(name == "sendMessage" for name, _ in server.calls), TIMEOUT)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGHUP)  # as a shell may that closes: it is no impatience
            await asyncio.sleep(2 * AGAIN)
            assert process.poll() is None, "it waits for what hangs"
            done = await end(process, once_more)
        assert done.code == -once_more
        assert "stopped at once" in done.err
        assert time.monotonic() - begun < 5


WHATEVER_HANGS = 8.0  # seconds: `docker stop` kills after ten


async def test_it_ends_soon_while_telegram_hangs_and_what_hung_is_told_by_the_next_one(
    tmp_path: Path,
) -> None:
    async with FakeTelegram() as server:
        installation = telegram_installation(tmp_path, server)
        process = installation.start("run")
        with process:
            await server.until(lambda: any(name == "getUpdates" for name, _ in server.calls), TIMEOUT)
            server.fail_next("sendMessage", hang=math.inf)
            ana = server.person("Ana")
            await ana.write("hello")
            await server.until(lambda: any(name == "sendMessage" for name, _ in server.calls), TIMEOUT)
            begun = time.monotonic()
            done = await end(process)
        assert time.monotonic() - begun < WHATEVER_HANGS
        assert (done.code, done.out) == (0, "")
        assert not ana.inbox
        async with serving(installation):
            await server.until(lambda: bool(ana.inbox), TIMEOUT)


async def test_it_ends_soon_while_another_program_keeps_the_database_locked(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        installation = telegram_installation(tmp_path, server)
        process = installation.start("run")
        with process:
            await server.until(lambda: any(name == "getUpdates" for name, _ in server.calls), TIMEOUT)
            with closing(sqlite3.connect(installation.database, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                await server.person("Ana").write("hello")
                before = len(server.calls)
                await server.until(lambda: len(server.calls) > before, TIMEOUT)
                begun = time.monotonic()
                await end(process)
                assert time.monotonic() - begun < WHATEVER_HANGS
        async with serving(installation):
            await server.until(lambda: any(name == "sendMessage" for name, _ in server.calls), TIMEOUT)


@pytest.mark.parametrize("told", [signal.SIGHUP, signal.SIGTERM])
def test_a_chat_at_a_terminal_that_is_ended_has_stored_everything(
    tmp_path: Path, told: signal.Signals
) -> None:
    installation = Installation(tmp_path)
    with open_terminal(installation, "--language", "en", "--case", CASE) as rosa:
        rosa.see("2. Not now")
        rosa.type("go")
        rosa.see("Which country")
        rosa.type("Spain")
        rosa.see("What shall stand")
        rosa.process.send_signal(told)
        rosa.leave()
    with installation.chat("--language", "en") as chat:
        chat.question("name")


# The tests


@pytest.mark.parametrize("ignored", [signal.SIGINT, signal.SIGHUP])
def test_what_the_tests_start_ignores_nothing_that_they_ignore(ignored: signal.Signals) -> None:
    before = signal.signal(ignored, signal.SIG_IGN)
    try:
        program = f"import signal; print(signal.getsignal({ignored.value}) == signal.SIG_IGN)"
        command = [sys.executable, "-S", "-c", program]
        said = [
            subprocess.run(command, preexec_fn=first, capture_output=True, check=True).stdout
            for first in (None, default_signals)
        ]
    finally:
        signal.signal(ignored, before)
    assert said == [b"True\n", b"False\n"]


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_tests_are_green_in_the_background() -> None:
    pytest_there = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", AT_THE_TERMINAL)
    command = ("sh", "-c", IN_THE_BACKGROUND, *pytest_there)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout


def test_a_test_that_hangs_is_ended(request: pytest.FixtureRequest) -> None:
    assert 0 < float(request.config.getini("timeout")) <= 120


def test_a_process_that_does_not_end_is_no_reason_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installations, "TIMEOUT", 0.1)
    with pytest.raises(subprocess.TimeoutExpired), Installation(tmp_path).start("run") as process:
        pass
    assert process.returncode == -signal.SIGKILL


def test_a_test_that_fails_leaves_no_process(tmp_path: Path) -> None:
    with pytest.raises(KeyError), Installation(tmp_path).start("run") as process:
        raise KeyError
    assert process.returncode == -signal.SIGKILL
