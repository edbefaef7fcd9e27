"""Approvers are told of letters that became uncertain: once for all, and again only when there are more."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from assistant.domain.clock import Clock
from assistant.domain.lanes import Lane
from assistant.domain.organisers import Permission
from assistant.services.letters.transitions import UNCERTAIN_LANE
from assistant.services.notifier import Notifier
from assistant.services.sole_lane import SoleLane
from assistant.store import lanes, uncertain_letters
from assistant.store.database import Store

TELL_AGAIN = 600.0  # seconds between two messages, at least


class UncertainWorker(SoleLane):
    """The one lane of its kind (`engine.base.Worker`)."""

    kind = UNCERTAIN_LANE

    def __init__(
        self, store: Store, notifier: Notifier, clock: Clock, seconds: Callable[[], float] | None = None
    ) -> None:
        """`seconds`: that pass in truth; None: by the running loop."""
        super().__init__(store, clock)
        self._notifier = notifier
        self._seconds = seconds or (lambda: asyncio.get_running_loop().time())
        self._told_at = float("-inf")

    async def step(self, lane: Lane) -> float | None:
        async with self._store.write() as tx:
            await lanes.fence(tx, lane)
            found, now = await uncertain_letters.count(tx), self._clock()
            wait = self._told_at + TELL_AGAIN - self._seconds()
            later = None
            if found.untold and wait > 0:
                later = now + timedelta(seconds=wait) * self._clock.speed
            elif found.untold:
                said = self._notifier.team_messages.letters_uncertain(found.letters)
                await self._notifier.tell(tx, now, said, may=Permission.APPROVE)
                await uncertain_letters.mark_told(tx)
                self._told_at = self._seconds()
            await lanes.schedule(tx, lane, later)
        return None
