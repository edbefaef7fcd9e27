"""In the middle of a broadcast anything can happen: nobody gets it twice, and the tallies are what happened.

What happens is drawn from a seed: see `tests/support/chance.py`.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from sqlalchemy import func, select

from assistant.domain.broadcasts import CopyStatus
from assistant.domain.errors import Failure, Throttled, Unreachable
from assistant.domain.lanes import LaneLost
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Address, File, Reply
from assistant.engine import runner
from assistant.services.messages import outbox, results
from assistant.services.messages.sender import Sent
from assistant.store.database import Tx
from assistant.store.tables import copies
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import Harness
from tests.support.organisers import add_subscribers, audit_entries

PEOPLE = [f"person{number}" for number in range(400)]
FAULTS: list[Callable[[], Failure]] = [
    lambda: Unreachable("they shut us out"),
    lambda: Failure("the platform is upset"),
    lambda: Failure("no answer came", uncertain=True),
    lambda: Throttled("too many requests", 2),
    lambda: Throttled("too many requests, perhaps", 1, uncertain=True),
]
ROWS = {
    "sent": [CopyStatus.SENT],
    "unknown": [CopyStatus.UNKNOWN],
    "failed": [CopyStatus.FAILED, CopyStatus.BLOCKED],
    "cancelled": [CopyStatus.CANCELLED],
}
WAYS = [["stop"], ["forget", "yes"]]  # in which somebody leaves
FAULT_RATE = 0.06  # of what is sent
LEAVE_RATE = 0.04  # of those who are sent something: somebody stops, or is forgotten, meanwhile
EARLY = 100  # tries: among them is each kind of trouble once, and each way to leave, whatever the dice say
LAST = PEOPLE[-len(WAYS) :]  # they leave early, long before it is their turn


class UnreliableChannel(MemoryChannel):
    """Trouble now and then, and people who go away."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.rng = rng
        self.odds = FAULT_RATE
        self.harness: Harness | None = None  # which hears what people write, and whom the storm is about
        self.tries = 0
        what = [*FAULTS, *zip(LAST, WAYS, strict=True)]
        self.certain = dict(zip(rng.sample(range(EARLY), len(what)), what, strict=True))
        self.met: Counter[str] = Counter()
        self.asked = asyncio.Semaphore(0)  # released at each try

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        if not reply.bulk:
            return await super().send(address, reply, file)
        self.asked.release()
        await asyncio.sleep(0)
        trouble = self.rng.choice(FAULTS) if self.rng.random() < self.odds else None
        if self.harness is not None:
            now = self.certain.get(self.tries)
            self.tries += 1
            if isinstance(now, tuple):
                await self._leave(self.harness, *now)
            elif self.rng.random() < LEAVE_RATE:
                await self._leave(self.harness, self.rng.choice(PEOPLE), self.rng.choice(WAYS))
            trouble = now if callable(now) else trouble
        if trouble is not None:
            failure = trouble()
            self.met[f"{type(failure).__name__}, uncertain: {failure.uncertain}"] += 1
            if failure.uncertain and self.rng.random() < 0.5:
                await super().send(address, reply, file)
            raise failure
        return await super().send(address, reply, file)

    async def _leave(self, harness: Harness, who: str, words: Sequence[str]) -> None:
        self.met[words[0]] += 1
        for word in words:
            await harness.turns.handle(harness.incoming(who, word, language="en"))


@pytest.fixture
def unreliable_channel(monkeypatch: pytest.MonkeyPatch, rng: random.Random) -> UnreliableChannel:
    """The weather."""
    monkeypatch.setattr(runner, "RETRY", 0.01)
    monkeypatch.setattr(outbox, "BATCH_MAX", 20)
    monkeypatch.setattr(results, "STORE_RETRY", 0.01)
    return UnreliableChannel(rng)


@pytest.fixture
def channel(unreliable_channel: UnreliableChannel) -> MemoryChannel:
    """The harness's channel."""
    return unreliable_channel


