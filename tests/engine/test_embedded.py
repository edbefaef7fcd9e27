"""The engine of one process: it runs what is due, rests what fails, and ends what it has begun."""

import asyncio
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest

from assistant.channels.base import RateLimit
from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane, LaneLost
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.engine import embedded, runner
from assistant.engine.embedded import EmbeddedEngine
from assistant.store.database import Store
from assistant.store.lanes import StoredLanes
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import LETTER, Harness
from tests.support.scripted_worker import ScriptedWorker

pytestmark = pytest.mark.chance

ONE_AT_A_TIME = RateLimit(bulk=5)  # a second: a quarter of a second holds one


def _engine(store: Store, clock: FakeClock, *works: ScriptedWorker) -> EmbeddedEngine:
    return EmbeddedEngine(StoredLanes(store), list(works), clock)


async def _end(running: asyncio.Task[None]) -> None:
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def _until_done(work: ScriptedWorker, count: int) -> None:
    async with asyncio.timeout(10):
        while work.done < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_everything_due_is_done_and_then_it_returns(store: Store, clock: FakeClock) -> None:
    first, second = ScriptedWorker(store, "first", steps=3), ScriptedWorker(store, "second", steps=2)
    await first.open(clock)
    await second.open(clock)
    await _engine(store, clock, first, second).run_until_idle()
    assert (first.done, second.done) == (3, 2)


async def test_letters_and_messages_that_are_due_all_leave(harness: Harness, tmp_path: Path) -> None:
    await harness.receive_all("ana", LETTER)
    await harness.subscribe("ben")
    await harness.publish()
    letter_worker = harness.letter_worker(tmp_path / "tray")
    await harness.engine(letter_worker).run_until_idle()
    assert await harness.letter_statuses() == [LetterStatus.SENT]
    assert set(await harness.message_statuses()) == {MessageStatus.SENT}


async def test_a_lane_that_fails_rests_while_another_goes_on_and_its_failure_is_raised(
    store: Store, clock: FakeClock
) -> None:
    broken, whole = (
        ScriptedWorker(store, "broken", fault=Failure("out of order")),
        ScriptedWorker(store, "whole", steps=20),
    )
    await broken.open(clock)
    await whole.open(clock)
    with pytest.raises(Failure, match="out of order"):
        await _engine(store, clock, broken, whole).run_until_idle()
    assert (broken.taken, whole.done) == (1, 20)


async def test_an_error_of_our_own_rests_its_lane_too(store: Store, clock: FakeClock) -> None:
    broken, whole = (
        ScriptedWorker(store, "broken", fault=ZeroDivisionError()),
        ScriptedWorker(store, "whole", steps=20),
    )
    await broken.open(clock)
    await whole.open(clock)
    with pytest.raises(Failure, match="A lane of broken failed: ZeroDivisionError"):
        await _engine(store, clock, broken, whole).run_until_idle()
    assert (broken.taken, whole.done) == (1, 20)


async def test_a_lane_is_taken_up_again_after_its_rest(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "RETRY", 0.01)
    work = ScriptedWorker(store, "work", fault=Failure("out of order"))
    await work.open(clock)
    engine = _engine(store, clock, work)
    with pytest.raises(Failure):
        await engine.run_until_idle()
    taken = work.taken  # more than once where the rest was over before the lane was idle
    work.fault = None
    await asyncio.sleep(0.02)
    await engine.run_until_idle()
    assert (work.done, work.taken) == (1, taken + 1)


async def test_a_failure_may_name_its_own_rest(store: Store, clock: FakeClock) -> None:
    work = ScriptedWorker(store, "work", fault=Failure("out of order", retry_after=0.01))
    await work.open(clock)
    engine = _engine(store, clock, work)
    with pytest.raises(Failure):
        await engine.run_until_idle()
    work.fault = None
    await asyncio.sleep(0.02)
    await engine.run_until_idle()
    assert work.done == 1


async def test_it_goes_on_running_what_becomes_due(store: Store, clock: FakeClock) -> None:
    work = ScriptedWorker(store, "work", steps=1)
    engine = _engine(store, clock, work)
    running = asyncio.create_task(engine.run())
    await work.open(clock)
    engine.wake()
    await _until_done(work, 1)
    work.left = 1
    await work.open(clock)
    engine.wake()
    await _until_done(work, 2)
    await _end(running)
    assert work.taken == 1, "a lane that is held stays held"


async def test_waking_it_makes_it_look_at_once(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "ROUND", 3600)
    work = ScriptedWorker(store, "work")
    engine = _engine(store, clock, work)
    running = asyncio.create_task(engine.run())
    await asyncio.sleep(0.1)
    await work.open(clock)
    engine.wake()
    await _until_done(work, 1)
    await _end(running)


