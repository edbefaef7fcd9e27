"""Turns committed a second, one process: one chat at a time and 100 at once, on both databases, and
whether it stays flat as stored chats grow.

Each turn is what it is in life: lookup, decryption, the dialogue, encryption, the dedupe row, the reply in
the ledger, a commit to disk, and the reply's own completion. The channel sends nowhere.
"""

import argparse
import asyncio
import os
import secrets
import statistics
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.clock import system_clock
from assistant.domain.messages import Account, Address, File, Incoming, Open, Reply, TextMessage
from assistant.runtime import calm_collector
from assistant.services.effects import Effects
from assistant.services.letters.schedule import DepartureSchedule
from assistant.services.metrics import Metrics
from assistant.services.turns import Turns
from assistant.settings import Settings
from assistant.store.database import Store, Tx, Value
from assistant.store.keyring import KeyringFile
from assistant.store.tables import chats
from assistant.wiring.content import make_script
from assistant.wiring.organisers import make_organiser_services
from assistant.wiring.process import make_chat_moves, make_outbox
from benchmarks.databases import folder, postgres
from benchmarks.rows import chat_row
from tests.support.fakes.channel import MemoryChannel

SECONDS = 2.0  # of one round
ROUNDS = 5
CHUNK = 10_000
TALK = (
    "go",
    "Guatemala",
    "Ana Example",
    "I read about her.",
    "cancel",
    "letter",
)  # to the preview, and again


class Nowhere(MemoryChannel):
    """A channel whose messages are sent as soon as they are given to it."""

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:  # noqa: ARG002
        """Nothing to wait for."""
        return None


class Bench:
    """The services of one process over one database."""

    def __init__(self, store: Store, script: Script) -> None:
        self.store = store
        self.channel = Nowhere()
        channels, metrics = {self.channel.account: self.channel}, Metrics()
        news = make_organiser_services(store, script, channels, system_clock, approvals=2)
        printer = Printer(script.cases)
        self.outbox = make_outbox(store, channels, printer, system_clock, metrics, news)
        schedule = DepartureSchedule(store, script.cases, timedelta(minutes=10), system_clock)
        effects = Effects(
            script.cases,
            schedule,
            news.effects,
            news.letter_review,
            make_chat_moves(news.notifier, self.outbox),
        )
        self.turns = Turns(store, script, effects, self.outbox, system_clock, metrics)

    async def talk(self, person: str, until: float) -> int:
        """One person who answers at once, until the time is over; returns their turns."""
        address, count = self.channel.address(person), 0
        await self.turns.handle(Incoming(address, secrets.token_hex(8), Open(), language="en"))
        while time.perf_counter() < until:
            text = TextMessage(TALK[count % len(TALK)])
            await self.turns.handle(Incoming(address, secrets.token_hex(8), text, language="en"))
            count += 1
        return count

    async def rate(self, at_once: int) -> float:
        """Turns a second with that many people: the median of a few rounds, as machines are noisy."""
        return statistics.median([await self.round(at_once) for _ in range(ROUNDS)])

    async def round(self, at_once: int) -> float:
        """Turns a second in one round."""
        start = time.perf_counter()
        until = start + SECONDS
        people = (f"person {number} {secrets.token_hex(4)}" for number in range(at_once))
        counts = await asyncio.gather(*(self.talk(person, until) for person in people))
        taken = time.perf_counter() - start
        await self.outbox.settle()
        return sum(counts) / taken


async def fill(store: Store, wanted: int) -> None:
    """Store chats until there are that many; each with its own key, as in life."""
    async with store.read() as tx:
        there = await tx.connection.scalar(select(func.count()).select_from(chats)) or 0
    today = datetime.now(UTC).date()
    while there < wanted:
        async with store.write() as tx:
            first = (await tx.connection.scalar(select(func.coalesce(func.max(chats.c.id), 0))) or 0) + 1
            rows = [_row(tx, number, today) for number in range(first, first + min(CHUNK, wanted - there))]
            await tx.connection.execute(insert(chats), rows)
            if tx.dialect == "postgresql":
                await tx.connection.execute(select(func.setval("chats_id_seq", first + len(rows))))
        there += len(rows)


def _row(tx: Tx, number: int, today: date) -> dict[str, Value]:
    row, sealer = chat_row(tx, number, Address(Account("memory", "1"), f"stored {number}"), today)
    return row | {"state": sealer.seal("chats.state", number, "x" * 300)}


async def measure(name: str, url: str, at: Path, sizes: list[int], script: Script) -> None:
    """Print one line for each number of stored chats."""
    store = await Store.open(url, KeyringFile(at / f"{name}.json"))
    bench = Bench(store, script)
    await bench.outbox.open()
    await bench.round(10)  # warm up
    for size in sizes:
        await fill(store, size)
        one, many = await bench.rate(1), await bench.rate(100)
        print(
            f"{name:>10}, {size:>9,} chats stored: {one:6,.0f} turns/s alone, {many:6,.0f} with 100 at once"
        )
    await store.close()


async def main(sizes: list[int]) -> None:
    script = make_script(Settings())
    script.gazetteer.find("warm up", "en")
    calm_collector()
    with folder() as at:
        probe_disk(at)
        await measure("SQLite", f"sqlite:///{at / 'bench.sqlite'}", at, sizes, script)
        with postgres(at) as url:
            await measure("PostgreSQL", url, at, sizes, script)


def probe_disk(at: Path) -> None:
    """What a commit costs on this disk, whatever the database."""
    with (at / "probe").open("wb") as file:
        start, count = time.perf_counter(), 0
        while time.perf_counter() - start < 1:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            count += 1
    print(f"this disk: {count:,} writes of 4 KiB with fsync a second")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1_000, 100_000], help="numbers of stored chats"
    )
    asyncio.run(main(parser.parse_args().sizes))
