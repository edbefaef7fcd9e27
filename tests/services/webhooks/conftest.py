"""A receiver, and an assistant that tells it."""

from collections.abc import AsyncIterator

import pytest

from tests.support.fakes.webhook_receiver import Receiver, receiving
from tests.support.harness import Harness
from tests.support.webhooks import Webhooks, webhooks_of


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def hooks(harness: Harness, receiver: Receiver) -> AsyncIterator[Webhooks]:
    made = webhooks_of(harness, [receiver])
    yield made
    await made.client.close()
