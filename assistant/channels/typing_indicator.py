"""What a channel does out of politeness, such as saying that an answer is on its way."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

LEAVE = 5.0  # seconds that courtesies under way are given when the channel closes
AGAIN = 5.0  # seconds: Telegram shows an action for 5, https://core.telegram.org/bots/api#sendchataction
ENOUGH = 30.0  # seconds after which pretending to write would be a lie

Work = Coroutine[Any, Any, object]  # Any: what a coroutine yields and is sent concerns its loop alone

log = structlog.get_logger()


class BackgroundCalls:
    """Small works in the background, whose failures change nothing."""

    def __init__(self, forgiven: tuple[type[Exception], ...]) -> None:
        """`forgiven`: failures that belong to the trade; any other is a mistake of ours, and is logged."""
        self._forgiven = forgiven
        self._under_way: set[asyncio.Task[None]] = set()
        self._closed = False

    def open(self) -> None:
        """Begin again, after `close`."""
        self._closed = False

    def do(self, work: Work) -> None:
        """Do it, without waiting for it; nothing at all once closed."""
        if self._closed:
            work.close()
            return
        task = asyncio.create_task(self._try(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Wait a moment for what is under way, and give the rest up."""
        self._closed = True
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=LEAVE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _try(self, work: Work) -> None:
        try:
            await work
        except self._forgiven as error:
            log.debug("a courtesy failed", error=type(error).__name__)
        except Exception as error:
            log.error("a courtesy went wrong", error=type(error).__name__)


class TypingIndicator:
    """Tells people that an answer is being written, where it takes long."""

    def __init__(
        self,
        act: Callable[[str], Work],
        courtesies: BackgroundCalls,
        patience: float = 1.0,
        again: float = AGAIN,
    ) -> None:
        """`act` shows it to a person: after `patience` seconds, and anew `again` seconds after that."""
        self._act = act
        self._courtesies = courtesies
        self._patience = patience
        self._again = again
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    def expect(self, person: str) -> None:
        """A message of theirs came: unless `answered` in time they are told, for half a minute at most."""
        if person not in self._waiting:
            loop = asyncio.get_running_loop()
            self._wait(person, self._patience, until=loop.time() + ENOUGH)

    def answered(self, person: str) -> None:
        """A message of ours goes out to them now, or none will come."""
        if timer := self._waiting.pop(person, None):
            timer.cancel()

    def close(self) -> None:
        """Expect no more answers."""
        for person in list(self._waiting):
            self.answered(person)

    def _wait(self, person: str, seconds: float, *, until: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiting[person] = loop.call_later(seconds, self._tell, person, until)

    def _tell(self, person: str, until: float) -> None:
        del self._waiting[person]
        self._courtesies.do(self._act(person))
        if asyncio.get_running_loop().time() + self._again < until:
            self._wait(person, self._again, until=until)
