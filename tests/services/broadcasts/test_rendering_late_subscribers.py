"""Who subscribes late gets the latest update of the case at once, and it does not come again."""

from dataclasses import replace

from assistant.domain.broadcasts import Audience, CopyStatus, Kind
from assistant.services.broadcasts.approval import SHELL
from tests.support.harness import Harness
from tests.support.publishing import CASE, UPDATE

OLDER = "2011-thanks"
WORDS = "September 2011"


async def _sent(harness: Harness, slug: str = UPDATE, hours: int | None = None) -> int:
    """The update, sent to whoever had subscribed."""
    number = await harness.publish(slug, hours)
    await harness.engine().run_until_idle()
    return number


async def _heard(harness: Harness, person: str) -> int:
    """How often that person has read the update, after everything that is due has left."""
    await harness.engine().run_until_idle()
    return sum(WORDS in text for text in harness.texts_to(person))


async def _joins(harness: Harness, person: str, language: str = "en") -> None:
    await harness.receive(person, "subscribe", language=language)
    await harness.receive(person, "yes")


async def test_it_comes_with_the_answer(harness: Harness) -> None:
    await harness.subscribe("ana")
    number = await _sent(harness)
    await _joins(harness, "ben")
    assert "You will hear from us" in harness.texts_to("ben")[-2]
    assert WORDS in harness.last_text_to("ben")
    assert await _heard(harness, "ben") == 1
    assert await harness.tally(number) == {CopyStatus.SENT: 1}, "who came late is not among the recipients"


async def test_in_their_language(harness: Harness) -> None:
    await _sent(harness)
    await _joins(harness, "ana", language="es")
    assert "septiembre de 2011" in harness.last_text_to("ana")


async def test_only_the_latest(harness: Harness) -> None:
    await _sent(harness, OLDER)
    harness.clock.advance(days=1)
    await _sent(harness)
    await _joins(harness, "ana")
    assert len(harness.texts_to("ana")) == 3  # the question, the answer and the update
    assert await _heard(harness, "ana") == 1


async def test_not_while_there_is_none(harness: Harness) -> None:
    await _joins(harness, "ana")
    assert "You will hear from us" in harness.last_text_to("ana")


async def test_not_what_was_for_some_only(harness: Harness) -> None:
    await harness.send(replace(harness.written(), audience=Audience(case=CASE, countries=("FI",))))
    await _joins(harness, "ana")
    assert await _heard(harness, "ana") == 0


async def test_not_what_is_worthless_by_now(harness: Harness) -> None:
    await _sent(harness, hours=1)
    harness.clock.advance(hours=1)
    await _joins(harness, "ana")
    assert await _heard(harness, "ana") == 0


async def test_not_an_alert(harness: Harness) -> None:
    await harness.send(replace(harness.written(hours=12), kind=Kind.ALERT, update=None))
    await _joins(harness, "ana")
    assert await _heard(harness, "ana") == 0


async def test_not_while_it_is_halted(harness: Harness) -> None:
    await harness.subscribe("ben")
    number = await harness.publish()
    async with harness.store.write() as tx:
        await harness.news.broadcast_service.halt(tx, SHELL, number)
    await _joins(harness, "ana")
    assert await _heard(harness, "ana") == 0


async def test_who_had_it_and_comes_back_does_not_get_it_again(harness: Harness) -> None:
    await harness.subscribe("ana")
    await _sent(harness)
    await harness.receive("ana", "stop")
    await _joins(harness, "ana")
    assert await _heard(harness, "ana") == 1


async def test_who_came_late_stopped_and_comes_back_does_not_get_it_again(harness: Harness) -> None:
    await _sent(harness)
    await _joins(harness, "ana")
    await harness.receive("ana", "stop")
    await _joins(harness, "ana")
    assert await _heard(harness, "ana") == 1


async def test_who_stopped_before_it_came_and_comes_back_gets_it_once(harness: Harness) -> None:
    await harness.subscribe("ana")
    await harness.publish()
    await harness.receive("ana", "stop")
    await _joins(harness, "ana")
    assert await _heard(harness, "ana") == 1


async def test_who_comes_while_it_is_leaving_gets_it_once(harness: Harness) -> None:
    await harness.subscribe("ben")
    number = await harness.approved(harness.written())
    await _joins(harness, "ana")
    await harness.address()
    assert (await harness.broadcast(number)).recipients == 2
    assert await _heard(harness, "ana") == 1
