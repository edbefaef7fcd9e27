"""What was made a moment ago, and is still good."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

T = TypeVar("T")


class Lately(Generic[T]):
    """Values by key, each for so many seconds; of `most` keys, those that were asked for last."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._made: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        """What was put there, if that is not too long ago."""
        found = self._made.get(key)
        if found is None or self._clock() - found[0] > self._seconds:
            return None
        self._made.move_to_end(key)
        return found[1]

    def put(self, key: Hashable, value: T) -> T:
        """Keep it; returns it."""
        self._made[key] = (self._clock(), value)
        self._made.move_to_end(key)
        if len(self._made) > self._most:
            self._made.popitem(last=False)
        return value


class Refreshed(Generic[T]):
    """Values by key that take long to make: only who asks first waits. Later ones get what there is.

    A value that is older than `seconds` is made anew meanwhile; one older than `longest` is waited for.
    """

    def __init__(
        self,
        make: Callable[[str], Awaitable[T]],
        seconds: float,
        longest: float,
        most: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`make`: makes the value of a key; it raises Failure where that cannot be done now.

        `most`: how many are kept.
        """
        self._make = make
        self._fresh = Lately[T](seconds, most, clock)
        self._usable = Lately[T](longest, most, clock)
        self._making: dict[str, asyncio.Task[T]] = {}

    async def get(self, key: str) -> T:
        """The value, as it was lately. Raises Failure where there is none, and none can be made."""
        found = self._usable.get(key)
        if found is not None and self._fresh.get(key) is not None:
            return found
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = asyncio.create_task(self._made(key))
            making.add_done_callback(lambda task: self._ended(key, task))
        return await asyncio.shield(making) if found is None else found

    async def _made(self, key: str) -> T:
        value = await self._make(key)
        self._fresh.put(key, value)
        return self._usable.put(key, value)

    def _ended(self, key: str, task: "asyncio.Task[T]") -> None:
        del self._making[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("what a page shows could not be made anew", error=type(error).__name__)
