"""An assistant that tells other programs of events, in tests."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from assistant.domain.organisers import Role
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.metrics import Metrics
from assistant.services.webhooks.events import EventPublisher
from assistant.services.webhooks.overview import WebhookService
from assistant.services.webhooks.worker import WebhookWorker
from assistant.store.lanes import StoredLanes
from assistant.store.tables import webhook_deliveries
from assistant.webhooks.client import Client
from tests.support.fakes.webhook_receiver import Receiver
from tests.support.harness import Harness


@dataclass(kw_only=True)
class Webhooks:
    """A process that tells these receivers."""

    harness: Harness
    worker: WebhookWorker
    service: WebhookService
    client: Client
    metrics: Metrics

    async def run(self) -> None:
        """Send what is due."""
        lanes = StoredLanes(self.harness.store)
        await EmbeddedEngine(lanes, [self.worker], self.harness.clock).run_until_idle()

    async def test(self, name: str) -> None:
        """Have that endpoint tested from the shell."""
        async with self.harness.store.write() as tx:
            await self.service.test(tx, "shell", Role.OWNER, name)

    async def waiting(self) -> list[tuple[str, int]]:
        """What waits, with how often it was tried."""
        query = select(webhook_deliveries).order_by(webhook_deliveries.c.id)
        return [(row["type"], row["attempts"]) for row in await self.harness.rows(query)]


def webhooks_of(harness: Harness, receivers: Sequence[Receiver], *, limit: float = 15.0) -> Webhooks:
    """Have these told of what happens from now on. `limit`: seconds of an attempt."""
    endpoints = {each.endpoint.name: each.endpoint for each in receivers}
    harness.store.on_record = EventPublisher(list(endpoints))
    client, metrics = Client(limit), Metrics(harness.clock)
    worker = WebhookWorker(harness.store, endpoints, client, harness.clock, metrics, lambda: 0.0)
    service = WebhookService(harness.store, list(endpoints), harness.clock)
    return Webhooks(harness=harness, worker=worker, service=service, client=client, metrics=metrics)
