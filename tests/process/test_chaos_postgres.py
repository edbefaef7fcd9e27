"""PostgreSQL crashes and comes back under load: all goes on by itself, and nothing is lost, or twice."""

import asyncio
import random
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from tests.support import databases
from tests.support.chance import budget
from tests.support.chaos.campaign import Campaign, campaign
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.fleet import AWAY, Fleet, fleet_of
from tests.support.processes.installation import TIMEOUT
from tests.support.processes.own_postgres import OwnPostgres, own_postgres

pytestmark = [pytest.mark.chance, pytest.mark.timeout(budget(300, 1800))]

STOPS = budget(1, 10)
PEOPLE = 4  # who begin to write before each stop
READERS = 120 * STOPS  # at thirty a second
IN_FLIGHT = 60  # copies, two seconds of thirty a second: sent, and not stored yet
DOWN = (0.0, budget(1, 10))  # seconds more than it takes until all processes say so
LINES = 60  # of a log, in which nothing that repeats is told again
LINES_EACH = 12  # the same, for each time that the database goes and comes


async def test_a_database_server_that_crashes_again_and_again_costs_nothing_but_time(
    tmp_path: Path, script: Script, rng: random.Random
) -> None:
    async with own_postgres() as postgres, FakeTelegram() as server:
        with databases.new_postgres(postgres.address, tables=True) as url:
            async with (
                fleet_of(tmp_path, server, url) as (fleet, _),
                campaign(server, fleet.installations[0][1], TIMEOUT * (1 + STOPS)) as going_on,
            ):
                await go_through_crashes(going_on, fleet, postgres, script, rng)


async def go_through_crashes(
    going_on: Campaign, fleet: Fleet, postgres: OwnPostgres, script: Script, rng: random.Random
) -> None:
    await going_on.add_readers(script, READERS)
    await fleet.are_ready()
    numbers = [process.pid for process in fleet.processes]
    await going_on.publish(script)
    for _ in range(STOPS):
        await going_on.begin_letters(PEOPLE)
        await asyncio.sleep(rng.uniform(0, 1))
        await postgres.stop_immediately()
        await fleet.are_without("database", AWAY)
        await asyncio.sleep(rng.uniform(*DOWN))
        await postgres.start()
        await fleet.are_ready()
    async with going_on.installation.store() as store:
        await going_on.is_over(store)
        assert [process.poll() for process in fleet.processes] == [None] * len(numbers), "none has ended"
        assert [process.pid for process in fleet.processes] == numbers
        for each in await fleet.end():  # none has written a traceback
            assert each.code == 0, each.err
            assert len(each.err.splitlines()) <= LINES + LINES_EACH * STOPS, each.err
        unknown = await going_on.check(store)
    assert unknown <= IN_FLIGHT * STOPS, "no more are unknown than were in flight"
