"""The other end of a channel: takes what arrives, refuses it, or takes its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from assistant.channels.base import Channel
from assistant.domain.errors import Failure
from assistant.domain.messages import Content, Handled, Incoming


class Inbox:
    """What a channel hands over. Each failure in `failures` refuses one message."""

    def __init__(self, *failures: Failure | None, accepted: bool = True, replies: int = 0) -> None:
        """`accepted`, `replies`: what the channel is told of every message taken."""
        self.taken: list[Incoming] = []
        self.refused: list[Incoming] = []
        self.arrived = 0  # those included that wait for `gate`
        self.gate = asyncio.Event()
        self.gate.set()
        self._failures = list(failures)
        self._handled = Handled(accepted, replies)
        self._changed = asyncio.Condition()

    async def receive(self, incoming: Incoming) -> Handled:
        """`channels.base.Receive`."""
        self.arrived += 1
        await self._notify()
        await self.gate.wait()
        failure = self._failures.pop(0) if self._failures else None
        (self.refused if failure else self.taken).append(incoming)
        await self._notify()
        if failure:
            raise failure
        return self._handled

    @property
    def contents(self) -> list[Content]:
        """What the messages taken say."""
        return [incoming.content for incoming in self.taken]

    async def gets(self, count: int) -> None:
        """Return when that many messages have been taken in all."""
        async with self._changed, asyncio.timeout(20):
            await self._changed.wait_for(lambda: len(self.taken) >= count)

    async def sees(self, count: int) -> None:
        """Return when that many have arrived in all, taken or not."""
        async with self._changed, asyncio.timeout(20):
            await self._changed.wait_for(lambda: self.arrived >= count)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def reading(channel: Channel, inbox: Inbox) -> AsyncIterator[None]:
    """The channel's `run`, for a while."""
    task = asyncio.create_task(channel.run(inbox.receive))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
