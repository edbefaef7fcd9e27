"""The other end of a webhook: keeps what is posted to it, and answers as it is told."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Self

from aiohttp import web

from tests.support.fakes.telegram.html import Json
from tests.support.fakes.telegram.webhook import SECRET_HEADER


class Receiver:
    """`async with Receiver() as receiver:` listens at `url`."""

    def __init__(self) -> None:
        self.url = ""
        self.posted: list[Json] = []  # updates, in the order of their arrival
        self.secrets: set[str | None] = set()
        self.under_way = 0  # requests that wait for their answer
        self.gate = asyncio.Event()  # answers wait for it
        self.gate.set()
        self.handle: Callable[[Json], Awaitable[object]] | None = None
        self._answers: deque[web.Response | None] = deque()
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def answer_next(self, status: int, retry_after: int | None = None, times: int = 1) -> None:
        """What the next requests get for an answer instead of 200."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._answers.extend(web.Response(status=status, headers=headers) for _ in range(times))

    def break_next(self) -> None:
        """The next request gets no answer: its connection ends."""
        self._answers.append(None)

    @property
    def texts(self) -> list[str]:
        """What people said in the messages posted."""
        return [update["message"]["text"] for update in self.posted if "message" in update]

    async def gets(self, count: int) -> None:
        """Return when that many updates have been posted in all, those repeated included."""
        async with self._changed, asyncio.timeout(10):
            await self._changed.wait_for(lambda: len(self.posted) >= count)

    async def _take(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.posted.append(update)
        self.secrets.add(request.headers.get(SECRET_HEADER))
        answer = self._answers.popleft() if self._answers else web.Response()
        self.under_way += 1
        async with self._changed:
            self._changed.notify_all()
        await self.gate.wait()
        if self.handle:
            await self.handle(update)
        self.under_way -= 1
        if answer is None:
            assert request.transport
            request.transport.abort()
            return web.Response()
        return answer
