"""What is done becomes events for other programs, in the transaction in which it is done.

The record has an entry of each such thing, whether it was done in a chat, in the dashboard, in the shell or
by the assistant itself. So the entry is what is listened to: no place where something is done can be missed.
"""

from collections.abc import Collection

from assistant.domain import webhooks as rules
from assistant.domain.audit import Entry
from assistant.domain.webhooks import Event
from assistant.services.counter import COUNTED
from assistant.store import broadcasts, counter, webhooks
from assistant.store.database import Tx


class EventPublisher:
    """Has endpoints told of what is written into the record (`store.OnRecord`)."""

    def __init__(self, endpoints: Collection[str]) -> None:
        """`endpoints`: their names."""
        self._endpoints = endpoints

    async def __call__(self, tx: Tx, entry: Entry) -> None:
        event = await _event(tx, entry)
        if event is not None:
            await webhooks.add(tx, self._endpoints, event, entry.at)


async def _event(tx: Tx, entry: Entry) -> Event | None:
    kind, _, number = entry.subject.partition(" ")
    if kind == "broadcast" and number.isdecimal():
        if entry.action not in rules.OF_BROADCASTS:
            return None
        found = await broadcasts.find(tx, int(number))
        return None if found is None else rules.of_broadcast(entry.action, found, entry.at)
    if entry.action == COUNTED:
        batch = await counter.batch(tx, kind, int(number))
        return None if batch is None else rules.of_batch(batch, entry.at)
    return rules.of_case(entry.action, entry.subject, entry.at)
