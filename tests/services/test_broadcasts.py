"""Updates reach the subscribers of a case: each one once, in their language."""

import asyncio
from pathlib import Path

import pytest

from assistant.domain.errors import Misconfigured
from assistant.domain.lifecycle import MessageStatus
from assistant.services import broadcasts as broadcasts_module
from assistant.store.database import Store
from tests.services.house import CASE, UPDATE, House


async def test_publishing_again_adds_nobody(house: House) -> None:
    await house.subscribe("ana", "ben")
    assert (await house.publish()).added == 2
    assert (await house.publish()).added == 0
    await house.engine().run_until_idle()
    assert (await house.publish()).added == 0
    await house.engine().run_until_idle()
    assert [len(house.read(person)) for person in ("ana", "ben")] == [1, 1]


async def test_two_who_publish_at_once_send_it_once(house: House, database_url: str, tmp_path: Path) -> None:
    people = [f"person{number}" for number in range(12)]
    await house.subscribe(*people)
    other = await Store.open(database_url, tmp_path / "keyring.json")
    try:
        results = await asyncio.gather(
            *(house.broadcasts(store).publish(CASE, UPDATE) for store in (house.store, other) * 2)
        )
    finally:
        await other.close()
    assert {result.reach.total for result in results} == {12}
    await house.engine().run_until_idle()
    assert [len(house.read(person)) for person in people] == [1] * 12


async def test_each_reads_it_in_their_language(house: House) -> None:
    await house.subscribe("ana", language="es-MX")
    await house.subscribe("ben", language="xx")
    await house.publish()
    await house.engine().run_until_idle()
    assert "septiembre de 2011" in house.last("ana")
    assert "September 2011" in house.last("ben")
    assert "stop" in house.last("ben")


async def test_who_subscribed_since_gets_it_when_it_is_published_again(house: House) -> None:
    await house.subscribe("ana")
    await house.publish()
    await house.engine().run_until_idle()
    await house.subscribe("ben")
    assert (await house.publish()).added == 1
    await house.engine().run_until_idle()
    assert (house.read("ana"), len(house.read("ben"))) == ([], 1)


async def test_who_unsubscribed_does_not_get_it(house: House) -> None:
    await house.subscribe("ana", "ben")
    await house.hear("ben", "stop")
    assert (await house.publish()).added == 1
    await house.hear("ana", "stop")
    house.channel.sent.clear()
    await house.engine().run_until_idle()
    assert house.read("ana") == house.read("ben") == []
    assert await house.bulk_statuses() == [MessageStatus.CANCELLED]


async def test_two_updates_come_in_their_order(house: House) -> None:
    await house.subscribe("ana")
    await house.publish("2011-thanks")
    await house.publish(UPDATE)
    await house.engine().run_until_idle()
    assert ["September 2011" in each for each in house.read("ana")] == [False, True]


async def test_a_large_audience_is_written_in_chunks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcasts_module, "CHUNK", 3)
    people = [f"person{number}" for number in range(10)]
    await house.subscribe(*people)
    published = await house.publish()
    assert (published.added, published.reach.counts) == (10, {MessageStatus.QUEUED: 10})
    await house.engine().run_until_idle()
    assert (await house.publish()).reach.counts == {MessageStatus.SENT: 10}
    assert [len(house.read(person)) for person in people] == [1] * 10


async def test_nobody_subscribed_is_nobody_told(house: House) -> None:
    assert (await house.publish()).reach.total == 0


async def test_an_unknown_case_or_update_is_answered_with_what_there_is(house: House) -> None:
    with pytest.raises(Misconfigured, match=r"There is no case 'nowhere'. There is: norma-cruz"):
        await house.broadcasts().publish("nowhere", UPDATE)
    with pytest.raises(Misconfigured, match=f"no update 'nothing'. It has: .*{UPDATE}"):
        await house.publish("nothing")


async def test_the_forgotten_get_no_news(house: House) -> None:
    await house.subscribe("ana", "ben")
    await house.publish()
    await house.hear_all("ana", ["forget", "yes"])
    house.channel.sent.clear()
    await house.engine().run_until_idle()
    assert (house.read("ana"), len(house.read("ben"))) == ([], 1)
