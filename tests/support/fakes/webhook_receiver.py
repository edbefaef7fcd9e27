"""Another program that is told of events, over real HTTP, and checks them by somebody else's code."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook

from assistant.domain.webhooks import Endpoint
from assistant.webhooks.settings import endpoints_of

SECRET = "whsec_c2lnbmluZyBhbiBpbnZlbnRlZCB3ZWJob29r"
PATH = "/hooks/path-of-which-nobody-knows"


@dataclass(frozen=True)
class Received:
    """A request that came. `event`: its body, which was signed."""

    id: str
    event: Mapping[str, Any]  # Any: JSON
    headers: Mapping[str, str]
    raw: str

    @property
    def type(self) -> str:
        """What it is about."""
        return str(self.event["type"])

    @property
    def data(self) -> Mapping[str, Any]:  # Any: JSON
        """What happened."""
        data: Mapping[str, Any] = self.event["data"]
        return data


@dataclass
class Receiver:
    """Takes what comes, unless `answers` has something else to say. `hangs`: it says nothing meanwhile."""

    url: str = ""
    answers: deque[web.Response] = field(default_factory=deque)
    always: int = 204
    hangs: bool = False
    came: list[Received] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)  # what came to other addresses
    _some: asyncio.Condition = field(default_factory=asyncio.Condition)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def setting(self) -> str:
        """What ASSISTANT_WEBHOOKS says of it."""
        return json.dumps({self.url: SECRET})

    @property
    def endpoint(self) -> Endpoint:
        """As the assistant knows it."""
        (found,) = endpoints_of(self.setting)
        return found

    @property
    def types(self) -> list[str]:
        """What the events were about, as they came."""
        return [each.type for each in self.came]

    async def until(self, count: int, seconds: float = 60.0) -> list[Received]:
        """Return when so many have come."""
        async with asyncio.timeout(seconds), self._some:
            await self._some.wait_for(lambda: len(self.came) >= count)
        return self.came

    async def take(self, request: web.Request) -> web.Response:
        """Check the signature, and answer."""
        raw = await request.text()
        Webhook(SECRET).verify(raw, dict(request.headers))  # an error is answered with 500
        async with self._some:
            self.came.append(
                Received(request.headers["webhook-id"], json.loads(raw), dict(request.headers), raw)
            )
            self._some.notify_all()
        if self.hangs:
            await self._over.wait()
        return self.answers.popleft() if self.answers else web.Response(status=self.always)

    async def stray(self, request: web.Request) -> web.Response:
        """Nobody should come here."""
        self.strays.append(request.path)
        return web.Response(status=204)

    def end(self) -> None:
        """Let go of whoever still waits."""
        self._over.set()


@asynccontextmanager
async def receiving(path: str = PATH) -> AsyncIterator[Receiver]:
    """One that listens on this machine."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post(path, receiver.take)
    app.router.add_route("*", "/{elsewhere:.*}", receiver.stray)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}{path}"
    try:
        yield receiver
    finally:
        receiver.end()
        await runner.cleanup()