@pytest.fixture
async def sending(harness: Harness) -> Harness:
    """A harness with a broadcast that begins to leave."""
    await add_subscribers(harness, PEOPLE, language="en")
    await harness.publish()
    return harness


async def until_it_is_done(harness: Harness) -> None:
    """Let it leave, and time pass, so that pauses end."""
    async with asyncio.timeout(60):
        while (await harness.broadcast()).status is not BroadcastStatus.DONE:
            with suppress(Failure):  # nothing could be sent for a while
                await harness.engine().run_until_idle()
            harness.clock.advance(minutes=20)
    await harness.outbox.settle()


async def check_results(harness: Harness, unreliable_channel: UnreliableChannel) -> dict[CopyStatus, int]:
    """Nobody got it twice, everybody's copy came to one end, and that is what the tallies say."""
    got = Counter(person for person, reply in unreliable_channel.order if reply.bulk)
    assert set(got.values()) == {1}
    tally, done = await harness.tally(), await harness.broadcast()
    assert (done.recipients, sum(tally.values())) == (len(PEOPLE), len(PEOPLE))
    sent, unknown = tally[CopyStatus.SENT], tally.get(CopyStatus.UNKNOWN, 0)
    assert sent <= len(got) <= sent + unknown
    query = select(copies.c.status, func.count().label("count")).where(copies.c.broadcast_id == 1)
    rows = {row["status"]: row["count"] for row in await harness.rows(query.group_by(copies.c.status))}
    assert rows.keys() <= {"sent", "unknown", "failed", "cancelled"}
    gone = unreliable_channel.met["forget"]  # rows went with them
    for status, outcomes in ROWS.items():
        counted = sum(tally.get(each, 0) for each in outcomes)
        assert counted - gone <= rows.get(status, 0) <= counted
    await audit_entries(harness)
    return tally


async def test_people_leave_shut_us_out_and_the_platform_is_upset(
    sending: Harness, unreliable_channel: UnreliableChannel
) -> None:
    unreliable_channel.harness = sending
    await until_it_is_done(sending)
    tally = await check_results(sending, unreliable_channel)
    assert tally[CopyStatus.BLOCKED] == unreliable_channel.met["Unreachable, uncertain: False"]
    assert CopyStatus.CANCELLED in tally
    uncertain = sum(count for what, count in unreliable_channel.met.items() if what.endswith("True"))
    assert tally.get(CopyStatus.UNKNOWN, 0) == uncertain


async def test_other_processes_take_it_over_again_and_again(
    sending: Harness, unreliable_channel: UnreliableChannel
) -> None:
    unreliable_channel.odds = 0.0
    running, now = [], sending
    for _ in range(6):
        running.append(asyncio.create_task(now.engine().run_until_idle()))
        for _ in range(unreliable_channel.rng.randint(5, 45)):
            await unreliable_channel.asked.acquire()
        now = await sending.restarted()
    await until_it_is_done(now)
    ended = await asyncio.gather(*running, return_exceptions=True)
    assert {type(each) for each in ended} <= {LaneLost, type(None)}
    assert LaneLost in {type(each) for each in ended}
    await check_results(sending, unreliable_channel)


@pytest.mark.parametrize("times", [1, 5, 11])
async def test_results_that_cannot_be_stored_for_a_while(
    sending: Harness, unreliable_channel: UnreliableChannel, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    keep, failures = results.Results._keep, 0

    async def failing(self: results.Results, tx: Tx, batch: Sequence[Sent]) -> None:
        nonlocal failures
        await keep(self, tx, batch)
        if any(sent.done.message.broadcast for sent in batch) and failures < times:
            failures += 1
            raise Failure("the disk is full")

    unreliable_channel.odds = 0.0
    monkeypatch.setattr(results.Results, "_keep", failing)
    await until_it_is_done(sending)
    tally = await check_results(sending, unreliable_channel)
    assert failures == times
    assert CopyStatus.UNKNOWN not in tally, "they were not given up"
    assert len(unreliable_channel.order) == len(PEOPLE)
