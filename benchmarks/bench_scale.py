"""Several processes on one PostgreSQL: turns, broadcasts, and what either costs as the tables grow.

Real processes, `assistant run --role web` and `--role work`, with ASSISTANT_ENGINE=procrastinate. The people
who write, and a Telegram that costs next to nothing, are this process, which is pinned to the last core.
Where cores are few, all share them. So beside turns a second stands what a turn costs each of them:

- `web ms` is without `idle of a core`, what a process uses when nobody writes: on a machine that is busy with
  other work, and slow, that would be much for a turn.
- `of one: by CPU`: how many times the turns of one process so many would take, each with a core of its own
  and a database that keeps up: their number, times the ratio of turns for a second of `web`'s processor time.
- `without people`: turns a second if all cores did what `web` and PostgreSQL do, and nothing else.
- `lock waits` and the like: of database connections with something to do, how many waited for that when
  looked at; `own waits`, in the middle of a transaction, for our own process.

    python -m benchmarks.bench_scale --sizes 1000 10000 100000 1000000 --copies 100000 --json FILE
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from assistant.carriers.tray import Tray
from assistant.channels.telegram.webhook import Webhook
from assistant.dialogue.script import Script
from assistant.domain.broadcasts import Audience
from assistant.domain.clock import system_clock
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Account
from assistant.runtime import calm_collector
from assistant.services.broadcasts.approval import SHELL
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import messages
from assistant.store.tables import processes as processes_table
from assistant.wiring.content import make_script
from benchmarks import bench_mailroom
from benchmarks.bench_telegram import Crowd
from benchmarks.comparisons import Stopwatch
from benchmarks.databases import folder, named, on_server, postgres
from benchmarks.postgres_load import Server, ServerLoad
from benchmarks.press import Desk, news
from benchmarks.processes import Running, free_port, process, until_it_answers
from benchmarks.talkers import BOTS, Talkers, fill, fill_subscribers
from benchmarks.telegram_server import BenchTelegram

PAID = 1000  # copies a second and bot: the most that Telegram sells
AT_ONCE = 20  # people who wait at any time, for each web process
WARM_UP = 2.0  # seconds
IDLE = 3.0  # seconds in which nobody writes
PATIENCE = 600.0  # seconds until a broadcast that does not end is given up
ONE_BOT, BOTH_BOTS = "one-bot", "both-bots"  # cases whose subscribers are on the first bot, and on either
LETTERS = 1000  # whose rows are measured
ANYWHERE = os.sched_getaffinity(0)
CORES = len(ANYWHERE)
Row = dict[str, float]  # figures, by what they are of
Columns = dict[str, Row]


def token(bot: Account) -> str:
    return f"{bot.id}:bench"


@dataclass(frozen=True, slots=True)
class Site:
    """One database, and the Telegram that its processes see."""

    at: Path
    name: str
    url: str
    telegram: str

    @classmethod
    def make(cls, at: Path, server: Server, name: str, telegram: str) -> "Site":
        on_server(server.url, f"CREATE DATABASE {name}")
        return cls(at, name, named(server.url, name), telegram)

    @property
    def keyring(self) -> Path:
        return self.at / f"{self.name}.json"

    def _env(self, bot: Account, **settings: str) -> Mapping[str, str]:
        both = {
            "data_dir": str(self.at / self.name),
            "database_url": self.url,
            "keyring": str(self.keyring),
            "engine": "procrastinate",
            "telegram_token": token(bot),
            "telegram_api_url": self.telegram,
            "telegram_paid_rate": str(PAID),
            **settings,
        }
        return {f"ASSISTANT_{name.upper()}": value for name, value in both.items()}

    @contextmanager
    def web(self) -> Iterator[Running]:
        """A process that talks with people; it may not listen yet."""
        port = free_port()
        listen = {"listen": f"127.0.0.1:{port}", "telegram_webhook_url": webhook(port)}
        arguments = ("-m", "assistant", "run", "--role", "web")
        with process(*arguments, env=self._env(BOTS[0], **listen), port=port) as running:
            os.sched_setaffinity(running.pid, ANYWHERE)
            yield running

    @contextmanager
    def work(self, bot: Account) -> Iterator[Running]:
        """A process that sends broadcasts on that bot's lane; it may not work yet."""
        env = self._env(bot, listen="none")
        with process("-m", "assistant", "run", "--role", "work", env=env) as running:
            os.sched_setaffinity(running.pid, ANYWHERE)
            yield running

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        opened = await Store.open(self.url, KeyringFile(self.keyring))
        try:
            yield opened
        finally:
            await opened.close()


