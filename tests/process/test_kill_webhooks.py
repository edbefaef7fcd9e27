"""Whenever who sends events is killed, each event arrives, and what comes twice comes with the same id."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.services.webhooks.events import EventPublisher
from assistant.store import audit
from assistant.store.database import Store
from assistant.store.tables import processes as processes_table
from assistant.store.tables import webhook_deliveries
from tests.support.chance import budget
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.fakes.webhook_receiver import Receiver, receiving
from tests.support.processes.installation import OFFICE_HOURS, TIMEOUT, Installation
from tests.support.processes.serving import end, telegram_installation

pytestmark = pytest.mark.chance

KILLS = budget(5, 40)
EVENTS = 12  # made for each kill
QUIET = 10.0  # seconds in which a process has sent nothing because there is nothing left
SEND = ("run", "--until-idle")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


async def publish(store: Store, receiver: Receiver, first: int) -> None:
    """So many cases are paused, each in a transaction of its own."""
    store.on_record = EventPublisher([receiver.endpoint.name])
    for number in range(first, first + EVENTS):
        async with store.write() as tx:
            await audit.add(tx, datetime.fromisoformat(OFFICE_HOURS), "shell", "paused", f"invented-{number}")


async def waiting(store: Store) -> set[str]:
    """The ids of events that no endpoint has taken yet, as far as is known here."""
    async with store.read() as tx:
        return set(await tx.connection.scalars(select(webhook_deliveries.c.event)))


@pytest.mark.both_databases
async def test_killed_again_and_again_while_it_sends(
    tmp_path: Path, database_url: str, receiver: Receiver, rng: random.Random
) -> None:
    url = None if database_url.startswith("sqlite") else database_url
    here = Installation(tmp_path, url, webhooks=receiver.setting)
    await asyncio.to_thread(here.make)
    made: set[str] = set()
    in_the_middle = 0
    for kill in range(KILLS):
        async with here.store() as store:
            await publish(store, receiver, kill * EVENTS)
            made |= await waiting(store)
        with here.start(*SEND) as process:
            enough = len(receiver.came) + rng.randint(1, EVENTS // 2)
            with suppress(TimeoutError):
                await receiver.until(enough, QUIET)
            await asyncio.sleep(rng.choice([0, rng.uniform(0, 0.01)]))
            process.kill()
        async with here.store() as store:
            in_the_middle += bool(await waiting(store))
    done = await asyncio.to_thread(here.run, *SEND)
    assert done.code == 0, done.err
    got = Counter(each.id for each in receiver.came)
    assert got.keys() == made, "each event came"
    assert {each.data["case"] for each in receiver.came} == {f"invented-{n}" for n in range(KILLS * EVENTS)}
    assert sum(got.values()) - len(got) <= KILLS, "and at most one twice for each kill"
    assert len({(each.id, each.raw) for each in receiver.came}) == len(got), "word by word"
    assert in_the_middle > 0
    async with here.store() as store:
        assert await waiting(store) == set()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_share_the_work_and_nothing_comes_twice(
    tmp_path: Path, database_url: str, receiver: Receiver
) -> None:
    async with FakeTelegram() as server:
        here = telegram_installation(
            tmp_path,
            server,
            database_url,
            engine="procrastinate",
            keyring=str(tmp_path / "keyring.json"),
            webhooks=receiver.setting,
        )
        assert (await asyncio.to_thread(here.run, "db", "migrate")).code == 0
        processes = [here.start("run", "--role", "work") for _ in range(2)]
        try:
            async with here.store() as store:
                async with asyncio.timeout(TIMEOUT):
                    while await _at_work(store) < len(processes):  # noqa: ASYNC110  other processes' doing
                        await asyncio.sleep(0.05)
                await publish(store, receiver, 0)
                await receiver.until(EVENTS, TIMEOUT)
                async with asyncio.timeout(TIMEOUT):
                    while await waiting(store):  # noqa: ASYNC110  the same
                        await asyncio.sleep(0.05)
            for process in processes:
                assert (await end(process)).code == 0
        finally:
            for process in processes:
                process.kill()
                with process:
                    pass
    assert len({each.id for each in receiver.came}) == len(receiver.came) == EVENTS
    newest = max(int(each.headers["webhook-timestamp"]) for each in receiver.came)
    assert abs(newest - datetime.now(UTC).timestamp()) < TIMEOUT, (
        "signed by the real time, in a rehearsal, too"
    )


async def _at_work(store: Store) -> int:
    async with store.read() as tx:
        return len(list(await tx.connection.scalars(select(processes_table.c.id))))
