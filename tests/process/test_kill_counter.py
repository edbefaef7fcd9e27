"""Whenever it is killed while days are closed: each letter is in one batch, and each batch is there whole."""

import asyncio
import json
import random
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from assistant.services.organisers import record
from assistant.store import counter
from tests.support.chance import budget
from tests.support.processes.installation import Installation

pytestmark = [pytest.mark.chance, pytest.mark.both_databases]

KILLS = budget(4, 40)
CASES = [f"invented-{number}" for number in range(25)]
LETTERS = 12  # of each case on each day
LONGEST = 1.2  # of the time that a process takes when nobody kills it
CLOSE = ("run", "--until-idle")


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Installation:
    return Installation(tmp_path, None if database_url.startswith("sqlite") else database_url)


async def _deliver(installation: Installation, day: int) -> None:
    """On that day letters of every case were delivered."""
    async with installation.store() as store, store.write() as tx:
        for case in CASES:
            keys = [(case, f"{day}-{each}") for each in range(LETTERS)]
            await counter.add(tx, keys, date(2026, 1, 1) + timedelta(days=day))


async def _counted(installation: Installation) -> int:
    """How many batches there are. Each has its entry in the audit, and no entry is without one."""
    async with installation.store() as store:
        entries = [each for each in await record.newest(store, 10_000) if each.action == "counted"]
        await record.verify(store, "")
        async with store.read() as tx:
            assert len(await counter.digests(tx)) == len(entries)
        return len(entries)


async def test_killed_again_and_again_while_days_are_closed(
    installation: Installation, script: Script, rng: random.Random, tmp_path: Path
) -> None:
    async with installation.harness(script):
        pass
    began = time.monotonic()
    assert (await asyncio.to_thread(installation.run, *CLOSE)).code == 0
    longest = LONGEST * (time.monotonic() - began)
    for day in range(KILLS):
        await _deliver(installation, day)
        with installation.start(*CLOSE) as process:
            await asyncio.sleep(rng.uniform(0, longest))
            process.kill()
        assert await _counted(installation) % len(CASES) == 0, "all that was due, or nothing"
    assert (await asyncio.to_thread(installation.run, *CLOSE)).code == 0
    assert await _counted(installation) == KILLS * len(CASES)
    for case in CASES[:3]:
        folder = tmp_path / case
        assert (await asyncio.to_thread(installation.call, "counter", "export", case, str(folder))).code == 0
        done = await asyncio.to_thread(installation.call, "verify", str(folder), "--json")
        found = json.loads(done.out)
        assert (done.code, found["faults"], found["total"]) == (0, [], KILLS * LETTERS)
