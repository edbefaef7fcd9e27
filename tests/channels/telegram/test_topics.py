"""Chats that are divided into topics: an answer stands where the question does."""

import pytest
from markupsafe import Markup

from assistant.channels.telegram.channel import Telegram
from assistant.domain.errors import Failure
from assistant.domain.messages import Button, File, Paper, Reply
from tests.support.channels.telegram_calls import address_of, all_incoming, calls_of
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

TOPIC = {"message_thread_id": 77, "is_topic_message": True}
HELLO = Reply(Markup("hello"), (Button("go", "Go"),), mark="ready.0123", thread="77")
PDF = File("letter.pdf", "application/pdf", b"%PDF-1.7 invented")


def _threads(server: FakeTelegram, *methods: str) -> list[str | None]:
    """The topics that were named, call by call."""
    calls = [call for method in methods for call in calls_of(server, method)]
    return [str(call["message_thread_id"]) if "message_thread_id" in call else None for call in calls]


async def test_what_is_said_in_a_topic_names_it(bot: Telegram, server: FakeTelegram, anna: Person) -> None:
    await anna._send({"text": "hello"} | TOPIC)
    await anna._send({"photo": [{"file_id": "x"}]} | TOPIC)
    await anna._send({"text": "outside"})
    assert [each.thread for each in await all_incoming(bot, server)] == ["77", "77", None]


async def test_a_button_in_a_topic_names_it(bot: Telegram, server: FakeTelegram, anna: Person) -> None:
    await bot.send(address_of(anna), HELLO)
    server.messages[anna.inbox[0].id] |= TOPIC
    await anna.press("Go")
    assert [each.thread for each in await all_incoming(bot, server)] == ["77"]


async def test_in_a_group_answers_to_a_message_are_no_topic(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    group = server.group("Friends")
    await group.add_bot(anna)
    server.updates.clear()
    for thread in ({"message_thread_id": 5}, TOPIC):
        message = server.add_message(group, anna.user, {"text": "hello"} | thread)
        await server.add_update("message", message)
    assert [each.thread for each in await all_incoming(bot, server)] == [None, "77"]


async def test_each_part_and_each_file_goes_to_the_topic(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    attachment = Paper("norma-cruz", "es", "Estimada Fiscal General", "office")
    whole = Reply(Markup("word ") * 2000, HELLO.buttons, mark="ready.01", thread="77", attachment=attachment)
    for part in bot.parts(whole):
        await bot.send(address_of(anna), part, PDF if part.attachment else None)
    threads = _threads(server, "sendDocument", "sendMessage")
    assert len(threads) > 2 and set(threads) == {"77"}


@pytest.mark.parametrize("file", [None, PDF], ids=["text", "file"])
async def test_where_the_topic_is_gone_it_goes_to_the_chat(
    bot: Telegram, server: FakeTelegram, anna: Person, file: File | None
) -> None:
    method = "sendDocument" if file else "sendMessage"
    server.fail_next(method, status=400, description="Bad Request: message thread not found")
    await bot.send(address_of(anna), HELLO, file)
    assert _threads(server, method) == ["77", None]
    assert [message.text for message in anna.inbox] == ["hello"]


async def test_what_is_refused_for_another_reason_is_not_sent_again(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    server.fail_next("sendMessage", status=400, description="Bad Request: message is too long")
    with pytest.raises(Failure):
        await bot.send(address_of(anna), HELLO)
    assert len(calls_of(server, "sendMessage")) == 1
