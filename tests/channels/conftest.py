"""A Telegram server of our own, and a bot that talks to it."""

from collections.abc import AsyncIterator

import pytest

from assistant.channels.telegram import Telegram
from tests.fakes.telegram import FakeTelegram


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
