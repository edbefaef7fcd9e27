"""Whether the assistant lives and is ready, and what it measures: for operators, never for the public."""

from collections.abc import Sequence
from contextlib import suppress

from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST

from assistant.channels.base import Channel
from assistant.domain.errors import Failure
from assistant.services.metrics import Metrics
from assistant.store import lanes
from assistant.store.database import Store
from assistant.web.patience import Patient

OK = "ok"
DATABASE = "database"
LIMIT = 2.0  # seconds that the database has to answer
_FRESH = {hdrs.CACHE_CONTROL: "no-store"}


class Health:
    """`/healthz`, `/readyz` and `/metrics`. Nothing in them names an account or a person."""

    def __init__(
        self, store: Store, channels: Sequence[Channel], metrics: Metrics, limit: float = LIMIT
    ) -> None:
        """`limit`: seconds that the database has to answer."""
        self._store = store
        self._channels = channels
        self._metrics = metrics
        self._probe = Patient(self._look, limit)
        self._queues = Patient(self._count, limit)

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers, to GET and HEAD."""
        return [
            web.get("/healthz", self._healthz),
            web.get("/readyz", self._readyz),
            web.get("/metrics", self._scrape),
        ]

    async def _healthz(self, _request: web.Request) -> web.Response:
        """The loop runs: a supervisor that gets no answer should start us again."""
        return web.Response(text=f"{OK}\n", headers=_FRESH)

    async def _readyz(self, _request: web.Request) -> web.Response:
        """What does not work now, each in a sentence; 503 where there is any."""
        parts = {DATABASE: await self._database()}
        for channel in self._channels:
            name = channel.line.partition(":")[0]
            if parts.get(name, OK) == OK:  # of two accounts of a channel, the trouble of either
                parts[name] = channel.trouble or OK
        ready = all(state == OK for state in parts.values())
        return web.json_response(parts, status=200 if ready else 503, headers=_FRESH)

    async def _scrape(self, _request: web.Request) -> web.Response:
        """https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format"""
        with suppress(Failure):  # `/readyz` tells; what this process counted is told all the same
            await self._queues()
        headers = {**_FRESH, hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST}
        return web.Response(body=self._metrics.text(), headers=headers)

    async def _database(self) -> str:
        try:
            await self._probe()
        except Failure as failure:
            return failure.reason
        return OK

    async def _look(self) -> None:
        """A question that no database can answer without its tables."""
        async with self._store.read() as tx:
            await lanes.next_due(tx, [lanes.REPLIES])

    async def _count(self) -> None:
        await self._metrics.queues(self._store)
