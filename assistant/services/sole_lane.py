"""A kind of lane of which there is one: any process may run it, one at a time."""

from datetime import datetime, timedelta

from assistant.domain.clock import Clock
from assistant.domain.lanes import Lane
from assistant.store import lanes
from assistant.store.database import Store

AGAIN = timedelta(minutes=1)  # after a step that did not come to its end


class SoleLane:
    """All of an `engine.base.Worker` but the work itself. `kind` is its name, too."""

    kind: str

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def serves(self, name: str) -> bool:  # noqa: ARG002  there is one such lane
        return True

    async def open(self) -> None:
        """See to it that the lane exists and runs."""
        async with self._store.write() as tx:
            lanes.wake(tx, [(self.kind, self.kind)], self._clock())

    async def begin(self, lane: Lane) -> datetime:
        """Begin a step of several transactions. Returns what `lanes.reschedule` needs at its end.

        Where it does not come so far, the lane runs again soon.
        """
        planned = self._clock() + AGAIN
        async with self._store.write(brief=True) as tx:
            await lanes.fence(tx, lane)
            await lanes.schedule(tx, lane, planned)
        return planned

    async def take(self, lane: Lane) -> Lane:
        async with self._store.write(brief=True) as tx:
            return await lanes.take(tx, lane)
