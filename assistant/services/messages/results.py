"""What became of messages is stored together, with what follows from it for chats and accounts."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from assistant.domain.broadcasts import CopyStatus
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure, Misconfigured, Moved, Throttled, Unreachable
from assistant.domain.lanes import Lane, LaneLost
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Account
from assistant.outages import Outage
from assistant.services.messages.sender import MENDING, Sent
from assistant.store import broadcasts, chats, copies, inactive_chats, lanes, messages, subscriptions
from assistant.store.broadcasts import LANE as BULK
from assistant.store.broadcasts import CopyEnd
from assistant.store.copies import CopyKey
from assistant.store.database import Store, Tx
from assistant.store.lanes import REPLIES
from assistant.store.messages import Done

LINGER = 0.05  # seconds: results are stored together
LINGER_COPIES = 0.25  # seconds, of copies of broadcasts: so much sending can be unknown after a crash
FULL = 125  # results that are stored at once: a crash can leave no more than some hundreds in doubt
STORE_RETRY = 1.0  # seconds until results are stored again that could not be
_OUTCOMES = {
    MessageStatus.SENT: CopyStatus.SENT,
    MessageStatus.FAILED: CopyStatus.FAILED,
    MessageStatus.UNKNOWN: CopyStatus.UNKNOWN,
}

AfterBatch = Callable[[Sequence[Sent]], Awaitable[None]]
"""Hears what became of messages, once that is stored."""

log = structlog.get_logger()


class Pauses:
    """Which accounts may send no replies for now, as far as this process knows; the lanes have it stored."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[Account, datetime] = {}

    def begin(self, account: Account, until: datetime) -> None:
        """No replies over that account until then, or longer where that is known already."""
        self._until[account] = max(until, self._until.get(account, until))

    def end(self, account: Account) -> None:
        """Replies may be sent again."""
        self._until.pop(account, None)

    def active(self, account: Account) -> bool:
        """Whether replies have to wait."""
        until = self._until.get(account)
        return until is not None and until > self._clock()


