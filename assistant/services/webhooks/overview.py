"""How the endpoints of webhooks are, for owners and operators, and an event to test one with."""

from collections.abc import Sequence

from assistant.domain.clock import Clock
from assistant.domain.errors import Refused
from assistant.domain.organisers import Permission, Role
from assistant.domain.webhooks import EndpointState, Event, EventType
from assistant.store import audit, webhooks
from assistant.store.database import Store, Tx

TESTED = "tested webhook"  # the action of the entry in the record


class WebhookService:
    """The endpoints of the settings, by their names."""

    def __init__(self, store: Store, endpoints: Sequence[str], clock: Clock) -> None:
        self._store = store
        self._endpoints = endpoints
        self._clock = clock

    async def states(self) -> Sequence[EndpointState]:
        """How each of them is. Raises Failure."""
        async with self._store.read() as tx:
            return await webhooks.states(tx, self._endpoints)

    async def test(self, tx: Tx, actor: str, role: Role, name: str) -> None:
        """Have that endpoint told of a test event, once. `actor`: as the record has it, with their role.

        Raises Refused where they may not, where there is none of that name, or where a test is on its way.
        """
        if not role.may(Permission.MANAGE):
            raise Refused(f"This takes another role than {role}.")
        if name not in self._endpoints:
            raise Refused(f"There is no webhook '{name}'. `assistant webhooks list` has their names.")
        if any(each.testing for each in await webhooks.states(tx, [name])):
            raise Refused(f"A test event for '{name}' is on its way already.")
        now = self._clock()
        await audit.add(tx, now, actor, TESTED, name)
        await webhooks.add(tx, [name], Event(EventType.TEST, now, {}), now)

    async def state(self, name: str) -> EndpointState:
        """How that endpoint is. Raises Refused where there is none of that name, Failure."""
        for each in await self.states():
            if each.name == name:
                return each
        raise Refused(f"There is no webhook '{name}'. `assistant webhooks list` has their names.")
