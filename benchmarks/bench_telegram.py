"""Our Telegram channel beside python-telegram-bot's own, against the same server, side by side in one run.

First messages sent a second. Then whole turns by webhook: an update comes in, the turn is committed (ours)
or remembered in memory (theirs), the reply arrives; each person answers at once, a new one follows.
"""

import argparse
import asyncio
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
from markupsafe import Markup
from telegram import Bot
from telegram.request import HTTPXRequest

from assistant.channels.telegram.channel import Telegram
from assistant.channels.telegram.webhook import HEADER, Webhook
from assistant.domain.messages import Account, Address, Reply
from benchmarks.databases import folder, postgres
from benchmarks.telegram_server import BenchTelegram, Json

TOKEN = "1:bench"  # noqa: S105  no real one
HERE = Path(__file__).parent
TEXT = Markup("What name shall we put under the letter? <b>Your name</b> will be sent to the government.")
WALK = ["/start norma-cruz", "go", "Ana Invented", "Finland"]
SECONDS = 5.0
ROUNDS = 3


# Sending


async def sends(send: Callable[[int], Awaitable[object]], at_once: int, seconds: float) -> float:
    """Messages a second, with that many in flight."""
    count, until = 0, time.perf_counter() + seconds

    async def work() -> None:
        nonlocal count
        while time.perf_counter() < until:
            await send(count)
            count += 1

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return count / (time.perf_counter() - start)


async def compare_sending(url: str, at_once: int) -> None:
    """Print both, measured in turns."""
    ours = Telegram(TOKEN, url)
    await ours.open()
    request = HTTPXRequest(connection_pool_size=at_once)
    theirs = Bot(TOKEN, base_url=f"{url}/bot", request=request)
    await theirs.initialize()
    reply = Reply(TEXT)
    rates: dict[str, list[float]] = {"ours": [], "theirs": []}
    senders: dict[str, Callable[[int], Awaitable[object]]] = {
        "ours": lambda number: ours.send(Address(Account("telegram", "1"), str(number + 1)), reply),
        "theirs": lambda number: theirs.send_message(number + 1, TEXT, "HTML"),
    }
    for _ in range(ROUNDS):
        for who, send in senders.items():
            # Warm: after five idle seconds httpx is four times slower still, until its connections are new.
            await sends(send, at_once, SECONDS / 2)
            rates[who].append(await sends(send, at_once, SECONDS))
    await ours.close()
    await theirs.shutdown()
    mine, other = (statistics.median(rates[who]) for who in ("ours", "theirs"))
    print(
        f"sending, {at_once} in flight: ours {mine:,.0f}/s, python-telegram-bot's default {other:,.0f}/s: "
        f"{mine / other:.1f} times"
    )


# Turns


