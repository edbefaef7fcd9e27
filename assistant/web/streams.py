"""Pages that are open and hear what is said: so many of one chat at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from assistant.channels.web import Listener
from assistant.domain.messages import Address
from assistant.web.connections import cut

MOST = 4  # of one chat: more than anybody looks at


class Streams:
    """Those that are open. The oldest of a chat gives way to a new one: who is still there comes again."""

    def __init__(self) -> None:
        self._open: dict[Address, dict[Listener, web.Request]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    @contextmanager
    def place(self, address: Address, listener: Listener, request: web.Request) -> Iterator[None]:
        """Room for one more of that chat."""
        pages = self._open.setdefault(address, {})
        if len(pages) >= MOST:
            oldest = next(iter(pages))
            oldest.leave()
            cut(pages.pop(oldest))  # it may wait for a browser that reads nothing
        pages[listener] = request
        try:
            yield
        finally:
            pages.pop(listener, None)
            if not pages and self._open.get(address) is pages:
                del self._open[address]
