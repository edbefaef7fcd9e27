"""What an engine is: it decides which process runs which lane, and when. The truth stays in the rows."""

from datetime import datetime
from typing import Protocol

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


class Lanes(Protocol):
    """The rows that an engine needs: which lanes are due."""

    async def due(self, kinds: list[str], now: datetime) -> list[Lane]:
        """Lanes with something to do now."""

    async def next_due(self, kinds: list[str]) -> datetime | None:
        """When the first lane has something to do."""

    async def free_in(self, kinds: list[str]) -> float | None:
        """Real seconds until another process loses a lane, unless it lives; None where none holds one."""
