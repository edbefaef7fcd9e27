"""A fake HylaFAX, and our carrier to it."""

from collections.abc import AsyncIterator

import pytest

from assistant.carriers.hylafax.carrier import HylaFax
from tests.support.fakes.hylafax.server import FakeHfaxd


@pytest.fixture
async def server() -> AsyncIterator[FakeHfaxd]:
    """The server, and its telephone line."""
    async with FakeHfaxd() as fake:
        yield fake


@pytest.fixture
def fax(server: FakeHfaxd) -> HylaFax:
    """Our carrier, logged in without a password."""
    return HylaFax.from_url(server.url)
