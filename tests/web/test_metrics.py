"""Metrics, as Prometheus reads them."""

import asyncio
import re

import psycopg
import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from assistant.domain.lanes import LEASE
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.processes import EMBEDDED, ProcessRole
from assistant.domain.webhooks import Outcome
from assistant.services.metrics import Metrics
from assistant.services.presence import Presence
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.store.queue_sizes import LETTERS
from tests.support.fakes.channel import FakeClock
from tests.support.scripted_worker import ScriptedWorker
from tests.support.store.queued_rows import NOW, add_letter, add_message, ago
from tests.support.web_server import channel_named, health_client

pytestmark = pytest.mark.chance

KINDS = (BULK, LETTERS, REPLIES)
Samples = dict[tuple[str, ...], float]


async def scraped(client: ClientSession) -> Samples:
    """Every sample by its name and the values of its labels, in the order of their names."""
    async with client.get("/metrics") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        said = await answer.text()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }


def queues(samples: Samples, name: str) -> dict[str, float]:
    """A gauge by kind of lane."""
    return {kind: samples[(name, kind)] for kind in KINDS if (name, kind) in samples}


async def test_turns_are_counted_and_timed_by_channel(store: Store) -> None:
    metrics = Metrics()
    metrics.turn("telegram", 0.02, "done")
    metrics.turn("telegram", 0.2, "done")
    metrics.turn("signal", 3, "failed")
    async with health_client(store, metrics=metrics) as client:
        samples = await scraped(client)
    assert samples[("assistant_turns_total", "telegram", "done")] == 2
    assert samples[("assistant_turns_total", "signal", "failed")] == 1
    assert samples[("assistant_turn_seconds_count", "telegram")] == 2
    assert samples[("assistant_turn_seconds_sum", "telegram")] == pytest.approx(0.22)
    assert samples[("assistant_turn_seconds_bucket", "telegram", "0.05")] == 1


async def test_messages_are_counted_by_channel_kind_and_status(store: Store) -> None:
    metrics = Metrics()
    metrics.sent("telegram", MessageStatus.SENT, bulk=False)
    metrics.sent("telegram", MessageStatus.SENT, bulk=True)
    metrics.sent("telegram", MessageStatus.SENT, bulk=True)
    metrics.sent("telegram", MessageStatus.FAILED, bulk=True)
    async with health_client(store, metrics=metrics) as client:
        samples = await scraped(client)
    assert samples[("assistant_messages_total", "telegram", REPLIES, "sent")] == 1
    assert samples[("assistant_messages_total", "telegram", BULK, "sent")] == 2
    assert samples[("assistant_messages_total", "telegram", BULK, "failed")] == 1


async def test_replies_are_timed(store: Store) -> None:
    metrics = Metrics()
    metrics.latency(0.3)
    async with health_client(store, metrics=metrics) as client:
        samples = await scraped(client)
    assert samples[("assistant_reply_seconds_bucket", "0.25")] == 0
    assert samples[("assistant_reply_seconds_bucket", "0.5")] == 1


async def test_queues_are_told_with_the_age_of_their_oldest(store: Store, clock: FakeClock) -> None:
    clock.now = NOW
    await add_message(store, REPLIES, ago(minutes=1))
    await add_message(store, BULK, ago(minutes=2))
    await add_message(store, BULK, ago(minutes=3))
    async with health_client(store, metrics=Metrics(clock)) as client:
        samples = await scraped(client)
        assert queues(samples, "assistant_queue_messages") == {BULK: 2, LETTERS: 0, REPLIES: 1}
        assert queues(samples, "assistant_queue_oldest_seconds") == {BULK: 180, LETTERS: 0, REPLIES: 60}
        await add_letter(store, LetterStatus.QUEUED, ago(minutes=4))
        samples = await scraped(client)
    assert queues(samples, "assistant_queue_oldest_seconds") == {BULK: 180, LETTERS: 240, REPLIES: 60}


def test_every_outcome_of_webhooks_begins_with_zero() -> None:
    """An alert asks whether it has increased, and nothing increases by beginning with one."""
    shown = Metrics().text().decode()
    for outcome in Outcome:
        assert f'assistant_webhooks_total{{outcome="{outcome.value}"}} 0.0' in shown


async def test_what_is_due_later_waits_but_is_not_overdue(store: Store, clock: FakeClock) -> None:
    clock.now = NOW
    await add_letter(store, LetterStatus.RETRY_WAIT, ago(minutes=-10))
    async with health_client(store, metrics=Metrics(clock)) as client:
        samples = await scraped(client)
    assert queues(samples, "assistant_queue_messages")[LETTERS] == 1
    assert queues(samples, "assistant_queue_oldest_seconds")[LETTERS] == 0


