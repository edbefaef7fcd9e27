"""Our Telegram channel beside python-telegram-bot's own, against the same server, side by side in one run.

First messages sent a second. Then whole turns by webhook, also beside a bare aiohttp server with a dict: an
update comes in, the turn is committed (ours) or remembered in memory (theirs), the reply arrives; each person
answers at once, a new one follows.
"""

import argparse
import asyncio
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import aiohttp
from markupsafe import Markup
from telegram import Bot
from telegram.request import HTTPXRequest

from assistant.channels.telegram.channel import Telegram
from assistant.channels.telegram.webhook import HEADER, Webhook
from assistant.domain.messages import Account, Address, Reply
from benchmarks.comparisons import Comparison, median_ratio, table
from benchmarks.databases import folder, postgres, postmaster
from benchmarks.processes import HERE, cpu_of_family, free_port, process, until_it_answers
from benchmarks.telegram_server import BenchTelegram, Json

PTB = "python-telegram-bot"
TOKEN = "1:bench"  # noqa: S105  no real one
TEXT = Markup("What name shall we put under the letter? <b>Your name</b> will be sent to the government.")
WALK = ["/start norma-cruz", "go", "Finland", "Ana Invented"]
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


async def compare_sending(url: str, at_once: int) -> Comparison:
    """Both by turns."""
    ours = Telegram(TOKEN, url)
    await ours.open()
    request = HTTPXRequest(connection_pool_size=at_once)
    theirs = Bot(TOKEN, base_url=f"{url}/bot", request=request)
    await theirs.initialize()
    reply = Reply(TEXT)
    rates: dict[str, list[float]] = {"ours": [], "theirs": []}
    economy: dict[str, list[float]] = {"ours": [], "theirs": []}
    senders: dict[str, Callable[[int], Awaitable[object]]] = {
        "ours": lambda number: ours.send(Address(Account("telegram", "1"), str(number + 1)), reply),
        "theirs": lambda number: theirs.send_message(number + 1, TEXT, "HTML"),
    }
    for _ in range(ROUNDS):
        for who, send in senders.items():
            # Warm: after five idle seconds httpx is four times slower still, until its connections are new.
            await sends(send, at_once, SECONDS / 2)
            cpu, start = time.process_time(), time.perf_counter()
            rates[who].append(await sends(send, at_once, SECONDS))
            seconds = time.perf_counter() - start
            economy[who].append(rates[who][-1] * seconds / (time.process_time() - cpu))
    await ours.close()
    await theirs.shutdown()
    return Comparison(
        what=f"messages sent, {at_once} in flight",
        peer=PTB,
        ours=tuple(rates["ours"]),
        theirs=tuple(rates["theirs"]),
        unit="messages/s",
        by_cpu=median_ratio(economy["ours"], economy["theirs"]),
    )


# Turns


class Crowd:
    """People of a Telegram of its own, who write to a webhook, or to several in turns."""

    def __init__(self, secret: str, *webhooks: str) -> None:
        self.webhooks: Sequence[str] = webhooks
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

    def new_person(self) -> int:
        """Somebody who has never written."""
        self._people += 1
        return self._people

    async def turn(self, session: aiohttp.ClientSession, person: int, text: str) -> None:
        """One message of theirs, until its reply is there."""
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[person] = heard
        start, update = time.perf_counter(), self._update(person, text)
        webhook = self.webhooks[self._updates % len(self.webhooks)]
        async with session.post(webhook, json=update, headers=self._headers) as answer:
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
        person = self.new_person()
        for text in WALK:
            await self.turn(session, person, text)

    async def at_full_load(self, at_once: int, seconds: float) -> float:
        """Turns a second."""
        self.times, until = [], time.perf_counter() + seconds
        async with connections() as session:

            async def work() -> None:
                while time.perf_counter() < until:
                    await self.walk(session)

            start = time.perf_counter()
            await asyncio.gather(*(work() for _ in range(at_once)))
            return len(self.times) / (time.perf_counter() - start)

    async def at_rate(self, rate: float, seconds: float) -> tuple[float, float]:
        """Half and 99 of 100 turns take at most so many seconds, where people come at that rate."""
        self.times = []
        async with connections() as session, asyncio.TaskGroup() as tasks:
            start, count = time.perf_counter(), int(rate * seconds / len(WALK))
            for number in range(count):
                await asyncio.sleep(max(0.0, start + number * len(WALK) / rate - time.perf_counter()))
                tasks.create_task(self.walk(session))
        ordered = sorted(self.times)
        return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]


