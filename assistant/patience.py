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

    def __init__(
        self, ask: Callable[[], Coroutine[Any, Any, T]], seconds: float, *, fresh: float = 0.0, why: str = ""
    ) -> None:
        """`seconds`: that one caller waits. `fresh`: seconds for which an answer, or an error, is not asked
        for again. `why`: what an operator should look at where there is none; begins with a colon.
        """
        self._ask = ask
        self._seconds = seconds
        self._fresh = fresh
        self._why = why
        self._asking: asyncio.Task[T] | None = None
        self._answered = 0.0  # when, by the event loop's time

    async def __call__(self) -> T:
        """The answer. Raises Failure where it takes too long, and whatever asking raises."""
        if self._asking is None or (self._asking.done() and self._is_stale()):
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(self._heard)
        done, _ = await asyncio.wait({self._asking}, timeout=self._seconds)
        if not done:
            raise Failure(f"There is no answer within {self._seconds:g} seconds{self._why}.")
        return self._asking.result()

    def _is_stale(self) -> bool:
        return asyncio.get_running_loop().time() - self._answered >= self._fresh

    def _heard(self, task: asyncio.Task[T]) -> None:
        self._answered = task.get_loop().time()
        if not task.cancelled():
            task.exception()  # an error that nobody waited for is no news to asyncio
