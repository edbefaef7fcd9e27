"""How many people reached which step on the way to a letter, by case and day. No chat is known by it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import func, select

from assistant.domain.steps import CaseStep, Step
from assistant.store.database import Tx, Value, add_counts
from assistant.store.tables import steps


async def count(tx: Tx, reached: Iterable[CaseStep], today: date) -> None:
    """Count what was reached. Last in a transaction: others wait for these rows."""
    counted = sorted(Counter(reached).items())
    rows: list[dict[str, Value]] = [
        {"case_slug": case, "day": today, "step": step, "count": number} for (case, step), number in counted
    ]
    await add_counts(tx, steps.c.count, rows)


async def of_cases(tx: Tx) -> Mapping[str, Mapping[Step, int]]:
    """How many have reached each step, on all days, by case."""
    query = select(steps.c.case_slug, steps.c.step, func.sum(steps.c.count))
    found: defaultdict[str, dict[Step, int]] = defaultdict(lambda: dict.fromkeys(Step, 0))
    for case, step, number in await tx.connection.execute(query.group_by(steps.c.case_slug, steps.c.step)):
        found[case][Step(step)] = int(number)
    return found


async def of_case(tx: Tx, case: str) -> Mapping[Step, int]:
    """How many have reached each step, on all days, in their order."""
    query = select(steps.c.step, func.sum(steps.c.count)).where(steps.c.case_slug == case)
    found = {step: int(number) for step, number in await tx.connection.execute(query.group_by(steps.c.step))}
    return {step: found.get(step, 0) for step in Step}
