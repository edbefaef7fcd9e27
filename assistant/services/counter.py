"""The public counter of delivered letters: its days are closed, and it is handed to whoever publishes it."""

from dataclasses import dataclass
from datetime import date, datetime

import structlog

from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.counter import (
    Batch,
    Counter,
    Proof,
    closing_days,
    is_signed,
    leaf_of,
    next_batch,
    proof_of,
    public_key,
)
from assistant.domain.counter_files import BatchLeaves
from assistant.domain.letters import Letter
from assistant.domain.lifecycle import LetterStatus
from assistant.store import audit, counter
from assistant.store.crypto import Vault
from assistant.store.database import Store, Tx

COUNTED = "counted"  # the entry of the audit about a batch

log = structlog.get_logger()


def code_for_writer(vault: Vault, letter: Letter, case: Case | None, *, careful: bool) -> str:
    """By which the writer finds the letter in the counter; empty where it is not counted, or they get none.

    That is where it may be dangerous to have written: who takes the phone could prove by it that they did.
    `case`: None where nothing is known of it any more. `careful`: of the chat.
    """
    if (
        letter.status is not LetterStatus.DELIVERED
        or careful
        or case is None
        or case.is_careful(letter.country)
    ):
        return ""
    return counter.code_of_letter(vault, letter.key)


class CounterDays:
    """Makes batches of days that are over: at most once, whatever ends while it does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def close(self, tx: Tx) -> None:
        """Make the batches that are due. All of it is in the caller's transaction, with the audit's entries.

        Call it where only one process does, as the housekeeping.
        """
        now = self._clock()
        await counter.bring_forward(tx, now.date())
        for case, waiting in sorted((await counter.waiting(tx)).items()):
            days = closing_days(waiting, now.date())
            before = await counter.last_batch(tx, case) if days else None
            if before is not None and not is_signed(before, public_key(counter.seed(tx.vault))):
                log.error("the counter was changed behind the assistant's back: no day is closed", case=case)
                continue
            for day in days:
                before = await self._make(tx, case, before, day, now)

    async def _make(self, tx: Tx, case: str, before: Batch | None, day: date, now: datetime) -> Batch:
        leaves = await counter.take_waiting(tx, case, day)
        batch = next_batch(case, before, day, leaves, seed=counter.seed(tx.vault))
        await counter.publish(tx, batch, leaves)
        subject, detail = f"{case} {batch.number}", f"{batch.count} up to {batch.day}, {batch.digest.hex()}"
        await audit.add(tx, now, audit.ASSISTANT, COUNTED, subject, detail)
        return batch


@dataclass(frozen=True, slots=True)
class PublishedCounters:
    """What of the counters is for everybody: whole batches only, so never a small number."""

    store: Store

    @property
    def key(self) -> bytes:
        """The public key, the same for every case, for ever."""
        return public_key(counter.seed(self.store.vault))

    async def published(self, case: str) -> Counter:
        """The counter of a case; without a batch where few letters have been delivered, or none."""
        async with self.store.read() as tx:
            return Counter(case, self.key, await counter.batches(tx, case))

    async def leaves(self, case: str, number: int) -> BatchLeaves | None:
        """The leaves of a batch of a case; None where there is no such batch."""
        async with self.store.read() as tx:
            found = await counter.leaves(tx, case, number)
        return BatchLeaves(case, number, found) if found else None

    async def find(self, case: str, code: str) -> Batch | None:
        """The batch that counts the letter with that code, as `counter.read_code` has it; None: none does.

        A letter that was delivered after the last batch is in none yet.
        """
        async with self.store.read() as tx:
            return await counter.batch_of(tx, leaf_of(case, code))

    async def proof(self, case: str, code: str) -> Proof | None:
        """What shows without the other leaves that the letter with that code is counted; None: it is not."""
        async with self.store.read() as tx:
            batch = await counter.batch_of(tx, leaf_of(case, code))
            leaves = await counter.leaves(tx, case, batch.number) if batch else []
        return proof_of(code, self.key, batch, leaves) if batch else None
