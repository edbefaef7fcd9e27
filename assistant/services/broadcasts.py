"""Updates of a case reach its subscribers, each one once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from assistant.domain.clock import Clock
from assistant.domain.errors import Misconfigured
from assistant.domain.model import Case, Update
from assistant.domain.speech import Speech, Tongue
from assistant.store import broadcasts
from assistant.store.broadcasts import Reach
from assistant.store.database import Store

CHUNK = 20_000  # subscribers a transaction: the longest one measured took 92 ms


UpdatePhrase = Callable[[Case, Update], Speech]
"""How an update is worded."""


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing an update came to."""

    added: int
    reach: Reach


class Broadcasts:
    """Puts updates into the outbox."""

    def __init__(
        self,
        store: Store,
        cases: Mapping[str, Case],
        tongues: Mapping[str, Tongue],
        phrase: UpdatePhrase,
        clock: Clock,
    ) -> None:
        self._store = store
        self._cases = cases
        self._tongues = tongues
        self._phrase = phrase
        self._clock = clock

    async def publish(
        self, case_slug: str, update_slug: str, expires_at: datetime | None = None
    ) -> Published:
        """One message for each subscriber who has not got this update yet.

        `expires_at`: what has not left by then never does. Raises Misconfigured where there is no such case
        or update.
        """
        case, update = self._find(case_slug, update_slug)
        said = self._phrase(case, update)
        texts = {language: said.render(tongue) for language, tongue in self._tongues.items()}
        async with self._store.write() as tx:
            broadcast = await broadcasts.open_broadcast(
                tx, case_slug, update_slug, texts, self._clock(), expires_at
            )
            await broadcasts.open_lanes(tx, case_slug)
            before = (await broadcasts.reach(tx, broadcast)).total
        after: int | None = 0
        while after is not None:
            async with self._store.write() as tx:
                after = await broadcasts.fan_out(tx, broadcast, case_slug, self._clock(), after, CHUNK)
        async with self._store.write() as tx:
            await broadcasts.wake_lanes(tx, broadcast, self._clock())
            reach = await broadcasts.reach(tx, broadcast)
        return Published(reach.total - before, reach)

    def _find(self, case_slug: str, update_slug: str) -> tuple[Case, Update]:
        case = self._cases.get(case_slug)
        if case is None:
            raise Misconfigured(f"There is no case '{case_slug}'. There is: {', '.join(self._cases)}.")
        update = case.updates.get(update_slug)
        if update is None:
            known = ", ".join(case.updates) or "none"
            raise Misconfigured(f"The case '{case_slug}' has no update '{update_slug}'. It has: {known}.")
        return case, update
