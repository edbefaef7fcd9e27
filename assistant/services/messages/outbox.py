"""Messages are sent: replies at once after their turn, everything else lane by lane."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from assistant.channels.base import Channel
from assistant.content.printer import Printer
from assistant.domain.clock import Clock
from assistant.domain.errors import ChatThrottled, Failure
from assistant.domain.lanes import Lane
from assistant.domain.messages import Account, ChatLink, Erasure, Reply, SaferChat
from assistant.domain.throttling import Refusals
from assistant.domain.token_bucket import TokenBucket
from assistant.services.messages.rate_limit import ChatRateLimits
from assistant.services.messages.replies import RESTING, Replies, end_soon
from assistant.services.messages.results import AfterBatch, Pauses, Results
from assistant.services.messages.sender import Sender, Sent, put_back
from assistant.services.messages.unsure import UnsureReplies
from assistant.services.metrics import Metrics
from assistant.store import lanes, message_queue
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store, Tx
from assistant.store.lanes import REPLIES
from assistant.store.messages import Ready

BATCH_SECONDS = 0.25  # of sending, claimed at a time
CLAIM_MAX = 100  # messages claimed at a time: more would keep replies waiting
LATE = 0.03  # seconds that a claim may be late without the pace being lost
BATCH_MAX = 250  # messages in flight in one lane: eight seconds of 30 a second, where the platform is slow
GATHER = 0.05  # seconds in which more room is waited for, so that not each message is claimed by itself
LOOK = 0.1  # seconds between looks for what is due, while messages are in flight
SETTLING = 5.0  # seconds that storing results may take before a lane is given up for a while
ENDING = 2.0  # seconds that messages in flight have at the end, and storing what became of them
BLOCKED = timedelta(seconds=1)  # until a lane looks again for a message that waits behind another
DOWN = 5.0  # seconds a lane rests where nothing of a whole batch could be sent

QuietUntil = Callable[[str | None, str | None, datetime], datetime | None]
"""When it is day again for a reader of that country and language, asked at that time; None: it is day now."""
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
        self._on_drained = on_drained
        self._pauses = Pauses(clock)
        self._results = Results(store, self._pauses, clock, after_batch)
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
        self._windows: dict[int, _Window] = {}  # by lane
        self._in_lanes: set[int] = set()  # numbers of replies that a lane is sending
        self._unsure = UnsureReplies(store, self._under_way, self.send_now)

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
        await message_queue.recover(tx, taken, self._clock())
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

    def overheard_by(self, account: Account) -> str | None:
        """Who can read what is written there; None: nobody in between."""
        channel = self._channels[account]
        return channel.called if channel.overheard else None

    def safer_chat(self) -> SaferChat | None:
        """Where people can write to us that nobody in between reads, where there is such a channel."""
        private = (each for each in self._channels.values() if each.link and not each.overheard)
        return next((SaferChat(each.called, each.link) for each in private if each.link), None)

    def elsewhere(self, account: Account) -> Sequence[tuple[str, str]]:
        """Where else people can write to us: names and links of our other channels."""
        others = (each for each in self._channels.values() if each.account != account and each.link)
        return [(each.called, each.link.address) for each in others if each.link]

    def shows_files(self, account: Account) -> bool:
        """Whether people see files there."""
        return self._channels[account].shows_files

    def keeps_messages(self, account: Account) -> bool:
        """Whether what is said there stays with people, or with the platform."""
        return self._channels[account].keeps_messages

    def deletes_within(self, account: Account) -> timedelta | None:
        """How young messages of ours can be deleted there; None where none can."""
        deletion = self._channels[account].deletion
        return None if deletion is None else deletion.within

    def parts(self, account: Account, replies: Sequence[Reply]) -> tuple[Reply, ...]:
        """The replies as messages that the channel can carry, and erasures as it can do them at once."""
        channel = self._channels[account]
        return tuple(part for reply in replies for part in _parts(channel, reply))

    def just_sent(self, chat_id: int) -> tuple[str, ...]:
        """The references of messages just sent in that chat, that are not stored yet."""
        return tuple(reference for chat, reference in self._results.marks() if chat == chat_id)

    def marks(self) -> dict[tuple[int, str], str | None]:
        """The marks of messages just sent, whose references are not stored yet: by chat and reference."""
        return self._results.marks()

    def send_now(self, ready: Sequence[Ready]) -> None:
        """Send replies whose turn is committed."""
        self._unsure.began(ready)
        self._replies.send(ready)

    def find_out(self, unsure: Sequence[Ready]) -> None:
        """Send those of these replies that are stored: see `unsure`."""
        self._unsure.find_out(unsure)

    def _under_way(self) -> set[int]:
        """The numbers of replies that are being sent, or whose results are not stored yet."""
        return self._in_lanes | self._replies.under_way() | self._results.under_way()

    async def settle(self) -> None:
        """Return when everything under way has been sent and its result stored."""
        await self._replies.settle()
        while sending := [task for window in self._windows.values() for task in window.sending]:
            await asyncio.wait(sending)
        await self._results.settle(SETTLING)

    async def stop(self) -> None:
        """Finish what is in flight, for a moment, and store it; what has not left waits for the next process.

        What hangs is left: its rows stay `sending`, and whoever takes the lane sees to them.
        """
        self._unsure.stop()
        sending = [task for window in self._windows.values() for task in window.sending]
        await asyncio.gather(self._replies.stop(ENDING), end_soon(sending, ENDING))
        await self._results.settle(ENDING)

    # Lanes

    def serves(self, name: str) -> bool:
        """Whether this process has the channel of that account."""
        return Account.parse(name) in self._channels

    async def take(self, lane: Lane) -> Lane:
        """Run that lane from now on. A reply lane that `open` took, and nobody else since, stays as it is."""
        await self._land(lane)
        async with self._store.write(brief=True) as tx:
            known = self._reply_lanes.get(_account(lane)) if lane.kind == REPLIES else None
            if known is not None and known.id == lane.id:
                if await lanes.is_ours(tx, known):
                    return known
                await self._begin(tx, taken := await lanes.take(tx, lane))
                return taken
            taken = await lanes.take(tx, lane)
            await message_queue.recover(tx, taken, self._clock())
            return taken

    async def step(self, lane: Lane) -> float | None:
        """Begin to send the next messages. Returns the seconds until the next step, or None at the end.

        It does not wait until they are sent: a slow one holds up no other, and the pace is kept as long as
        no more than BATCH_MAX are in flight. Raises Failure where nothing could be sent lately.
        """
        window = self._windows.setdefault(lane.id, _Window())
        if window.is_told_to_rest():
            await self._rest(lane, window)
            return None
        loop, bucket = asyncio.get_running_loop(), self._bucket(lane)
        most = _claimed_at_a_time(bucket.rate)
        if not (room := await self._room(window, most)):
            return 0.0
        if wait := bucket.wait(loop.time(), room):
            return wait
        bucket.take(loop.time(), room)  # before claiming: the time that takes is part of the pace
        in_the_middle = bool(window.sending) or not self._results.is_settled()
        batch = await self._claim(lane, room, in_the_middle=in_the_middle)
        bucket.give_back(room - len(batch or ()))
        if batch is None:
            if in_the_middle:  # what is due may become so by that
                await self._some_settled(window)
                return 0.0
            await self._drained(lane)
            return None
        if lane.kind == REPLIES:
            self._end_pause(_account(lane))
            self._replies.in_lanes |= {message.chat_id for message in batch}
            self._in_lanes |= {message.id for message in batch if message.id is not None}
            self._unsure.began(batch)
        for message in batch:
            window.begin(self._carry(lane, window, message))
        return bucket.wait(loop.time(), most)

    async def _room(self, window: "_Window", most: int) -> int:
        """How many messages may be sent now; where few may, more room is waited for, for a moment."""
        room = self._room_for(window)
        if room < min(most, BATCH_MAX // 2):
            await window.some_done(GATHER if room else LOOK)
            room = self._room_for(window)
        return min(room, most)

    def _room_for(self, window: "_Window") -> int:
        """So many more: of what is in flight or not stored, a crash leaves in doubt what became of it."""
        in_flight = len(window.sending)
        return max(0, BATCH_MAX - max(in_flight, in_flight + self._results.unstored - BATCH_MAX))

    async def _some_settled(self, window: "_Window") -> None:
        """Wait a moment for what is in flight; where nothing is, until what became of it is stored."""
        if window.sending:
            await window.some_done(LOOK)
        else:
            await self._settled()

    async def _rest(self, lane: Lane, window: "_Window") -> None:
        """Stop for now. Raises Failure where no pause that is stored says for how long."""
        paused, failures = window.is_paused, list(window.failures.values())
        window.is_paused = False
        window.failures.clear()
        await self._settled()
        if not paused:
            await self._land(lane)
            raise Failure(failures[0].reason, retry_after=DOWN)

    async def _land(self, lane: Lane) -> None:
        """Wait until what this process sends on the lane is sent and stored."""
        window = self._windows.setdefault(lane.id, _Window())
        while window.sending:
            await asyncio.wait(window.sending)
        await self._settled()

    async def _settled(self) -> None:
        if not await self._results.settle(SETTLING):
            slow = Failure("What became of messages could not be stored yet.", retry_after=1.0)
            raise self._results.trouble or slow

    async def _carry(self, lane: Lane, window: "_Window", message: Ready) -> None:
        """Send it, and report what became of it."""
        try:
            sent = await self._send(message)
            window.hear(sent)
            self._results.report(sent)
        finally:
            if lane.kind == REPLIES:
                self._replies.in_lanes.discard(message.chat_id)
                self._in_lanes.discard(message.id or 0)

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
            found = self._buckets[lane.id] = TokenBucket(rate, _claimed_at_a_time(rate) + int(LATE * rate))
        return found

    async def _claim(self, lane: Lane, limit: int, *, in_the_middle: bool) -> list[Ready] | None:
        """The lane's next messages, or None where nothing is due.

        `in_the_middle`: some are in flight, or not stored. Then the lane stays due: after a crash somebody
        has to see to them.
        """
        now = self._clock()
        ready: list[Ready] = []
        try:
            async with self._store.write(brief=True) as tx:
                paused_until = await lanes.fence(tx, lane)
                if paused_until is not None and paused_until > now:  # begun since the engine looked
                    return None
                if ready := await message_queue.claim(tx, lane, now, limit, self._morning):
                    return ready
                upcoming = await message_queue.next_due(tx, lane, now)
                blocked = upcoming is not None and upcoming <= now  # by a reply that is being sent
                again = now + BLOCKED if blocked else upcoming
                await lanes.schedule(tx, lane, now if in_the_middle else again)
                return None
        except Failure:
            if lane.kind == REPLIES:  # another lane is taken anew, and copies count as unknown
                self.find_out(ready)
            raise

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


class _Window:
    """What of a lane is on its way, and what it has met."""

    def __init__(self) -> None:
        self.sending: set[asyncio.Task[None]] = set()
        self.failures: dict[int, Failure] = {}  # by chat, since one was sent last
        self.is_paused = False
        self._some_done = asyncio.Event()

    def begin(self, sending: Coroutine[Any, Any, None]) -> None:  # Any: a coroutine's own
        """Start sending one."""
        task = asyncio.get_running_loop().create_task(sending)
        self.sending.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: "asyncio.Task[None]") -> None:
        self.sending.discard(task)
        self._some_done.set()

    async def some_done(self, seconds: float) -> None:
        """Wait that long, or until all that are on their way have ended."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self.sending and (rest := until - loop.time()) > 0:
            self._some_done.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._some_done.wait()

    def hear(self, sent: Sent) -> None:
        """That became of one."""
        if not sent.put_back:
            self.failures.clear()
        elif sent.failure is not None and not isinstance(sent.failure, ChatThrottled):
            self.failures[sent.done.message.chat_id] = sent.failure
            self.is_paused |= sent.failure.retry_after is not None

    def is_told_to_rest(self) -> bool:
        """Whether a pause was asked for, or nothing can be sent; one chat alone may have its own trouble."""
        return self.is_paused or len(self.failures) > max(1, len(self.sending))


def _parts(channel: Channel, reply: Reply) -> Sequence[Reply]:
    if reply.erasure is None:
        return channel.parts(reply)
    named, size = reply.erasure.references, channel.deletion.at_once if channel.deletion else 0
    starts = range(0, len(named), size) if size else ()
    erasures = [Erasure(named[start : start + size]) for start in starts]
    if channel.keeps_contacts:
        erasures.append(Erasure(contact=True))
    return [replace(reply, erasure=each) for each in erasures]


def _claimed_at_a_time(rate: float) -> int:
    """How many messages, at so many a second; 0: as fast as it goes."""
    return max(1, min(CLAIM_MAX, BATCH_MAX, int(BATCH_SECONDS * rate))) if rate else min(CLAIM_MAX, BATCH_MAX)


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
