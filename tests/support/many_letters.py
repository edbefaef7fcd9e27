"""Many letters and steps of a case, without the turns that would lead to them."""

from collections.abc import Mapping
from itertools import count

from sqlalchemy import insert

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.steps import CaseStep, Step
from assistant.store import lanes
from assistant.store import steps as step_store
from assistant.store.letters import LANE, lane_name
from assistant.store.tables import letters
from tests.support.harness import CASE, Harness
from tests.support.offices import REF

_numbers = count(1_000)


async def insert_letters(
    harness: Harness, wanted: Mapping[tuple[LetterStatus, str], int], case: str = CASE, source: str = ""
) -> None:
    """So many letters of the case, by where they are and their country."""
    name = lane_name(case, REF.target)
    async with harness.store.write() as tx:
        lane = (await lanes.lane_ids(tx, LANE, [name]))[name]
        rows = [
            {
                "id": (number := next(_numbers)),
                "key": f"invented-{number}",
                "lane_id": lane,
                "case_slug": case,
                "country": country,
                "language": "en",
                "route": "tray",
                "status": status,
                "epoch": 0,
                "attempts": 0,
                "created_at": harness.clock(),
                "source": source,
            }
            for (status, country), many in wanted.items()
            for _ in range(many)
        ]
        await tx.connection.execute(insert(letters), rows)


async def insert_steps(harness: Harness, wanted: Mapping[Step, int]) -> None:
    """So many people reached these steps today."""
    async with harness.store.write() as tx:
        reached = [CaseStep(CASE, step) for step, many in wanted.items() for _ in range(many)]
        await step_store.count(tx, reached, harness.clock().date())
