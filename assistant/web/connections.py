"""Connections to the web server: so many at once, and each for so long.

Anybody can open connections and then say nothing, or a letter an hour. aiohttp waits for an hour for the end
of a request's head, and for any number of them. So each connection has a deadline, and where there are too
many, the one that has waited longest for a request gives way to the new one: whoever has something to say
says it at once.
"""

import asyncio
import resource
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from assistant.outages import Outage

HEAD = 10.0  # seconds for the head of a request, from when its connection is there
REQUEST = 60.0  # seconds for what follows, up to the answer: Telegram and Telnyx wait no longer
IDLE = 75.0  # seconds between requests: proxies close them after 60
MOST = 500  # connections at once
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

log = structlog.get_logger()


class Connections:
    """Those that are open."""

    def __init__(self, connect: Callable[[], asyncio.Protocol], most: int = MOST) -> None:
        """`connect`: makes what speaks HTTP on one.

        `most`: at once; half of the files that this process may open are left to everything else.
        """
        files, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._connect = connect
        self._most = most if files == resource.RLIM_INFINITY else max(1, min(most, files // 2))
        self._open: set[Connection] = set()
        self._waiting: dict[Connection, None] = {}  # for a request, the longest first
        self._outage = Outage("the web server")

    def __call__(self) -> asyncio.Protocol:
        """A connection that is about to be made."""
        return Connection(self, self._connect())

    def opened(self, connection: "Connection") -> bool:
        """Whether there is a place for it."""
        if len(self._open) >= self._most:
            self._outage.failed("the web server has as many connections as it takes", most=self._most)
            if not self._waiting:
                return False
            next(iter(self._waiting)).cut()
        self._open.add(connection)
        return True

    def waits(self, connection: "Connection") -> None:
        """It waits for a request."""
        self._waiting[connection] = None

    def works(self, connection: "Connection") -> None:
        """It has one."""
        self._waiting.pop(connection, None)

    def closed(self, connection: "Connection") -> None:
        """It is there no more."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)
        if len(self._open) < self._most // 2:
            self._outage.over()


class Connection(asyncio.Protocol):
    """One of them, before aiohttp's own protocol."""

    def __init__(self, connections: Connections, inner: asyncio.Protocol) -> None:
        self._connections = connections
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # Any: as asyncio has it
        if not self._connections.opened(self):
            transport.write(_FULL)
            transport.close()
            return
        self._transport = transport
        self._inner.connection_made(transport)
        self._wait(HEAD)

    def data_received(self, data: bytes) -> None:
        if self._transport is not None:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._transport is not None else None

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_by(None)
        self._connections.closed(self)
        if self._transport is not None:
            self._transport = None
            self._inner.connection_lost(exc)

    def begin(self) -> None:
        """The head of a request is here."""
        self._connections.works(self)
        self._end_by(REQUEST)

    def stay_open(self) -> None:
        """Its answer goes on for long: it gives way to others, as if it waited for a request."""
        self._connections.waits(self)
        self._end_by(None)

    def end(self) -> None:
        """It is answered: another may follow."""
        if self._transport is not None:
            self._wait(IDLE)

    def cut(self) -> None:
        """End it now, whatever is under way."""
        self._connections.closed(self)
        if self._transport is not None:
            self._transport.abort()

    def _wait(self, seconds: float) -> None:
        self._connections.waits(self)
        self._end_by(seconds)

    def _end_by(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        loop = asyncio.get_running_loop()
        self._deadline = None if seconds is None else loop.call_later(seconds, self.cut)


def stays_open(request: web.Request) -> None:
    """The answer to that request goes on for as long as the caller stays, and gives way where there are too
    many connections: whoever wants it comes again."""
    protocol = request.transport.get_protocol() if request.transport else None
    if isinstance(protocol, Connection):
        protocol.stay_open()


def cut(request: web.Request) -> None:
    """End that request's connection now, whatever is under way."""
    protocol = request.transport.get_protocol() if request.transport else None
    if isinstance(protocol, Connection):
        protocol.cut()


@web.middleware
async def in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tells the request's connection when it begins, and when it is answered."""
    protocol = request.transport.get_protocol() if request.transport else None
    if not isinstance(protocol, Connection):
        return await handler(request)
    protocol.begin()
    try:
        return await handler(request)
    finally:
        protocol.end()
