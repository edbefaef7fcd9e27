"""Letters as an operator sees them: where each is on its way, and how it came there."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from assistant.carriers.base import Carrier
from assistant.domain.cases import Case
from assistant.domain.errors import Misconfigured
from assistant.domain.figures import FEW, ActionFigures
from assistant.domain.letters import ActionRef, Letter, LogEntry
from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters.schedule import foreseen
from assistant.store import figures, letters, unsettled_letters
from assistant.store.database import Store


@dataclass(frozen=True, slots=True)
class LetterHistory:
    """A letter with every step that it took, the first one first."""

    letter: Letter
    log: Sequence[LogEntry]


class LetterOverview:
    """Reads letters; nothing that a supporter wrote is among it."""

    def __init__(self, store: Store, carriers: Callable[[], Mapping[str, Carrier]] = dict) -> None:
        """`carriers`: gives them by name, where it is asked where to look for letters."""
        self._store = store
        self._carriers = carriers
        self._known: Mapping[str, Carrier] | None = None

    def evidence(self, letter: Letter) -> str | None:
        """Where to look whether a letter that is uncertain has arrived; None where it is not uncertain."""
        if letter.status is not LetterStatus.UNCERTAIN:
            return None
        if self._known is None:
            self._known = self._carriers()
        carrier = self._known.get(letter.route.carrier)
        if carrier is None:
            return f"Ask the office, or look where its {letter.route.carrier} was sent from."
        return carrier.evidence(letter.key, letter.reference)

    async def listed(
        self,
        *,
        case: str | None = None,
        action: str | None = None,
        target: str | None = None,
        status: LetterStatus | None = None,
    ) -> list[Letter]:
        """The letters of that case, action and target, and in that state, the oldest first."""
        async with self._store.read() as tx:
            return await letters.listed(tx, case=case, action=action, target=target, status=status)

    async def to_decide(self, limit: int) -> Mapping[int, tuple[Letter, int]]:
        """Letters that may have arrived, then those held that nobody has to read first; so many at most.

        By their numbers, each with the number of the newest entry of its log.
        """
        async with self._store.read() as tx:
            found = await unsettled_letters.to_decide(tx, limit)
            entries = await letters.newest_entries(tx, [each.id for each in found])
        return {each.id: (each, entries.get(each.id, 0)) for each in found}

    async def shown_countries(self) -> frozenset[tuple[str, str]]:
        """Case and country, where so many letters come from there that it points at nobody."""
        async with self._store.read() as tx:
            counted = await figures.by_country(tx)
        return frozenset(place for place, count in counted.items() if count >= FEW)

    async def actions(self) -> Mapping[ActionRef, ActionFigures]:
        """How many letters each action has brought."""
        async with self._store.read() as tx:
            return await figures.of_actions(tx)

    async def departures(self, cases: Mapping[str, Case], now: datetime) -> Mapping[int, datetime]:
        """When letters of these cases that wait are expected to be sent, by their numbers."""
        found: dict[int, datetime] = {}
        async with self._store.read() as tx:
            for case in cases.values():
                for target in case.targets.values():
                    with suppress(Misconfigured):  # an office that never opens: that is told where it matters
                        found |= await foreseen(tx, case, target, now)
        return found

    async def history(self, number: int) -> LetterHistory | None:
        """The letter of that number; None where there is none."""
        async with self._store.read() as tx:
            letter = await letters.find(tx, number)
            return None if letter is None else LetterHistory(letter, await letters.log(tx, number))
