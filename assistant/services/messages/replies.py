"""Replies are sent at once after their turn, in order within their chat."""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from assistant.channels.base import Channel
from assistant.domain.clock import Clock
from assistant.domain.messages import Account
from assistant.domain.throttling import Refusals
from assistant.services.messages.rate_limit import ChatRateLimits
from assistant.services.messages.results import Pauses, Results
from assistant.services.messages.sender import Sender, Sent, put_back
from assistant.services.metrics import Metrics
from assistant.store.messages import Ready

RESTING = "its chat rests"
STALE = 10.0  # seconds: a reply not sent this long after its commit is left to the lane


async def end_soon(tasks: Collection["asyncio.Task[None]"], seconds: float) -> None:
    """Wait so long for these to end, then end them."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


class Replies:
    """A queue for each chat that is being answered."""

    def __init__(
        self,
        channels: Mapping[Account, Channel],
        sender: Sender,
        results: Results,
        pauses: Pauses,
        refusals: Refusals,
        pace: ChatRateLimits,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._channels = channels
        self._sender = sender
        self._results = results
        self._pauses = pauses
        self._refusals = refusals
        self._pace = pace
        self._clock = clock
        self._metrics = metrics
        self._queues: dict[int, deque[tuple[Ready, float]]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self.in_lanes: set[int] = set()  # chats whose replies a lane is sending

    def send(self, ready: Sequence[Ready]) -> None:
        """Send replies whose turn is committed."""
        loop = asyncio.get_running_loop()
        held_up = self._results.put_back() | self.in_lanes
        for message in ready:
            if message.chat_id in held_up:
                self._results.report(put_back(message, "behind another", self._clock()))
                continue
            waiting = self._queues.get(message.chat_id)
            if waiting is not None:
                waiting.append((message, loop.time()))
                continue
            self._queues[message.chat_id] = deque([(message, loop.time())])
            task = loop.create_task(self._send_chat(message.chat_id))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def under_way(self) -> set[int]:
        """The numbers of those that are being sent, or wait for that."""
        return {
            message.id for queue in self._queues.values() for message, _ in queue if message.id is not None
        }

    async def settle(self) -> None:
        """Return when everything given to `send` has been sent, or put back."""
        while self._sending:
            await asyncio.wait(self._sending)

    async def stop(self, seconds: float) -> None:
        """Finish what is in flight, if that takes no longer; the rest is put back for the next process."""
        self._stopping.set()
        await end_soon(self._sending, seconds)

    async def _send_chat(self, chat_id: int) -> None:
        queue = self._queues[chat_id]
        try:
            while queue:
                message, since = queue[0]
                sent = await self._send(message, since)
                self._results.report(sent)
                queue.popleft()
                if sent.put_back:
                    while queue:
                        self._results.report(put_back(queue.popleft()[0], "behind another", sent.done.due_at))
        finally:
            del self._queues[chat_id]

    async def _send(self, message: Ready, since: float) -> Sent:
        loop = asyncio.get_running_loop()
        account = message.address.account
        pace = self._channels[account].pace
        bucket = self._pace.bucket(message.chat_id, pace.chat, pace.chat_burst, loop.time())
        while True:
            wait = bucket.wait(loop.time())
            if self._stopping.is_set() or loop.time() + wait - since > STALE:
                return put_back(message, "late", self._clock())
            if self._pauses.active(account):
                return put_back(message, "the account pauses", self._clock())
            if until := self._refusals.rests_until(account, message.chat_id, self._clock()):
                return put_back(message, RESTING, until)
            if not wait:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._stopping.wait()
        bucket.take(loop.time())
        self._metrics.latency(loop.time() - since)
        return await self._sender.send(message)
