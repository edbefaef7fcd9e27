"""In groups the bot talks with nobody, and says so; channels it does not hear."""

import pytest
from markupsafe import Markup

from assistant.channels.telegram.channel import Telegram
from assistant.domain.errors import Moved, Unreachable
from assistant.domain.messages import Button, GroupChat, Reply
from tests.support.channels.inbox import Inbox, reading
from tests.support.channels.telegram_calls import address_of, all_incoming, calls_of
from tests.support.fakes.telegram.html import Json
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram


async def test_being_added_and_written_to_is_a_group_chat_at_the_groups_own_address(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    server.allowed_updates = ["message", "edited_message", "my_chat_member"]
    group = server.group("Friends")
    await group.add_bot(anna)
    number = await group.write(anna, "/start norma-cruz")
    await group.edit(number, "/start")
    taken = await all_incoming(bot, server)
    assert [(each.address, each.content) for each in taken] == [(address_of(group), GroupChat())] * 2


async def test_being_removed_is_nothing_said_and_writing_there_is_of_no_use(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    server.allowed_updates = ["my_chat_member"]
    group = server.group("Friends")
    await group.add_bot(anna)
    await group.remove_bot(anna)
    assert [each.content for each in await all_incoming(bot, server)] == [GroupChat()]
    with pytest.raises(Unreachable):
        await bot.send(address_of(group), Reply(Markup("hello")))


async def test_a_press_in_a_group_does_nothing_but_is_answered(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    group, inbox = server.group("Friends"), Inbox()
    await group.add_bot(anna)
    await bot.send(address_of(group), Reply(Markup("Ready?"), (Button("go", "Go"),), mark="ready.0123"))
    server.updates.clear()
    query = await group.press(anna, "Go")
    async with reading(bot, inbox):
        await server.until(lambda: server.answered == [query])
    assert inbox.taken == []
    assert calls_of(server, "editMessageReplyMarkup") == []


async def test_a_group_that_moves_tells_its_new_address(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    group = server.group("Friends")
    await group.add_bot(anna)
    old = group.id
    new = await group.migrate(anna)
    with pytest.raises(Moved) as caught:
        await bot.send(address_of(old), Reply(Markup("hello")))
    assert caught.value.person == str(new)
    assert not caught.value.permanent and not caught.value.uncertain
    assert str(new) not in caught.value.reason
    await bot.send(address_of(new), Reply(Markup("hello")))
    assert [message.text for message in group.inbox] == ["hello"]
    server.updates = [each for each in server.updates if "migrate" in str(each)]
    assert await all_incoming(bot, server) == [], "that it moves is nothing said"


async def test_channels_are_not_heard(bot: Telegram, server: FakeTelegram, anna: Person) -> None:
    server.allowed_updates = ["channel_post", "edited_channel_post", "my_chat_member", "message"]
    chat: Json = {"id": -1001, "type": "channel", "title": "News"}
    post: Json = {"message_id": 9, "date": 1, "chat": chat, "text": "news"}
    await server.add_update("channel_post", post)
    await server.add_update("edited_channel_post", post | {"edit_date": 2})
    channel = server.group("News")
    channel.chat["type"] = "channel"
    await channel.add_bot(anna)
    assert await all_incoming(bot, server) == []
