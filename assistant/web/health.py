"""How a running assistant is, for supervisors and for Prometheus."""

import asyncio
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import suppress

from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST

from assistant.channels.base import Channel
from assistant.domain.errors import Failure
from assistant.domain.messages import Account
from assistant.patience import Patient
from assistant.services.metrics import Metrics
from assistant.services.readiness import OK, Readiness
from assistant.store.database import Store

NO_CHANNEL = "no channel works: nobody can write to us"
LIMIT = 2.0  # seconds that the database has to count what waits
_FRESH = {hdrs.CACHE_CONTROL: "no-store"}


class Health:
    """`/healthz`, `/readyz` and `/metrics`. Nothing in them names an account or a person."""

    def __init__(
        self,
        store: Store,
        channels: Sequence[Channel],
        metrics: Metrics,
        readiness: Readiness,
        limit: float = LIMIT,
        unusable: Mapping[str, str] | None = None,
        cases: Container[str] = (),
        stands_by: Callable[[Account], bool] = lambda _account: False,
    ) -> None:
        """`limit`: seconds that the database has to count what waits.

        `stands_by`: whether another process reads that account.

        `unusable`: folders that cannot be used as they are, and why, by case; of those among `cases`, the
        last good version goes on.
        """
        self._unusable = {} if unusable is None else unusable
        self._cases = cases
        self._store = store
        self._channels = channels
        self._metrics = metrics
        self._readiness = readiness
        self._stands_by = stands_by
        self._queues = Patient(self._count, limit)

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers, to GET and HEAD."""
        return [
            web.get("/healthz", self._healthz),
            web.get("/readyz", self._readyz),
            web.get("/metrics", self._scrape),
        ]

    async def _healthz(self, _request: web.Request) -> web.Response:
        """That the loop runs, and which channels do not work; 503 where none does.

        The database is not asked: /readyz tells of it, and a restart would not mend it.
        """
        troubles = self._troubles()
        broken = {name: trouble for name, trouble in troubles.items() if trouble != OK}
        works = not broken or len(broken) < len(troubles)
        lines = [OK if works else NO_CHANNEL, *(f"{name}: {trouble}" for name, trouble in broken.items())]
        text = "".join(f"{line}\n" for line in lines)
        return web.Response(text=text, status=200 if works else 503, headers=_FRESH)

    async def _readyz(self, _request: web.Request) -> web.Response:
        """What does not work now, each in a sentence; 503 where there is any.

        Case folders that cannot be used are named, too; they keep nobody else from being served.
        """
        parts = await self._parts()
        ready = all(state == OK for state in parts.values())
        parts |= {f"case {slug}": f"{self._instead(slug)} {why}." for slug, why in self._unusable.items()}
        return web.json_response(parts, status=200 if ready else 503, headers=_FRESH)

    async def _parts(self) -> dict[str, str]:
        return {**await self._readiness.parts(), **self._troubles()}

    def _instead(self, slug: str) -> str:
        return "Its last good version goes on." if slug in self._cases else "Left out."

    def _troubles(self) -> dict[str, str]:
        """What is wrong with each channel: of two accounts of one, the trouble of either."""
        found: dict[str, str] = {}
        for channel in self._channels:
            name = channel.account.channel
            if found.get(name, OK) == OK:
                found[name] = OK if self._stands_by(channel.account) else channel.trouble or OK
        return found

    async def _scrape(self, _request: web.Request) -> web.Response:
        """https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format"""
        parts, _ = await asyncio.gather(self._parts(), self._queued())
        self._metrics.ready({name: state == OK for name, state in parts.items()})
        headers = {**_FRESH, hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST}
        return web.Response(body=self._metrics.text(), headers=headers)

    async def _queued(self) -> None:
        with suppress(Failure):  # `/readyz` tells; what this process counted is told all the same
            await self._queues()

    async def _count(self) -> None:
        await self._metrics.queues(self._store)
