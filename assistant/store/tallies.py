"""What became of the copies of broadcasts, counted as it happens: reading it stays cheap however many."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from assistant.domain.broadcasts import Outcome, Tally
from assistant.store.database import Tx
from assistant.store.tables import tallies

REASON_MAX = 300  # characters


@dataclass(frozen=True, slots=True)
class End:
    """That came of one copy."""

    broadcast: int
    lane: int
    outcome: Outcome
    reason: str = ""


async def count(tx: Tx, ends: Iterable[End]) -> None:
    """Count what has come to an end, once in the transaction that stores it: so the order is fixed."""
    counted = Counter(ends)
    if not counted:
        return
    rows = [
        {
            "broadcast_id": end.broadcast,
            "lane_id": end.lane,
            "outcome": end.outcome,
            "reason": end.reason[:REASON_MAX],
            "count": number,
        }
        for end, number in sorted(counted.items(), key=lambda item: astuple(item[0]))
    ]
    insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    added = insert(tallies)
    adds = added.on_conflict_do_update(
        index_elements=["broadcast_id", "lane_id", "outcome", "reason"],
        set_={"count": tallies.c.count + added.excluded.count},
    )
    await tx.connection.execute(adds, rows)


async def of(tx: Tx, broadcasts: Collection[int]) -> Mapping[int, tuple[Tally, ...]]:
    """What became of the copies so far, by broadcast, the most frequent first."""
    found: dict[int, list[Tally]] = {number: [] for number in broadcasts}
    total = func.sum(tallies.c.count)
    query = (
        select(tallies.c.broadcast_id, tallies.c.outcome, tallies.c.reason, total)
        .where(tallies.c.broadcast_id.in_(broadcasts))
        .group_by(tallies.c.broadcast_id, tallies.c.outcome, tallies.c.reason)
        .order_by(total.desc())
    )
    if found:
        for number, outcome, reason, copies in await tx.connection.execute(query):
            found[number].append(Tally(Outcome(outcome), reason, int(copies)))
    return {number: tuple(each) for number, each in found.items()}
