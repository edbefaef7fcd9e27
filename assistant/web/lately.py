"""What was made a moment ago, and is still good."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

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
