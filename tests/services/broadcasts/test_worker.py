"""Updates reach the subscribers of a case: each one once, in their language."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant.domain.broadcasts import CopyStatus
from assistant.domain.errors import Refused
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.services.broadcasts import worker
from assistant.services.broadcasts.approval import SHELL, Actor
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from tests.support.harness import Harness
from tests.support.organisers import join
from tests.support.publishing import UPDATE

PEOPLE = [f"person{number}" for number in range(10)]


@pytest.fixture
async def two(harness: Harness, database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Harness, Harness]]:
    """Two processes with connections of their own, and people who have subscribed."""
    await harness.subscribe(*PEOPLE)
    store = await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))
    yield harness, await Harness.open(store, harness.script, harness.channel, harness.clock)
    await store.close()


async def test_each_subscriber_gets_it_once_and_it_comes_to_its_end(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    number = await harness.publish()
    for _ in range(2):
        await harness.engine().run_until_idle()
    assert [len(harness.texts_to(person)) for person in ("ana", "ben")] == [1, 1]
    await harness.address()
    ended = await harness.broadcast(number)
    assert (ended.status, ended.recipients) == (BroadcastStatus.DONE, 2)
    assert await harness.tally(number) == {CopyStatus.SENT: 2}


async def test_an_update_has_one_broadcast_for_ever(harness: Harness) -> None:
    await harness.subscribe("ana")
    await harness.publish()
    for _ in range(2):
        with pytest.raises(Refused, match="That update has a broadcast already"):
            await harness.publish()
        await harness.engine().run_until_idle()
    assert len(harness.texts_to("ana")) == 1


async def test_of_two_who_draft_it_at_once_one_is_refused(two: tuple[Harness, Harness]) -> None:
    olga = await join(two[0], "olga")

    async def draft(harness: Harness, actor: Actor) -> int:
        async with harness.store.write() as tx:
            return await harness.news.broadcast_service.save(tx, actor, harness.written())

    results = await asyncio.gather(draft(two[0], SHELL), draft(two[1], olga), return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["Refused", "int"]


async def test_who_drafts_it_twice_at_once_has_one_draft(two: tuple[Harness, Harness]) -> None:
    olga = await join(two[0], "olga")

    async def draft(harness: Harness) -> int:
        async with harness.store.write() as tx:
            return await harness.news.broadcast_service.save(tx, olga, harness.written())

    assert {*await asyncio.gather(*map(draft, two))} == {1}


async def test_two_processes_that_address_it_at_once_write_nobody_twice(
    two: tuple[Harness, Harness], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHUNK", 1)
    harness, other = two
    number = await harness.approved(harness.written())
    await asyncio.gather(harness.address(), other.address(), return_exceptions=True)  # one may lose the lane
    await harness.address()
    assert (await harness.broadcast(number)).recipients == len(PEOPLE)
    await harness.engine().run_until_idle()
    assert [len(harness.texts_to(person)) for person in PEOPLE] == [1] * len(PEOPLE)


async def test_each_reads_it_in_their_language(harness: Harness) -> None:
    await harness.subscribe("ana", language="es-MX")
    await harness.subscribe("ben", language="xx")
    await harness.publish()
    await harness.engine().run_until_idle()
    assert "septiembre de 2011" in harness.last_text_to("ana")
    assert "September 2011" in harness.last_text_to("ben")
    assert "stop" in harness.last_text_to("ben")


async def test_who_unsubscribed_does_not_get_it(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    await harness.receive("ben", "stop")
    number = await harness.publish()
    assert (await harness.broadcast(number)).recipients == 1
    await harness.receive("ana", "stop")
    harness.channel.sent.clear()
    await harness.engine().run_until_idle()
    assert harness.texts_to("ana") == harness.texts_to("ben") == []
    assert await harness.bulk_statuses() == [MessageStatus.CANCELLED]
    assert await harness.tally(number) == {CopyStatus.CANCELLED: 1}


async def test_two_updates_come_in_their_order(harness: Harness) -> None:
    await harness.subscribe("ana")
    await harness.publish("2011-thanks")
    await harness.publish(UPDATE)
    await harness.engine().run_until_idle()
    assert ["September 2011" in each for each in harness.texts_to("ana")] == [False, True]


async def test_a_large_audience_is_written_in_pieces(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHUNK", 3)
    await harness.subscribe(*PEOPLE)
    number = await harness.publish()
    assert (await harness.broadcast(number)).recipients == len(PEOPLE)
    assert await harness.bulk_statuses() == [MessageStatus.QUEUED] * len(PEOPLE)
    await harness.engine().run_until_idle()
    assert await harness.tally(number) == {CopyStatus.SENT: len(PEOPLE)}
    assert [len(harness.texts_to(person)) for person in PEOPLE] == [1] * len(PEOPLE)


async def test_nobody_subscribed_is_nobody_told(harness: Harness) -> None:
    ended = await harness.broadcast(await harness.publish())
    assert (ended.status, ended.recipients) == (BroadcastStatus.DONE, 0)


async def test_the_forgotten_get_no_news(harness: Harness) -> None:
    await harness.subscribe("ana", "ben")
    number = await harness.publish()
    await harness.receive_all("ana", ["forget", "yes"])
    harness.channel.sent.clear()
    await harness.engine().run_until_idle()
    assert (harness.texts_to("ana"), len(harness.texts_to("ben"))) == ([], 1)
    assert await harness.tally(number) == {CopyStatus.SENT: 1, CopyStatus.CANCELLED: 1}
