"""The outbox knows no broadcasts: whoever looks after them hears from it what they need."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from assistant.domain.broadcasts import Timing
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import MessageStatus
from assistant.services.messages.outbox import Outbox
from assistant.services.messages.sender import Sent
from assistant.services.metrics import Metrics
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Tx
from assistant.store.lanes import REPLIES
from assistant.store.tables import lanes
from tests.support.harness import Harness
from tests.support.organisers import add_subscribers


class Listener:
    """Keeps what it hears, with how the messages were stored at that time."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.batches: list[list[str]] = []
        self.stored: list[list[MessageStatus]] = []
        self.drained: list[datetime] = []
        self.wakes_at: datetime | None = None

    def quiet_until(self, country: str | None, language: str | None, now: datetime) -> datetime | None:
        return self.wakes_at

    async def hear(self, batch: Sequence[Sent]) -> None:
        self.batches.append([each.done.message.address.person for each in batch])
        self.stored.append(await self.harness.bulk_statuses())

    async def drain(self, tx: Tx, now: datetime) -> None:
        assert tx.connection.in_transaction()
        self.drained.append(now)


async def _listening(harness: Harness) -> tuple[Outbox, Listener]:
    """Another process's outbox, with somebody who listens."""
    listener = Listener(harness)
    outbox = Outbox(
        harness.store,
        {harness.channel.account: harness.channel},
        harness.printer,
        harness.clock,
        Metrics(harness.clock),
        quiet_until=listener.quiet_until,
        after_batch=listener.hear,
        on_drained=listener.drain,
    )
    await outbox.open()
    return outbox, listener


async def _taken(harness: Harness, outbox: Outbox, kind: str) -> Lane:
    (row,) = await harness.rows(
        lanes.select().where(lanes.c.kind == kind, lanes.c.name == str(harness.channel.account))
    )
    return await outbox.take(Lane(row["id"], kind, row["name"], row["epoch"]))


async def _published(harness: Harness) -> None:
    await add_subscribers(harness, ["ana", "ben"], country="FI", language="en")  # where it is day
    await harness.send(replace(harness.written(), timing=Timing()))


async def test_a_batch_is_heard_of_once_it_is_stored(harness: Harness) -> None:
    await _published(harness)
    outbox, listener = await _listening(harness)
    await outbox.step(await _taken(harness, outbox, BULK))
    await outbox.settle()
    assert sorted(person for batch in listener.batches for person in batch) == ["ana", "ben"]
    assert listener.stored[-1] == [MessageStatus.SENT] * 2


async def test_the_end_of_what_goes_to_many_is_heard_of(harness: Harness) -> None:
    await _published(harness)
    outbox, listener = await _listening(harness)
    lane = await _taken(harness, outbox, BULK)
    await outbox.step(lane)
    await outbox.settle()
    assert listener.drained == []
    assert await outbox.step(lane) is None
    assert listener.drained == [harness.clock()]


async def test_replies_that_have_all_left_are_nothing_to_hear_of(harness: Harness) -> None:
    outbox, listener = await _listening(harness)
    assert await outbox.step(await _taken(harness, outbox, REPLIES)) is None
    assert listener.drained == []


async def test_where_it_is_night_a_copy_waits_until_the_reader_wakes(harness: Harness) -> None:
    await _published(harness)
    outbox, listener = await _listening(harness)
    listener.wakes_at = harness.clock() + timedelta(hours=8)
    lane = await _taken(harness, outbox, BULK)
    assert await outbox.step(lane) is None
    assert harness.channel.order == []
    listener.wakes_at = None
    harness.clock.advance(seconds=8 * 3600)
    await outbox.step(lane)
    await outbox.settle()
    assert [len(harness.texts_to(person)) for person in ("ana", "ben")] == [1, 1]
