"""Many rows at once, on PostgreSQL: nobody who addresses, sends, stores or stops waits in a ring."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Executable, select
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.domain.broadcasts import CopyStatus
from assistant.domain.errors import Refused
from assistant.domain.lanes import Lane, LaneLost
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.domain.messages import Handled
from assistant.services.broadcasts import worker
from assistant.services.messages import outbox
from assistant.store import broadcasts, chats, copies, fanout, lanes, message_queue, subscriptions
from assistant.store.broadcasts import CopyEnd
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import lanes as lane_table
from tests.support.chance import budget
from tests.support.harness import Harness
from tests.support.organisers import add_subscribers, alert, audit_entries, halt, join, resume
from tests.support.publishing import CASE

pytestmark = [pytest.mark.chance, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


@pytest.fixture
async def other(harness: Harness, database_url: str, tmp_path: Path) -> AsyncIterator[Harness]:
    """Another process, with connections of its own."""
    store = await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))
    yield await Harness.open(store, harness.script, harness.channel, harness.clock)
    await store.close()


async def bulk_lane(harness: Harness) -> Lane:
    """The lane that broadcasts leave on, taken."""
    (row,) = await harness.rows(select(lane_table).where(lane_table.c.kind == "bulk"))
    async with harness.store.write() as tx:
        return await lanes.take(tx, Lane(row["id"], row["kind"], row["name"]))


async def test_who_subscribes_while_it_is_addressed_pushes_nobody_out(
    harness: Harness, other: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two statements of a piece: who has an earlier chat than its last one."""
    await harness.receive("zoe", "hello", language="en")
    people = ["ana", "ben", "eva", "ida"]
    await add_subscribers(harness, people, language="en")
    monkeypatch.setattr(worker, "CHUNK", 2)
    scalar, subscribed = AsyncConnection.scalar, False

    async def then_zoe_subscribes(self: AsyncConnection, statement: Executable, *given: object) -> object:
        nonlocal subscribed
        found = await scalar(self, statement, *given)  # type: ignore[call-overload]  # as it comes
        if not subscribed and "max(" in str(statement) and "subscriptions" in str(statement):
            subscribed = True
            chat = await other.chat("zoe")
            async with other.store.write() as tx:
                await subscriptions.subscribe(tx, chat, CASE, harness.clock().date())
        return found

    monkeypatch.setattr(AsyncConnection, "scalar", then_zoe_subscribes)
    await harness.publish()
    await harness.engine().run_until_idle()
    assert subscribed
    assert [len(harness.texts_to(person)) for person in people] == [1, 1, 1, 1]


async def test_a_piece_is_addressed_while_results_are_stored(harness: Harness, other: Harness) -> None:
    await add_subscribers(harness, ["ana"], language="en")
    number = await harness.publish()
    lane = await bulk_lane(harness)

    async def address() -> None:
        async with harness.store.write() as tx:
            assert await fanout.is_sending(tx, number)
            await asyncio.sleep(0.1)
            await lanes.wake_kind(tx, "bulk", harness.clock())

    async def store() -> None:
        async with other.store.write() as tx:
            await lanes.fence(tx, lane)
            await asyncio.sleep(0.05)
            await broadcasts.count_copies(tx, [CopyEnd(number, lane.id, CopyStatus.SENT)])

    await asyncio.gather(address(), store())


async def test_copies_that_are_being_claimed_are_not_taken_out_of_the_queue(
    harness: Harness, other: Harness
) -> None:
    await add_subscribers(harness, ["ana"], language="en")
    number = await harness.publish(hours=1)
    lane = await bulk_lane(harness)

    async def clear() -> None:
        async with other.store.write() as tx:
            await copies.clear(tx, number, 10)

    async with harness.store.write() as tx:
        await message_queue.claim(tx, lane, harness.clock(), 10, lambda *_: None)
        clearing = asyncio.create_task(clear())
        await asyncio.sleep(0.1)
    await clearing
    assert await harness.bulk_statuses() == [MessageStatus.SENDING]


