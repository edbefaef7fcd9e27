"""Updates reach the subscribers of a case: each one once, in their language."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant.domain.broadcasts import CopyStatus
from assistant.domain.errors import Refused
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.services.broadcasts import worker
from assistant.services.broadcasts.approval import SHELL
from assistant.store.database import Store
from tests.support.harness import House
from tests.support.publishing import UPDATE

PEOPLE = [f"person{number}" for number in range(10)]


@pytest.fixture
async def two(house: House, database_url: str, tmp_path: Path) -> AsyncIterator[tuple[House, House]]:
    """Two processes with connections of their own, and people who have subscribed."""
    await house.subscribe(*PEOPLE)
    store = await Store.open(database_url, tmp_path / "keyring.json")
    yield house, await House.open(store, house.script, house.channel, house.clock)
    await store.close()


async def test_each_subscriber_gets_it_once_and_it_comes_to_its_end(house: House) -> None:
    await house.subscribe("ana", "ben")
    number = await house.publish()
    for _ in range(2):
        await house.engine().run_until_idle()
    assert [len(house.read(person)) for person in ("ana", "ben")] == [1, 1]
    await house.address()
    ended = await house.broadcast(number)
    assert (ended.status, ended.recipients) == (BroadcastStatus.DONE, 2)
    assert await house.tally(number) == {CopyStatus.SENT: 2}


async def test_an_update_has_one_broadcast_for_ever(house: House) -> None:
    await house.subscribe("ana")
    await house.publish()
    for _ in range(2):
        with pytest.raises(Refused, match="That update has a broadcast already"):
            await house.publish()
        await house.engine().run_until_idle()
    assert len(house.read("ana")) == 1


async def test_of_two_who_draft_it_at_once_one_is_refused(two: tuple[House, House]) -> None:
    async def draft(house: House) -> int:
        async with house.store.write() as tx:
            return await house.news.broadcast_service.save(tx, SHELL, house.written())

    results = await asyncio.gather(*map(draft, two), return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["Refused", "int"]


async def test_two_processes_that_address_it_at_once_write_nobody_twice(
    two: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHUNK", 1)
    house, other = two
    number = await house.approved(house.written())
    await asyncio.gather(house.address(), other.address(), return_exceptions=True)  # one may lose the lane
    await house.address()
    assert (await house.broadcast(number)).recipients == len(PEOPLE)
    await house.engine().run_until_idle()
    assert [len(house.read(person)) for person in PEOPLE] == [1] * len(PEOPLE)


async def test_each_reads_it_in_their_language(house: House) -> None:
    await house.subscribe("ana", language="es-MX")
    await house.subscribe("ben", language="xx")
    await house.publish()
    await house.engine().run_until_idle()
    assert "septiembre de 2011" in house.last("ana")
    assert "September 2011" in house.last("ben")
    assert "stop" in house.last("ben")


async def test_who_unsubscribed_does_not_get_it(house: House) -> None:
    await house.subscribe("ana", "ben")
    await house.hear("ben", "stop")
    number = await house.publish()
    assert (await house.broadcast(number)).recipients == 1
    await house.hear("ana", "stop")
    house.channel.sent.clear()
    await house.engine().run_until_idle()
    assert house.read("ana") == house.read("ben") == []
    assert await house.bulk_statuses() == [MessageStatus.CANCELLED]
    assert await house.tally(number) == {CopyStatus.CANCELLED: 1}


async def test_two_updates_come_in_their_order(house: House) -> None:
    await house.subscribe("ana")
    await house.publish("2011-thanks")
    await house.publish(UPDATE)
    await house.engine().run_until_idle()
    assert ["September 2011" in each for each in house.read("ana")] == [False, True]


async def test_a_large_audience_is_written_in_pieces(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "CHUNK", 3)
    await house.subscribe(*PEOPLE)
    number = await house.publish()
    assert (await house.broadcast(number)).recipients == len(PEOPLE)
    assert await house.bulk_statuses() == [MessageStatus.QUEUED] * len(PEOPLE)
    await house.engine().run_until_idle()
    assert await house.tally(number) == {CopyStatus.SENT: len(PEOPLE)}
    assert [len(house.read(person)) for person in PEOPLE] == [1] * len(PEOPLE)


async def test_nobody_subscribed_is_nobody_told(house: House) -> None:
    ended = await house.broadcast(await house.publish())
    assert (ended.status, ended.recipients) == (BroadcastStatus.DONE, 0)


async def test_the_forgotten_get_no_news(house: House) -> None:
    await house.subscribe("ana", "ben")
    number = await house.publish()
    await house.hear_all("ana", ["forget", "yes"])
    house.channel.sent.clear()
    await house.engine().run_until_idle()
    assert (house.read("ana"), len(house.read("ben"))) == ([], 1)
    assert await house.tally(number) == {CopyStatus.SENT: 1, CopyStatus.CANCELLED: 1}
