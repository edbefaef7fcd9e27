"""What organisers do with broadcasts: draft, propose, approve, halt, resume, discard.

Every step is taken in the caller's transaction, is written into the audit, and is told to the team. Who may
not take it, or saw something else than there is by now, is refused, and nothing has changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from assistant.domain import broadcasts as broadcast_rules
from assistant.domain.broadcasts import (
    Announcement,
    Broadcast,
    Obstacle,
    Operation,
    Problem,
    Version,
    undo,
)
from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.errors import Refused
from assistant.domain.lifecycle import BROADCASTS, BroadcastStatus
from assistant.domain.organisers import Permission, Role
from assistant.services.broadcasts.refusals import ActionRefused, UnfitAnnouncement
from assistant.services.broadcasts.rendering import Renderer
from assistant.services.notifier import Notifier
from assistant.store import audit, broadcasts, lanes
from assistant.store.database import Tx, Value
from assistant.store.organisers import OrganiserChat

WORKER_LANE = "newsroom"  # the kind of the one lane on which broadcasts are counted, tested and addressed


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: an organiser by number, or (None) whoever has the server's shell."""

    number: int | None
    role: Role
    name: str | None = None
    team: Sequence[OrganiserChat] | None = None  # everyone in it, where that was read with who they are

    @property
    def label(self) -> str:
        """As the audit has it."""
        return "shell" if self.number is None else f"organiser {self.number}"


SHELL = Actor(None, Role.OWNER)
ITSELF = Actor(broadcast_rules.ITSELF, Role.OWNER)  # nobody in particular: too many failures