class Results:
    """Stores what is reported, a little later and together; until that works, however long that takes."""

    def __init__(self, store: Store, pauses: Pauses, clock: Clock, after_batch: AfterBatch) -> None:
        self._store = store
        self._pauses = pauses
        self._clock = clock
        self._after_batch = after_batch
        self._reported: list[Sent] = []
        self._storing: list[Sent] = []
        self._due = 0.0  # when what is reported is stored, by the event loop's time
        self._sooner = asyncio.Event()
        self._outage = Outage("storing results of sending")
        self.trouble: Failure | None = None  # why results cannot be stored now
        self._flushing: asyncio.Task[None] | None = None

    def report(self, sent: Sent) -> None:
        """That became of a message; it will be stored. Until then its row stays `sending`."""
        self._notice(sent)
        loop = asyncio.get_running_loop()
        due = loop.time() + (LINGER_COPIES if _is_copy(sent.done) else LINGER)
        self._reported.append(sent)
        if len(self._reported) >= FULL:
            due = 0.0
        if len(self._reported) == 1 or due < self._due:
            self._due = due
            self._sooner.set()
        if self._flushing is None:
            self._flushing = loop.create_task(self._flush())

    def put_back(self) -> set[int]:
        """Chats whose messages are on their way back to their lane: what comes after has to wait."""
        unstored = (*self._reported, *self._storing)
        return {sent.done.message.chat_id for sent in unstored if sent.put_back}

    def marks(self) -> dict[tuple[int, str], str | None]:
        """The marks of messages that were sent and are not stored yet: by chat and reference."""
        return {
            (sent.done.message.chat_id, sent.done.reference): sent.done.message.reply.mark
            for sent in (*self._reported, *self._storing)
            if sent.done.reference is not None
        }

    def under_way(self) -> set[int]:
        """The numbers of the replies whose results are not stored yet."""
        numbers = (sent.done.message.id for sent in (*self._reported, *self._storing))
        return {number for number in numbers if number is not None}

    @property
    def unstored(self) -> int:
        """How many results are not stored yet."""
        return len(self._reported) + len(self._storing)

    def is_settled(self) -> bool:
        """Whether everything reported is stored."""
        return self._flushing is None

    async def settle(self, seconds: float | None = None) -> bool:
        """Return when everything reported is stored, or when that has taken too long; which of both."""
        loop = asyncio.get_running_loop()
        until = None if seconds is None else loop.time() + seconds
        while self._flushing is not None:
            self._due = 0.0
            self._sooner.set()
            rest = None if until is None else until - loop.time()
            if rest is not None and rest <= 0:
                return False
            await asyncio.wait([self._flushing], timeout=rest)
        return True

    async def _flush(self) -> None:
        try:
            while self._storing or self._reported:
                await self._linger()
                if not self._storing:
                    self._storing, self._reported = self._reported, []
                if await self._stored(self._storing):
                    batch, self._storing = self._storing, []
                    await self._after_batch(batch)
                else:
                    await asyncio.sleep(STORE_RETRY)
        finally:
            self._flushing = None

    async def _linger(self) -> None:
        await asyncio.sleep(0)  # let what ends at the same moment join
        loop = asyncio.get_running_loop()
        while (rest := self._due - loop.time()) > 0:
            self._sooner.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._sooner.wait()

    async def _stored(self, batch: Sequence[Sent]) -> bool:
        """Store what became of these messages; whether that worked.

        Where this process dies before it does, whoever takes the lane sees to them.
        """
        try:
            async with self._store.write(brief=True) as tx:
                await self._keep(tx, batch)
        except Failure as failure:
            self._outage.failed("results of sending were not stored", level="error", reason=failure.reason)
            self.trouble = failure
            return False
        self._outage.over()
        self.trouble = None
        return True

    async def _keep(self, tx: Tx, batch: Sequence[Sent]) -> None:
        _log(batch)
        batch = [*_replies(batch), *await self._still_ours(tx, batch)]
        # A turn under way that takes such a message to be on its way still ends first; a later one waits.
        await chats.lock(tx, {sent.done.message.chat_id for sent in batch if sent.put_back or sent.failure})
        ends = await self._ends(tx, batch)
        for of_broadcasts, done in groupby(sorted((sent.done for sent in batch), key=_in_order), _is_copy):
            await (copies if of_broadcasts else messages).finish(tx, list(done))
        if forgotten := {sent.done.message.chat_id for sent in batch if sent.done.message.to_forgotten}:
            await chats.drop_forgotten(tx, forgotten)
        put_back = [key for key, sent in _copies(batch).items() if sent.put_back]
        ends += await copies.call_off_unsubscribed(tx, put_back)
        gone = {sent.done.message.chat_id for sent in batch if isinstance(sent.failure, Unreachable)}
        if gone:
            ends += await subscriptions.unsubscribe(tx, gone)
            await inactive_chats.block(tx, gone, self._clock().date())
        await broadcasts.count_copies(tx, ends)
        for sent in batch:
            if isinstance(sent.failure, Moved):
                moved = replace(sent.done.message.address, person=sent.failure.person)
                await chats.move(tx, sent.done.message.chat_id, moved)
        for account, failure in _told(batch):
            self._notice_failure(account, failure)
            kinds = [BULK, REPLIES] if _stops_replies(failure) else [BULK]
            await lanes.pause(tx, str(account), kinds, self._until(failure), _note(failure))
        waiting = {sent.done.message.lane.id for sent in batch if sent.put_back}
        if waiting:
            lanes.wake(tx, waiting, self._clock())

    async def _still_ours(self, tx: Tx, batch: Sequence[Sent]) -> list[Sent]:
        """Copies of broadcasts, without those of lanes that another process has taken: they count as unknown.

        Lanes are locked before all else, as wherever messages are changed; also those of replies that are put
        back, which wakes their lanes: who takes such a lane changes those replies, too.
        """
        kept = {sent.done.message.lane for sent in batch if sent.put_back or sent.done.message.broadcast}
        ours: set[Lane] = set()
        for lane in sorted(kept, key=lambda each: (each.id, each.epoch)):
            with suppress(LaneLost):
                await lanes.keep(tx, lane)
                ours.add(lane)
        return [sent for sent in _copies(batch).values() if sent.done.message.lane in ours]

    async def _ends(self, tx: Tx, batch: Sequence[Sent]) -> list[CopyEnd]:
        """What became of copies: not of those counted already, in a commit whose answer was lost."""
        sent_copies = _copies(batch)
        found = await copies.statuses(tx, sent_copies)
        ends = [_end(sent, found.get(key)) for key, sent in sent_copies.items()]
        return [end for end in ends if end is not None]

    def _notice(self, sent: Sent) -> None:
        if sent.failure is not None:
            self._notice_failure(sent.done.message.address.account, sent.failure)

    def _notice_failure(self, account: Account, failure: Failure) -> None:
        if _stops_replies(failure):
            self._pauses.begin(account, self._until(failure))

    def _until(self, failure: Failure) -> datetime:
        return self._clock() + timedelta(seconds=_seconds(failure))


