"""Messages are sent: replies at once after their turn, everything else lane by lane."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.channels.base import Channel
from assistant.content.printer import Printer
from assistant.domain.clock import Clock
from assistant.domain.errors import ChatThrottled, Failure
from assistant.domain.lanes import Lane
from assistant.domain.messages import Account, ChatLink, Reply
from assistant.domain.throttling import Refusals
from assistant.services.messages.rate_limit import ChatRateLimits, TokenBucket
from assistant.services.messages.replies import RESTING, Replies
from assistant.services.messages.results import Pauses, Results
from assistant.services.messages.sender import Sender, Sent, put_back
from assistant.services.metrics import Metrics
from assistant.store import lanes, message_queue, messages
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store, Tx
from assistant.store.lanes import REPLIES
from assistant.store.messages import Ready

BATCH_SECONDS = 0.25  # what a crash can leave unknown: this much sending
BATCH_MAX = 250  # messages in flight in one lane
BLOCKED = timedelta(seconds=1)  # until a lane looks again for a message that waits behind another
DOWN = 5.0  # seconds a lane rests where nothing of a whole batch could be sent

QuietUntil = Callable[[str | None, str | None, datetime], datetime | None]
"""When it is day again for a reader of that country and language, asked at that time; None: it is day now."""
AfterBatch = Callable[[Sequence[Sent]], Awaitable[None]]
"""Hears what became of a batch, once that is stored."""
OnDrained = Callable[[Tx, datetime], Awaitable[None]]
"""Hears, in a transaction, that nothing is due any more on a lane of messages to many."""


class Outbox:
    """Sends messages over the channels of this process.

    Order is kept within a chat; a chat that cannot be reached holds up no other.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[Account, Channel],
        printer: Printer,
        clock: Clock,
        metrics: Metrics,
        *,
        quiet_until: QuietUntil,
        after_batch: AfterBatch,
        on_drained: OnDrained,
    ) -> None:
        """`channels`: by their account."""
        self._store = store
        self._channels = channels
        self._clock = clock
        self._quiet_until = quiet_until
        self._after_batch = after_batch
        self._on_drained = on_drained
        self._pauses = Pauses(clock)
        self._results = Results(store, self._pauses, clock)
        self._refusals = Refusals()
        self._sender = Sender(channels, printer, clock, metrics, self._refusals, store.lease)
        self._chat_pace = ChatRateLimits()
        self._replies = Replies(
            channels,
            self._sender,
            self._results,
            self._pauses,
            self._refusals,
            self._chat_pace,
            clock,
            metrics,
        )
        self._reply_lanes: dict[Account, Lane] = {}
        self._buckets: dict[int, TokenBucket] = {}

    async def open(self) -> None:
        """Take the channels' reply lanes: what a dead process left there is queued again."""
        names = [str(account) for account in self._channels]
        async with self._store.write(brief=True) as tx:
            await lanes.lane_ids(tx, BULK, names)  # so that a pause finds them
            for name in names:
                await self._begin(tx, await lanes.take_any(tx, REPLIES, name))
                for pause in await lanes.pauses(tx, name, self._clock()):
                    if pause.kind == REPLIES:
                        self._pauses.begin(Account.parse(name), pause.until)

    async def _begin(self, tx: Tx, taken: Lane) -> None:
        """Run a lane of replies: what a dead process left there is sent again."""
        await messages.recover(tx, taken, self._clock())
        lanes.wake(tx, [taken.id], self._clock())
        self._reply_lanes[_account(taken)] = taken

    # Replies

    def reply_lane(self, account: Account) -> Lane:
        """The lane of a channel's replies, as this process holds it."""
        return self._reply_lanes[account]

    def reply_lanes(self) -> list[int]:
        """The ids of the lanes that this process sends replies on at once."""
        return [lane.id for lane in self._reply_lanes.values()]

    def flows(self, account: Account) -> bool:
        """Whether replies may be sent over that account now."""
        return not self._pauses.active(account)

    def link(self, account: Account) -> ChatLink | None:
        """How others can open a chat over that account, where a link does."""
        return self._channels[account].link

    def shows_files(self, account: Account) -> bool:
        """Whether people see files there."""
        return self._channels[account].shows_files

    def parts(self, account: Account, replies: Sequence[Reply]) -> tuple[Reply, ...]:
        """The replies as messages that the channel can carry."""
        channel = self._channels[account]
        return tuple(part for reply in replies for part in channel.parts(reply))

    def marks(self) -> dict[tuple[int, str], str | None]:
        """The marks of messages just sent, whose references are not stored yet: by chat and reference."""
        return self._results.marks()

    def send_now(self, ready: Sequence[Ready]) -> None:
        """Send replies whose turn is committed."""
        self._replies.send(ready)

    async def settle(self) -> None:
        """Return when everything given to `send_now` has been sent and its result stored."""
        await self._replies.settle()
        await self._results.settle()

    async def stop(self) -> None:
        """Finish what is in flight and store it; what has not left waits for the next process."""
        await self._replies.stop()
        await self._results.settle()

    # Lanes

    def serves(self, name: str) -> bool:
        """Whether this process has the channel of that account."""
        return Account.parse(name) in self._channels

    async def take(self, lane: Lane) -> Lane:
        """Run that lane from now on. A reply lane that `open` took, and nobody else since, stays as it is."""
        async with self._store.write(brief=True) as tx:
            known = self._reply_lanes.get(_account(lane)) if lane.kind == REPLIES else None
            if known is not None and known.id == lane.id:
                if await lanes.is_ours(tx, known):
                    return known
                await self._begin(tx, taken := await lanes.take(tx, lane))
                return taken
            taken = await lanes.take(tx, lane)
            await messages.recover(tx, taken, self._clock())
            return taken

    async def step(self, lane: Lane) -> float | None:
        """Send the lane's next batch. Returns the seconds to wait before another one, or None at the end.

        Raises Failure where nothing of the batch could be sent for now.
        """
        loop, bucket = asyncio.get_running_loop(), self._bucket(lane)
        if wait := bucket.wait(loop.time(), bucket.burst):
            return wait
        bucket.take(loop.time(), bucket.burst)  # before claiming: the time that takes is part of the pace
        batch = await self._claim(lane, bucket.burst)
        bucket.give_back(bucket.burst - len(batch or ()))
        if batch is None:
            await self._drained(lane)
            return None
        if lane.kind == REPLIES:
            self._end_pause(_account(lane))
        replying = {message.chat_id for message in batch if lane.kind == REPLIES}
        self._replies.in_lanes |= replying
        try:
            sent = list(await asyncio.gather(*(self._send(message) for message in batch)))
            await self._results.store(sent)
            await self._after_batch(sent)
        finally:
            self._replies.in_lanes -= replying
        return self._after(sent, bucket.wait(loop.time(), bucket.burst))

    def _end_pause(self, account: Account) -> None:
        """The lane runs again: by time, or by an operator, who means everybody."""
        if self._pauses.active(account):
            self._refusals.forget(account)
        self._pauses.end(account)

    async def _drained(self, lane: Lane) -> None:
        """Nothing is due on it: a broadcast may have come to its end."""
        if lane.kind == BULK:
            async with self._store.write(brief=True) as tx:
                await self._on_drained(tx, self._clock())

    def _bucket(self, lane: Lane) -> TokenBucket:
        """How fast the lane runs: replies are not held to the pace of broadcasts."""
        found = self._buckets.get(lane.id)
        if found is None:
            rate = self._channels[_account(lane)].pace.bulk if lane.kind == BULK else 0.0
            burst = max(1, min(BATCH_MAX, int(BATCH_SECONDS * rate))) if rate else BATCH_MAX
            found = self._buckets[lane.id] = TokenBucket(rate, burst)
        return found

    async def _claim(self, lane: Lane, limit: int) -> list[Ready] | None:
        """The lane's next messages, or None where nothing is due."""
        now = self._clock()
        async with self._store.write(brief=True) as tx:
            paused_until = await lanes.fence(tx, lane)
            if paused_until is not None and paused_until > now:  # begun since the engine looked
                return None
            if ready := await message_queue.claim(tx, lane, now, limit, self._morning):
                return ready
            upcoming = await message_queue.next_due(tx, lane, now)
            blocked = upcoming is not None and upcoming <= now  # by a reply that is being sent
            await lanes.schedule(tx, lane, now + BLOCKED if blocked else upcoming)
            return None

    def _morning(self, country: str | None, language: str | None) -> datetime | None:
        return self._quiet_until(country, language, self._clock())

    async def _send(self, message: Ready) -> Sent:
        """At the chat's pace: who has to wait for it is put back, so that the others need not."""
        account = message.address.account
        if until := self._refusals.rests_until(account, message.chat_id, self._clock()):
            return put_back(message, RESTING, until)
        pace = self._channels[account].pace
        now = asyncio.get_running_loop().time()
        bucket = self._chat_pace.bucket(message.chat_id, pace.chat, pace.chat_burst, now)
        if wait := bucket.wait(now):
            return put_back(message, "its chat's pace", self._clock() + timedelta(seconds=wait))
        bucket.take(now)
        return await self._sender.send(message)

    def _after(self, sent: Sequence[Sent], pause: float) -> float | None:
        """What the lane does next: a pause that was asked for is stored, and ends this run of it."""
        failed = [each.failure for each in sent if each.put_back and each.failure is not None]
        failures = [each for each in failed if not isinstance(each, ChatThrottled)]
        if any(failure.retry_after is not None for failure in failures):
            return None
        if len(failures) == len(sent) > 1:  # one alone may be that chat's own trouble
            raise Failure(failures[0].reason, retry_after=DOWN)
        return pause


def _account(lane: Lane) -> Account:
    """Whose lane it is: lanes of messages have the names of accounts."""
    return Account.parse(lane.name)


@dataclass(frozen=True, slots=True)
class OutboxWorker:
    """Runs the outbox's lanes of one kind for the engine."""

    outbox: Outbox
    kind: str

    def serves(self, name: str) -> bool:
        return self.outbox.serves(name)

    async def take(self, lane: Lane) -> Lane:
        return await self.outbox.take(lane)

    async def step(self, lane: Lane) -> float | None:
        return await self.outbox.step(lane)
