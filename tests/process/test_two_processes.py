"""Two processes on one database: the second is refused, and what a dead one held is soon taken over."""

import asyncio
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import CASE, LETTER, TIMEOUT, Installation
from tests.support.processes.serving import end, serving, telegram_installation
from tests.support.processes.telegram_supporters import Supporter

pytestmark = pytest.mark.chance


def elsewhere(installation: Installation, folder: Path) -> Installation:
    """Another data folder, with the same keyring and the same database: as on another machine."""
    folder.mkdir()
    url = installation.env.get("ASSISTANT_DATABASE_URL", f"sqlite:///{installation.database.absolute()}")
    other = Installation(folder, url, keyring=installation.data / "keyring.json")
    other.env = installation.env | other.env
    return other


async def running(installation: Installation, server: FakeTelegram) -> "subprocess.Popen[bytes]":
    """One that has begun to work."""
    before = _starts(server)
    process = installation.start("run")
    try:
        await server.until(lambda: _starts(server) > before, TIMEOUT)
    except TimeoutError:
        raise AssertionError((await end(process)).err) from None
    return process


def _starts(server: FakeTelegram) -> int:
    """Who begins asks who it is."""
    return sum(name == "getMe" for name, _ in server.calls)


async def test_a_second_one_is_refused_and_reads_which_one_is_there(
    tmp_path: Path, database_url: str
) -> None:
    async with FakeTelegram() as server:
        first = telegram_installation(tmp_path, server, database_url)
        async with serving(first) as process:
            await server.until(lambda: bool(server.calls), TIMEOUT)
            second = elsewhere(first, tmp_path / "b")
            refused = await asyncio.to_thread(second.run, "run")
        assert refused.code == 1
        assert "Another assistant works on this database: " in refused.err
        assert f":{process.pid}:" in refused.err


async def test_a_deleted_lock_file_lets_nobody_in(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        installation = telegram_installation(tmp_path, server)
        async with serving(installation):
            await server.until(lambda: bool(server.calls), TIMEOUT)
            (installation.data / "engine.lock").unlink()
            refused = await asyncio.to_thread(installation.run, "run")
        assert refused.code == 1
        assert "Another assistant works on this database" in refused.err


# SQLite's file stays locked where a process is frozen in the middle of a transaction.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_comes_after_a_frozen_one_goes_on_and_the_frozen_one_says_nothing_twice(
    tmp_path: Path, database_url: str
) -> None:
    """The first one wakes up, finds that it was taken for dead, and ends."""
    async with FakeTelegram() as server:
        first = telegram_installation(tmp_path, server, database_url)
        process = await running(first, server)
        try:
            beginning = {name: LETTER[name] for name in ("ready", "country")}
            ana = Supporter(server, server.person("Ana Example", "en"), beginning)
            await ana.person.write(f"/start {CASE}")
            await ana.until("What shall stand")
            process.send_signal(signal.SIGSTOP)
            second = elsewhere(first, tmp_path / "b")
            other = await running(second, server)
            try:
                process.send_signal(signal.SIGCONT)
                ended = await end(process, by=None)
                assert (ended.code, ended.out) == (1, "")
                assert "Another assistant works on this database" in ended.err
                ana.answers = LETTER
                await ana.person.write(LETTER["country"])
                await ana.until("pass this on")
                texts = [message.text for message in ana.heard]
                assert len(texts) == len(set(texts)), "nothing was said twice"
            finally:
                await end(other)
        finally:
            process.kill()
            with process:
                pass
