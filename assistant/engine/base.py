"""What an engine is: it decides which process runs which lane, and when. The truth stays in the rows."""

from datetime import datetime
from typing import Protocol


class Held(Protocol):
    """A lane that this process runs."""

    @property
    def id(self) -> int:
        """Its row."""

    @property
    def kind(self) -> str:
        """What runs on it."""

    @property
    def name(self) -> str:
        """Whose pace it keeps."""

    @property
    def epoch(self) -> int:
        """Of this process's holding it."""


class Worker(Protocol):
    """Does what is due on the lanes of one kind."""

    @property
    def kind(self) -> str:
        """The kind of lanes it works on."""

    def serves(self, name: str) -> bool:
        """Whether this process can work on the lane of that name."""

    async def take(self, lane: Held) -> Held:
        """Become the lane's runner, and deal with what a dead one left."""

    async def step(self, lane: Held) -> float | None:
        """Do one batch. Returns the seconds until the next one, or None where nothing is left for now.

        Raises Failure where the lane cannot go on for now.
        """


class Lanes(Protocol):
    """The rows that an engine needs: which lanes are due."""

    async def due(self, kinds: list[str], now: datetime) -> list[Held]:
        """Lanes with something to do now."""

    async def next_due(self, kinds: list[str]) -> datetime | None:
        """When the first lane has something to do."""


class Engine(Protocol):
    """Runs lanes."""

    def wake(self) -> None:
        """Something may have become due: look now instead of at the next round."""

    async def run(self) -> None:
        """Run what becomes due, until cancelled; then finish what is in flight."""

    async def run_until_idle(self) -> None:
        """Run everything that is due now, and what follows from it. Raises the last Failure met."""
