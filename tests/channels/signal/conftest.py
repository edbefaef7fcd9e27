"""A fake Signal, our channel to it, and somebody to write to."""

from collections.abc import AsyncIterator

import pytest

from assistant.channels.signal.channel import Signal
from tests.support.fakes.signal.people import Person
from tests.support.fakes.signal.server import FakeSignal


@pytest.fixture
async def server() -> AsyncIterator[FakeSignal]:
    """The fake API."""
    async with FakeSignal() as fake:
        yield fake


@pytest.fixture
async def channel(server: FakeSignal) -> AsyncIterator[Signal]:
    """Our channel, open."""
    opened = Signal(server.url, server.number, 0)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def anna(server: FakeSignal) -> Person:
    """Somebody to write to."""
    return server.person("Anna")
