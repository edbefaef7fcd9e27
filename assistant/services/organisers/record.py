"""The record of what organisers did: read, checked for changes behind the assistant's back, and kept safe."""

from datetime import timedelta

import structlog

from assistant.domain.audit import Entry, RecordChanged, Standing, Verified, contradictions
from assistant.domain.clock import Clock
from assistant.domain.organisers import Permission
from assistant.services.notifier import Notifier
from assistant.store import audit, authenticity, broadcasts, counter, organisers, pauses
from assistant.store.database import Store, Tx

EVERY = timedelta(days=1)
CODE_SENT = "code sent"  # the entry that says that owners have got a code, up to which number
FOUND_CHANGED = "found changed"  # the entry that says what somebody else has written into the database

log = structlog.get_logger()


async def newest(store: Store, limit: int, *, before: int | None = None) -> list[Entry]:
    """So many entries, the newest last; `before`: of those before that number."""
    async with store.read() as tx:
        return (await audit.newest_first(tx, limit, before=before))[::-1]


async def verify(store: Store, noted: str) -> Verified:
    """Look through the whole chain, and at the roles and broadcasts that it tells of. Raises RecordChanged.

    `noted`: see `store.audit.verify`.
    """
    async with store.read() as tx:
        verified = await audit.verify(tx, noted)
        found = [f"Somebody has changed {each} in the database." for each in await _forged(tx)]
        standing = Standing(
            await organisers.roles(tx),
            await broadcasts.standing(tx),
            await pauses.everything(tx),
            await counter.digests(tx),
        )
        found += contradictions([entry async for entry in audit.listed(tx)], standing)
    if found:
        raise RecordChanged(" ".join(found))
    return verified


async def _forged(tx: Tx) -> list[str]:
    return await authenticity.forged(tx.connection, tx.vault)


class RecordWatch:
    """Once a day owners get the newest code of the record, so that a cut end is found.

    They are told, too, where somebody else than the assistant has written what gives power.
    """

    def __init__(self, notifier: Notifier, clock: Clock) -> None:
        self._notifier = notifier
        self._clock = clock

    async def send_code(self, tx: Tx) -> None:
        """Tell the owners the newest code, if there are new entries, and they have got none for a day."""
        await audit.lock(tx)
        last, sent = await audit.newest(tx), await audit.latest_of_ours(tx, CODE_SENT)
        if last is None:
            return
        entry, code = last
        if sent is not None and (entry == sent or self._is_recent(sent)):
            return
        told = self._notifier.team_messages.record_code(entry.id, code)
        if await self._notifier.tell(tx, self._clock(), told, may=Permission.MANAGE):
            await audit.add(tx, self._clock(), audit.ASSISTANT, CODE_SENT, f"entry {entry.id}", code)

    async def look(self, tx: Tx) -> None:
        """Tell the owners and the log what was changed behind the assistant's back: once, and daily."""
        forged = ", ".join(await _forged(tx))
        if not forged:
            return
        log.error("the database was changed behind the assistant's back", what=forged)
        await audit.lock(tx)
        noted = await audit.latest_of_ours(tx, FOUND_CHANGED)
        if noted is not None and noted.detail == forged and self._is_recent(noted):
            return
        told = self._notifier.team_messages.found_changed(forged)
        await self._notifier.tell(tx, self._clock(), told, may=Permission.MANAGE)
        await audit.add(tx, self._clock(), audit.ASSISTANT, FOUND_CHANGED, "database", forged)

    def _is_recent(self, entry: Entry) -> bool:
        return self._clock() - entry.at < EVERY
