"""Bad weather: a platform that misbehaves, seldom the same way twice in a row, and people in it."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from assistant.channels.base import Channel
from tests.support.chaos.ledger import Delivery

RETRY_AFTER = 3.0  # seconds until a person who hears nothing writes again
LONGEST_PATIENCE = (
    60.0  # seconds; it doubles each time, so that on a busy machine answers come in time at last
)
CALLED_WITHIN = 600.0  # seconds: nobody calls the platform any more
BLOCK_RATE = 0.01  # of the words: their writer shuts us out for a moment
CALLS_BETWEEN_FAULTS = (4, 16)  # between two strikes the platform is called so often, at least and at most

Fault = Callable[[], Awaitable[None]]


class CountedInbox(list[Any]):  # Any: a message as each fake keeps it
    """What a person has got, for which one can wait."""

    def __init__(self) -> None:
        super().__init__()
        self.came = asyncio.Event()

    def append(self, message: Any) -> None:  # Any: as above
        super().append(message)
        self.came.set()


class Talker(ABC):
    """Somebody who writes one word after the other: w1, w2, w3 ..."""

    address: str
    inbox: CountedInbox

    def __init__(self, answered: asyncio.Semaphore, seed: str) -> None:
        """`answered` is released at each answer."""
        self.written = 0
        self.has_blocked = False
        self.sulks_at: int | None = None  # a word of theirs
        self._dice = random.Random(seed)  # noqa: S311  a seed, so that a failure comes again
        self._answered = answered
        self._heard = 0
        self._patience = RETRY_AFTER

    @abstractmethod
    async def write(self, word: str) -> None:
        """Send it."""

    @abstractmethod
    async def block(self) -> None:
        """Shut us out."""

    @abstractmethod
    async def unblock(self) -> None:
        """Let us in again."""

    @abstractmethod
    def arrival(self, message: Any) -> Delivery:  # Any: a message as the fake keeps it
        """What they have got."""

    def arrivals(self) -> Sequence[Delivery]:
        """All they have got."""
        return [self.arrival(message) for message in self.inbox]

    async def talk(self) -> None:
        """Write on each answer, or where none comes, for ever."""
        while True:
            if self._dice.random() < BLOCK_RATE or self.written == self.sulks_at:
                await self._block_for_a_moment()
            if await self._is_answered():
                self._answered.release()

    async def last_message(self) -> None:
        """Return when an answer has come once more: then everything before it is over."""
        await self.unblock()
        while not await self._is_answered():
            pass

    async def _is_answered(self) -> bool:
        """Whether a word that they write is answered, all of it, in time."""
        self.written += 1
        word = f"w{self.written}"
        await self.write(word)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience * self._dice.uniform(0.8, 1.2)):
                while not self._hears(word):
                    self.inbox.came.clear()
                    await self.inbox.came.wait()
                self._patience = max(self._patience / 2, RETRY_AFTER)
                return True
        self._patience = min(self._patience * 2, LONGEST_PATIENCE)
        return False

    def _hears(self, word: str) -> bool:
        """Whether the last message of the answer is there; the very first answer is about no word."""
        news = [self.arrival(message).echo for message in self.inbox[self._heard :]]
        done = any(echo.is_last and (echo.word == word or echo.turn == 1) for echo in news)
        self._heard += len(news) if done else 0
        return done

    async def _block_for_a_moment(self) -> None:
        """Write something, and shut us out before the answer can come."""
        self.has_blocked = True
        self.written += 1
        await self.write(f"w{self.written}")
        await self.block()
        await asyncio.sleep(self._dice.uniform(0.01, 0.2))
        await self.unblock()


class Platform(ABC):
    """A fake platform in such weather."""

    loses_words: ClassVar[bool]  # what is written while nobody listens

    def __init__(self, seed: int) -> None:
        self.struck: Counter[str] = Counter()
        self.answered = asyncio.Semaphore(0)
        self._dice = random.Random(seed)  # noqa: S311  as above

    @abstractmethod
    def channel(self) -> Channel:
        """A channel over its one account, not open yet, at any pace."""

    @abstractmethod
    def add_talker(self, seed: str) -> Talker:
        """Somebody new."""

    @abstractmethod
    def faults(self) -> Mapping[str, Fault]:
        """All it can do, by name."""

    @abstractmethod
    async def called(self, times: int) -> None:
        """Return when it has been called so many times more."""

    async def answers(self, count: int) -> None:
        """Return when people have got so many answers more."""
        for _ in range(count):
            await self.answered.acquire()

    async def inject_faults(self) -> None:
        """Strike, for ever: each way equally often, in random order."""
        for name, strike in self._fault_order():
            await self.called(self._dice.randint(*CALLS_BETWEEN_FAULTS))
            await strike()
            self.struck[name] += 1

    def _fault_order(self) -> Iterator[tuple[str, Fault]]:
        cards = list(self.faults().items())
        while True:
            self._dice.shuffle(cards)
            yield from cards
