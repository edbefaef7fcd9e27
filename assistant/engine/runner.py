"""How a lane is run, whatever engine calls for it: taken, stepped until nothing is due, rested on failure."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence

import structlog
from structlog.contextvars import bind_contextvars

from assistant.domain.errors import Failure, ServerAway
from assistant.domain.lanes import Lane, LaneHeld, LaneLost
from assistant.engine.base import Worker
from assistant.outages import Outage

RETRY = 5.0  # seconds a lane rests after a failure that named no time of its own
HELD = 1.0  # seconds until a lane is tried again that another process holds
ENDING = 3.0  # seconds that lanes have at the end
NEWS = 60.0  # seconds after its rest in which a failure still counts, unless the lane has run

log = structlog.get_logger()


class LaneRunner:
    """Runs lanes, and remembers which of them fail.

    Not those that rest because the database is away: when it is back they run again, here or in another
    process, and until then it is told of itself. Nor those that another process has taken, which runs them.
    """

    def __init__(self) -> None:
        self.stopping = False  # lanes end after the step that they are at
        self.failure: Failure | None = None  # the last one met
        self._failing: dict[int, tuple[str, str, float]] = {}  # kind, why, and until when that is news
        self._outages: dict[int, Outage] = {}  # of lanes, by their id

    @property
    def failing(self) -> Sequence[tuple[str, str]]:
        """Of each lane that rests after a failure, its kind and why; until it runs, or is not run again."""
        time = asyncio.get_running_loop().time()
        return [(kind, why) for kind, why, until in self._failing.values() if until > time]

    async def run(self, worker: Worker, lane: Lane, take: Callable[[], Awaitable[Lane]]) -> float | None:
        """Run a lane until nothing is due on it. Returns the seconds that it has to rest, where it failed.

        `take`: gives the lane as this process holds it.
        """
        outage = self._outages.setdefault(lane.id, Outage(f"a lane of {lane.kind}"))
        try:
            held = await take()
            pause: float | None = 0.0
            while pause is not None and not self.stopping:
                bind_contextvars(lane=lane.id, step=secrets.token_hex(4))
                pause = await worker.step(held)
                outage.over()
                self._failing.pop(lane.id, None)
                await asyncio.sleep(pause or 0.0)  # the pace of the lane
        except LaneHeld:  # somebody else was faster
            return HELD
        except Failure as failure:
            outage.failed("lane stopped for now", level="error", kind=lane.kind, reason=failure.reason)
            return self._rest(lane, failure)
        except Exception as error:
            log.exception("a lane failed in a way it should not", kind=lane.kind)
            return self._rest(lane, Failure(f"A lane of {lane.kind} failed: {type(error).__name__}."))
        return None

    def _rest(self, lane: Lane, failure: Failure) -> float:
        self.failure = failure
        rest = failure.retry_after or RETRY
        if not isinstance(failure, ServerAway | LaneLost):
            until = asyncio.get_running_loop().time() + rest + NEWS
            self._failing[lane.id] = lane.kind, failure.reason, until
        return rest
