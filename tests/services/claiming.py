"""What a mailroom does in two commits, in one."""

from dataclasses import replace
from datetime import datetime

from assistant.store import dispatch
from assistant.store.database import Tx
from assistant.store.lanes import Lane
from assistant.store.letters import Signed


async def claim(tx: Tx, lane: Lane, now: datetime, limit: int) -> list[Signed]:
    """The lane's next letters, marked `submitting`, as a mailroom does that dies right after."""
    upcoming = await dispatch.upcoming(tx, lane, now, limit)
    marked = {each.id: each for each in await dispatch.mark(tx, lane, [s.letter.id for s in upcoming], now)}
    return [replace(each, letter=marked[each.letter.id]) for each in upcoming if each.letter.id in marked]
