"""A broadcast that fails too often is halted: something is wrong that a person should see first."""

from collections import Counter, defaultdict, deque
from collections.abc import Sequence

import structlog

from assistant.domain.errors import Failure, Refused, Unreachable
from assistant.domain.lifecycle import MessageStatus
from assistant.services.broadcasts.approval import ITSELF, BroadcastService
from assistant.services.messages.sender import Sent
from assistant.store.database import Store

WINDOW = 500  # the last copies of a broadcast: it looks at so many
FAILURES_MAX = WINDOW * 5 // 100  # more failures than this among them halt it
_BAD = (MessageStatus.FAILED, MessageStatus.UNKNOWN)

log = structlog.get_logger()


class FailureGuard:
    """Remembers how the last copies of each broadcast ended. A restart forgets, and begins to count anew.

    Readers who have blocked us are no failures: among people who subscribed long ago there are many.
    """

    def __init__(self, store: Store, broadcast_service: BroadcastService) -> None:
        self._store = store
        self._broadcast_service = broadcast_service
        self._ended: defaultdict[int, deque[str | None]] = defaultdict(lambda: deque(maxlen=WINDOW))

    async def hear(self, batch: Sequence[Sent]) -> None:
        """What became of messages, once it is stored."""
        heard: set[int] = set()
        for sent in batch:
            number = sent.done.message.broadcast
            if number is None or sent.put_back or isinstance(sent.failure, Unreachable):
                continue
            bad = sent.done.status in _BAD
            self._ended[number].append((sent.done.reason or "") if bad else None)
            heard.add(number)
        for number in heard:
            failures = [reason for reason in self._ended[number] if reason is not None]
            if len(failures) > FAILURES_MAX:
                del self._ended[number]
                await self._halt(number, failures)

    async def _halt(self, number: int, failures: Sequence[str]) -> None:
        (reason, _), *_ = Counter(failures).most_common(1)
        try:
            async with self._store.write() as tx:
                await self._broadcast_service.halt(tx, ITSELF, number, reason)
        except Refused:
            return  # somebody was faster
        except Failure as failure:
            log.error("a broadcast that fails was not halted", broadcast=number, reason=failure.reason)
        else:
            log.error("a broadcast was halted: too many copies failed", broadcast=number, reason=reason)
