"""Settings become the endpoints of webhooks."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from assistant.domain.errors import Misconfigured
from assistant.domain.webhooks import Endpoint
from assistant.runtime import clock_of
from assistant.services.webhooks.overview import WebhookService
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.webhooks.settings import endpoints_of


def configured_endpoints(settings: Settings) -> Sequence[Endpoint]:
    """The endpoints that the settings name. Raises Misconfigured where they are set wrongly."""
    with settings.blaming("webhooks"):
        return endpoints_of(settings.webhooks_written())


def usable_endpoints(settings: Settings) -> Sequence[Endpoint]:
    """The same; none where they are set wrongly, which stops nobody who has something to stop."""
    try:
        return configured_endpoints(settings)
    except Misconfigured:
        return ()


@asynccontextmanager
async def open_webhook_service(settings: Settings) -> AsyncIterator[tuple[Store, WebhookService]]:
    """What knows how endpoints are, and tests them."""
    from assistant.wiring.stores import open_store

    names = [each.name for each in configured_endpoints(settings)]
    async with open_store(settings) as store:
        yield store, WebhookService(store, names, clock_of(settings, create=False))
