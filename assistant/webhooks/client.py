"""One attempt to tell an endpoint of an event."""

import asyncio
import time
from collections.abc import Callable

import aiohttp

from assistant.domain.webhooks import Answer, Endpoint, headers
from assistant.webhooks.outcomes import answered, unanswered

LIMIT = 15.0  # seconds for all of an attempt (spec: 15 to 30)
_LINE = 4096  # bytes of a header or of the status that are read at most; of a body nothing is
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
        """Try once. No redirect is followed, and no body of an answer is read."""
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
                connector=aiohttp.TCPConnector(force_close=True),  # the body that nobody reads goes with it
                timeout=aiohttp.ClientTimeout(total=None),  # `post` looks at the time
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=_LINE,
                max_field_size=_LINE,
            )
        return self._session
