"""Letters as an operator sees them: where each is on its way, and how it came there."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from assistant.domain.cases import Case
from assistant.domain.errors import Misconfigured
from assistant.domain.letters import Letter, LogEntry
from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters.schedule import foreseen
from assistant.store import letters
from assistant.store.database import Store


@dataclass(frozen=True, slots=True)
class LetterHistory:
    """A letter with every step that it took, the first one first."""

    letter: Letter
    log: Sequence[LogEntry]


class LetterOverview:
    """Reads letters; nothing that a supporter wrote is among it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def listed(self, *, case: str | None = None, status: LetterStatus | None = None) -> list[Letter]:
        """The letters of that case and in that state, the oldest first."""
        async with self._store.read() as tx:
            return await letters.listed(tx, case=case, status=status)

    async def departures(self, cases: Mapping[str, Case], now: datetime) -> Mapping[int, datetime]:
        """When letters of these cases that wait are expected to be sent, by their numbers."""
        found: dict[int, datetime] = {}
        async with self._store.read() as tx:
            for case in cases.values():
                with suppress(Misconfigured):  # an office that never opens: that is told where it matters
                    found |= await foreseen(tx, case, now)
        return found

    async def history(self, number: int) -> LetterHistory | None:
        """The letter of that number; None where there is none."""
        async with self._store.read() as tx:
            letter = await letters.find(tx, number)
            return None if letter is None else LetterHistory(letter, await letters.log(tx, number))