class BroadcastService:
    """Broadcasts on their way to being sent. Sending them is the worker's."""

    def __init__(
        self, renderer: Renderer, notifier: Notifier, cases: Mapping[str, Case], clock: Clock, approvals: int
    ) -> None:
        """`approvals`: how many persons it takes to start one: 1 or 2."""
        self._renderer = renderer
        self._notifier = notifier
        self._cases = cases
        self._clock = clock
        self.approvals = approvals

    @property
    def undo(self) -> timedelta:
        """How long an approved one can be called off before it is sent."""
        return undo(self.approvals)

    @property
    def _approved(self) -> str:
        return "approved" if self.approvals > 1 else "approved alone"

    def versions(self, written: Announcement) -> Mapping[str, Version]:
        """What readers of each language would get of it."""
        return self._renderer.versions(written)

    async def problems(self, tx: Tx, written: Announcement) -> Sequence[Problem]:
        """What is wrong with it, were it kept now."""
        return (*await self._problems(tx, written), *written.timing.problems(self._clock()))

    async def save(
        self,
        tx: Tx,
        actor: Actor,
        written: Announcement,
        replaces: int | None = None,
        digest: str | None = None,
    ) -> int:
        """Keep it as a draft; it is counted and tested next. Returns its number.

        Who sends the same form twice has one draft: what they have drafted so already is that.
        `digest`: of what it replaces, as it was when it was read; None: whatever it is by now.
        Raises Refused.
        """
        if not actor.role.may(Permission.DRAFT):
            raise Refused(f"This takes another role than {actor.role}.")
        await audit.lock(tx)
        written = self._in_the_offices_zone(await self._about_what_it_corrects(tx, written))
        now, versions = self._clock(), self._renderer.versions(written)
        await self._demand_fit(tx, written, written.timing.problems(now))
        if replaces is None and (same := await broadcasts.same_draft(tx, written, versions, actor.number)):
            return same
        try:
            if replaces is None:
                number = await broadcasts.add(tx, written, versions, actor.number, now)
            else:
                number = replaces
                await self._rewrite(tx, actor, number, written, versions, digest)
        except broadcasts.UpdateTaken:
            raise Refused("That update has a broadcast already.") from None
        now_so = await self._find(tx, number)
        await self._note(tx, actor, "drafted" if replaces is None else "edited", now_so)
        await wake(tx, now)
        return number

    async def _about_what_it_corrects(self, tx: Tx, written: Announcement) -> Announcement:
        """A correction has the case and the date of what was wrong: by these its readers know it."""
        received = written.audience.received
        wrong = None if received is None else await broadcasts.find(tx, received)
        if wrong is None:
            return written
        case = wrong.announcement.case
        return replace(written, case=case if case in self._cases else None, dated=wrong.announcement.dated)

    def _in_the_offices_zone(self, written: Announcement) -> Announcement:
        """Where nobody chose a zone, organisers read when it leaves in that of the case's office."""
        case = self._cases.get(written.case or "")
        if case is None or written.timing.zone is not None:
            return written
        return replace(written, timing=replace(written.timing, zone=case.main.timezone))

    async def _rewrite(
        self,
        tx: Tx,
        actor: Actor,
        number: int,
        written: Announcement,
        versions: Mapping[str, Version],
        digest: str | None,
    ) -> None:
        before = await self._find(tx, number)
        if digest not in (None, before.digest):
            raise Refused(f"Broadcast {number} has changed since you read it. Look at it again.")
        if not await broadcasts.rewrite(tx, number, written, versions, actor.number):
            raise Refused(f"Broadcast {number} is being sent, or is over.")
        if before.status is not BroadcastStatus.DRAFT:
            told = self._notifier.team_messages.changed(before, actor.name)
            await self._notifier.tell(tx, self._clock(), told, but=actor.number, team=actor.team)

    async def propose(self, tx: Tx, actor: Actor, number: int, digest: str) -> None:
        """Ask for a second person's approval. Only whoever wrote it, and has got the test. Raises Refused."""
        found = await self._may(tx, actor, Operation.PROPOSE, number)
        versions = await self._intact(tx, found, Operation.PROPOSE)
        await self._demand_fit(tx, found.announcement)  # cases and languages change while it is a draft
        await self._step(tx, actor, found, BroadcastStatus.PROPOSED, "proposed", digest)
        shown = self._notifier.shown(versions)
        told = self._notifier.team_messages.proposed(found, actor.name)
        but = actor.number if self.approvals > 1 else None
        await self._notifier.tell(
            tx, self._clock(), *shown, told, may=Permission.APPROVE, but=but, team=actor.team
        )

    async def approve(self, tx: Tx, actor: Actor, number: int, digest: str) -> None:
        """Have it sent after the undo window. Another person than who wrote it. Raises Refused."""
        found = await self._may(tx, actor, Operation.APPROVE, number)
        await self._intact(tx, found, Operation.APPROVE)
        facts = self._departure(found) | {"approver": actor.number}
        approved = await self._step(
            tx, actor, found, BroadcastStatus.APPROVED, self._approved, digest, **facts
        )
        told = self._notifier.team_messages.approved(approved, actor.name)
        await self._notifier.tell(tx, self._clock(), told, team=actor.team)

    async def halt(self, tx: Tx, actor: Actor, number: int, note: str | None = None) -> None:
        """Nobody else gets it, at once. Anyone of the team. Raises Refused."""
        found = await self._may(tx, actor, Operation.HALT, number)
        facts: dict[str, Value] = {"note": note, "halted_by": actor.number}
        halted = await self._step(tx, actor, found, BroadcastStatus.HALTED, "halted", None, **facts)
        told = self._notifier.team_messages.halted(halted, actor.name)
        await self._notifier.tell(tx, self._clock(), told, team=actor.team)

    async def halt_all(
        self, tx: Tx, actor: Actor, case: str | None = None, action: str | None = None
    ) -> list[int]:
        """Halt every broadcast that is leaving or about to; only of that case or action, where given."""
        await audit.lock(tx)
        leaving = [
            each.id
            for each in await broadcasts.open_ones(tx)
            if each.status in (BroadcastStatus.APPROVED, BroadcastStatus.SENDING)
            and case in (None, each.announcement.case)
            and action in (None, each.announcement.action)
        ]
        for number in leaving:
            await self.halt(tx, actor, number)
        return leaving

    async def resume(self, tx: Tx, actor: Actor, number: int) -> None:
        """Go on sending it to those who have not got it. Raises Refused."""
        found = await self._may(tx, actor, Operation.RESUME, number)
        await self._intact(tx, found, Operation.RESUME)
        begun = found.started_at is not None
        new = BroadcastStatus.SENDING if begun else BroadcastStatus.APPROVED
        facts = {"note": None, "halted_by": None} | ({} if begun else self._departure(found))
        resumed = await self._step(tx, actor, found, new, "resumed", None, **facts)
        told = self._notifier.team_messages.resumed(resumed, actor.name)
        await self._notifier.tell(tx, self._clock(), told, team=actor.team)
        await lanes.wake_kind(tx, broadcasts.LANE, self._clock())

    async def discard(self, tx: Tx, actor: Actor, number: int) -> None:
        """Drop it, as long as it is not being sent. Raises Refused."""
        found = await self._may(tx, actor, Operation.DISCARD, number)
        await self._step(tx, actor, found, BroadcastStatus.CANCELLED, "discarded", ended_at=self._clock())
        await broadcasts.release(tx, number)
        if found.status is not BroadcastStatus.DRAFT:
            told = self._notifier.team_messages.discarded(found, actor.name)
            await self._notifier.tell(tx, self._clock(), told, but=actor.number, team=actor.team)

    def obstacle(self, actor: Actor, action: Operation, found: Broadcast) -> Obstacle | None:
        """What stands against that action now, for front ends that ask before they act."""
        return found.obstacle(action, actor, self._clock(), approvals=self.approvals)

    # What is asked of every step

    async def _may(self, tx: Tx, actor: Actor, action: Operation, number: int) -> Broadcast:
        """The broadcast, kept still for that action by that person. Raises Refused, ActionRefused."""
        await audit.lock(tx)
        found = await self._find(tx, number)
        if obstacle := self.obstacle(actor, action, found):
            raise ActionRefused(found, action, obstacle)
        return found

    async def _intact(self, tx: Tx, found: Broadcast, action: Operation) -> Mapping[str, Version]:
        """What its readers get, which is as it was written. Raises ActionRefused."""
        versions = (await broadcasts.versions(tx, [found.id])).get(found.id)
        if versions is None:
            raise ActionRefused(found, action, Obstacle.FORGED)
        return versions

    async def _demand_fit(self, tx: Tx, written: Announcement, more: Sequence[Problem] = ()) -> None:
        """It keeps to the rules, and there are no `more` problems. Raises UnfitAnnouncement."""
        if problems := (*await self._problems(tx, written), *more):
            raise UnfitAnnouncement(written, problems)

    async def _problems(self, tx: Tx, written: Announcement) -> Sequence[Problem]:
        received = written.audience.received
        corrected = None if received is None else await broadcasts.find(tx, received)
        return written.problems(self._cases, self._renderer.locales, corrected)

    async def _find(self, tx: Tx, number: int) -> Broadcast:
        found = await broadcasts.find(tx, number)
        if found is None:
            raise Refused(f"There is no broadcast {number}.")
        return found

    async def _step(
        self,
        tx: Tx,
        actor: Actor,
        found: Broadcast,
        new: BroadcastStatus,
        action: str,
        digest: str | None = None,
        **facts: Value,
    ) -> Broadcast:
        """Take it into that state. Returns it as it is then. Raises Refused."""
        if digest not in (None, found.digest):
            raise Refused(f"Broadcast {found.id} has changed since you read it. Look at it again.")
        moved = None
        if new in BROADCASTS.after(found.status):
            moved = await broadcasts.move(tx, found.id, found.status, new, digest, **facts)
        if moved is None:
            raise Refused(f"Broadcast {found.id} is {found.status}: it cannot become {new}.")
        await self._note(tx, actor, action, found)
        await wake(tx, self._clock())
        return moved

    def _departure(self, found: Broadcast) -> dict[str, Value]:
        """When it begins to be sent, and when it is worthless."""
        timing = found.announcement.timing
        starts = timing.starts(self._clock() + self.undo)
        return {"starts_at": starts, "expires_at": timing.expires(timing.at or starts)}

    async def _note(self, tx: Tx, actor: Actor, action: str, found: Broadcast) -> None:
        label = actor.label if actor is not ITSELF else audit.ASSISTANT
        await audit.add(tx, self._clock(), label, action, f"broadcast {found.id}", found.digest)


async def wake(tx: Tx, at: datetime) -> None:
    """Have the worker look at `at`, or earlier."""
    lanes.wake(tx, [(WORKER_LANE, WORKER_LANE)], at)
