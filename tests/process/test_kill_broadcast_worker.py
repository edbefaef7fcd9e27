"""Whenever the process that sends a broadcast is killed, nobody gets it twice, and nobody is skipped.

`ASSISTANT_TEST_KILLS=200` kills it that often, over fifty recipients a kill.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from assistant.dialogue.script import Script
from assistant.domain.broadcasts import Broadcast, CopyStatus
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.store import audit, fanout
from assistant.store import broadcasts as broadcast_store
from assistant.store.database import Store
from assistant.store.tables import chats as chat_table
from assistant.store.tables import copies
from tests.support.chance import both_databases_if_long, budget
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import Harness
from tests.support.organisers import CurrentClock, add_subscribers, join
from tests.support.processes.crashing_broadcast_worker import FANOUT_BATCH, IN_FLIGHT
from tests.support.processes.forking import POLL_INTERVAL, ForkedProcess, ForkServer, fork_server
from tests.support.processes.installation import TIMEOUT

KILLS = int(os.environ.get("ASSISTANT_TEST_KILLS") or budget(6, 20))
COUNT = 50 * KILLS  # recipients
STARTUP_TIME = 0.15  # seconds: by then a fork has taken its lanes, or has begun the broadcast
A_MOMENT = 0.01  # seconds
BEFORE_IT_BEGINS = max(1, KILLS // 10)  # kills: while it opens the database, or begins the broadcast
ADDRESSING = max(3, KILLS // 4)  # kills: while it writes down who gets it


@dataclass
class Killing:
    """A broadcast on its way, and what kills the process that sends it."""

    store: Store
    program: ForkServer
    rng: random.Random
    platform: Path
    kills: int = 0
    in_the_middle: int = 0  # kills of a fork that was still at work
    while_in: Counter[BroadcastStatus] = field(default_factory=Counter)  # where the broadcast stood then
    pieces: set[int | None] = field(default_factory=set)  # how far it was addressed then

    @property
    def got(self) -> int:
        """How many copies have arrived."""
        return self.platform.read_bytes().count(b"\n")

    async def broadcast(self) -> tuple[Broadcast, int | None]:
        """Where it stands, and up to which chat it is addressed."""
        async with self.store.read() as tx:
            found = await broadcast_store.find(tx, 1)
            assert found is not None
            return found, await fanout.reached(tx, 1)

    async def again_and_again(self) -> None:
        """Kill it as often as was asked for; then let it do the rest in peace."""
        while self.kills < KILLS:
            fork = await self.program.fork()
            await self._moment()(fork)
            self.kills += 1
            self.in_the_middle += await fork.killed()
            found, reached = await self.broadcast()
            self.while_in[found.status] += 1
            self.pieces.add(reached)
        fork = await self.program.fork()
        async with asyncio.timeout(COUNT + TIMEOUT):
            assert await fork.end == 0

    def _moment(self) -> Callable[[ForkedProcess], Awaitable[None]]:
        if self.kills < BEFORE_IT_BEGINS:
            return self._early
        return self._addressing if self.kills < BEFORE_IT_BEGINS + ADDRESSING else self._sending

    async def _early(self, fork: ForkedProcess) -> None:
        """Each time a little later, so that most of them do not come to begin the broadcast."""
        await asyncio.sleep(STARTUP_TIME * (self.kills + self.rng.random()) / BEFORE_IT_BEGINS)

    async def _addressing(self, fork: ForkedProcess) -> None:
        """When a piece, or at most some, have been written down, and a moment later."""
        before = (await self.broadcast())[0].recipients
        enough = before + self.rng.choice([1, FANOUT_BATCH * 2])
        async with asyncio.timeout(TIMEOUT):
            while not fork.end.done():
                if (await self.broadcast())[0].recipients >= min(enough, COUNT):
                    break
                await asyncio.sleep(POLL_INTERVAL)
        await asyncio.sleep(self.rng.uniform(0, A_MOMENT))

    async def _sending(self, fork: ForkedProcess) -> None:
        """Some copies later, so that they last for all the forks."""
        share = (COUNT - self.got) / (KILLS - self.kills + 1) - IN_FLIGHT  # a death may use up so many
        enough = self.got + self.rng.randint(1, max(2, round(2 * share)))
        await fork.until(lambda: self.got >= min(enough, COUNT))
        await asyncio.sleep(self.rng.choice([0, self.rng.uniform(0, A_MOMENT)]))


async def fates(store: Store) -> dict[str, MessageStatus]:
    """What became of each person's copy, as the ledger has it."""
    of_chat = copies.c.chat_id == chat_table.c.id
    query = select(chat_table, copies.c.status).join(copies, of_chat).where(copies.c.broadcast_id == 1)
    found = {}
    async with store.read() as tx:
        for row in await tx.connection.execute(query):
            sealer = tx.vault.open_key(row.key, row.id)
            person = sealer.open("chats.address", row.id, row.address)
            found[person] = MessageStatus(row.status)
    return found


@both_databases_if_long("postgresql")
async def test_killed_again_and_again_everybody_gets_it_once_or_it_counts_as_unknown(
    store: Store, database_url: str, tmp_path: Path, script: Script, seed: int, rng: random.Random
) -> None:
    harness = await Harness.open(store, script, MemoryChannel(), CurrentClock())
    await join(harness, "olga")
    await add_subscribers(harness, [f"person{number}" for number in range(COUNT)])
    await harness.approved(harness.written())
    await harness.give_back_lanes()
    platform = tmp_path / "got"
    platform.touch()
    arguments = (database_url, str(tmp_path / "keyring.json"), str(platform), str(seed))
    async with fork_server("tests.support.processes.crashing_broadcast_worker", *arguments) as program:
        killing = Killing(store, program, rng, platform)
        await killing.again_and_again()

    got = Counter(platform.read_text().split())
    ledger = await fates(store)
    assert set(got.values()) == {1}, "nobody got it twice"
    assert ledger.keys() == {f"person{number}" for number in range(COUNT)}, "nobody was skipped"
    now = Counter(ledger.values())
    assert now.keys() <= {MessageStatus.SENT, MessageStatus.UNKNOWN}
    assert {person for person, status in ledger.items() if status is MessageStatus.SENT} <= got.keys()
    unknown = now[MessageStatus.UNKNOWN]
    assert COUNT - len(got) <= unknown <= 2 * IN_FLIGHT * killing.in_the_middle, "in flight, or not stored"
    assert await harness.tally() == Counter({CopyStatus.SENT: COUNT - unknown, CopyStatus.UNKNOWN: unknown})
    done = await harness.broadcast()
    assert (done.status, done.recipients) == (BroadcastStatus.DONE, COUNT)
    async with store.read() as tx:
        entries = [entry.action async for entry in audit.listed(tx)]
        await audit.verify(tx)
    assert (entries.count("began"), entries.count("done")) == (1, 1)
    assert killing.in_the_middle >= KILLS / 2
    assert len(killing.pieces) > 2, "it died while it was addressed"
    print(
        f"{killing.kills} kills, {killing.in_the_middle} at work: {dict(killing.while_in)}, addressed up to "
        f"{len(killing.pieces)} different chats. {COUNT} recipients: nobody twice, nobody skipped, "
        f"{COUNT - unknown} sent, {unknown} unknown, of whom {len(got) - COUNT + unknown} have it"
    )