class Crowd:
    """People of a Telegram of its own, who write to a webhook."""

    def __init__(self, webhook: str, secret: str) -> None:
        self._webhook = webhook
        self._headers = {HEADER: secret}
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._updates = 0
        self._people = secrets.randbelow(1_000_000) * 1_000_000
        self.telegram = BenchTelegram(self._heard)
        self.times: list[float] = []

    def _heard(self, chat: int) -> None:
        heard = self._waiting.get(chat)
        if heard is not None and not heard.done():
            heard.set_result(None)

    async def turn(self, session: aiohttp.ClientSession, person: int, step: int) -> None:
        """One message of theirs, until its reply is there."""
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[person] = heard
        start = time.perf_counter()
        async with session.post(
            self._webhook, json=self._update(person, WALK[step]), headers=self._headers
        ) as answer:
            assert answer.status == 200, answer.status
        await asyncio.wait_for(heard, 30)
        self.times.append(time.perf_counter() - start)
        del self._waiting[person]

    def _update(self, person: int, text: str) -> Json:
        self._updates += 1
        user = {"id": person, "is_bot": False, "first_name": "Bench", "language_code": "en"}
        message: Json = {
            "message_id": self._updates,
            "date": int(time.time()),
            "chat": {"id": person, "type": "private", "first_name": "Bench"},
            "from": user,
            "text": text,
        }
        if text.startswith("/"):
            word = text.split(" ", maxsplit=1)[0]
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(word)}]
        return {"update_id": self._people + self._updates, "message": message}

    async def walk(self, session: aiohttp.ClientSession) -> None:
        """A new person answers all questions."""
        self._people += 1
        person = self._people
        for step in range(len(WALK)):
            await self.turn(session, person, step)

    async def at_full_load(self, at_once: int, seconds: float) -> float:
        """Turns a second."""
        self.times, until = [], time.perf_counter() + seconds
        async with _session() as session:

            async def work() -> None:
                while time.perf_counter() < until:
                    await self.walk(session)

            start = time.perf_counter()
            await asyncio.gather(*(work() for _ in range(at_once)))
            return len(self.times) / (time.perf_counter() - start)

    async def at_rate(self, rate: float, seconds: float) -> tuple[float, float]:
        """Half and 99 of 100 turns take at most so many seconds, where people come at that rate."""
        self.times = []
        async with _session() as session, asyncio.TaskGroup() as tasks:
            start, count = time.perf_counter(), int(rate * seconds / len(WALK))
            for number in range(count):
                await asyncio.sleep(max(0.0, start + number * len(WALK) / rate - time.perf_counter()))
                tasks.create_task(self.walk(session))
        ordered = sorted(self.times)
        return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1000))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(*arguments: str, env: dict[str, str] | None = None) -> Iterator[None]:
    """A program of ours, ended at the end."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(HERE.parent), **(env or {})},
        stderr=subprocess.DEVNULL,
    ) as running:
        try:
            yield
        finally:
            running.terminate()


async def _until_it_answers(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            await asyncio.sleep(0.1)


async def measure(name: str, crowd: Crowd, at_once: int) -> float:
    """Print turns a second at full load, and the latency at half of that."""
    await crowd.at_full_load(at_once, 2)  # warm up
    rate = statistics.median([await crowd.at_full_load(at_once, SECONDS) for _ in range(ROUNDS)])
    half, most = await crowd.at_rate(rate / 2, SECONDS)
    print(
        f"turns by webhook, {at_once} people at once: {name} {rate:,.0f}/s; "
        f"at half load p50 {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms"
    )
    return rate


async def theirs(at_once: int) -> float:
    port = _free_port()
    crowd = Crowd(f"http://127.0.0.1:{port}/telegram", "")
    url = await crowd.telegram.start()
    with process(str(HERE / "ptb_bot.py"), url, str(port)):
        await _until_it_answers(port)
        return await measure("python-telegram-bot (in memory)", crowd, at_once)


async def ours(name: str, database: str, at: Path, at_once: int) -> float:
    port = _free_port()
    address = f"http://127.0.0.1:{port}/telegram"
    crowd = Crowd(address, Webhook(address, TOKEN).secret)
    env = {
        "ASSISTANT_DATA_DIR": str(at / name),
        "ASSISTANT_DATABASE_URL": database,
        "ASSISTANT_TELEGRAM_TOKEN": TOKEN,
        "ASSISTANT_TELEGRAM_API_URL": await crowd.telegram.start(),
        "ASSISTANT_TELEGRAM_WEBHOOK_URL": address,
        "ASSISTANT_LISTEN": f"127.0.0.1:{port}",
    }
    with process("-m", "assistant", "run", env=env):
        await _until_it_answers(port)
        rate = await measure(f"ours ({name}, committed)", crowd, at_once)
        before = await _at_once(port)
        await crowd.at_rate(rate / 2, SECONDS)
        after = await _at_once(port)
        share = (after[0] - before[0]) / (after[1] - before[1])
        print(f"  at half load {share:.1%} of the replies leave within 10 ms of their commit")
        return rate


async def _at_once(port: int) -> tuple[float, float]:
    """Replies handed to the channel within 10 ms of their commit, and all replies, so far."""
    async with _session() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = dict(line.rsplit(" ", 1) for line in (await answer.text()).splitlines() if line[:1] != "#")
    quick, everything = 'assistant_reply_seconds_bucket{le="0.01"}', "assistant_reply_seconds_count"
    return float(lines[quick]), float(lines[everything])


@contextmanager
def telegram() -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    command = [sys.executable, "-m", "benchmarks.telegram_server"]
    with subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


async def main(at_once: int) -> None:
    with telegram() as url:
        await compare_sending(url, at_once)
    with folder() as at:
        other = await theirs(at_once)
        lite = await ours("SQLite", f"sqlite:///{at / 'bench.sqlite'}", at, at_once)
        with postgres(at) as url:
            postgresql = await ours("PostgreSQL", url, at, at_once)
    print(f"SQLite {lite / other:.1f} times, PostgreSQL {postgresql / other:.1f} times")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-once", type=int, default=100)
    asyncio.run(main(parser.parse_args().at_once))
