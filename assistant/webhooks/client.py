"""One attempt to tell an endpoint of an event."""

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from assistant.domain.webhooks import Answer, Endpoint, headers
from assistant.webhooks.outcomes import answered, unanswered

LIMIT = 15.0  # seconds for all of an attempt (spec: 15 to 30)
_LINE = 4096  # bytes of a header or of the status that are read at most; of a body nothing is
_READ = 65_536  # bytes that are read at most, certificates and answers before the answer (1xx) with them
_AGENT = "letters-assistant"


class Client:
    """Posts events. It connects at the first one, in the loop of that."""

    def __init__(self, limit: float = LIMIT, seconds: Callable[[], float] = time.time) -> None:
        """`limit`: seconds for an attempt. `seconds`: since 1970, in truth: a rehearsal's clock would not do,
        as whoever checks a signature compares."""
        self._limit = limit
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Disconnect."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def post(self, endpoint: Endpoint, event_id: str, body: str) -> Answer:
        """Try once. No redirect is followed, no body of an answer is read, and no answer without end."""
        shown = headers(endpoint.secret, event_id, int(self._seconds()), body)
        try:
            async with (
                asyncio.timeout(self._limit),
                self._connected().post(
                    endpoint.url,
                    data=body.encode(),
                    headers={"Content-Type": "application/json", "User-Agent": _AGENT, **shown},
                    allow_redirects=False,
                ) as answer,
            ):
                return answered(answer.status, answer.headers)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            return unanswered(error)

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # A connection for each attempt: the body that nobody reads goes with it.
                connector=aiohttp.TCPConnector(force_close=True, socket_factory=_socket),
                timeout=aiohttp.ClientTimeout(total=None),  # `post` looks at the time
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=_LINE,
                max_field_size=_LINE,
            )
        return self._session


class _ShortSocket(socket.socket):
    """Ends after `_READ` bytes, as if the other side had closed it.

    aiohttp reads any number of interim answers (102 and the like), and would spend all of an attempt on them.
    asyncio reads by `recv`, and by `recv_into` where TLS is spoken.
    """

    left = _READ

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        read = super().recv(min(bufsize, self.left), flags)
        self.left -= len(read)
        return read

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0, /) -> int:  # Any: of bytes
        wanted = min(nbytes or len(buffer), self.left)
        read = super().recv_into(buffer, wanted, flags) if wanted else 0  # there, 0 stands for all of it
        self.left -= read
        return read


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    family, kind, protocol, _, _ = address
    return _ShortSocket(family, kind, protocol)