async def test_letters_are_told_by_state_until_their_end(store: Store) -> None:
    for status in LetterStatus:
        await add_letter(store, status, ago(minutes=1), b"sealed")
    await add_letter(store, LetterStatus.UNCERTAIN, ago(minutes=2), b"sealed")
    await add_letter(store, LetterStatus.UNCERTAIN, ago(minutes=2))  # about which nobody can decide
    async with health_client(store) as client:
        samples = await scraped(client)
    told = {
        labels[0]: value for (name, *labels), value in samples.items() if name == "assistant_letters_waiting"
    }
    assert told == {
        "queued": 1,
        "held": 1,
        "submitting": 1,
        "submitted": 1,
        "retry_wait": 1,
        "uncertain": 2,
    }


async def test_each_part_is_told_as_readyz_says_it(store: Store) -> None:
    channel = channel_named("telegram:123456", "It is down.")
    async with health_client(store, channel) as client:
        samples = await scraped(client)
        told = {labels[0]: value for (name, *labels), value in samples.items() if name == "assistant_ready"}
        assert told == {"database": 1, "lanes": 1, "turns": 1, "keyring": 1, "telegram": 0}
        channel.trouble = None
        assert (await scraped(client))[("assistant_ready", "telegram")] == 1


async def test_lanes_that_are_overdue_are_counted(store: Store, clock: FakeClock) -> None:
    late, early = ScriptedWorker(store, LETTERS), ScriptedWorker(store, "housekeeping")
    await late.open(clock, "one")
    await late.open(clock, "two")
    async with health_client(store, metrics=Metrics(clock)) as client:
        assert (await scraped(client))[("assistant_lanes_overdue", LETTERS)] == 0
        clock.advance(seconds=61)
        await early.open(clock)
        samples = await scraped(client)
        assert samples[("assistant_lanes_overdue", LETTERS)] == 2
        assert samples[("assistant_lanes_overdue", REPLIES)] == 0
        assert ("assistant_lanes_overdue", "housekeeping") not in samples
        [one, _] = await StoredLanes(store).due([LETTERS], clock())
        await late.take(one)
        assert (await scraped(client))[("assistant_lanes_overdue", LETTERS)] == 1, "a process holds the other"


async def test_each_process_is_told_with_its_last_heartbeat(store: Store) -> None:
    presence = Presence(store, ProcessRole.ALL, EMBEDDED)
    await presence.open()
    async with health_client(store) as client:
        samples = await scraped(client)
        assert 0 <= samples[("assistant_process_heartbeat_seconds", store.process, "all")] < LEASE
        await presence.close()
        assert not [key for key in await scraped(client) if key[0] == "assistant_process_heartbeat_seconds"]


async def test_a_broken_database_hides_the_queues_only(store: Store) -> None:
    metrics = Metrics()
    metrics.turn("telegram", 0.02, "done")
    async with health_client(store, metrics=metrics) as client:
        assert queues(await scraped(client), "assistant_queue_messages")
        async with store.write() as tx:
            await tx.connection.execute(text("ALTER TABLE letters RENAME TO something_else"))
        samples = await scraped(client)
    assert samples[("assistant_turns_total", "telegram", "done")] == 1
    for name in ("assistant_queue_messages", "assistant_queue_oldest_seconds"):
        assert queues(samples, name) == {}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_hangs_hides_the_queues_only(store: Store, database_url: str) -> None:
    metrics = Metrics()
    metrics.turn("telegram", 0.02, "done")
    async with health_client(store, metrics=metrics, limit=0.05) as client:
        async with await psycopg.AsyncConnection.connect(database_url) as locking:
            await locking.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
            samples = await scraped(client)
            assert samples[("assistant_turns_total", "telegram", "done")] == 1
            assert queues(samples, "assistant_queue_messages") == {}
        async with asyncio.timeout(10):
            while not queues(await scraped(client), "assistant_queue_messages"):
                pass


async def test_names_end_in_what_they_count(store: Store) -> None:
    async with health_client(store) as client, client.get("/metrics") as answer:
        said = await answer.text()
    names = re.findall(r"^# TYPE (assistant_\S+) (?:counter|gauge|histogram)$", said, re.MULTILINE)
    assert not [name for name in names if name.endswith("_created")]  # when somebody was the first of a kind
    assert sorted(names) == [
        "assistant_deleted_total",
        "assistant_lanes_overdue",
        "assistant_letters_total",
        "assistant_letters_waiting",
        "assistant_messages_total",
        "assistant_process_heartbeat_seconds",
        "assistant_queue_messages",
        "assistant_queue_oldest_seconds",
        "assistant_ready",
        "assistant_reply_seconds",
        "assistant_turn_seconds",
        "assistant_turns_total",
        "assistant_webhooks_total",
    ]
