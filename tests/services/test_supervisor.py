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
from assistant.services.supervisor import MEND, receive_all
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


async def test_a_channel_that_has_to_be_mended_is_tried_again_and_the_other_goes_on() -> None:
    broken = Failing("broken:1", *[Misconfigured("the token is refused")] * 3)
    whole = Failing("whole:1", Failure("no line"))
    with capture_logs() as logs:
        async with running(broken, whole) as task:
            await whole.receiving.wait()
            await broken.receiving.wait()
            assert not task.done()
    assert (broken.runs, whole.runs) == (4, 2)
    told = {(line["log_level"], line["channel"], line["reason"], line["event"] == MEND) for line in logs}
    assert told == {("error", "broken", "the token is refused", True), ("error", "whole", "no line", False)}


async def test_tries_come_with_growing_waits_and_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    monkeypatch.setattr(supervisor, "LONGEST_BACKOFF", 60.0)
    broken = Failing("broken:1", *[Misconfigured("the token is refused")] * 8)
    with capture_logs() as logs:
        async with running(broken):
            await broken.receiving.wait()
    assert [line["event"] for line in logs] == [MEND]
    longest = [2, 4, 8, 16, 32, 60, 60, 60]
    assert all(most / 2 <= wait <= most for wait, most in zip(waits, longest, strict=True)), waits


async def test_what_a_channel_has_told_of_itself_is_not_told_twice() -> None:
    channel = Failing("telling:1", Misconfigured("the token is refused"))
    channel.trouble = "the token is refused"
    with capture_logs() as logs:
        async with running(channel):
            await channel.receiving.wait()
    assert logs == []


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