def _replies(batch: Sequence[Sent]) -> list[Sent]:
    return [sent for sent in batch if not _is_copy(sent.done)]


def _copies(batch: Sequence[Sent]) -> dict[CopyKey, Sent]:
    return {
        (number, sent.done.message.chat_id): sent
        for sent in batch
        if (number := sent.done.message.broadcast) is not None
    }


def _is_copy(done: Done) -> bool:
    return done.message.broadcast is not None


def _in_order(done: Done) -> tuple[int, bool, int]:
    """In which rows are locked wherever several are, so that nobody waits for each other: chat by chat,
    copies of broadcasts first."""
    message = done.message
    return message.chat_id, message.broadcast is None, message.broadcast or message.id or 0


def _end(sent: Sent, status: MessageStatus | None) -> CopyEnd | None:
    """What came of the copy of a broadcast, whose row says `status`; None while it waits, or is counted.

    Without a row its reader was forgotten meanwhile.
    """
    message = sent.done.message
    if message.broadcast is None or status not in (None, MessageStatus.SENDING):
        return None
    if sent.put_back:
        gone = CopyEnd(message.broadcast, message.lane.id, CopyStatus.CANCELLED, "unsubscribed")
        return gone if status is None else None
    outcome = CopyStatus.BLOCKED if isinstance(sent.failure, Unreachable) else _OUTCOMES[sent.done.status]
    return CopyEnd(message.broadcast, message.lane.id, outcome, sent.done.reason or "")


def _told(batch: Sequence[Sent]) -> Sequence[tuple[Account, Failure]]:
    """The pauses that accounts were told to make: each account's longest, with replies and without."""
    told: dict[tuple[Account, bool], Failure] = {}
    for sent in batch:
        failure = sent.failure
        if isinstance(failure, Throttled | Misconfigured):
            key = (sent.done.message.address.account, _stops_replies(failure))
            if key not in told or _seconds(failure) > _seconds(told[key]):
                told[key] = failure
    return [(account, failure) for (account, _), failure in told.items()]


def _seconds(failure: Failure) -> float:
    return MENDING if failure.retry_after is None else failure.retry_after


def _stops_replies(failure: Failure) -> bool:
    return isinstance(failure, Misconfigured) or (isinstance(failure, Throttled) and failure.replies)


def _note(failure: Failure) -> str | None:
    return (failure.note if isinstance(failure, Throttled) else None) or failure.reason


def _log(batch: Sequence[Sent]) -> None:
    """A line for each reason, however many messages it met."""
    reasons = Counter(
        (sent.done.message.address.account.channel, sent.done.status, sent.failure.reason)
        for sent in batch
        if sent.failure is not None
    )
    for (channel, status, reason), count in reasons.items():
        log.warning("messages not sent", channel=channel, count=count, now=status.value, reason=reason)
