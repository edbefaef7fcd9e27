"""What of a running assistant does not work now, each part in a sentence that says what to do."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane
from assistant.patience import Patient
from assistant.services.letters.carrier_health import CarrierHealth
from assistant.store import lanes
from assistant.store.database import Store

OK = "ok"
LIMIT = 2.0  # seconds that the database, and the file of the keyring, have to answer
FRESH = 5.0  # seconds that an answer is good for: so often the database is written to, at most
GRACE = 10.0  # seconds that it may stay so, before it is told: a process that starts finds old work
_HANGS = ": another program may keep the database locked, or its disk or its server hangs"


class Runner(Protocol):
    """What runs lanes in this process: see `engine.embedded.EmbeddedEngine`."""

    @property
    def failing(self) -> Sequence[tuple[str, str]]:
        """Of lanes that rest after a failure, the kind and why."""

    def neglects(self, lane: Lane) -> bool:
        """Whether this process should be at work on that lane, and is not."""


class Readiness:
    """Every part of this process but its channels, which tell of themselves."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        carriers: CarrierHealth | None = None,
        runners: Sequence[Runner] = (),
        failed_turns: Callable[[], int] = lambda: 0,
        limit: float = LIMIT,
        fresh: float = FRESH,
    ) -> None:
        """`failed_turns`: how many turns have failed in the last minute.

        `limit`, `fresh`: seconds, as LIMIT and FRESH.
        """
        self._store = store
        self._clock = clock
        self._carriers = carriers
        self._runners = runners
        self._failed_turns = failed_turns
        self._neglected: dict[int, float] = {}  # since when lanes are, by their ids and the event loop's time
        self._database = Patient(self._look, limit, fresh=fresh, why=_HANGS)
        self._keyring = Patient(self._see_keyring, limit, fresh=fresh, why=": see the disk of the keyring")

    async def parts(self) -> Mapping[str, str]:
        """OK, or what is wrong: of `database`, `carrier tray` and so on, `lanes`, `turns` and `keyring`."""
        overdue: Sequence[Lane] = ()
        database = OK
        try:
            overdue = await self._database()
        except Failure as failure:
            database = failure.reason
        carriers = await self._carriers.troubles() if self._carriers else {}
        return {
            "database": database,
            **{f"carrier {name}": trouble or OK for name, trouble in carriers.items()},
            "lanes": self._lanes(overdue),
            "turns": self._turns(),
            "keyring": await self._keyring_state(),
        }

    async def _look(self) -> Sequence[Lane]:
        """See that it can be written, and which lanes are overdue."""
        await self._store.check_writable()
        now = self._clock()
        async with self._store.read() as tx:
            return await lanes.overdue(tx, now - lanes.OVERDUE * self._clock.speed)

    def _lanes(self, overdue: Sequence[Lane]) -> str:
        if failing := [each for runner in self._runners for each in runner.failing]:
            kind, reason = failing[0]
            others = f" So do {len(failing) - 1} other lanes; see the log." if len(failing) > 1 else ""
            return f"A lane of {kind} rests: {reason}{others}"
        neglected = Counter(lane.kind for lane in self._given_up(overdue))
        if not neglected:
            return OK
        kinds = ", ".join(f"{count} of {kind}" for kind, count in sorted(neglected.items()))
        return f"Nobody has worked for a minute on lanes that are due ({kinds}): start this process anew."

    def _given_up(self, overdue: Sequence[Lane]) -> list[Lane]:
        """The lanes that nobody has worked on for so long that nobody will."""
        now = asyncio.get_running_loop().time()
        neglected = [lane for lane in overdue if any(runner.neglects(lane) for runner in self._runners)]
        self._neglected = {lane.id: self._neglected.get(lane.id, now) for lane in neglected}
        return [lane for lane in neglected if now - self._neglected[lane.id] >= GRACE]

    def _turns(self) -> str:
        failed = self._failed_turns()
        if not failed:
            return OK
        return f"Messages of people that could not be handled in the last minute: {failed}. The log says why."

    async def _keyring_state(self) -> str:
        try:
            await self._keyring()
        except Failure as failure:
            return failure.reason
        return OK

    async def _see_keyring(self) -> None:
        await asyncio.to_thread(self._store.refresh_keyring)
