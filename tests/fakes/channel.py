"""A channel in memory, which can be told to fail, and a clock that stands still."""

import asyncio
from collections import defaultdict, deque
from datetime import UTC, datetime, timedelta

from assistant.channels.base import Receive
from assistant.domain.messages import Address, Reply


class MemoryChannel:
    """Keeps what is sent, by person, in order (`channels.base.Channel`)."""

    def __init__(self, line: str = "memory:1", bulk_gap: float = 0.0) -> None:
        self.line = line
        self.bulk_gap = bulk_gap
        self.sent: defaultdict[str, list[Reply]] = defaultdict(list)
        self.order: list[tuple[str, Reply]] = []
        self.faults: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self.gate: asyncio.Event | None = None  # where set, sending waits for it
        self._arrived = asyncio.Condition()

    def address(self, person: str) -> Address:
        """That person's address on this channel."""
        channel, _, account = self.line.partition(":")
        return Address(channel, account, person)

    async def open(self) -> None:
        """Nothing to connect to."""

    async def close(self) -> None:
        """Nothing to disconnect from."""

    async def run(self, receive: Receive) -> None:
        """Nobody writes by themselves: tests call `receive`."""
        await asyncio.Event().wait()

    async def send(self, address: Address, reply: Reply) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.faults[address.person]:
            raise self.faults[address.person].popleft()
        self.sent[address.person].append(reply)
        self.order.append((address.person, reply))
        async with self._arrived:
            self._arrived.notify_all()

    async def until(self, count: int) -> None:
        """Return when that many messages have been sent in all; raise TimeoutError after ten seconds."""
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: len(self.order) >= count)


class StillClock:
    """A clock that moves only when told to (`domain.clock.Clock`)."""

    def __init__(self) -> None:
        self.now = datetime(2012, 1, 20, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        """Let time pass: `pass_by(minutes=5)`."""
        self.now += timedelta(**time)
