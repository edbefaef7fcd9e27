"""The other end of the Signal channel: takes what arrives, refuses it, or takes its time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from assistant.channels.signal.channel import Signal
from assistant.domain.messages import Content, Handled, Incoming
from tests.support.fakes.signal.server import FakeSignal


class SignalInbox:
    """What the channel's `run` hands over. Each of `failures` refuses one message."""

    def __init__(self, *failures: Exception | None, replies: int = 0) -> None:
        """`replies`: how many each message is said to have."""
        self.taken: list[Incoming] = []
        self.refused: list[Incoming] = []
        self.at_once: Counter[str] = Counter()
        self.most_at_once = 0
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self._failures = list(failures)
        self._replies = replies
        self._changed = asyncio.Condition()

    async def receive(self, incoming: Incoming) -> Handled:
        """`channels.base.Receive`."""
        person = incoming.address.person
        self.at_once[person] += 1
        assert self.at_once[person] == 1, "two turns of one chat at once"
        self.most_at_once = max(self.most_at_once, self.at_once.total())
        try:
            await self.notify()
            await self.may_go_on.wait()
            failure = self._failures.pop(0) if self._failures else None
            (self.refused if failure else self.taken).append(incoming)
            if failure:
                raise failure
            return Handled(accepted=True, replies=self._replies)
        finally:
            self.at_once[person] -= 1
            await self.notify()

    @property
    def contents(self) -> list[Content]:
        """What the messages taken say."""
        return [incoming.content for incoming in self.taken]

    async def gets(self, count: int) -> None:
        """Return when that many messages have been taken in all."""
        async with self._changed, asyncio.timeout(10):
            await self._changed.wait_for(lambda: len(self.taken) >= count)

    async def in_progress(self, count: int) -> None:
        """Return when that many turns are under way."""
        async with self._changed, asyncio.timeout(10):
            await self._changed.wait_for(lambda: self.at_once.total() >= count)

    async def notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def listening(channel: Signal, server: FakeSignal, turns: SignalInbox) -> AsyncIterator[None]:
    """The channel's `run`, for a while, with its connection made."""
    task = asyncio.create_task(channel.run(turns.receive))
    try:
        await server.listening()
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