async def test_a_copy_is_given_while_it_goes_on_and_results_wait_for_its_reader(
    harness: Harness, other: Harness
) -> None:
    """A turn has the chat, a step of the broadcast its row, results the lane: each wants the next one."""
    await add_subscribers(harness, ["ana"], language="en")
    number = await harness.publish()
    lane = await bulk_lane(harness)
    chat = (await harness.chat("ana")).id

    async def give() -> None:
        async with harness.store.write() as tx:
            await chats.lock(tx, [chat])
            await asyncio.sleep(0.2)
            await fanout.expect_one_more(tx, number)
            lanes.wake(tx, [lane.id], harness.clock())

    async def go_on() -> None:
        async with other.store.write() as tx:
            assert await fanout.is_sending(tx, number)
            await asyncio.sleep(0.3)
            await lanes.wake_kind(tx, "bulk", harness.clock())

    async def store() -> None:
        await asyncio.sleep(0.1)
        async with other.store.write() as tx:
            await lanes.keep(tx, lane)
            await chats.lock(tx, [chat])

    await asyncio.gather(give(), go_on(), store())


async def test_nobody_takes_a_lane_whose_results_are_being_stored(harness: Harness, other: Harness) -> None:
    await add_subscribers(harness, ["ana"], language="en")
    await harness.publish()
    lane = await bulk_lane(harness)
    steps: list[str] = []

    async def take() -> None:
        async with other.store.write() as tx:
            await lanes.take(tx, lane)
            steps.append("taken")

    await harness.give_back_lanes()
    async with harness.store.write() as tx:
        await lanes.keep(tx, lane)
        taking = asyncio.create_task(take())
        await asyncio.sleep(0.2)
        steps.append("stored")
    await taking
    assert steps == ["stored", "taken"]
    with pytest.raises(LaneLost):
        async with harness.store.write() as tx:
            await lanes.keep(tx, lane)


# Everything at once

PEOPLE = [f"person{number}" for number in range(150)]
TALKS = [["stop"], ["forget", "yes"], ["subscribe", "1"], ["stop", "subscribe", "1"]]


async def test_three_leave_while_people_come_and_go_and_somebody_halts_and_lets_go_on(
    harness: Harness, other: Harness, monkeypatch: pytest.MonkeyPatch, rng: random.Random
) -> None:
    monkeypatch.setattr(worker, "CHUNK", 7)
    monkeypatch.setattr(outbox, "BATCH_MAX", 9)
    over = asyncio.Event()
    await join(harness, "olga")
    await add_subscribers(harness, PEOPLE, language="en")
    numbers = [await harness.approved(alert(harness, text)) for text in ("First!", "Second!")]
    numbers.append(await harness.approved(harness.written()))

    async def send() -> None:
        while not over.is_set():
            await harness.engine().run_until_idle()
            harness.clock.advance(seconds=3)
            await asyncio.sleep(0)

    async def one(harness: Harness, person: str) -> list[Handled]:
        return [
            await harness.turns.handle(harness.incoming(person, word, language="en"))
            for word in rng.choice(TALKS)
        ]

    async def come_and_go(harness: Harness) -> None:
        for _ in range(budget(20, 60)):
            await asyncio.gather(*(one(harness, person) for person in rng.sample(PEOPLE, 3)))

    async def halt_and_go_on() -> None:
        for _ in range(budget(10, 30)):
            number = rng.choice(numbers)
            for step in (halt, resume):
                with suppress(Refused):
                    await step(other, number=number)
                await asyncio.sleep(0.01)

    sending = asyncio.create_task(send())
    await asyncio.gather(come_and_go(harness), come_and_go(other), halt_and_go_on())
    over.set()
    await sending
    for number in numbers:
        with suppress(Refused):
            await resume(harness, number=number)
    for _ in range(4):
        await harness.engine().run_until_idle()
        harness.clock.advance(minutes=1)
    for number in numbers:
        done = await harness.broadcast(number)
        assert done.status is BroadcastStatus.DONE
        assert sum((await harness.tally(number)).values()) == done.recipients
    await audit_entries(harness)
