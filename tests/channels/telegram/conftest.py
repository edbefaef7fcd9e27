"""A Telegram server of our own, a bot that talks to it, and somebody to talk to."""

from collections.abc import AsyncIterator

import pytest

from assistant.channels.telegram.channel import Telegram
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    """The fake Bot API."""
    async with FakeTelegram() as fake:
        yield fake


@pytest.fixture
async def bot(server: FakeTelegram) -> AsyncIterator[Telegram]:
    """Our channel, connected to it."""
    channel = Telegram(server.token, server.url)
    await channel.open()
    yield channel
    await channel.close()


@pytest.fixture
def anna(server: FakeTelegram) -> Person:
    """Somebody to talk to."""
    return server.person("Anna")