def connections() -> aiohttp.ClientSession:
    """As many as are needed."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1000))


@dataclass
class Contender:
    """A bot in a process of its own, and the people who write to it.

    `used`: seconds of a core so far, with those of its database. `rates`, `economy`: of each round, turns a
    second, and turns for a second of a core.
    """

    name: str
    crowd: Crowd
    port: int
    used: Callable[[], float]
    rates: list[float] = field(default_factory=list)
    economy: list[float] = field(default_factory=list)

    async def round(self, at_once: int) -> None:
        """Measure full load once more."""
        before = self.used()
        self.rates.append(await self.crowd.at_full_load(at_once, SECONDS))
        self.economy.append(len(self.crowd.times) / (self.used() - before))

    async def at_half_load(self) -> None:
        """Print the rate, and the latency at half of it."""
        rate, economy = statistics.median(self.rates), statistics.median(self.economy)
        half, most = await self.crowd.at_rate(rate / 2, SECONDS)
        print(
            f"turns by webhook: {self.name} {rate:,.0f}/s, {economy:,.0f} for a second of a core; "
            f"at half load p50 {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms"
        )

    def beside(self, peer: "Contender") -> Comparison:
        """This one's rounds beside those of the other."""
        return Comparison(
            what=f"turns by webhook, {self.name}",
            peer=peer.name,
            ours=tuple(self.rates),
            theirs=tuple(peer.rates),
            unit="turns/s",
            by_cpu=median_ratio(self.economy, peer.economy),
        )


@asynccontextmanager
async def peer(name: str, script: str) -> AsyncIterator[Contender]:
    """A bot by somebody else's means: a script here that is told where Telegram is, and where to listen."""
    port = free_port()
    crowd = Crowd("", f"http://127.0.0.1:{port}/telegram")
    url = await crowd.telegram.start()
    with process(str(HERE / script), url, str(port), port=port) as running:
        await until_it_answers(port)
        yield Contender(name, crowd, port, running.cpu)


@asynccontextmanager
async def ours(
    name: str, database: str, at: Path, of_database: Callable[[], float] = lambda: 0.0
) -> AsyncIterator[Contender]:
    """`of_database`: seconds of a core that a server of its own has used."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/telegram"
    crowd = Crowd(Webhook(address, TOKEN).secret, address)
    env = {
        "ASSISTANT_DATA_DIR": str(at / name),
        "ASSISTANT_DATABASE_URL": database,
        "ASSISTANT_TELEGRAM_TOKEN": TOKEN,
        "ASSISTANT_TELEGRAM_API_URL": await crowd.telegram.start(),
        "ASSISTANT_TELEGRAM_WEBHOOK_URL": address,
        "ASSISTANT_LISTEN": f"127.0.0.1:{port}",
    }
    with process("-m", "assistant", "run", env=env, port=port) as running:
        await until_it_answers(port)
        yield Contender(name, crowd, port, lambda: running.cpu() + of_database())


async def compare_turns(at: Path, at_once: int) -> list[Comparison]:
    """All by turns, against the same people; then each at half of its load."""
    async with AsyncExitStack() as stack:
        server = stack.enter_context(postgres(at))
        of_server = partial(cpu_of_family, postmaster(at))
        peers = [
            await stack.enter_async_context(peer(PTB, "ptb_bot.py")),
            await stack.enter_async_context(peer("aiohttp and a dict", "bare_bot.py")),
        ]
        mine = [
            await stack.enter_async_context(ours("SQLite", f"sqlite:///{at / 'bench.sqlite'}", at)),
            await stack.enter_async_context(ours("PostgreSQL", server, at, of_server)),
        ]
        for each in (*peers, *mine):
            await each.crowd.at_full_load(at_once, 2)  # warm up
        for _ in range(ROUNDS):
            for each in (*peers, *mine):
                await each.round(at_once)
        for each in (*peers, *mine):
            before = await _at_once(each.port) if each in mine else None
            await each.at_half_load()
            if before is not None:
                after = await _at_once(each.port)
                share = (after[0] - before[0]) / (after[1] - before[1])
                print(f"  {share:.1%} of its replies leave within 10 ms of their commit")
    return [each.beside(other) for other in peers for each in mine]


async def _at_once(port: int) -> tuple[float, float]:
    """Replies handed to the channel within 10 ms of their commit, and all replies, so far."""
    async with connections() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
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


async def compare(at_once: int) -> list[Comparison]:
    """Our channel and our turns beside others'."""
    with telegram() as url:
        sending = await compare_sending(url, at_once)
    with folder() as at:
        return [sending, *await compare_turns(at, at_once)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-once", type=int, default=100)
    table(asyncio.run(compare(parser.parse_args().at_once)))
