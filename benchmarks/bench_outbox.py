"""The outbox over our Telegram channel and a server that costs next to nothing, on both databases.

First 100,000 queued messages of a broadcast without a limit; then at 1,000 a second, while a person a second
is answered: how long they wait from writing to having the reply.
"""

import argparse
import asyncio
import secrets
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from assistant.channels.base import RateLimit
from assistant.channels.telegram.channel import Telegram
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.broadcasts import Announcement, Audience, Kind, Timing
from assistant.domain.clock import system_clock
from assistant.domain.messages import Account, Address, File, Incoming, Open, Reply
from assistant.domain.texts import CaseDate
from assistant.engine.embedded import EmbeddedEngine
from assistant.runtime import calm_collector
from assistant.services.effects import Effects
from assistant.services.letters.schedule import DepartureSchedule
from assistant.services.messages.outbox import OutboxWorker
from assistant.services.metrics import Metrics
from assistant.services.turns import Turns
from assistant.settings import Settings
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.store.tables import chats, copies, subscriptions
from assistant.wiring.content import make_script
from assistant.wiring.organisers import make_organiser_services
from assistant.wiring.process import make_chat_moves, make_outbox
from benchmarks.bench_telegram import TOKEN, telegram
from benchmarks.databases import folder, postgres
from benchmarks.rows import chat_row
from tests.support.publishing import CASE, BroadcastSteps

CHUNK = 20_000
NEWS = "<b>Norma Cruz</b>: news that is as long as news are. " * 6
ALERT = Announcement(
    kind=Kind.ALERT,
    texts={"en": NEWS, "es": NEWS},
    dated=CaseDate(2012, 1, 23),
    case=CASE,
    audience=Audience(case=CASE),
    timing=Timing(lasts=24, urgent=True),
)
UNLIMITED = RateLimit()
PAID = RateLimit(bulk=1000.0, chat=1.0, chat_burst=8)


class Noting(Telegram):
    """Our channel, noting when a reply has been taken by the server."""

    def __init__(self, url: str, pace: RateLimit) -> None:
        super().__init__(TOKEN, url)
        self.pace = pace
        self.answered: dict[str, float] = {}

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        reference = await super().send(address, reply, file)
        if not reply.bulk:
            self.answered.setdefault(address.person, time.perf_counter())
        return reference


class Bench(BroadcastSteps):
    """One process's messages over one database."""

    def __init__(self, store: Store, script: Script, channel: Noting) -> None:
        metrics, printer, by_account = Metrics(), Printer(script.cases), {channel.account: channel}
        self.store = store
        self.script = script
        self.clock = system_clock
        self.channel = channel
        self.news = make_organiser_services(store, script, by_account, system_clock, approvals=2)
        self.outbox = make_outbox(store, by_account, printer, system_clock, metrics, self.news)
        schedule = DepartureSchedule(store, script.cases, timedelta(minutes=10), system_clock)
        effects = Effects(
            script.cases,
            schedule,
            self.news.effects,
            self.news.letter_review,
            make_chat_moves(self.news.notifier, self.outbox),
        )
        self.turns = Turns(store, script, effects, self.outbox, system_clock, metrics)
        workers = [OutboxWorker(self.outbox, kind) for kind in (REPLIES, BULK)]
        self.engine = EmbeddedEngine(StoredLanes(store), workers, system_clock)
        self.waits: list[float] = []

    async def open(self) -> None:
        await self.channel.open()
        await self.outbox.open()

    async def close(self) -> None:
        await self.outbox.stop()
        await self.channel.close()

    async def one_a_second(self) -> None:
        """A new person writes every second; note how long each waits for the first reply."""
        while True:
            person = str(9_000_000_000 + secrets.randbelow(1_000_000_000))
            start = time.perf_counter()
            await self.turns.handle(
                Incoming(Address(self.channel.account, person), person, Open(), language="en")
            )
            await asyncio.sleep(1)
            self.waits.append(self.channel.answered[person] - start)

    async def drain(self) -> float:
        """Send all that is queued; returns the seconds it took."""
        start = time.perf_counter()
        await self.engine.run_until_idle()
        return time.perf_counter() - start


async def fill(store: Store, account: Account, wanted: int) -> None:
    """That many subscribers, each with a key of their own, as in life."""
    today = datetime.now(UTC).date()
    for first in range(1, wanted + 1, CHUNK):
        numbers = range(first, min(first + CHUNK, wanted + 1))
        async with store.write() as tx:
            people = [Address(account, str(1_000_000_000 + number)) for number in numbers]
            rows = [
                chat_row(tx, number, address, today, language="en")[0]
                for number, address in zip(numbers, people, strict=True)
            ]
            await tx.connection.execute(insert(chats), rows)
            members = [{"chat_id": number, "case_slug": CASE, "since": today} for number in numbers]
            await tx.connection.execute(insert(subscriptions), members)
            if tx.dialect == "postgresql":
                await tx.connection.execute(select(func.setval("chats_id_seq", numbers[-1] + 1)))


def memory() -> float:
    """Of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 2**20


async def measure(name: str, url: str, at: Path, count: int, script: Script) -> None:
    store = await Store.open(url, KeyringFile(at / f"{name}.json"))
    with telegram() as server:
        await fill(store, Noting(server, UNLIMITED).account, count)
        for kind, pace in (("unlimited", UNLIMITED), ("paced", PAID)):
            bench = Bench(store, script, Noting(server, pace))
            await bench.open()
            await bench.send(ALERT)
            before, cpu = memory(), time.process_time()
            people = asyncio.create_task(bench.one_a_second())
            seconds = await bench.drain()
            people.cancel()
            used = (time.process_time() - cpu) / seconds
            await bench.close()
            waits = sorted(bench.waits) or [0.0]
            half, most = statistics.median(waits), waits[int(len(waits) * 0.99)]
            print(
                f"{name}, {kind}: {count / seconds:,.0f} messages/s at {used:.0%} of a core; "
                f"memory {before:.0f} -> {memory():.0f} MiB; {len(waits)} replies meanwhile: "
                f"p50 {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms"
            )
    async with store.read() as tx:
        counted = select(copies.c.status, func.count()).group_by(copies.c.status)
        print(f"  {[tuple(row) for row in await tx.connection.execute(counted)]}")
    await store.close()


async def main(count: int) -> None:
    script = make_script(Settings())
    calm_collector()
    with folder() as at:
        await measure("SQLite", f"sqlite:///{at / 'bench.sqlite'}", at, count, script)
        with postgres(at) as url:
            await measure("PostgreSQL", url, at, count, script)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    asyncio.run(main(parser.parse_args().messages))
