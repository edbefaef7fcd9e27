"""One process among many has a wrong clock: it takes nothing from the others, and nothing leaves twice."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.store.database import Store
from assistant.store.lanes import REPLIES
from assistant.store.tables import lanes
from tests.support.chance import LONG, budget
from tests.support.chaos.campaign import campaign
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes import wrong_clock
from tests.support.processes.fleet import WEBS, fleet_of
from tests.support.processes.installation import TIMEOUT

pytestmark = [
    pytest.mark.chance,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
    pytest.mark.timeout(budget(200, 1200)),
]

PEOPLE = budget(1, 6)  # who write while it is wrong, and who write when it is right again
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
JUMPS = [MINUTE, -MINUTE, DAY, -DAY] * 2 if LONG else [DAY]


@pytest.mark.parametrize("place", [pytest.param(0, marks=pytest.mark.long), WEBS], ids=["web", "work"])
async def test_a_wrong_clock_of_one_process_harms_no_other(
    tmp_path: Path, database_url: str, store: Store, place: int
) -> None:
    clock = tmp_path / "clock"
    set_wrong(clock, timedelta())
    programs = {place: wrong_clock.program(clock)}
    async with (
        FakeTelegram() as server,
        fleet_of(tmp_path, server, database_url, programs) as (fleet, _),
        campaign(server, fleet.installations[0][1], TIMEOUT) as going_on,
    ):
        await fleet.are_ready()
        before = await reply_lanes(store)
        for jump in JUMPS:
            for wrong in (jump, timedelta()):
                set_wrong(clock, wrong)
                await going_on.have_written(await going_on.begin_letters(PEOPLE))
        await going_on.is_over(store)
        assert await reply_lanes(store) == before, "nobody has lost a lane"
        assert [process.poll() for process in fleet.processes] == [None] * len(fleet.processes)
        for done in await fleet.end():
            assert done.code == 0
        await going_on.check(store)


def set_wrong(clock: Path, by: timedelta) -> None:
    """Have that process's clock be so much ahead, from now on."""
    staged = clock.with_suffix(".new")
    staged.write_text(str(by.total_seconds()))
    staged.replace(clock)


async def reply_lanes(store: Store) -> dict[int, tuple[str, int]]:
    """Who holds each lane of replies, and since which epoch: each web has its own while it lives."""
    query = select(lanes).where(lanes.c.kind == REPLIES, lanes.c.held_by.is_not(None))
    async with store.read() as tx:
        return {row.id: (row.held_by, row.epoch) for row in await tx.connection.execute(query)}
