"""A fake Telnyx, our carrier to it, and a webhook that takes its reports."""

from collections.abc import AsyncIterator

import pytest

from assistant.carriers.telnyx.carrier import Telnyx
from tests.support.carriers.telnyx import KEY
from tests.support.carriers.telnyx_webhook import RecordingSettler, listening
from tests.support.fakes.telnyx.faxes import SentFax
from tests.support.fakes.telnyx.server import FakeTelnyx


@pytest.fixture
async def server() -> AsyncIterator[FakeTelnyx]:
    """The fake API."""
    async with FakeTelnyx() as fake:
        yield fake


@pytest.fixture
async def carrier(server: FakeTelnyx) -> AsyncIterator[Telnyx]:
    """Our carrier, of that account."""
    made = Telnyx.from_url(server.setting)
    yield made
    await made.close()


@pytest.fixture
def fax(server: FakeTelnyx) -> SentFax:
    """A fax on its way."""
    return server.take(KEY)


@pytest.fixture
def settler() -> RecordingSettler:
    """What keeps the reports."""
    return RecordingSettler()


@pytest.fixture
async def url(server: FakeTelnyx, settler: RecordingSettler) -> AsyncIterator[str]:
    """Where our webhook is."""
    async with listening(server, settler) as address:
        yield address
