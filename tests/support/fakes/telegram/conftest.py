"""A fake Telegram, somebody in it, and an unmodified bot."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from telegram import Bot

from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    """The fake Bot API."""
    async with FakeTelegram() as fake:
        yield fake


@pytest.fixture
def anna(server: FakeTelegram) -> Person:
    return server.person("Anna", language_code="es")


@pytest.fixture
async def bot(server: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    """python-telegram-bot, with its own way of talking HTTP."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # else making a RetryAfter warns of a deprecation
    async with Bot(server.token, base_url=f"{server.url}/bot") as unmodified:
        yield unmodified


@pytest.fixture
async def http(server: FakeTelegram) -> AsyncIterator[ClientSession]:
    """The Bot API without a library."""
    async with ClientSession(f"{server.url}/bot{server.token}/") as session:
        yield session
