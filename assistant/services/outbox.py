"""Messages leave: replies at once after their turn, everything else lane by lane."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from assistant.channels.base import Channel
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure, Unreachable
from assistant.domain.lifecycle import MessageStatus
from assistant.engine.base import Held
from assistant.services.lanes import stored
from assistant.store import chats, lanes, messages
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store, Tx
from assistant.store.lanes import REPLIES, Lane
from assistant.store.messages import Done, Ready

BATCH_SECONDS = 0.25  # what a crash can leave unknown: this much sending
BATCH_MAX = 50  # messages in flight in one lane
LINGER = 0.05  # seconds: results are stored together
BLOCKED = timedelta(seconds=1)  # until a lane looks again for a message that waits behind another
STORE_RETRY = 1.0  # seconds until results are stored again that could not be
STORE_TRIES = 5
ATTEMPTS = 20
LONGEST_BACKOFF = 600.0  # seconds
STALE = 10.0  # seconds: a reply not sent this long after its commit is left to the lane

log = structlog.get_logger()


class Outbox:
    """Sends messages over the channels of this process.

    Order is kept within a chat; a chat that cannot be reached holds up no other.
    """

    def __init__(self, store: Store, channels: Mapping[str, Channel], clock: Clock) -> None:
        """`channels`: by their line."""
        self._store = store
        self._channels = channels
        self._clock = clock
        self._reply_lanes: dict[str, Lane] = {}
        self._queues: dict[int, deque[tuple[Ready, float]]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._done: list[Done] = []
        self._storing: list[Done] = []
        self._in_lanes: set[int] = set()  # chats whose replies a lane is sending
        self._flushing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Take the channels' reply lanes: what a dead process left there is queued again."""
        async with self._store.write(brief=True) as tx:
            for name, lane_id in (await lanes.lane_ids(tx, REPLIES, list(self._channels))).items():
                await self._take_reply_lane(tx, Lane(lane_id, REPLIES, name))

    async def _take_reply_lane(self, tx: Tx, lane: Lane) -> Lane:
        taken = await lanes.take(tx, lane)
        await messages.recover(tx, taken, self._clock())
        await lanes.wake(tx, [taken.id], self._clock())
        self._reply_lanes[taken.name] = taken
        return taken

    def reply_lane(self, line: str) -> Lane:
        """The lane of a channel's replies, as this process holds it."""
        return self._reply_lanes[line]

    # Replies, at once

    def send_now(self, ready: Sequence[Ready]) -> None:
        """Send replies whose turn is committed."""
        loop = asyncio.get_running_loop()
        held_up = self._held_up()
        for message in ready:
            if message.chat_id in held_up:
                self._report(self._put_back(message, "behind another"))
                continue
            waiting = self._queues.get(message.chat_id)
            if waiting is not None:
                waiting.append((message, loop.time()))
                continue
            self._queues[message.chat_id] = deque([(message, loop.time())])
            task = loop.create_task(self._send_chat(message.chat_id))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def _held_up(self) -> set[int]:
        """Chats in which earlier replies are on their way back to their lane, or with it."""
        unstored = (*self._done, *self._storing)
        put_back = {done.message.chat_id for done in unstored if done.status is MessageStatus.QUEUED}
        return put_back | self._in_lanes

    async def settle(self) -> None:
        """Return when everything given to `send_now` has been sent and its result stored."""
        while self._sending or self._flushing:
            pending = {*self._sending, *([self._flushing] if self._flushing else [])}
            await asyncio.wait(pending)

    async def _send_chat(self, chat_id: int) -> None:
        queue = self._queues[chat_id]
        try:
            while queue:
                message, since = queue[0]
                late = asyncio.get_running_loop().time() - since > STALE
                done = self._put_back(message, "late") if late else await self._send(message)
                self._report(done)
                queue.popleft()
                if done.status is MessageStatus.QUEUED:
                    while queue:
                        self._report(self._put_back(queue.popleft()[0], "behind another", done))
        finally:
            del self._queues[chat_id]

    def _put_back(self, message: Ready, why: str, behind: Done | None = None) -> Done:
        due_at = behind.due_at if behind else self._clock()
        return Done(message, MessageStatus.QUEUED, why, due_at)

    def _report(self, done: Done) -> None:
        self._done.append(done)
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        failures = 0
        try:
            while self._done and failures < STORE_TRIES:
                await asyncio.sleep(STORE_RETRY if failures else LINGER)
                self._storing, self._done = self._done, []
                try:
                    await self._store_done(self._storing)
                    failures = 0
                except Failure as failure:
                    # Kept for the next try. Until then the rows stay `sending`: should this process die,
                    # the next one to take the lane sends them again.
                    failures += 1
                    self._done = [*self._storing, *self._done]
                    count = len(self._storing)
                    log.error("results of sending were not stored", count=count, reason=failure.reason)
                self._storing = []
        finally:
            self._flushing = None

    async def _store_done(self, batch: Sequence[Done]) -> None:
        async with self._store.write(brief=True) as tx:
            await self._finish(tx, batch)
            waiting = {done.message.lane.id for done in batch if done.status is MessageStatus.QUEUED}
            if waiting:
                await lanes.wake(tx, waiting, self._clock())

    async def _finish(self, tx: Tx, batch: Sequence[Done]) -> None:
        await messages.finish(tx, batch)
        gone = {done.message.chat_id for done in batch if done.reason == _GONE}
        if gone:
            await chats.unsubscribe(tx, gone)

    # One message

    async def _send(self, message: Ready) -> Done:
        try:
            await self._channels[message.address.line].send(message.address, message.reply)
        except Unreachable:
            return Done(message, MessageStatus.FAILED, _GONE)
        except Failure as failure:
            return self._failed(message, failure)
        except Exception as error:
            log.exception("a channel failed in a way it should not", channel=message.address.channel)
            return Done(message, MessageStatus.FAILED, f"our error: {type(error).__name__}")
        return Done(message, MessageStatus.SENT)

    def _failed(self, message: Ready, failure: Failure) -> Done:
        log.warning("message not sent", channel=message.address.channel, reason=failure.reason)
        if failure.permanent or message.attempts + 1 >= ATTEMPTS:
            return Done(message, MessageStatus.FAILED, failure.reason)
        if failure.uncertain and message.bulk:
            return Done(message, MessageStatus.UNKNOWN, failure.reason)
        seconds = failure.retry_after or min(LONGEST_BACKOFF, 2.0**message.attempts)
        due_at = self._clock() + timedelta(seconds=seconds)
        return Done(
            message, MessageStatus.QUEUED, failure.reason, due_at, pause=failure.retry_after is not None
        )

    # Lanes

    async def take(self, lane: Lane) -> Lane:
        """Run that lane from now on. A reply lane that `open` took, and nobody else since, stays as it is."""
        async with self._store.write(brief=True) as tx:
            known = self._reply_lanes.get(lane.name) if lane.kind == REPLIES else None
            if known is not None and await lanes.held(tx, known):
                return known
            if lane.kind == REPLIES:
                return await self._take_reply_lane(tx, lane)
            taken = await lanes.take(tx, lane)
            await messages.recover(tx, taken, self._clock())
            return taken

    def serves(self, name: str) -> bool:
        """Whether this process has the channel of that line."""
        return name in self._channels

    async def step(self, lane: Lane) -> float | None:
        """Send the lane's next batch. Returns the seconds to wait before another one, or None at the end."""
        channel = self._channels[lane.name]
        gap = channel.bulk_gap if lane.kind == BULK else 0.0
        limit = BATCH_MAX if gap == 0 else max(1, min(BATCH_MAX, int(BATCH_SECONDS / gap)))
        now = self._clock()
        async with self._store.write(brief=True) as tx:
            await lanes.hold(tx, lane)
            batch = await messages.claim(tx, lane, now, limit)
            if not batch:
                upcoming = await messages.next_due(tx, lane)
                blocked = upcoming is not None and upcoming <= now  # by a reply that is being sent
                await lanes.settle(tx, lane, now + BLOCKED if blocked else upcoming)
                return None
            replying = {message.chat_id for message in batch if not message.bulk}
            self._in_lanes |= replying
        try:
            done = await self._send_batch(batch)
            async with self._store.write(brief=True) as tx:
                await self._finish(tx, done)
                paused = await self._pause_if_told(tx, lane, done)
        finally:
            self._in_lanes -= replying
        return None if paused else gap * len(batch)

    async def _send_batch(self, batch: Sequence[Ready]) -> list[Done]:
        return list(await asyncio.gather(*(self._send(message) for message in batch)))

    async def _pause_if_told(self, tx: Tx, lane: Lane, done: Sequence[Done]) -> bool:
        """A platform that asks for a pause gets it on the whole lane, also after a restart."""
        told = [each.due_at for each in done if each.pause and each.due_at is not None]
        if told:
            await lanes.pause(tx, lane, max(told))
        return bool(told)


_GONE = "the person cannot be reached any more"


@dataclass(frozen=True, slots=True)
class OutboxWorker:
    """Runs the outbox's lanes of one kind for the engine."""

    outbox: Outbox
    kind: str

    def serves(self, name: str) -> bool:
        return self.outbox.serves(name)

    async def take(self, lane: Held) -> Held:
        return await self.outbox.take(stored(lane))

    async def step(self, lane: Held) -> float | None:
        return await self.outbox.step(stored(lane))
