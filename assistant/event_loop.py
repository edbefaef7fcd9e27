"""The event loop of processes that talk with other servers: a DNS server that hangs holds up nothing else."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

LIMIT = 10.0  # seconds for a lookup: as many as resolv.conf(5) has for one server by default

_Result = TypeVar("_Result")


class EventLoop(asyncio.SelectorEventLoop):
    """asyncio's own, with a thread for each name that is being looked up.

    asyncio looks names up in the few threads (`to_thread`) in which files are read and written, too. A lookup
    cannot be called off, and takes up to a minute where DNS servers are silent: a few endpoints whose names
    nobody answers for, and all else waits for a thread. Whoever wants the same name meanwhile waits for the
    same lookup, so that there are never more threads than names. The end of the process waits for none.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lookups: dict[tuple[object, ...], asyncio.Future[Any]] = {}  # Any: as the system has it

    async def getaddrinfo(  # Any: as the system has it
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002  asyncio's name
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        """As socket.getaddrinfo. Raises OSError, also where there is no answer in time."""
        wanted = (host, port, family, type, proto, flags)
        lookup = self._lookups.get(wanted)
        if lookup is None:
            lookup = self._lookups[wanted] = self._begin(partial(socket.getaddrinfo, *wanted))
            lookup.add_done_callback(lambda _: self._lookups.pop(wanted))
        await asyncio.wait([lookup], timeout=LIMIT)  # whoever stops waiting does not call it off for others
        if not lookup.done():
            raise socket.gaierror(socket.EAI_AGAIN, "no answer in time")
        return lookup.result()

    def _begin(self, look: Callable[[], Any]) -> asyncio.Future[Any]:
        lookup: asyncio.Future[Any] = self.create_future()
        lookup.add_done_callback(lambda done: done.exception())  # nobody may be waiting for it any more

        def run() -> None:
            try:
                tell = partial(lookup.set_result, look())
            except Exception as error:  # such as UnicodeError: it is for who asked
                tell = partial(lookup.set_exception, error)
            with suppress(RuntimeError):  # the loop is closed
                self.call_soon_threadsafe(tell)

        threading.Thread(target=run, name="name lookup", daemon=True).start()
        return lookup


def run_in_loop(work: Coroutine[Any, Any, _Result]) -> _Result:  # Any: as a coroutine has it
    """`asyncio.run` in such a loop."""
    with asyncio.Runner(loop_factory=EventLoop) as runner:
        return runner.run(work)
