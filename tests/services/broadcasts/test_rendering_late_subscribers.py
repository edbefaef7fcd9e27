"""Who subscribes late gets the latest update of the case at once, and it does not come again."""

from dataclasses import replace

from assistant.domain.broadcasts import Audience, CopyStatus, Kind
from assistant.services.broadcasts.approval import SHELL
from tests.support.harness import House
from tests.support.publishing import CASE, UPDATE

OLDER = "2011-thanks"
WORDS = "September 2011"


async def _sent(house: House, slug: str = UPDATE, hours: int | None = None) -> int:
    """The update, sent to whoever had subscribed."""
    number = await house.publish(slug, hours)
    await house.engine().run_until_idle()
    return number


async def _heard(house: House, person: str) -> int:
    """How often that person has read the update, after everything that is due has left."""
    await house.engine().run_until_idle()
    return sum(WORDS in text for text in house.read(person))


async def _joins(house: House, person: str, language: str = "en") -> None:
    await house.hear(person, "subscribe", language=language)
    await house.hear(person, "yes")


async def test_it_comes_with_the_answer(house: House) -> None:
    await house.subscribe("ana")
    number = await _sent(house)
    await _joins(house, "ben")
    assert "You will hear from us" in house.read("ben")[-2]
    assert WORDS in house.last("ben")
    assert await _heard(house, "ben") == 1
    assert await house.tally(number) == {CopyStatus.SENT: 1}, "who came late is not among the recipients"


async def test_in_their_language(house: House) -> None:
    await _sent(house)
    await _joins(house, "ana", language="es")
    assert "septiembre de 2011" in house.last("ana")


async def test_only_the_latest(house: House) -> None:
    await _sent(house, OLDER)
    house.clock.pass_by(days=1)
    await _sent(house)
    await _joins(house, "ana")
    assert len(house.read("ana")) == 3  # the question, the answer and the update
    assert await _heard(house, "ana") == 1


async def test_not_while_there_is_none(house: House) -> None:
    await _joins(house, "ana")
    assert "You will hear from us" in house.last("ana")


async def test_not_what_was_for_some_only(house: House) -> None:
    await house.send(replace(house.written(), audience=Audience(CASE, countries=("FI",))))
    await _joins(house, "ana")
    assert await _heard(house, "ana") == 0


async def test_not_what_is_worthless_by_now(house: House) -> None:
    await _sent(house, hours=1)
    house.clock.pass_by(hours=1)
    await _joins(house, "ana")
    assert await _heard(house, "ana") == 0


async def test_not_an_alert(house: House) -> None:
    await house.send(replace(house.written(), kind=Kind.ALERT, update=None))
    await _joins(house, "ana")
    assert await _heard(house, "ana") == 0


async def test_not_while_it_is_halted(house: House) -> None:
    await house.subscribe("ben")
    number = await house.publish()
    async with house.store.write() as tx:
        await house.news.broadcast_service.halt(tx, SHELL, number)
    await _joins(house, "ana")
    assert await _heard(house, "ana") == 0


async def test_who_had_it_and_comes_back_does_not_get_it_again(house: House) -> None:
    await house.subscribe("ana")
    await _sent(house)
    await house.hear("ana", "stop")
    await _joins(house, "ana")
    assert await _heard(house, "ana") == 1


async def test_who_came_late_stopped_and_comes_back_does_not_get_it_again(house: House) -> None:
    await _sent(house)
    await _joins(house, "ana")
    await house.hear("ana", "stop")
    await _joins(house, "ana")
    assert await _heard(house, "ana") == 1


async def test_who_stopped_before_it_came_and_comes_back_gets_it_once(house: House) -> None:
    await house.subscribe("ana")
    await house.publish()
    await house.hear("ana", "stop")
    await _joins(house, "ana")
    assert await _heard(house, "ana") == 1


async def test_who_comes_while_it_is_leaving_gets_it_once(house: House) -> None:
    await house.subscribe("ben")
    number = await house.approved(house.written())
    await _joins(house, "ana")
    await house.address()
    assert (await house.broadcast(number)).recipients == 2
    assert await _heard(house, "ana") == 1
