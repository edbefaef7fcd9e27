"""What there is to know of broadcasts, for whoever looks at them outside a chat."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.domain.broadcasts import Announcement, Broadcast, Progress, Tally, Version
from assistant.domain.errors import Refused
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Organiser
from assistant.services.broadcasts.rendering import Renderer
from assistant.store import broadcasts, fanout, organisers
from assistant.store.database import Store

EVERY = 1_000_000  # more broadcasts than there ever are


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastDetails:
    """A broadcast with all that is known of it.

    `members`: the team. `is_addressing`: more recipients are still to be added.
    """

    broadcast: Broadcast
    versions: Mapping[str, Version]
    tallies: tuple[Tally, ...]
    members: tuple[Organiser, ...]
    is_addressing: bool

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(self.broadcast, self.tallies)


class BroadcastOverview:
    """Reads broadcasts, each time as they are by now."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def details(self, number: int) -> BroadcastDetails:
        """The broadcast of that number. Raises Refused where there is none."""
        async with self._store.read() as tx:
            found = await broadcasts.find(tx, number)
            if found is None:
                raise Refused(
                    f"There is no broadcast {number}. "
                    "`assistant broadcasts list --all` shows those there are."
                )
            return BroadcastDetails(
                broadcast=found,
                versions=(await broadcasts.versions(tx, [number])).get(number, {}),
                tallies=(await broadcasts.tallies_of(tx, [number]))[number],
                members=tuple(seat.member for seat in await organisers.listed(tx)),
                is_addressing=await fanout.reached(tx, number) is not None,
            )

    async def listed(self, *, everything: bool) -> list[Progress]:
        """How far each one is, the newest first. `everything`: also those that are over."""
        async with self._store.read() as tx:
            if everything:
                found = await broadcasts.listed(tx, EVERY)
            else:
                found = list(reversed(await broadcasts.open_ones(tx)))
            counted = await broadcasts.tallies_of(tx, [each.id for each in found])
        return [Progress(each, counted[each.id]) for each in found]

    async def same_update(self, written: Announcement) -> Broadcast | None:
        """The newest broadcast of the same update that was not discarded, if there is one."""
        for each in await self.listed(everything=True):
            known = each.broadcast.announcement
            dropped = each.broadcast.status is BroadcastStatus.CANCELLED
            if (known.case, known.update) == (written.case, written.update) and not dropped:
                return each.broadcast
        return None

    async def count(self, number: int, renderer: Renderer) -> None:
        """Count whom a draft would reach, as the worker of a running assistant does."""
        async with self._store.read() as tx:
            found = await broadcasts.find(tx, number)
            if found is None:
                return
            counts = await fanout.count(tx, found.announcement.audience)
        async with self._store.write() as tx:
            await broadcasts.set_counts(tx, number, found.digest, counts)
            await renderer.refresh_outcome(tx, found)
