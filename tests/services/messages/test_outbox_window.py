"""A slow message holds up no other: what became of the others is stored, and more are sent."""

import asyncio

import pytest

from assistant.channels.base import RateLimit
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Address, File, Reply
from assistant.services.messages import outbox
from assistant.store.broadcasts import LANE as BULK
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import Harness
from tests.support.organisers import add_subscribers

pytestmark = pytest.mark.chance

PEOPLE = [f"person{number}" for number in range(30)]
SLOW = PEOPLE[3]


class SlowChannel(MemoryChannel):
    """Hangs in one chat, until it is told to go on; counts how many are on their way at once."""

    def __init__(self) -> None:
        super().__init__()
        self.slow = {SLOW}
        self.go_on = asyncio.Event()
        self.on_their_way = 0
        self.most = 0

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        self.on_their_way += 1
        self.most = max(self.most, self.on_their_way)
        try:
            if address.person in self.slow:
                await self.go_on.wait()
            return await super().send(address, reply, file)
        finally:
            self.on_their_way -= 1


@pytest.fixture
def slow_channel() -> SlowChannel:
    return SlowChannel()


@pytest.fixture
def channel(slow_channel: SlowChannel) -> MemoryChannel:
    """The harness's channel."""
    return slow_channel


async def until_only_one_is_open(harness: Harness) -> None:
    async with asyncio.timeout(10):
        while True:
            statuses = await harness.bulk_statuses()
            if statuses.count(MessageStatus.SENT) == len(PEOPLE) - 1:
                return
            await asyncio.sleep(0.01)


async def test_of_a_broadcast_all_others_are_sent_and_stored_while_one_chat_hangs(
    harness: Harness, slow_channel: SlowChannel
) -> None:
    await add_subscribers(harness, PEOPLE, language="en")
    slow_channel.pace = RateLimit(bulk=200)
    await harness.publish()
    sending = asyncio.create_task(harness.engine().run_until_idle())
    await until_only_one_is_open(harness)
    assert (await harness.bulk_statuses()).count(MessageStatus.SENDING) == 1
    slow_channel.go_on.set()
    await sending
    assert await harness.bulk_statuses() == [MessageStatus.SENT] * len(PEOPLE)


async def test_a_crash_while_one_chat_hangs_leaves_only_that_one_in_doubt(
    harness: Harness, slow_channel: SlowChannel
) -> None:
    await add_subscribers(harness, PEOPLE, language="en")
    await harness.publish()
    sending = asyncio.create_task(harness.engine().run_until_idle())
    await until_only_one_is_open(harness)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    fresh = await harness.restarted(channel=MemoryChannel())
    await fresh.engine().run_until_idle()
    assert fresh.channel.order == []
    assert (await harness.bulk_statuses()).count(MessageStatus.UNKNOWN) == 1
    slow_channel.go_on.set()
    await harness.outbox.settle()


async def test_no_more_are_in_flight_than_the_window_holds(
    harness: Harness, slow_channel: SlowChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH_MAX", 8)
    slow_channel.slow = set(PEOPLE)
    await add_subscribers(harness, PEOPLE, language="en")
    await harness.publish()
    sending = asyncio.create_task(harness.engine().run_until_idle())
    await harness.until_in_flight()
    async with asyncio.timeout(10):
        while slow_channel.on_their_way < 8:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    assert slow_channel.most == 8
    slow_channel.go_on.set()
    await sending
    assert slow_channel.most == 8
    assert await harness.bulk_statuses() == [MessageStatus.SENT] * len(PEOPLE)


async def test_the_end_is_not_waited_for_where_a_chat_hangs(
    harness: Harness, slow_channel: SlowChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "ENDING", 0.1)
    await add_subscribers(harness, PEOPLE, language="en")
    await harness.publish()
    await harness.outbox.step(await harness.lane_of(BULK))
    async with asyncio.timeout(10):
        await harness.outbox.stop()
    assert (await harness.bulk_statuses()).count(MessageStatus.SENT) == len(PEOPLE) - 1
