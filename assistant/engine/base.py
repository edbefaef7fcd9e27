"""What an engine is: it decides which process runs which lane, and when. The truth stays in the rows."""

from collections.abc import Awaitable, Callable, Container, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.domain.lanes import Lane


class Worker(Protocol):
    """Does what is due on the lanes of one kind."""

    @property
    def kind(self) -> str:
        """The kind of lanes it works on."""

    def serves(self, name: str) -> bool:
        """Whether this process can work on the lane of that name."""

    async def take(self, lane: Lane) -> Lane:
        """Become the lane's runner, and deal with what a dead one left."""

    async def step(self, lane: Lane) -> float | None:
        """Do one batch. Returns the seconds until the next one, or None where nothing is left for now.

        Raises Failure where the lane cannot go on for now.
        """


class Engine(Protocol):
    """Runs lanes."""

    @property
    def failing(self) -> Sequence[tuple[str, str]]:
        """Of each lane that rests after a failure, its kind and why; until it runs, or is not run again."""

    def neglects(self, lane: Lane) -> bool:
        """Whether this process should be at work on that lane, and is not. One that rests is no such lane."""

    async def run(self) -> None:
        """Run what becomes due, until cancelled; then finish what is in flight."""


class Lanes(Protocol):
    """The rows that an engine needs: which lanes are due."""

    async def due(self, kinds: list[str], now: datetime) -> list[Lane]:
        """Lanes with something to do now."""

    async def next_due(self, kinds: list[str]) -> datetime | None:
        """When the first lane has something to do."""

    async def free_in(self, kinds: list[str]) -> float | None:
        """Real seconds until another process loses a lane, unless it lives; None where none holds one."""


class SharedLanes(Protocol):
    """The rows that an engine needs whose processes are called to lanes."""

    async def find(self, lane_id: int) -> Lane | None:
        """That lane."""

    async def put_down(self, lane: Lane, rest: float | None) -> None:
        """Give a lane back that this process has run, and call for it again when it is due.

        `rest`: the real seconds that it has to rest before.
        """

    async def call_for_due(self, kinds: Sequence[str], running: Container[int]) -> None:
        """Call for lanes that are due and that no process holds. `running`: those of this one."""

    async def prepare(self, lock: int, prepare: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        """Let this be done in a transaction, by one process at a time."""
