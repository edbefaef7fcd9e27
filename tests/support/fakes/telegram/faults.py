"""The bad days of the fake Telegram: what a test makes fail, and a bot that sends too fast."""

import asyncio
import math
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web

from tests.support.fakes.telegram.html import ApiError

PAID = 1000.0  # messages a second, for allow_paid_broadcast: https://core.telegram.org/bots/faq


class Garbage(Exception):
    """An answer that is not the Bot API's: a proxy's, or one that is cut short."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True)
class Fault:
    """How one request fails: it waits `hang` seconds, then the connection breaks or `error` is the answer.

    `garbage`: what is answered instead, without sense.
    """

    error: ApiError | None = None
    garbage: Garbage | None = None
    hang: float = 0
    reset: bool = False
    after: bool = False
    chat: int | None = None

    async def strike(self, request: web.Request) -> None:
        await asyncio.sleep(self.hang)
        if self.reset:
            _reset(request)
        if self.error:
            raise self.error
        if self.garbage:
            raise self.garbage


def refused(status: int, description: str | None, retry_after: int | None) -> ApiError:
    """The answer of this status, in the words of the real server where none are given."""
    reason = "" if retry_after is None else f": retry after {retry_after}"
    return ApiError(status, description or f"{HTTPStatus(status).phrase}{reason}", retry_after=retry_after)


@dataclass
class Bucket:
    """Lets `burst` messages pass at once, and `rate` a second."""

    rate: float
    burst: int
    tokens: float = field(init=False)
    filled: float = 0.0
    closed_until: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def wait(self, now: float) -> int:
        """Whole seconds until one may pass again; 0 where it passes. Who does not wait is not let in."""
        if now < self.closed_until:
            return math.ceil(self.closed_until - now)
        self.tokens = min(self.burst, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0
        seconds = max(1, math.ceil((1 - self.tokens) / self.rate))
        self.closed_until = now + seconds
        return seconds


class Flood:
    """How fast the bot may send, over all and to one chat; without limits, at any speed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._overall: Bucket | None = None
        self._paid = Bucket(PAID, int(PAID))
        self._chat_limits: tuple[float, int] | None = None
        self._chats: dict[int, Bucket] = {}

    def limit(self, overall: tuple[float, int] | None, chat: tuple[float, int] | None) -> None:
        """Set both limits, each as messages a second and how many may pass at once."""
        self._overall = Bucket(*overall) if overall else None
        self._chat_limits = chat
        self._chats.clear()

    def check(self, chat: int, paid: bool) -> None:
        """Count one message. Raises ApiError 429."""
        if self._overall:
            self._take(self._paid if paid else self._overall)
        if self._chat_limits:
            self._take(self._chats.setdefault(chat, Bucket(*self._chat_limits)))

    def _take(self, bucket: Bucket) -> None:
        if seconds := bucket.wait(self._clock()):
            raise refused(429, None, seconds)


def _reset(request: web.Request) -> None:
    """Close without a goodbye: no lingering makes the kernel send RST."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
