"""Asking a running assistant how it is."""

from collections.abc import AsyncIterator, Container, Mapping
from contextlib import asynccontextmanager

from aiohttp import ClientSession

from assistant.channels.base import Channel
from assistant.domain.clock import system_clock
from assistant.services.metrics import Metrics
from assistant.services.readiness import Readiness
from assistant.store.database import Store
from assistant.web.health import Health
from assistant.web.server import serve
from tests.support.fakes.channel import MemoryChannel


def channel_named(name: str, trouble: str | None = None) -> MemoryChannel:
    """A channel that may be in trouble."""
    channel = MemoryChannel(name)
    channel.trouble = trouble
    return channel


@asynccontextmanager
async def health_client(
    store: Store,
    *channels: Channel,
    metrics: Metrics | None = None,
    limit: float = 10,
    unusable: Mapping[str, str] | None = None,
    cases: Container[str] = (),
    readiness: Readiness | None = None,
) -> AsyncIterator[ClientSession]:
    """A client of the assistant over this store and these channels."""
    ready = readiness or Readiness(store, system_clock, limit=limit, fresh=0)
    health = Health(store, channels, metrics or Metrics(), ready, limit, unusable, cases)
    async with (
        serve("127.0.0.1:0", health.routes()) as address,
        ClientSession(f"http://{address}") as client,
    ):
        yield client
