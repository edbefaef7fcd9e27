"""The other end of a channel: takes what arrives, or refuses it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from assistant.channels.base import Channel
from assistant.domain.errors import Failure
from assistant.domain.messages import Content, Incoming


class Inbox:
    """What a channel's `run` hands over. Each failure in `failures` refuses one message."""

    def __init__(self, *failures: Failure | None) -> None:
        self.taken: list[Incoming] = []
        self.refused: list[Incoming] = []
        self._failures = list(failures)
        self._changed = asyncio.Condition()

    async def receive(self, incoming: Incoming) -> None:
        """`channels.base.Receive`."""
        failure = self._failures.pop(0) if self._failures else None
        (self.refused if failure else self.taken).append(incoming)
        async with self._changed:
            self._changed.notify_all()
        if failure:
            raise failure

    @property
    def contents(self) -> list[Content]:
        """What the messages taken say."""
        return [incoming.content for incoming in self.taken]

    async def gets(self, count: int) -> None:
        """Return when that many messages have been taken in all."""
        async with self._changed, asyncio.timeout(20):
            await self._changed.wait_for(lambda: len(self.taken) >= count)


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
