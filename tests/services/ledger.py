"""What the ledger says, held against what people have got."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from markupsafe import Markup
from sqlalchemy import select

from assistant.domain.lifecycle import MessageStatus
from assistant.domain.richtext import plain
from assistant.store.database import Store
from assistant.store.tables import chats, messages
from tests.services.echoes import START, Echo, heard, parts_of

OPEN = (MessageStatus.QUEUED, MessageStatus.SENDING)


@dataclass(frozen=True, slots=True)
class Row:
    """A message in the ledger; `person` is whose chat it is for."""

    person: str
    echo: Echo
    status: MessageStatus
    doubtful: bool = False
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that a person got."""

    reference: str
    echo: Echo


async def rows(store: Store) -> list[Row]:
    """The whole ledger, the oldest first."""
    query = select(messages, chats.c.key, chats.c.address).join(chats).order_by(messages.c.id)
    found = []
    async with store.read() as tx:
        for row in await tx.connection.execute(query):
            sealer = tx.vault.open_key(row.key, row.chat_id)
            html = json.loads(sealer.open("messages.body", row.id, row.body))[0]
            found.append(
                Row(
                    sealer.open("chats.address", row.chat_id, row.address),
                    heard(plain(Markup(html))),  # noqa: S704  as the store reads it
                    MessageStatus(row.status),
                    row.doubtful,
                    row.reference,
                )
            )
    return found


def wrongs(
    ledger: Sequence[Row], got: Mapping[str, Sequence[Arrival]], blocked: Mapping[str, bool]
) -> list[str]:
    """Everything that should not be, in words. `blocked`: who has ever shut us out."""
    by_person: defaultdict[str, list[Row]] = defaultdict(list)
    for row in ledger:
        by_person[row.person].append(row)
    found = [f"{person}: unknown, but got something" for person in got if got[person] and person not in by_person]
    for person, theirs in by_person.items():
        found += [f"{person}: {wrong}" for wrong in _in_turns(theirs)]
        found += [f"{person}: {wrong}" for wrong in _in_rows(theirs, got[person], blocked[person])]
        found += [f"{person}: {wrong}" for wrong in _in_order(got[person])]
    return found
