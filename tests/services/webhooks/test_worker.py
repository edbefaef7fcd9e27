"""Events reach endpoints: again and again until they do, and never at the cost of another endpoint."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import select
from structlog.testing import capture_logs

from assistant.domain.lanes import Lane, LaneHeld, LaneLost
from assistant.domain.webhooks import ATTEMPTS, KEEP, RETRIES, Answer, Endpoint, Outcome
from assistant.engine.embedded import EmbeddedEngine
from assistant.store import lanes, pauses, webhooks
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.lanes import StoredLanes
from assistant.store.tables import lanes as lanes_table
from assistant.store.tables import webhook_attempts
from assistant.webhooks.client import Client
from tests.support.fakes.webhook_receiver import PATH, SECRET, Receiver, receiving
from tests.support.harness import Harness
from tests.support.organisers import pause_case
from tests.support.publishing import CASE
from tests.support.webhooks import Webhooks, webhooks_of

pytestmark = pytest.mark.both_databases
SOON = timedelta(milliseconds=1)


@pytest.fixture
async def other() -> AsyncIterator[Receiver]:
    async with receiving("/other") as opened:
        yield opened


async def test_a_failing_endpoint_gets_the_same_event_again_until_it_takes_it(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    receiver.answers.extend(web.Response(status=500) for _ in range(3))
    await pause_case(harness, CASE)
    await hooks.run()
    assert len(receiver.came) == 1
    for number, wait in enumerate(RETRIES[:3], 1):
        harness.clock.now += wait - SOON
        await hooks.run()
        assert len(receiver.came) == number, "it is not yet time"
        harness.clock.now += SOON
        await hooks.run()
        assert len(receiver.came) == number + 1
    assert len({(each.id, each.raw) for each in receiver.came}) == 1
    assert await hooks.waiting() == []
    (state,) = await hooks.service.states()
    assert state.delivered is not None and not state.fails
    assert state.failed is not None and state.failed.status == 500


async def test_after_ten_attempts_it_is_given_up_and_the_log_says_so(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    receiver.always = 404
    await pause_case(harness, CASE)
    with capture_logs() as logged:
        await hooks.run()
        for wait in RETRIES:
            assert await hooks.waiting()
            harness.clock.now += wait
            await hooks.run()
    assert len(receiver.came) == ATTEMPTS
    assert await hooks.waiting() == []
    assert [each["type"] for each in logged if each["event"].startswith("an event is given up")] == [
        "case.paused"
    ]
    assert PATH not in str(logged) and receiver.url not in str(logged) and SECRET not in str(logged)


async def test_who_is_gone_is_told_nothing_until_a_test_arrives(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    receiver.answers += [web.Response(status=500), web.Response(status=410)]
    for subject in (CASE, f"{CASE}--threats"):
        await pause_case(harness, subject)
    with capture_logs() as logged:
        await hooks.run()
    assert await hooks.waiting() == [], "neither what failed before nor what it said it about"
    assert [each["events"] for each in logged if each["event"].endswith("is dropped")] == [1]
    assert len([each for each in logged if "wants no more events" in each["event"]]) == 1
    assert (await _gone(hooks), len(receiver.came)) == (True, 2)

    await _pause_anew(harness)
    assert await hooks.waiting() == []
    receiver.answers.append(web.Response(status=500))
    await hooks.test(receiver.endpoint.name)
    await hooks.run()
    await _pause_anew(harness)
    assert (await hooks.waiting(), await _gone(hooks)) == ([], True), "a test that fails changes nothing"

    await hooks.test(receiver.endpoint.name)
    await hooks.run()
    assert not await _gone(hooks)
    await _pause_anew(harness)
    await hooks.run()
    assert receiver.types[2:] == ["test", "test", "case.paused"]


async def _pause_anew(harness: Harness) -> None:
    """Have something told that is new."""
    async with harness.store.write() as tx:
        await pauses.resume(tx, CASE)
    await pause_case(harness, CASE)


async def _gone(hooks: Webhooks) -> bool:
    (state,) = await hooks.service.states()
    return state.gone is not None


async def test_who_says_so_to_a_test_is_gone_and_a_test_that_waits_is_still_sent(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    await pause_case(harness, CASE)
    await hooks.test(receiver.endpoint.name)
    receiver.answers.append(web.Response(status=410))
    await hooks.run()
    assert receiver.types == ["case.paused", "test"] and not await _gone(hooks)
    receiver.answers.append(web.Response(status=410))
    await hooks.test(receiver.endpoint.name)
    await hooks.run()
    await pause_case(harness, f"{CASE}--threats")
    assert (await hooks.waiting(), await _gone(hooks)) == ([], True)


async def test_that_one_is_gone_takes_nothing_from_another(
    harness: Harness, receiver: Receiver, other: Receiver
) -> None:
    hooks = webhooks_of(harness, [receiver, other])
    receiver.always = 410
    other.answers.append(web.Response(status=500))
    await pause_case(harness, CASE)
    await hooks.run()
    await pause_case(harness, f"{CASE}--threats")
    harness.clock.now += RETRIES[0]
    await hooks.run()
    assert (receiver.types, sorted(set(other.types))) == (["case.paused"], ["action.paused", "case.paused"])
    await hooks.client.close()


async def test_who_asks_for_a_wait_gets_it_from_all_events(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    receiver.answers.append(web.Response(status=429, headers={"Retry-After": "3600"}))
    await pause_case(harness, CASE)
    await pause_case(harness, f"{CASE}--threats")
    await hooks.run()
    harness.clock.now += timedelta(minutes=59)
    await hooks.run()
    assert len(receiver.came) == 1
    harness.clock.now += timedelta(minutes=1)
    await hooks.run()
    assert sorted(receiver.types[1:]) == ["action.paused", "case.paused"]


async def test_who_always_asks_for_a_wait_is_asked_once_each_time_and_everything_has_its_turn(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    receiver.answers += [web.Response(status=429, headers={"Retry-After": "3600"}) for _ in range(4)]
    for number in range(5):
        await pause_case(harness, CASE if number % 2 == 0 else f"{CASE}--threats")
        async with harness.store.write() as tx:
            await pauses.resume(tx, CASE if number % 2 == 0 else f"{CASE}--threats")
        await hooks.run()
        harness.clock.now += timedelta(minutes=50)
        await hooks.run()
    assert len(receiver.came) <= 5, "nothing is posted while it rests, whatever happens meanwhile"
    receiver.answers.clear()
    harness.clock.now += timedelta(hours=8)
    await hooks.run()
    assert await hooks.waiting() == []


async def test_one_that_hangs_holds_up_no_other(
    harness: Harness, receiver: Receiver, other: Receiver
) -> None:
    receiver.hangs = True
    hooks = webhooks_of(harness, [receiver, other])
    await pause_case(harness, CASE)
    running = asyncio.create_task(hooks.run())
    await receiver.until(1)
    assert (await other.until(1))[0].type == "case.paused"
    assert not running.done(), "the first one is still waited for"
    receiver.end()
    await running
    await hooks.client.close()


async def test_who_hangs_is_left_and_tried_again(harness: Harness, receiver: Receiver) -> None:
    receiver.hangs = True
    hooks = webhooks_of(harness, [receiver], limit=0.05)
    await pause_case(harness, CASE)
    await hooks.run()
    (state,) = await hooks.service.states()
    assert state.failed is not None and (state.failed.outcome, state.failed.status) == (Outcome.SILENT, None)
    receiver.hangs = False
    harness.clock.now += RETRIES[0]
    await hooks.run()
    assert [each.id for each in receiver.came] == [receiver.came[0].id] * 2
    await hooks.client.close()


async def test_a_test_is_tried_once_and_told_as_it_went(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    receiver.always = 401
    await hooks.test(receiver.endpoint.name)
    (state,) = await hooks.service.states()
    assert state.testing and state.tested is None
    await hooks.run()
    (state,) = await hooks.service.states()
    assert state.tested is not None and not state.testing
    assert (state.tested.outcome, state.tested.status) == (Outcome.REFUSED, 401)
    assert (receiver.types, receiver.came[0].data, state.waiting) == (["test"], {}, 0)


class _Dying(Client):
    """Ends its process's work after the event was sent, and before that is known."""

    async def post(self, endpoint: Endpoint, event_id: str, body: str) -> Answer:
        await super().post(endpoint, event_id, body)
        raise asyncio.CancelledError


