"""What mailrooms do and leave behind, step by step."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from assistant.domain.lanes import Lane
from assistant.domain.letters import SignedLetter
from assistant.domain.lifecycle import LetterStatus
from assistant.store import lanes as lane_store
from assistant.store import letter_queue, letters
from assistant.store.database import Tx
from assistant.store.letters import LANE
from assistant.store.tables import letter_log
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import Harness
from tests.support.offices import OFFICE, REF


async def claim(tx: Tx, lane: Lane, now: datetime, limit: int) -> list[SignedLetter]:
    """The lane's next letters, marked `submitting`, as a mailroom does that dies right after."""
    upcoming = await letter_queue.upcoming(tx, lane, now, limit)
    marked = {
        each.id: each for each in await letter_queue.mark(tx, lane, [s.letter.id for s in upcoming], now)
    }
    return [replace(each, letter=marked[each.letter.id]) for each in upcoming if each.letter.id in marked]


async def transitions_taken(harness: Harness) -> dict[int, list[LetterStatus]]:
    """The states that each letter has come to, in order, by its number."""
    found: dict[int, list[LetterStatus]] = {}
    for row in await harness.rows(select(letter_log).order_by(letter_log.c.id)):
        found.setdefault(row["letter_id"], []).append(LetterStatus(row["status"]))
    return found


async def withdraw(harness: Harness, person: str) -> None:
    """That person takes their letter back."""
    chat = await harness.chat(person)
    async with harness.store.write() as tx:
        await letters.withdraw(tx, chat, REF.of, "withdrawn", harness.clock())


async def deliver_and_crash(harness: Harness, *carriers: FakeCarrier) -> None:
    """What a process leaves that dies before it stores what became of a letter."""
    async with harness.store.write() as tx:
        (lane_id,) = (await lane_store.lane_ids(tx, LANE, [OFFICE])).values()
        lane = await lane_store.take(tx, Lane(lane_id, LANE, OFFICE))
        batch = await claim(tx, lane, harness.clock(), 1)
    delivery = harness.letter_worker(*carriers)._delivery
    prepared = await delivery.prepare(batch)
    await delivery.hand_over([(each.letter, prepared[each.letter.id]) for each in batch])
