"""A mail server."""

from collections.abc import AsyncIterator

import pytest

from tests.support.fakes.mail_server import MailServer


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A mail server without TLS, on loopback."""
    async with MailServer() as fake:
        yield fake