def webhook(port: int) -> str:
    return f"http://127.0.0.1:{port}/telegram"


# Turns


@dataclass
class Load:
    """People who write to processes of one site, and what that costs."""

    site: Site
    server: Server
    talkers: Talkers
    webs: Sequence[Running]
    idle: float = 0.0  # of a core, that each process uses when nobody writes

    async def warm_up(self) -> None:
        for each in self.webs:
            await until_it_answers(each.port)
        self.talkers.crowd.webhooks = [webhook(each.port) for each in self.webs]
        await self.talkers.talk(AT_ONCE, WARM_UP)
        with Stopwatch(lambda: sum(each.cpu() for each in self.webs)) as watch:
            await asyncio.sleep(IDLE)
        self.idle = watch.others / watch.seconds / len(self.webs)

    async def turns(self, processes: int, seconds: float) -> Row:
        """A round with the first so many of the processes."""
        used = self.webs[:processes]
        self.talkers.crowd.webhooks = [webhook(each.port) for each in used]
        async with self.server.watched(self.site.name) as load:
            with Stopwatch(lambda: sum(each.cpu() for each in used)) as watch:
                took = await self.talkers.talk(AT_ONCE * processes, seconds)
        web = watch.others - self.idle * processes * watch.seconds
        return _turns_row(took, watch, web, load) | {"idle of a core": self.idle}


