"""Messages on their way to their turns: in order within a chat, chats side by side.

Signal believes that we have them, and will not send them again. So each is kept here until it is taken, but
not without end: while nothing can be stored, a flood would fill the memory.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable

import structlog

from assistant.channels.base import Receive
from assistant.domain.errors import Failure
from assistant.domain.messages import Handled, Incoming
from assistant.outages import Outage

AT_ONCE = 100  # turns under way
CHAT_MAX = 100  # messages of one chat that wait
ALL_MAX = 20_000  # of all chats
LEAVE = 5.0  # seconds that what is here is given when the channel stops
LONGEST_BACKOFF = 15.0  # seconds


log = structlog.get_logger()


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 0.2 to 15, never the same for everybody."""
    return min(LONGEST_BACKOFF, 0.1 * 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0)  # noqa: S311  jitter


class Inbox:
    """Gives every message to `receive`, again and again until it is taken or refused for good."""

    def __init__(
        self,
        receive: Receive,
        before: Callable[[Incoming], None],
        after: Callable[[Incoming, Handled | None], None],
    ) -> None:
        """`before` and `after` a turn something can be done; `after` learns what came of it, or None."""
        self._receive = receive
        self._before = before
        self._after = after
        self._chats: dict[str, deque[Incoming]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._outage = Outage("storing signal messages")
        self._full = Outage("room for signal messages")
        self._count = 0  # of those that wait

    def put(self, incoming: Incoming) -> None:
        """Take charge of a message. Where too many wait, it is passed over."""
        person = incoming.address.person
        if self._count >= ALL_MAX or len(self._chats.get(person, ())) >= CHAT_MAX:
            self._full.failed("signal messages are passed over, because too many wait")
            return
        self._count += 1
        if person in self._chats:
            self._chats[person].append(incoming)
            return
        self._chats[person] = deque([incoming])
        task = asyncio.create_task(self._work_off(person))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait a moment until all are taken, and give the rest up."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=LEAVE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if lost := sum(len(waiting) for waiting in self._chats.values()):
            log.error("signal messages are lost, because they could not be stored in time", count=lost)

    async def _work_off(self, person: str) -> None:
        waiting = self._chats[person]
        while waiting:
            self._before(waiting[0])
            self._after(waiting[0], await self._take(waiting[0]))
            waiting.popleft()
            self._count -= 1
        del self._chats[person]
        if not self._count:
            self._full.over()

    async def _take(self, incoming: Incoming) -> Handled | None:
        failures = 0
        while True:
            try:
                async with self._places:
                    handled = await self._receive(incoming)
                self._outage.over()
                return handled
            except Failure as failure:
                if failure.permanent:
                    log.error("a signal message is passed over", reason=failure.reason)
                    return None
                failures += 1
                self._outage.failed("a signal message waits to be stored", reason=failure.reason)
            except Exception as error:
                log.error("a signal message is passed over", error=type(error).__name__)
                return None
            await asyncio.sleep(backoff(failures))
