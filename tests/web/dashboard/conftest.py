"""The dashboard over an empty database."""

from collections.abc import AsyncIterator

import pytest

from assistant.dialogue.script import Script
from assistant.store.database import Store
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock


@pytest.fixture
async def team(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Team]:
    """Nobody is in it yet."""
    async with open_dashboard(store, script, clock) as opened:
        yield opened
