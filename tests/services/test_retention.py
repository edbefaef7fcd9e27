"""What is kept no longer than needed."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from assistant.domain.broadcasts import CopyStatus, Kind
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.retention import Gone
from assistant.services.metrics import Metrics
from assistant.services.retention import KIND, RetentionWorker
from assistant.store import chats, lanes, pieces, retention
from assistant.store.database import Tx
from assistant.store.tables import chats as chats_table
from tests.support.harness import Harness
from tests.support.publishing import UPDATE

TIMEOUT = 30.0  # seconds: only to end a test that would hang
NEWER = "2011-thanks"  # sent later, whatever it is dated
OVER = {
    MessageStatus.SENT: None,
    MessageStatus.FAILED: Failure("refused", permanent=True),
    MessageStatus.UNKNOWN: Failure("the line broke", permanent=True, uncertain=True),
}


async def _sent(harness: Harness, *people: str, slug: str = UPDATE) -> int:
    """An update that they all have got, and that has come to its end."""
    await harness.subscribe(*people)
    number = await harness.publish(slug)
    await harness.engine().run_until_idle()
    await harness.address()
    return number


@pytest.mark.parametrize("status", OVER)
async def test_a_reply_that_is_over_goes_after_seven_days(harness: Harness, status: MessageStatus) -> None:
    if fault := OVER[status]:
        harness.channel.faults["ana"].append(fault)
    await harness.receive("ana", "hello")
    assert await harness.message_statuses() == [status]
    harness.clock.advance(days=7)
    await harness.run_retention()
    assert await harness.message_statuses() == [status]
    harness.clock.advance(seconds=1)
    await harness.run_retention()
    assert await harness.message_statuses() == []


async def test_a_reply_that_still_waits_stays(harness: Harness) -> None:
    harness.channel.faults["ana"].append(Failure("no line"))
    await harness.receive("ana", "hello")
    harness.clock.advance(days=30)
    await harness.run_retention()
    await harness.engine().run_until_idle()
    assert len(harness.texts_to("ana")) == 1


async def test_who_got_older_news_is_kept_for_seven_days_and_how_many_did_for_ever(harness: Harness) -> None:
    number = await _sent(harness, "ana", "ben")
    harness.clock.advance(days=7)
    await _sent(harness, slug=NEWER)
    await harness.run_retention()
    assert len(await harness.bulk_statuses()) == 4
    harness.clock.advance(seconds=1)
    await harness.run_retention()
    assert len(await harness.bulk_statuses()) == 2
    assert await harness.tally(number) == {CopyStatus.SENT: 2}


async def test_who_got_the_latest_news_is_kept_so_that_nobody_gets_them_twice(harness: Harness) -> None:
    await _sent(harness, "ana")
    harness.clock.advance(days=100)
    await harness.run_retention()
    for said in ("stop", "subscribe", "yes"):
        await harness.receive("ana", said)
    assert "You will hear from us" in harness.last_text_to("ana")


async def test_who_got_an_alert_is_kept_for_seven_days(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    await harness.send(replace(harness.written(hours=12), kind=Kind.ALERT, update=None))
    await harness.engine().run_until_idle()
    await harness.address()
    harness.clock.advance(days=7, seconds=1)
    await harness.run_retention()
    assert await harness.bulk_statuses() == []


async def test_who_is_to_get_the_news_is_kept_until_they_have_it(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    number = await harness.publish()
    await harness.publish(NEWER)
    harness.clock.advance(days=30)
    await harness.run_retention()
    await harness.engine().run_until_idle()
    assert await harness.tally(number) == {CopyStatus.SENT: 2}


async def test_what_is_over_goes_in_pieces_between_which_others_get_their_turn(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 2)
    for person in ("ana", "ben", "eva"):
        await harness.receive(person, "hello")
    harness.clock.advance(days=8)
    step = await harness.holding_retention()
    assert await step(), "there is more"
    assert len(await harness.message_statuses()) == 1
    assert await step() is None
    assert await harness.message_statuses() == []


async def test_all_copies_of_a_broadcast_are_deleted_however_many_there_are(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 2)
    await _sent(harness, "ana", "ben", "eva")
    harness.clock.advance(days=8)
    await _sent(harness, slug=NEWER)
    await harness.run_retention()
    assert len(await harness.bulk_statuses()) == 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_whoever_is_writing_at_this_moment_is_not_waited_for(harness: Harness) -> None:
    for person in ("ana", "ben"):
        await harness.receive(person, "hello")
    harness.clock.advance(days=3)
    step = await harness.holding_retention()
    async with harness.store.write() as turn, asyncio.timeout(TIMEOUT):
        await chats.lock(turn, [1])
        await step()
    kept = await harness.rows(select(chats_table.c.id).where(chats_table.c.recent != ""))
    assert [row["id"] for row in kept] == [1]


async def test_what_went_is_counted_by_kind_in_one_line_and_without_a_name(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 2)
    for person in ("ana", "ben", "eva"):
        await harness.receive(person, "hello")
    harness.clock.advance(days=8)
    metrics = Metrics(harness.clock)
    housekeeping = RetentionWorker(harness.store, harness.clock, harness.script.retention, metrics=metrics)
    await housekeeping.open()
    with capture_logs() as logs:
        await harness.engine(housekeeping).run_until_idle()
        harness.clock.advance(hours=1)
        await harness.engine(housekeeping).run_until_idle()
    (told,) = [each for each in logs if each["event"] == "what is kept no longer is deleted"]
    assert told["counts"][retention.MESSAGES] == told["counts"][retention.IDS] == 3
    assert set(told) == {"event", "counts", "log_level"}
    assert f'assistant_deleted_total{{kind="{retention.MESSAGES}"}} 3.0' in metrics.text().decode()


@pytest.mark.both_databases
async def test_who_is_forgotten_while_the_house_is_kept_has_it_kept_again(harness: Harness) -> None:
    """The step has looked at their rows before; what is left of them would stay for an hour."""
    runs = 0

    async def forgotten_meanwhile(tx: Tx) -> Gone:
        nonlocal runs
        runs += 1
        if runs == 1:
            lanes.wake(tx, [(KIND, KIND)], harness.clock())
        return Gone({}, done=True)

    meanwhile = [forgotten_meanwhile]
    worker = RetentionWorker(harness.store, harness.clock, harness.script.retention, pieces=meanwhile)
    await worker.open()
    await harness.engine(worker).run_until_idle()
    assert runs == 2
