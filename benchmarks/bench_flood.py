"""A flood of one chat: what it costs 20 others who write meanwhile, with the gate and without it.

The flood comes as fast as it is taken, in order, as platforms bring it. Each round has a new database.
"""

import asyncio
import secrets
import statistics
import time
from dataclasses import dataclass

import conversations
from assistant.channels.base import Receive
from assistant.dialogue.script import Script
from assistant.domain.flood import FloodLimits
from assistant.domain.messages import Incoming, Open, TextMessage
from assistant.runtime import calm_collector
from assistant.services.flood_control import FloodControl
from assistant.services.metrics import Metrics
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.wiring.content import make_script
from benchmarks.bench_turns import TALK, Bench
from benchmarks.databases import folder

FLOOD = 10_000  # messages
UNGATED = 1000  # where all of them are answered: each then costs more than the one before
OTHERS = 20
PAUSE = 0.25  # seconds between the messages of each of them
ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds: how long others waited for their turns, and how long the flood took, in time and CPU time."""

    waits: list[float]
    took: float
    cpu: float
    replies: int


async def round_of(script: Script, *, gated: bool, flood: bool) -> Round:
    """One round, over a new database."""
    with folder() as at:
        store = await Store.open(f"sqlite:///{at / 'bench.sqlite'}", KeyringFile(at / "keyring.json"))
        bench = Bench(store, script)
        await bench.outbox.open()
        receive: Receive = bench.turns.handle
        relaxed: Receive
        if gated:
            others = FloodLimits(burst=1000)  # of whom more is measured than a person writes
            receive = FloodControl(
                bench.turns.handle, script, conversations.PROTECTIVE, FloodLimits(), Metrics()
            ).receive
            relaxed = FloodControl(
                bench.turns.handle, script, conversations.PROTECTIVE, others, Metrics()
            ).receive
        else:
            relaxed = bench.turns.handle
        over = asyncio.Event()
        people = [asyncio.create_task(talk(bench, relaxed, number, over)) for number in range(OTHERS)]
        await asyncio.sleep(1)
        start, cpu, replies = time.perf_counter(), time.process_time(), 0
        if flood:
            address = bench.channel.address("flooder")
            for _ in range(FLOOD if gated else UNGATED):
                handled = await receive(
                    Incoming(address, secrets.token_hex(8), TextMessage("help"), language="en")
                )
                replies += handled.replies
        else:
            await asyncio.sleep(5)
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
        await asyncio.sleep(1)
        over.set()
        waits = [wait for each in await asyncio.gather(*people) for wait in each]
        await bench.outbox.stop()
        await store.close()
        return Round(waits, took, cpu, replies)


async def talk(bench: Bench, receive: Receive, number: int, over: asyncio.Event) -> list[float]:
    """A person who writes four times a second; how long each turn took."""
    address, waits, count = bench.channel.address(f"person {number}"), list[float](), 0
    await receive(Incoming(address, secrets.token_hex(8), Open(), language="en"))
    await asyncio.sleep(PAUSE * number / OTHERS)
    while not over.is_set():
        said = TextMessage(TALK[count % len(TALK)])
        began = time.perf_counter()
        await receive(Incoming(address, secrets.token_hex(8), said, language="en"))
        waits.append(time.perf_counter() - began)
        count += 1
        await asyncio.sleep(PAUSE)
    return waits


async def main() -> None:
    script = make_script(Settings())
    calm_collector()
    for what, gated, flood in (
        ("no flood", True, False),
        ("a flood, no gate", False, True),
        ("a flood, with the gate", True, True),
    ):
        rounds = [await round_of(script, gated=gated, flood=flood) for _ in range(ROUNDS)]
        p50, p99 = (
            statistics.median(statistics.quantiles(each.waits, n=100)[at] for each in rounds) * 1000
            for at in (49, 98)
        )
        took, cpu = (statistics.median(each) for each in zip(*((r.took, r.cpu) for r in rounds), strict=True))
        print(
            f"{what:>22}: others wait {p50:5.1f} ms (p50), {p99:5.1f} ms (p99); took {took:5.1f} s, "
            f"{cpu:5.1f} s of CPU; replies to the flooder: {rounds[-1].replies:,}"
        )


if __name__ == "__main__":
    asyncio.run(main())
