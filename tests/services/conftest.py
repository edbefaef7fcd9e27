"""The house that these tests live in."""

import pytest

from assistant.dialogue.script import Script
from assistant.store.database import Store
from tests.fakes.channel import MemoryChannel, StillClock
from tests.services.house import House


@pytest.fixture
async def house(store: Store, script: Script, channel: MemoryChannel, clock: StillClock) -> House:
    """One process over an empty database."""
    return await House.open(store, script, channel, clock)