async def test_stopping_finishes_the_batch_in_flight_and_begins_no_other(
    store: Store, clock: FakeClock
) -> None:
    work = ScriptedWorker(store, "work", steps=1000)
    work.gate.clear()
    await work.open(clock)
    running = asyncio.create_task(_engine(store, clock, work).run())
    async with asyncio.timeout(10):
        await work.begun.wait()
    running.cancel()
    await asyncio.sleep(0.05)
    work.gate.set()
    await asyncio.wait([running], timeout=10)
    assert running.cancelled()
    assert work.done == 1


async def test_stopping_leaves_no_message_of_unknown_fate(harness: Harness) -> None:
    await harness.subscribe("ana", "ben", "eva")
    await harness.publish()
    harness.channel.pace = ONE_AT_A_TIME
    harness.channel.gate = asyncio.Event()
    running = asyncio.create_task(harness.engine().run())
    await harness.until_in_flight()
    running.cancel()
    await asyncio.sleep(0.05)
    harness.channel.gate.set()
    await asyncio.wait([running], timeout=10)
    assert await harness.bulk_statuses() == [MessageStatus.SENT, *[MessageStatus.QUEUED] * 2]


async def test_stopping_works_in_the_very_moment_that_it_is_woken(store: Store, clock: FakeClock) -> None:
    engine = _engine(store, clock, ScriptedWorker(store, "work"))
    running = asyncio.create_task(engine.run())
    await asyncio.sleep(0.1)
    engine.wake()
    await asyncio.sleep(0)  # what waits for the wake has seen it, and has not gone on yet
    running.cancel()
    await asyncio.wait([running], timeout=10)
    assert running.cancelled()


async def test_ending_it_while_it_works_towards_idleness_ends_its_lanes_too(
    store: Store, clock: FakeClock
) -> None:
    work = ScriptedWorker(store, "work", steps=1000)
    work.gate.clear()
    await work.open(clock)
    running = asyncio.create_task(_engine(store, clock, work).run_until_idle())
    async with asyncio.timeout(10):
        await work.begun.wait()
    running.cancel()
    await asyncio.sleep(0.05)
    work.gate.set()
    await asyncio.wait([running], timeout=10)
    assert (running.cancelled(), work.done) == (True, 1)


async def test_a_lane_that_another_engine_takes_stops_here(store: Store, clock: FakeClock) -> None:
    ours, theirs = ScriptedWorker(store, "work", steps=1000), ScriptedWorker(store, "work", steps=3)
    ours.gate.clear()
    await ours.open(clock)
    losing = asyncio.create_task(_engine(store, clock, ours).run_until_idle())
    async with asyncio.timeout(10):
        await ours.begun.wait()
    await _engine(store, clock, theirs).run_until_idle()
    ours.gate.set()
    with pytest.raises(LaneLost):
        await losing
    assert (ours.done, theirs.done) == (0, 3)


async def test_a_lane_that_is_served_elsewhere_is_left_alone_without_haste(
    store: Store, clock: FakeClock
) -> None:
    work = ScriptedWorker(store, "work")
    await work.open(clock, "elsewhere")
    looks, looked = 0, asyncio.Event()

    class Counted(StoredLanes):
        async def next_due(self, kinds: list[str]) -> datetime | None:
            nonlocal looks
            looks += 1
            looked.set()
            return await super().next_due(kinds)

    engine = EmbeddedEngine(Counted(store), [work], clock)
    running = asyncio.create_task(engine.run())
    async with asyncio.timeout(10):
        await looked.wait()
    await asyncio.sleep(0.2)
    await _end(running)
    assert (work.taken, looks) == (0, 1)


async def test_it_goes_on_when_the_database_comes_back(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "ROUND", 0.01)
    work = ScriptedWorker(harness.store, "work")
    away = True

    class Flaky(StoredLanes):
        async def due(self, kinds: list[str], now: datetime) -> list[Lane]:
            if away:
                raise Failure("the database is away")
            return await super().due(kinds, now)

    await work.open(harness.clock)
    running = asyncio.create_task(EmbeddedEngine(Flaky(harness.store), [work], harness.clock).run())
    await asyncio.sleep(0.05)
    away = False
    await _until_done(work, 1)
    await _end(running)


async def test_two_engines_over_one_store_send_each_message_once(harness: Harness) -> None:
    people = [f"person{number}" for number in range(9)]
    await harness.subscribe(*people)
    await harness.publish()
    other = await Harness.open(harness.store, harness.script, MemoryChannel(), harness.clock)
    harness.channel.pace = other.channel.pace = RateLimit(bulk=10)
    results = await asyncio.gather(
        *(each.engine().run_until_idle() for each in (harness, other)), return_exceptions=True
    )
    assert {type(result) for result in results} <= {type(None), LaneLost}
    await asyncio.gather(harness.outbox.settle(), other.outbox.settle())
    sent = [person for person, _ in (*harness.channel.order, *other.channel.order)]
    assert len(sent) == len(set(sent))
