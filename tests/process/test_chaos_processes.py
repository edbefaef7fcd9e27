"""Several processes are killed, frozen and cut off, and the platform fails: nothing is lost, or twice."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.dialogue.script import Script
from assistant.store.database import Store
from tests.support.chance import LONG, budget
from tests.support.chaos.campaign import campaign
from tests.support.chaos.telegram_platform import FOREVER, HANGING, SENDING
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.fleet import SIZE, WEBS, Fleet, fleet_of
from tests.support.processes.installation import TIMEOUT

pytestmark = [
    pytest.mark.chance,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
    pytest.mark.timeout(budget(300, 2700)),
]

PEOPLE = budget(6, 40)
READERS = budget(60, 6000)  # at thirty a second
FAULTS = budget(4, 200)
CALLS_BETWEEN = (10, 40)  # of Telegram, so that a broadcast is not halted: fewer than one in twenty fail
FAILURES = {**SENDING, **(HANGING if LONG else {})}  # those that hang take twenty seconds
FROZEN = (0.5, 8.0)  # seconds: shorter and longer than a lease


async def test_webs_and_works_are_killed_and_frozen_while_people_write(
    tmp_path: Path, database_url: str, store: Store, script: Script, rng: random.Random
) -> None:
    async with (
        FakeTelegram(0.1) as server,
        fleet_of(tmp_path, server, database_url) as (fleet, balancer),
        campaign(server, fleet.installations[0][1], TIMEOUT * (1 + FAULTS / 20)) as going_on,
    ):
        await going_on.add_readers(script, READERS)
        await going_on.publish(script)
        struck, failed = Counter[str](), Counter[str]()
        supervising = asyncio.create_task(fleet.supervise())
        dice = random.Random(rng.random())  # noqa: S311  no secret
        failing = asyncio.create_task(fail_again_and_again(server, dice, failed))
        await going_on.begin_letters(PEOPLE)
        async with asyncio.timeout(TIMEOUT):
            while len(balancer.used) < WEBS:  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.01)
        while struck.total() < FAULTS:
            struck[await strike(fleet, store, rng)] += 1
            await asyncio.sleep(rng.uniform(0, 2))
        await going_on.is_over(store)
        for task in (supervising, failing):
            task.cancel()
        await asyncio.gather(supervising, failing, return_exceptions=True)
        await fleet.end()
        print(dict(struck), dict(failed))
        assert failed, "the platform failed, too"
        assert len(balancer.used) == WEBS, "both webs were called"
        await going_on.check(store)


async def fail_again_and_again(server: FakeTelegram, rng: random.Random, failed: Counter[str]) -> None:
    """Telegram fails in every way, each as often as the others, until cancelled."""
    while True:
        for name in rng.sample(sorted(FAILURES), len(FAILURES)):
            goal = len(server.calls) + rng.randint(*CALLS_BETWEEN)
            await server.until(lambda: len(server.calls) >= goal, FOREVER)  # noqa: B023
            method, fault = FAILURES[name]
            server.fail_next(method, **fault)
            failed[name] += 1


async def strike(fleet: Fleet, store: Store, rng: random.Random) -> str:
    """Something happens to one of the processes, or to the connections of all. What it was."""
    place = rng.randrange(SIZE)
    fault = rng.choice(["kill", "freeze", "cut"])
    match fault:
        case "kill":
            await fleet.kill(place)
        case "freeze":
            await fleet.freeze(place, rng.uniform(*FROZEN))
        case "cut":
            await cut_connections(store)
    return fault


async def cut_connections(store: Store) -> None:
    """All connections to the database end, wherever they are in a transaction."""
    async with store.read() as tx:
        await tx.connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
