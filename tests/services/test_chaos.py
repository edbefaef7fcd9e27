"""Everything at once: people talk, the platform misbehaves, and the process dies again and again.

Afterwards the ledger and what people got have to agree. What happens is drawn from a seed, which is shown
where a test fails; ASSISTANT_CHAOS_SEED=<number> draws the same again, as far as timing allows.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import MessageStatus
from assistant.engine import embedded
from assistant.services import outbox, results
from assistant.store.database import Store
from assistant.store.tables import has, messages
from tests.fakes.signal import FakeSignal
from tests.fakes.telegram import FakeTelegram
from tests.services import ledger, storm_signal, storm_telegram
from tests.services.echoes import START, Echo, echoing, parts_of
from tests.services.ledger import OPEN, Arrival, Row, wrongs
from tests.services.mortal import FastClock, Installation, Process, note_owners
from tests.services.storm import Platform, Talker
from tests.services.storm_signal import StormySignal
from tests.services.storm_telegram import StormyTelegram

PEOPLE = 50
DEATHS = 4
SPEED = 20  # seconds of our services' clock in one of the wall's


@pytest.fixture
def seed() -> int:
    """What is drawn from."""
    chosen = int(os.environ.get("ASSISTANT_CHAOS_SEED") or random.randrange(10**6))  # noqa: S311
    print(f"ASSISTANT_CHAOS_SEED={chosen}")
    return chosen


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long."""
    monkeypatch.setattr(embedded, "ROUND", 0.1)
    monkeypatch.setattr(embedded, "RETRY", 0.1)
    monkeypatch.setattr(outbox, "DOWN", 0.1)
    storm_telegram.hurry(monkeypatch)
    storm_signal.hurry(monkeypatch)


@pytest.fixture
def here(database_url: str, tmp_path: Path, script: Script) -> Installation:
    """What outlives each process."""
    return Installation(database_url, tmp_path / "keyring.json", echoing(script), FastClock(SPEED))


async def test_telegram(here: Installation, seed: int) -> None:
    async with FakeTelegram() as server:
        await live_through(StormyTelegram(server, seed), here, seed, turns=2000)


@pytest.mark.parametrize("version", ["0.101"])
async def test_signal(here: Installation, seed: int, version: str) -> None:
    async with FakeSignal(version) as server:
        await live_through(StormySignal(server, seed), here, seed, turns=600)
