"""Channels are kept running, each for itself."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from assistant.channels.base import Receive
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Handled, Incoming
from assistant.services import supervisor
from assistant.services.supervisor import receive_all
from tests.support.fakes.channel import MemoryChannel

pytestmark = pytest.mark.chance


class Failing(MemoryChannel):
    """Fails as often as it is told to, and then receives."""

    def __init__(self, account: str, *faults: Exception) -> None:
        super().__init__(account)
        self.to_come = deque(faults)
        self.runs = 0
        self.failed = asyncio.Event()
        self.receiving = asyncio.Event()
        self.ended = False

    async def run(self, receive: Receive) -> None:
        self.runs += 1
        if self.to_come:
            self.failed.set()
            raise self.to_come.popleft()
        self.receiving.set()
        try:
            await super().run(receive)
        finally:
            self.ended = True


async def _receive(incoming: Incoming) -> Handled:
    raise AssertionError("nobody writes")


@asynccontextmanager
async def running(*channels: Failing) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(receive_all(channels, _receive))
    async with asyncio.timeout(10):
        yield task
    task.cancel()
    await asyncio.wait([task], timeout=10)


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rests between two tries."""
    monkeypatch.setattr(supervisor, "LONGEST_BACKOFF", 0.0)


async def test_a_channel_that_cannot_go_on_stops_and_the_other_goes_on() -> None:
    broken = Failing("broken:1", Misconfigured("the token is refused"))
    whole = Failing("whole:1", Failure("no line"))
    with capture_logs() as logs:
        async with running(broken, whole) as task:
            await whole.receiving.wait()
            assert not task.done()
    assert (broken.runs, whole.runs) == (1, 2)
    assert [(line["channel"], line["reason"]) for line in logs] == [
        ("broken", "the token is refused"),
        ("whole", "no line"),
    ]


@pytest.mark.parametrize("fault", [Failure("no line"), Failure("gone", permanent=True), ZeroDivisionError()])
async def test_a_channel_that_fails_begins_again(fault: Exception) -> None:
    channel = Failing("memory:1", *[fault] * 8)
    with capture_logs():
        async with running(channel):
            await channel.receiving.wait()
    assert channel.runs == 9


async def test_ending_it_ends_every_channel() -> None:
    channels = [Failing("memory:1"), Failing("memory:2")]
    async with running(*channels) as task:
        for channel in channels:
            await channel.receiving.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
    assert [channel.ended for channel in channels] == [True, True]


async def test_ending_it_ends_a_channel_that_rests_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_BACKOFF", 3600.0)
    channel = Failing("memory:1", Failure("no line"))
    with capture_logs():
        async with running(channel) as task:
            await channel.failed.wait()
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()
    assert channel.runs == 1


async def test_it_returns_when_no_channel_is_left() -> None:
    with capture_logs():
        async with asyncio.timeout(10):
            await receive_all([Failing("memory:1", Misconfigured("the token is refused"))], _receive)