async def test_what_a_dead_runner_had_begun_comes_again_with_the_same_id(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    await pause_case(harness, CASE)
    dying = webhooks_of(harness, [receiver])
    dying.worker._client = _Dying()
    with pytest.raises(asyncio.CancelledError):
        await dying.worker.step(await _taken(dying))
    assert await hooks.waiting() == [("case.paused", 1)]
    await dying.worker._client.close()
    await hooks.run()
    assert [each.id for each in receiver.came] == [receiver.came[0].id] * 2
    assert await hooks.waiting() == []


async def _taken(hooks: Webhooks) -> Lane:
    """The one lane of webhooks, taken by that process."""
    query = select(lanes_table).where(lanes_table.c.kind == webhooks.LANE)
    (row,) = await hooks.harness.rows(query)
    return await hooks.worker.take(Lane(row["id"], row["kind"], row["name"], row["epoch"]))


async def test_who_was_overtaken_sends_nothing_and_changes_nothing(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    await pause_case(harness, CASE)
    slow = await _taken(hooks)
    await _taken(hooks)
    with pytest.raises(LaneLost):
        await hooks.worker.step(slow)
    assert receiver.came == []
    assert await hooks.waiting() == [("case.paused", 0)]


async def test_of_two_processes_one_sends(
    harness: Harness, hooks: Webhooks, receiver: Receiver, database_url: str, tmp_path: Path
) -> None:
    await pause_case(harness, CASE)
    lane = await _taken(hooks)
    elsewhere = await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))
    try:
        with pytest.raises(LaneHeld):
            async with elsewhere.write() as tx:
                await lanes.take(tx, lane)
        engine = EmbeddedEngine(
            StoredLanes(elsewhere), [webhooks_of(harness, [receiver]).worker], harness.clock
        )
        await engine.run_until_idle()
        assert receiver.came == []
    finally:
        await elsewhere.close()
    assert await hooks.worker.step(lane) == 0.0
    assert len(receiver.came) == 1


