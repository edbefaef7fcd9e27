"""Replies of which nobody knows whether they are stored are sent once, or not at all where they are not."""

import asyncio
from collections.abc import Sequence

import pytest

from assistant.domain.errors import Failure, ServerAway
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Open
from assistant.services.messages import unsure
from assistant.services.messages.sender import Sent
from assistant.store import messages
from assistant.store.database import Tx
from assistant.store.lanes import REPLIES
from assistant.store.messages import Ready
from tests.support.database_faults import lose_the_answer_to_the_next_commit, refuse_the_next_commit
from tests.support.harness import Harness

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked at once what is stored."""
    monkeypatch.setattr(unsure, "ASK_AGAIN", 0.05)


async def found_out(harness: Harness) -> None:
    """Nobody asks any more what is stored."""
    async with asyncio.timeout(10):
        while harness.outbox._unsure._finding_out is not None:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.01)


async def all_sent(harness: Harness) -> None:
    """Everything that was put back is sent, too."""
    await harness.outbox.settle()
    harness.clock.advance(hours=1)
    await harness.engine().run_until_idle()


async def test_what_was_rolled_back_and_said_again_is_sent_once(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    hello = harness.incoming("ana", Open())
    refuse_the_next_commit(harness.store, monkeypatch)
    with pytest.raises(ServerAway):
        await harness.turns.handle(hello)
    gate = harness.channel.gate = asyncio.Event()
    await harness.turns.handle(hello)  # as a platform does that got no answer
    await found_out(harness)
    gate.set()
    await all_sent(harness)
    assert len(harness.texts_to("ana")) == 1
    assert await harness.message_statuses() == [MessageStatus.SENT]


async def test_what_was_rolled_back_is_not_taken_for_what_has_its_number_now(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_the_next_commit(harness.store, monkeypatch)
    with pytest.raises(ServerAway):
        await harness.turns.handle(harness.incoming("ana", Open()))
    lose_the_answer_to_the_next_commit(harness.store, monkeypatch)
    with pytest.raises(ServerAway):
        await harness.turns.handle(harness.incoming("ben", Open()))
    await found_out(harness)
    await all_sent(harness)
    assert (harness.texts_to("ana"), len(harness.texts_to("ben"))) == ([], 1)


async def test_what_a_lane_claims_again_after_it_was_rolled_back_is_sent_once(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.channel.faults["ana"].append(Failure("a short outage"))
    await harness.receive("ana", "hello", language="en")
    harness.clock.advance(hours=1)
    lane = await harness.lane_of(REPLIES)
    refuse_the_next_commit(harness.store, monkeypatch)
    with pytest.raises(ServerAway):
        await harness.outbox.step(lane)
    gate = harness.channel.gate = asyncio.Event()
    await harness.outbox.step(lane)
    await found_out(harness)
    gate.set()
    await all_sent(harness)
    assert len(harness.texts_to("ana")) == 1


async def test_what_was_sent_and_is_not_stored_yet_is_not_sent_again(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    hello = harness.incoming("ana", Open())
    refuse_the_next_commit(harness.store, monkeypatch)
    with pytest.raises(ServerAway):
        await harness.turns.handle(hello)
    stores = harness.outbox._results._stored
    kept = asyncio.Event()

    async def later(batch: Sequence[Sent]) -> bool:
        await kept.wait()
        return await stores(batch)

    monkeypatch.setattr(harness.outbox._results, "_stored", later)
    await harness.turns.handle(hello)
    await found_out(harness)
    kept.set()
    await all_sent(harness)
    assert len(harness.texts_to("ana")) == 1


async def test_what_was_put_back_and_claimed_again_in_doubt_is_sent(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsure, "ASK_AGAIN", 0.5)  # the rest happens meanwhile
    refuse_the_next_commit(harness.store, monkeypatch)
    with pytest.raises(ServerAway):
        await harness.turns.handle(harness.incoming("ana", Open()))
    harness.channel.faults["ben"].append(Failure("a short outage"))
    await harness.receive("ben", "hello", language="en")
    harness.clock.advance(hours=1)
    lane = await harness.lane_of(REPLIES)
    lose_the_answer_to_the_next_commit(harness.store, monkeypatch)
    with pytest.raises(ServerAway):
        await harness.outbox.step(lane)
    await found_out(harness)
    await all_sent(harness)
    assert len(harness.texts_to("ben")) == 1


async def test_what_is_stored_after_it_was_asked_about_is_sent_all_the_same(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    being_sent, asked = messages.being_sent, []

    async def at_first_not(tx: Tx, ready: Sequence[Ready]) -> list[Ready]:
        asked.append(ready)
        return await being_sent(tx, ready) if len(asked) > 2 else []

    monkeypatch.setattr(messages, "being_sent", at_first_not)
    lose_the_answer_to_the_next_commit(harness.store, monkeypatch)
    with pytest.raises(ServerAway):
        await harness.turns.handle(harness.incoming("ana", Open()))
    await found_out(harness)
    await all_sent(harness)
    assert len(harness.texts_to("ana")) == 1
