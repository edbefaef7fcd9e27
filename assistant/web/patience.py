"""Asking something slow without waiting for ever."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from assistant.domain.errors import Failure

T = TypeVar("T")


class Patient(Generic[T]):
    """Asks for one answer at a time, shared by all who want it meanwhile.

    What takes too long is left to come to its end rather than cancelled: then a database that hangs costs
    one connection, however often it is asked for.
    """

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]], seconds: float) -> None:
        """`seconds`: that one caller waits."""
        self._ask = ask
        self._seconds = seconds
        self._asking: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """The answer. Raises Failure where it takes too long, and whatever asking raises."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(_heard)
        done, _ = await asyncio.wait({self._asking}, timeout=self._seconds)
        if not done:
            raise Failure(f"There is no answer within {self._seconds:g} seconds.")
        return self._asking.result()


def _heard(task: asyncio.Task[T]) -> None:
    """An error that nobody waited for is no news to asyncio."""
    if not task.cancelled():
        task.exception()
