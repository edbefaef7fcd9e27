"""Sends broadcasts, to be killed.

`python -m tests.support.processes.crashing_broadcast_worker DATABASE KEYRING GOT SEED`

`GOT` is the platform: a file to which each copy is added as it arrives, a line each with who got it. What the
process has written there stays, however it ends.
"""

import asyncio
import os
import random
import sys
from dataclasses import dataclass
from pathlib import Path

from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.clock import system_clock
from assistant.domain.messages import Address, File, Reply
from assistant.domain.processes import EMBEDDED, ProcessRole
from assistant.engine.base import Worker
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.broadcasts import worker
from assistant.services.messages import outbox, results
from assistant.services.messages.outbox import OutboxWorker
from assistant.services.metrics import Metrics
from assistant.services.presence import Presence
from assistant.settings import Settings
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.wiring.content import make_script
from assistant.wiring.organisers import make_organiser_services
from assistant.wiring.process import make_outbox
from tests.support.fakes.channel import MemoryChannel
from tests.support.processes.forking import serve_forks

IN_FLIGHT = 10  # messages at once, so that a death leaves few in doubt: the real number is 250
FANOUT_BATCH = 50  # readers that are addressed at once: the real number is 20,000
LATENCY = 0.004  # seconds, at most, that a message is under way to the platform, and its answer back


@dataclass(eq=False)
class FileChannel(MemoryChannel):
    """A platform that remembers in a file which broadcasts it got."""

    got: int
    rng: random.Random

    def __post_init__(self) -> None:
        super().__init__()

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        await asyncio.sleep(self.rng.uniform(0, LATENCY))
        if reply.bulk:
            os.write(self.got, f"{address.person}\n".encode())
        await asyncio.sleep(self.rng.uniform(0, LATENCY))
        return await super().send(address, reply, file)


async def send_what_is_due(database: str, keyring: Path, channel: FileChannel, script: Script) -> None:
    """What a process does that sends broadcasts only."""
    store = await Store.open(database, KeyringFile(keyring))
    presence = Presence(store, ProcessRole.ALL, EMBEDDED)
    await presence.open()
    channels, metrics, printer = {channel.account: channel}, Metrics(system_clock), Printer(script.cases)
    news = make_organiser_services(store, script, channels, system_clock, 2)
    sending = make_outbox(store, channels, printer, system_clock, metrics, news)
    await sending.open()
    await news.broadcast_worker.open()
    workers: list[Worker] = [
        news.broadcast_worker,
        *(OutboxWorker(sending, kind) for kind in (REPLIES, BULK)),
    ]
    await EmbeddedEngine(StoredLanes(store), workers, system_clock).run_until_idle()
    await news.progress_messages.close()
    printer.close()
    await presence.close()
    await store.close()


async def open_once(database: str, keyring: Path) -> None:
    """Import what opening a database imports: once, for all forks."""
    await (await Store.open(database, KeyringFile(keyring))).close()


def main() -> None:
    database, keyring, path, seed = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    outbox.BATCH_MAX, results.FULL = IN_FLIGHT, IN_FLIGHT // 2
    worker.CHUNK = FANOUT_BATCH
    script = make_script(Settings(_env_file=None))
    got = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    asyncio.run(open_once(database, keyring))
    rng = random.Random(seed)  # noqa: S311  no secret
    serve_forks(lambda: send_what_is_due(database, keyring, FileChannel(got, rng), script))


if __name__ == "__main__":
    main()
