"""By webhook no update is lost, none counts before it is stored, and each chat keeps its order."""

import asyncio

from markupsafe import Markup
from structlog.testing import capture_logs

from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Blocked, Button, Press, Reply, TextMessage
from tests.support.channels.inbox import Inbox
from tests.support.channels.telegram_calls import address_of, calls_of
from tests.support.channels.telegram_webhook import registered_bot
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram


async def test_what_people_write_press_and_do_comes_as_by_polling(server: FakeTelegram, anna: Person) -> None:
    inbox = Inbox()
    async with registered_bot(server, inbox) as bot:
        await bot.send(address_of(anna), Reply(Markup("Ready?"), (Button("go", "Go"),), mark="ready.01"))
        query = await anna.press("Go")
        await server.until(lambda: server.answered == [query])
        await server.until(lambda: anna.inbox[0].buttons == [("✓ Go", "done")])
        await anna.write("Anna")
        await anna.block()
        await inbox.gets(3)
        await server.until(lambda: not server.updates)
    assert inbox.contents == [Press("ready.01", "go"), TextMessage("Anna", "2"), Blocked()]
    assert [each.address for each in inbox.taken] == [address_of(anna)] * 3
    assert calls_of(server, "getUpdates") == []


async def test_nothing_is_acknowledged_before_it_is_stored(server: FakeTelegram, anna: Person) -> None:
    inbox, bea = Inbox(), server.person("Bea")
    inbox.gate.clear()
    async with registered_bot(server, inbox):
        await anna.write("1")
        await anna.write("2")
        await bea.write("3")
        await inbox.sees(2)
        assert len(server.updates) == 3
        assert inbox.arrived == 2, "what follows in a chat waits"
        inbox.gate.set()
        await server.until(lambda: not server.updates)
    assert [each.content for each in inbox.taken if each.address == address_of(anna)] == [
        TextMessage("1", "1"),
        TextMessage("2", "2"),
    ]


async def test_what_is_not_stored_comes_again_before_what_follows(server: FakeTelegram, anna: Person) -> None:
    inbox = Inbox(Failure("locked"), Misconfigured("The disk is full."))
    with capture_logs() as logs:
        async with registered_bot(server, inbox):
            await anna.write("1")
            await anna.write("2")
            await server.until(lambda: not server.updates)
    assert [each.content for each in inbox.refused] == [TextMessage("1", "1")] * 2
    assert inbox.contents == [TextMessage("1", "1"), TextMessage("2", "2")]
    events = [each for each in logs if each["log_level"] == "error"]
    assert [each["reason"] for each in events] == ["locked", "The disk is full."]


async def test_what_can_never_be_stored_is_passed_over(server: FakeTelegram, anna: Person) -> None:
    inbox = Inbox(Failure("a bug", permanent=True))
    async with registered_bot(server, inbox):
        await anna.write("1")
        await anna.write("2")
        await server.until(lambda: not server.updates)
    assert (inbox.contents, len(inbox.refused)) == ([TextMessage("2", "2")], 1)


async def test_a_press_and_a_text_of_one_person_may_come_at_once(server: FakeTelegram, anna: Person) -> None:
    inbox = Inbox()
    inbox.gate.clear()
    async with registered_bot(server, inbox) as bot:
        await bot.send(address_of(anna), Reply(Markup("Ready?"), (Button("go", "Go"),), mark="ready.01"))
        await anna.press("Go")
        await anna.write("go")
        await inbox.sees(2)
        inbox.gate.set()
        await server.until(lambda: not server.updates)
    assert set(inbox.contents) == {Press("ready.01", "go"), TextMessage("go", "2")}


async def test_what_is_delivered_twice_has_one_number(server: FakeTelegram, anna: Person) -> None:
    inbox = Inbox()
    server.duplicate_next()
    async with registered_bot(server, inbox):
        await anna.write("1")
        await server.until(lambda: not server.updates)
    assert [each.content for each in inbox.taken] == [TextMessage("1", "1")] * 2
    assert len({each.id for each in inbox.taken}) == 1, (
        "by which it counts once: tests/services/test_turns.py"
    )


async def test_many_people_are_heard_at_once(server: FakeTelegram) -> None:
    inbox, people = Inbox(), [server.person(f"Person {number}") for number in range(100)]
    inbox.gate.clear()
    async with registered_bot(server, inbox):
        for each in people:
            await each.write("hello")
        await inbox.sees(100)
        inbox.gate.set()
        await asyncio.wait_for(inbox.gets(100), 20)


async def test_an_update_of_next_year_and_one_that_is_broken_are_passed_over(
    server: FakeTelegram, anna: Person
) -> None:
    inbox = Inbox()
    async with registered_bot(server, inbox):
        server.updates.append({"update_id": 7, "a_kind_of_next_year": {"strange": True}})
        server.updates.append({"update_id": 8, "message": {"text": "Rosa, without anything else"}})
        await anna.write("hello")
        with capture_logs() as logs:
            await server.until(lambda: not server.updates)
    assert inbox.contents == [TextMessage("hello", "1")]
    assert [each["event"] for each in logs] == ["an update cannot be understood, and is passed over"]
    assert "Rosa" not in str(logs)
