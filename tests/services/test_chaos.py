"""Everything at once: people talk, the platform misbehaves, and the process dies again and again.

Afterwards the ledger and what people got have to agree. What happens is drawn from a seed, which is shown
where a test fails: see `tests/support/chance.py`.
"""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import MessageStatus
from assistant.engine import embedded, runner
from assistant.services.messages import outbox
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import has, messages
from tests.support.chance import both_databases_if_long, budget
from tests.support.chaos import ledger, signal_platform, telegram_platform
from tests.support.chaos.crashing_process import CrashingProcess, FastClock, ProcessConfig, track_task_owners
from tests.support.chaos.ledger import Row, inconsistencies, messages_by_person
from tests.support.chaos.numbered_replies import START, send_each_part_alone, with_numbered_replies
from tests.support.chaos.platform import Platform, Talker
from tests.support.chaos.signal_platform import UnreliableSignal
from tests.support.chaos.telegram_platform import UnreliableTelegram
from tests.support.fakes.signal.server import FakeSignal
from tests.support.fakes.telegram.server import FakeTelegram

PEOPLE = budget(15, 50)
DEATHS = budget(1, 4)
LONGEST = budget(180, 800)  # seconds: something hangs
SPEED = 20  # seconds of our services' clock in one of the wall's


@pytest.fixture(autouse=True)
def part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns have several messages."""
    send_each_part_alone(monkeypatch)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long."""
    monkeypatch.setattr(embedded, "ROUND", 0.1)
    monkeypatch.setattr(runner, "RETRY", 0.1)
    monkeypatch.setattr(outbox, "DOWN", 0.1)
    telegram_platform.shorten_waits(monkeypatch)
    signal_platform.shorten_waits(monkeypatch)


@pytest.fixture
def config(database_url: str, tmp_path: Path, script: Script) -> ProcessConfig:
    """What outlives each process."""
    return ProcessConfig(
        database_url, tmp_path / "keyring.json", with_numbered_replies(script), FastClock(SPEED)
    )


async def run_with_faults(platform: Platform, config: ProcessConfig, seed: int, turns: int) -> None:
    """Let people take so many turns in the storm, and look at what is left."""
    track_task_owners(asyncio.get_running_loop())
    people = [platform.add_talker(f"{seed}.{number}") for number in range(PEOPLE)]
    people[0].sulks_at = 2  # somebody does, whatever the dice say
    store = await Store.open(config.database_url, KeyringFile(config.keyring))
    process = await CrashingProcess.start(config, platform.channel())
    try:
        async with asyncio.timeout(LONGEST), asyncio.TaskGroup() as tasks:
            storm = [tasks.create_task(each.talk()) for each in people]
            storm.append(tasks.create_task(platform.inject_faults()))
            for _ in range(DEATHS):
                await platform.answers(turns // (DEATHS + 1))
                await process.crash()
                process = await CrashingProcess.start(config, platform.channel())
            await platform.answers(turns // (DEATHS + 1))
            for task in storm:
                task.cancel()
        async with asyncio.timeout(LONGEST):
            await asyncio.gather(*(each.last_message() for each in people))
            await nothing_open(store)
        await process.crash()
        check_results(platform, people, await ledger.rows(store), turns)
    finally:
        await process.crash()
        await store.close()


async def nothing_open(store: Store) -> None:
    """Return when every message is over."""
    waiting = has(messages.c.status, MessageStatus.QUEUED, MessageStatus.SENDING)
    query = select(func.count()).select_from(messages).where(waiting)
    left = 1
    while left:
        await asyncio.sleep(0.05)
        async with store.read() as tx:
            left = await tx.connection.scalar(query) or 0


def check_results(platform: Platform, people: list[Talker], rows: list[Row], turns: int) -> None:
    """Everything went as it should, and enough happened to prove it."""
    got = {each.address: each.arrivals() for each in people}
    found = inconsistencies(rows, got, {each.address for each in people if each.has_blocked})
    assert not found, "\n".join(found)
    said = messages_by_person(rows)
    if not platform.loses_words:
        assert said == {
            each.address: [START, *(f"w{n}" for n in range(2, each.written + 1))] for each in people
        }
    assert sum(map(len, said.values())) >= turns
    assert platform.struck.keys() == platform.faults().keys(), "every kind of trouble came"
    assert any(each.has_blocked for each in people)
    doubtful = sum(row.doubtful for row in rows)
    assert 0 < doubtful < len(rows) / 4, "doubt is there, and the exception"


@both_databases_if_long("postgresql")
async def test_telegram(config: ProcessConfig, seed: int) -> None:
    async with FakeTelegram() as server:
        await run_with_faults(UnreliableTelegram(server, seed), config, seed, turns=budget(250, 2000))


@both_databases_if_long("sqlite")
async def test_signal(config: ProcessConfig, seed: int) -> None:
    async with FakeSignal() as server:
        await run_with_faults(UnreliableSignal(server, seed), config, seed, turns=budget(150, 600))
