"""Letters go to no new address of an office before two people have confirmed it."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import structlog

from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.errors import Refused
from assistant.domain.letters import Route
from assistant.domain.organisers import ApprovalRequest, Permission, RequestKind
from assistant.domain.targets import Target, digest_of, takes_two
from assistant.services.notifier import Notifier
from assistant.store import letters, office_routes
from assistant.store.database import Store, Tx
from assistant.store.office_routes import KnownRoutes

log = structlog.get_logger()


async def is_unconfirmed(tx: Tx, case: Case, target: Target) -> bool:
    """Whether letters to that office wait because nobody has confirmed where they go."""
    known = await office_routes.of_office(tx, case.slug, target.slug)
    return known is not None and _is_new(known, target)


def _is_new(known: KnownRoutes, target: Target) -> bool:
    return known.routes is None or takes_two(known.routes, target.routes)


def request_for(case: str, target: Target) -> ApprovalRequest:
    """What two people want who confirm the addresses that the office has now."""
    subject = letters.lane_name(case, target.slug)
    return ApprovalRequest(id=0, what=RequestKind.ROUTES, subject=subject, value=digest_of(target.routes))


async def confirm(tx: Tx, cases: Mapping[str, Case], request: ApprovalRequest, now: datetime) -> None:
    """Have letters go to these addresses. Raises Refused where the folder says something else by now."""
    slug, name = letters.office_of(request.subject)
    target = cases[slug].targets.get(name) if slug in cases else None
    if target is None or digest_of(target.routes) != request.value:
        raise Refused(f"The addresses of {request.subject} have changed since. Look at them again.")
    await office_routes.confirm(tx, slug, name, target.routes)
    await letters.wake_offices(tx, slug, now, [name])


async def unconfirmed(tx: Tx, cases: Mapping[str, Case], slug: str) -> list[tuple[Target, tuple[Route, ...]]]:
    """The offices of that case whose letters wait for that, with the addresses that were confirmed last."""
    known = await office_routes.known(tx)
    return [
        (target, found.routes or ())
        for target in cases[slug].targets.values()
        if (found := known.get((slug, target.slug))) is not None and _is_new(found, target)
    ]


class OfficeRoutes:
    """Sees to addresses when a process starts, and when case folders have been read again."""

    def __init__(self, store: Store, cases: Mapping[str, Case], notifier: Notifier, clock: Clock) -> None:
        self._store = store
        self._cases = cases
        self._notifier = notifier
        self._clock = clock

    async def look(self) -> None:
        """Take over addresses that nobody has to confirm, and tell approvers of the others, once."""
        async with self._store.write() as tx:
            known = await office_routes.known(tx)
            for case, target in self._offices():
                found = known.get((case.slug, target.slug))
                if found is not None and found.routes == target.routes:
                    continue
                if found is None or not (_is_new(found, target) and self._has_opened(case, target)):
                    await office_routes.confirm(tx, case.slug, target.slug, target.routes)
                elif found.told != (digest := digest_of(target.routes)):
                    told = self._notifier.team_messages.routes_changed(case, target, found.routes or ())
                    await self._notifier.tell(tx, self._clock(), told, may=Permission.APPROVE)
                    await office_routes.note_told(tx, case.slug, target.slug, digest)
                    log.warning(
                        "letters wait: an office has new addresses. `assistant cases confirm` and an "
                        "approver have to confirm them",
                        case=case.slug,
                        target=target.slug,
                    )

    def _offices(self) -> Iterator[tuple[Case, Target]]:
        for case in self._cases.values():
            for target in case.targets.values():
                yield case, target

    def _has_opened(self, case: Case, target: Target) -> bool:
        """Whether letters may have been written to it."""
        now = self._clock()
        actions = [each for each in case.actions.values() if target.slug in each.letters]
        return any(each.opens_at is None or each.opens_at <= now for each in actions)