def _turns_row(took: Sequence[float], watch: Stopwatch, web: float, load: ServerLoad) -> Row:
    """`web`: seconds of a core."""
    count, shares = len(took), load.shares()
    return {
        "turns/s": count / watch.seconds,
        "p50 ms": took[count // 2] * 1000,
        "p99 ms": took[int(count * 0.99)] * 1000,
        "web ms": web / count * 1000,
        "PostgreSQL ms": load.cpu / count * 1000,
        "people ms": watch.own / count * 1000,
        "turns/CPU s of web": count / web,
        "without people": count / (web + load.cpu) * CORES,
        "busy cores": (watch.cpu + load.cpu) / watch.seconds,
        "commits/turn": load.commits / count,
        "WAL bytes/turn": load.wal / count,
        "lock waits": shares.get("Lock", 0.0) + shares.get("LWLock", 0.0),
        "disk waits": shares.get("IO", 0.0),
        "own waits": shares.get("Client", 0.0),
    }


async def measure_webs(server: Server, at: Path, script: Script, wanted: argparse.Namespace) -> Columns:
    """By how many processes; rounds of each by turns, on the same ones."""
    crowd = Crowd(Webhook(webhook(1), token(BOTS[0])).secret)
    site = Site.make(at, server, "webs", await crowd.telegram.start())
    async with site.store() as store:
        await fill(store, script, wanted.open)
    rounds: defaultdict[int, list[Row]] = defaultdict(list)
    with ExitStack() as stack:
        webs = [stack.enter_context(site.web()) for _ in range(max(wanted.webs))]
        load = Load(site, server, Talkers(crowd, wanted.open), webs)
        await load.warm_up()
        for _ in range(wanted.rounds):
            for count in wanted.webs:
                rounds[count].append(await load.turns(count, wanted.seconds))
        own = await server.connections(site.name) / len(webs)
        memory = statistics.median(each.memory() for each in webs)
    async with site.store() as store:
        reply = await _bytes_each(server, site, store)
    columns = {}
    for count, found in rounds.items():
        ratios = [
            {
                "of one: turns/s": mine["turns/s"] / one["turns/s"],
                "of one: by CPU": count
                / wanted.webs[0]
                * (mine["turns/CPU s of web"] / one["turns/CPU s of web"]),
            }
            for mine, one in zip(found, rounds[wanted.webs[0]], strict=True)
        ]
        extra = {"connections/process": own, "MiB/process": memory, "bytes/reply": reply}
        columns[f"{count} web"] = _medians(found) | _medians(ratios) | extra
    return columns


async def _bytes_each(server: Server, site: Site, store: Store) -> float:
    """Of the messages that are stored."""
    async with store.read() as tx:
        count = await tx.connection.scalar(select(func.count()).select_from(messages)) or 1
    return await server.size(site.url, "messages") / count


async def measure_sizes(server: Server, at: Path, script: Script, wanted: argparse.Namespace) -> Columns:
    """By how many chats are stored, all with an open conversation; rounds of each by turns."""
    loads: dict[int, Load] = {}
    rounds: defaultdict[int, list[Row]] = defaultdict(list)
    facts: dict[int, Row] = {}
    with ExitStack() as stack:
        for size in wanted.sizes:
            crowd = Crowd(Webhook(webhook(1), token(BOTS[0])).secret)
            site = Site.make(at, server, f"chats_{size}", await crowd.telegram.start())
            start = time.perf_counter()
            async with site.store() as store:
                await fill(store, script, size)
            facts[size] = {
                "filled in s": time.perf_counter() - start,
                "bytes/chat": await server.size(site.url, "chats") / size,
            }
            loads[size] = Load(site, server, Talkers(crowd, size), [stack.enter_context(site.web())])
            await loads[size].warm_up()
        on_server(server.url, "CHECKPOINT")
        for _ in range(wanted.rounds):
            for size, load in loads.items():
                rounds[size].append(await load.turns(1, wanted.seconds))
    columns = {}
    for size, found in rounds.items():
        ratios = [
            {"of the smallest": mine["turns/CPU s of web"] / one["turns/CPU s of web"]}
            for mine, one in zip(found, rounds[wanted.sizes[0]], strict=True)
        ]
        columns[f"{size:,} chats"] = _medians(found) | _medians(ratios) | facts[size]
    return columns


# Broadcasts


@dataclass(frozen=True, slots=True)
class Senders:
    """Who sends: a process for each of these bots. `case`: whose subscribers get it."""

    what: str
    case: str
    bots: Sequence[Account]


SENDERS = (
    Senders("one bot, one process", ONE_BOT, BOTS[:1]),
    Senders("one bot, two processes", ONE_BOT, (BOTS[0], BOTS[0])),
    Senders("two bots, a process each", BOTH_BOTS, BOTS),
)


class Counting(BenchTelegram):
    """Notes when the last message came."""

    def __init__(self) -> None:
        self.last = 0.0
        super().__init__(self._note)

    def _note(self, _chat: int) -> None:
        self.last = time.perf_counter()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.count < count:  # noqa: ASYNC110  a look each 10 ms costs nothing
                await asyncio.sleep(0.01)


async def measure_broadcasts(server: Server, at: Path, script: Script, wanted: argparse.Namespace) -> Columns:
    """So many copies, by who sends them."""
    telegram = Counting()
    site = Site.make(at, server, "broadcasts", await telegram.start())
    found: defaultdict[str, list[Row]] = defaultdict(list)
    async with site.store() as store:
        await fill_subscribers(store, (ONE_BOT, BOTH_BOTS), wanted.copies)
        for _ in range(wanted.broadcast_rounds):
            for senders in SENDERS:
                sent = await _send(site, server, store, script, telegram, senders, wanted.copies)
                found[senders.what].append(sent)
        size = await _bytes_each(server, site, store)
    return {what: _medians(each) | {"bytes/copy": size} for what, each in found.items()}


async def _send(
    site: Site,
    server: Server,
    store: Store,
    script: Script,
    telegram: Counting,
    senders: Senders,
    copies: int,
) -> Row:
    desk = Desk.over(store, script, system_clock)
    with ExitStack() as stack:
        known = await _known(store)
        works = [stack.enter_context(site.work(bot)) for bot in senders.bots]
        async with asyncio.timeout(PATIENCE):
            while await _known(store) < known + len(works):  # noqa: ASYNC110  only the database knows
                await asyncio.sleep(0.1)
        number = await _begin(desk, senders.case)
        already = telegram.count
        await telegram.until(already + 1)
        start = time.perf_counter()
        async with server.watched(site.name) as load:
            with Stopwatch(lambda: sum(each.cpu() for each in works)) as watch:
                await telegram.until(already + copies)
        work, seconds = watch.others, telegram.last - start
        while (await desk.broadcast(number)).status is not BroadcastStatus.DONE:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        memory = max(each.memory() for each in works)
    return {
        "copies": copies,
        "copies/s": copies / seconds,
        "work ms": work / copies * 1000,
        "PostgreSQL ms": load.cpu / copies * 1000,
        "platform ms": watch.own / copies * 1000,
        "copies/CPU s of work": copies / work,
        "busy cores": (watch.cpu + load.cpu) / seconds,
        "commits/copy": load.commits / copies,
        "WAL bytes/copy": load.wal / copies,
        "lock waits": load.shares().get("Lock", 0.0) + load.shares().get("LWLock", 0.0),
        "MiB/process": memory,
    }


async def _known(store: Store) -> int:
    """How many processes there have been."""
    async with store.read() as tx:
        return await tx.connection.scalar(select(func.coalesce(func.max(processes_table.c.id), 0))) or 0


async def _begin(desk: Desk, case: str) -> int:
    """Have the processes count a broadcast to that case's subscribers; approve it, so that it begins.

    Its number.
    """
    async with desk.store.write() as tx:
        number = await desk.news.broadcast_service.save(tx, SHELL, news(Audience(case=case), urgent=True))
    async with asyncio.timeout(PATIENCE):
        while (await desk.broadcast(number)).counts is None:  # noqa: ASYNC110  the processes' doing
            await asyncio.sleep(0.05)
    await desk.propose_and_approve(number)
    return number


# Bytes


async def measure_bytes(server: Server, at: Path, script: Script, _: argparse.Namespace) -> Columns:
    """What a letter that has left takes on disk, with its log and what its writer was told."""
    site = Site.make(at, server, "letters", "")
    tables = ("letters", "letter_log")
    (case,) = script.cases.values()
    async with site.store() as store:
        tray = Tray(at / "tray")
        bench = bench_mailroom.Bench(store, script, bench_mailroom.with_office(case, "tray", "bench"), tray)
        before = await server.size(site.url, *tables)
        await bench.queue(range(LETTERS))
        await bench.hand_over()
        size = await server.size(site.url, *tables) - before
    return {f"{LETTERS:,} letters": {"bytes/letter": size / LETTERS}}


# What is printed


def _medians(rounds: Sequence[Row]) -> Row:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def table(columns: Columns) -> None:
    """A line for each figure."""
    width = max(12, *(len(head) + 2 for head in columns))
    print(f"{'':24}" + "".join(f"{head:>{width}}" for head in columns))
    for name in next(iter(columns.values())):
        print(f"{name:24}" + "".join(f"{_short(each[name]):>{width}}" for each in columns.values()))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


Part = Callable[[Server, Path, Script, argparse.Namespace], Awaitable[Columns]]
PARTS: Mapping[str, Part] = {
    "webs": measure_webs,
    "sizes": measure_sizes,
    "broadcasts": measure_broadcasts,
    "bytes": measure_bytes,
}


async def main(wanted: argparse.Namespace) -> None:
    script = make_script(Settings(_env_file=None))
    calm_collector()
    results: dict[str, object] = {"cores": CORES, "arguments": vars(wanted) | {"json": None}}
    with folder() as at, postgres(at) as url:
        server = Server(url, at)
        os.sched_setaffinity(0, {max(ANYWHERE)})
        for name in wanted.parts:
            print(f"-- {name}; load average {os.getloadavg()[0]:.1f}", flush=True)
            columns = await PARTS[name](server, at, script, wanted)
            results[name] = {"load average": os.getloadavg(), "columns": columns}
            table(columns)
    if wanted.json:
        wanted.json.write_text(json.dumps(results, indent=1), "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--webs", type=int, nargs="+", default=[1, 2, 4], help="numbers of web processes")
    parser.add_argument("--open", type=int, default=20_000, help="conversations that they go on with")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--copies", type=int, default=5_000, help="of each broadcast")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--broadcast-rounds", type=int, default=1)
    parser.add_argument("--json", type=Path, help="a file that the figures are written to as well")
    asyncio.run(main(parser.parse_args()))
