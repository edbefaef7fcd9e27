"""Replies of one chat are sent in order, also where several processes have them on lanes of their own."""

from sqlalchemy import insert, update

from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import MessageStatus
from assistant.store import lanes, message_queue, messages
from assistant.store.tables import lanes as lane_table
from assistant.store.tables import messages as message_table
from tests.support.harness import Harness


def awake(_country: str | None, _language: str | None) -> None:
    """It is day for everybody."""


async def test_a_reply_behind_one_on_another_lane_waits_and_its_lane_looks_again(harness: Harness) -> None:
    await harness.receive("ana", "hello")
    account = str(harness.channel.account)
    async with harness.store.write() as tx:
        ours = await lanes.take_any(tx, lanes.REPLIES, account)
        row = {"kind": lanes.REPLIES, "name": account, "epoch": 0, "slot": 1}
        made = await tx.connection.scalar(insert(lane_table).values(row).returning(lane_table.c.id))
        assert made is not None
        theirs = await lanes.take(tx, Lane(made, lanes.REPLIES, account))
    earlier, later = await _two_replies(harness, theirs, ours)
    now = harness.clock()
    async with harness.store.write() as tx:
        assert await message_queue.claim(tx, ours, now, 5, awake) == []
        upcoming = await message_queue.next_due(tx, ours, now)
        assert upcoming is not None
        assert upcoming <= now, "it is looked at again"
        (first,) = await message_queue.claim(tx, theirs, now, 5, awake)
        assert first.id == earlier
        await messages.finish(tx, [messages.Done(message=first, status=MessageStatus.SENT)])
        (second,) = await message_queue.claim(tx, ours, now, 5, awake)
        assert second.id == later


async def _two_replies(harness: Harness, first: Lane, second: Lane) -> tuple[int, int]:
    """Queued for one chat, each on its lane."""
    chat = await harness.chat("ana")
    async with harness.store.write() as tx:
        said = harness.channel.sent["ana"][0]
        numbers = await messages.add_notifications(tx, [(chat, said), (chat, said)], harness.clock())
        for number, lane in zip(numbers, (first, second), strict=True):
            moved = update(message_table).where(message_table.c.id == number)
            await tx.connection.execute(moved.values(lane_id=lane.id))
    return numbers[0], numbers[1]