async def test_what_waits_for_who_is_set_no_more_is_dropped_and_counted(
    harness: Harness, receiver: Receiver, other: Receiver
) -> None:
    before = webhooks_of(harness, [receiver, other])
    other.always = 500
    await pause_case(harness, CASE)
    await before.run()
    after = webhooks_of(harness, [receiver])
    with capture_logs() as logged:
        await after.worker.open()
        assert len(await before.waiting()) == 1, "another process may have it in its settings"
        harness.clock.now += timedelta(days=1, seconds=1)
        await after.worker.open()
        await after.worker.open()
    dropped = [each for each in logged if "dropped" in each["event"]]
    assert [each["events"] for each in dropped] == [1], "and the second time there is nothing"
    assert other.endpoint.name not in str(await harness.rows(select(webhook_attempts)))
    async with harness.store.read() as tx:
        idle = {each.lane.name: each.next_at for each in await lanes.listed(tx)}
    assert idle[other.endpoint.name] is None
    for hooks in (before, after):
        await hooks.client.close()


async def test_what_nobody_could_send_for_days_goes(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    await pause_case(harness, CASE)
    harness.clock.now += KEEP
    await harness.run_retention()
    assert await hooks.waiting() == [("case.paused", 0)]
    harness.clock.now += timedelta(hours=2)
    await harness.run_retention()
    assert await hooks.waiting() == []


async def test_a_clock_that_was_ahead_by_a_year_delays_nothing(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    right = harness.clock.now
    harness.clock.now += timedelta(days=365)
    receiver.answers.append(web.Response(status=500))
    await pause_case(harness, CASE)
    await hooks.run()
    harness.clock.now = right
    lane = await _taken(hooks)
    assert await hooks.worker.step(lane) == 0.0
    assert len(receiver.came) == 2 and await hooks.waiting() == []


async def test_a_lane_does_not_sleep_until_a_clock_that_was_ahead_says(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    right = harness.clock.now
    harness.clock.now += timedelta(days=365)
    receiver.answers.append(web.Response(status=500))
    await pause_case(harness, CASE)
    await hooks.run()
    lane = await _taken(hooks)
    harness.clock.now = right
    async with harness.store.read() as tx:
        assert await webhooks.next_due(tx, lane, right) == right


async def test_what_became_of_attempts_is_counted_without_an_address(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    receiver.answers.append(web.Response(status=500))
    await pause_case(harness, CASE)
    await hooks.run()
    harness.clock.now += RETRIES[0]
    await hooks.run()
    shown = hooks.metrics.text().decode()
    assert 'assistant_webhooks_total{outcome="broken"} 1.0' in shown
    assert 'assistant_webhooks_total{outcome="delivered"} 1.0' in shown
    assert "127.0.0.1" not in shown
