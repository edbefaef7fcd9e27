"""How everything stands that is stored, for an operator at a glance. Nothing in it names a person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.domain.broadcasts import Progress
from assistant.domain.lanes import LaneState
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.processes import Process
from assistant.services.broadcasts.overview import BroadcastOverview
from assistant.store import lanes, letters, processes
from assistant.store.database import Store
from assistant.store.lanes import OVERDUE
from assistant.store.queue_sizes import QueueSize, queue_sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class LanesOfKind:
    """How many lanes of a kind there are, how many of them are due, and how many have been for a minute.

    `held`: how many each living process holds, by its name.
    """

    kind: str
    lanes: int
    due: int
    overdue: int
    held: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What waits, and where it stands. `broadcasts`: those that are not over, the newest first.

    `processes`: each that is listed, with the real seconds since it last said that it lives.
    """

    queues: Sequence[QueueSize]
    letters: Mapping[LetterStatus, int]
    broadcasts: Sequence[Progress]
    lanes: Sequence[LanesOfKind]
    paused: Sequence[LaneState]
    processes: Sequence[tuple[Process, float]]


async def overview(store: Store, now: datetime) -> Overview:
    """All of it, as it is by now. Raises Failure where the database cannot be read."""
    async with store.read() as tx:
        queues = await queue_sizes(tx)
        by_status = await letters.by_status(tx)
        states = await lanes.listed(tx)
        listed = await processes.heartbeats(tx)
    return Overview(
        queues=queues,
        letters=by_status,
        broadcasts=await BroadcastOverview(store).listed(everything=False),
        lanes=_by_kind(states, now),
        paused=[each for each in states if _is_paused(each, now)],
        processes=listed,
    )


def _is_paused(state: LaneState, now: datetime) -> bool:
    return state.paused_until is not None and state.paused_until > now


def _by_kind(states: Sequence[LaneState], now: datetime) -> list[LanesOfKind]:
    kinds = dict.fromkeys(state.lane.kind for state in states)
    return [_of_kind(kind, [each for each in states if each.lane.kind == kind], now) for kind in kinds]


def _of_kind(kind: str, states: Sequence[LaneState], now: datetime) -> LanesOfKind:
    due = [
        each.next_at for each in states if each.next_at and each.next_at <= now and not _is_paused(each, now)
    ]
    overdue = [next_at for next_at in due if next_at <= now - OVERDUE]
    held = Counter(each.held_by for each in states if each.held_by is not None)
    return LanesOfKind(kind=kind, lanes=len(states), due=len(due), overdue=len(overdue), held=held)
