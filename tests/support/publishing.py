"""Broadcasts in tests: written, approved and addressed as two persons would have them."""

from assistant.dialogue.script import Script
from assistant.domain.broadcasts import (
    Announcement,
    Audience,
    Broadcast,
    CallToAction,
    CopyStatus,
    Kind,
    Timing,
)
from assistant.domain.clock import Clock
from assistant.domain.organisers import Role
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.broadcasts.approval import SHELL, Actor
from assistant.store import broadcasts as broadcast_store
from assistant.store.database import Store
from assistant.store.lanes import StoredLanes
from assistant.wiring.organisers import OrganiserServices

CASE = "norma-cruz"
UPDATE = "2011-09-conviction"
SECOND_APPROVER = Actor(7, Role.APPROVER)  # whoever is not the shell


class BroadcastSteps:
    """The part of a harness that has broadcasts."""

    store: Store
    script: Script
    clock: Clock
    news: OrganiserServices

    def written(self, slug: str = UPDATE, hours: int | None = None) -> Announcement:
        """That update of the case, for all its subscribers, also at night. `hours`: that it lasts."""
        update = self.script.cases[CASE].updates[slug]
        timing = Timing(lasts=hours, urgent=True)
        return Announcement(
            kind=Kind.UPDATE,
            texts=update.text.texts,
            dated=update.date,
            case=CASE,
            update=slug,
            fallbacks={},
            audience=Audience(case=CASE),
            timing=timing,
            call_to_action=CallToAction.READ,
        )

    async def publish(self, slug: str = UPDATE, hours: int | None = None) -> int:
        """Have that update of the case approved and addressed to all its subscribers. Its number."""
        return await self.send(self.written(slug, hours))

    async def send(self, written: Announcement) -> int:
        """Have that approved and addressed. Its number."""
        number = await self.approved(written)
        await self.address()
        return number

    async def approved(self, written: Announcement) -> int:
        """Have that written by one person and approved by another, its undo window over. Its number."""
        async with self.store.write() as tx:
            number = await self.news.broadcast_service.save(tx, SHELL, written)
        await self.address()
        await self.propose_and_approve(number)
        return number

    async def propose_and_approve(self, number: int) -> None:
        """Have the draft, which is counted, proposed and approved, its undo window over."""
        found, now = await self.broadcast(number), self.clock()
        expires_at = found.announcement.timing.expires(now)
        async with self.store.write() as tx:
            await self.news.broadcast_service.propose(tx, SHELL, number, found.digest)
            await self.news.broadcast_service.approve(tx, SECOND_APPROVER, number, found.digest)
            await broadcast_store.set_facts(tx, number, starts_at=now, expires_at=expires_at)

    async def address(self) -> None:
        """The newsroom does what it has to do now: count, test, begin, address, end."""
        broadcast_worker = self.news.broadcast_worker
        await broadcast_worker.open()
        await EmbeddedEngine(StoredLanes(self.store), [broadcast_worker], self.clock).run_until_idle()

    async def broadcast(self, number: int = 1) -> Broadcast:
        """That broadcast."""
        async with self.store.read() as tx:
            found = await broadcast_store.find(tx, number)
        assert found is not None
        return found

    async def tally(self, number: int = 1) -> dict[CopyStatus, int]:
        """What became of its copies."""
        async with self.store.read() as tx:
            counted = (await broadcast_store.tallies_of(tx, [number]))[number]
        return {
            each: sum(t.count for t in counted if t.outcome is each) for each in {t.outcome for t in counted}
        }
