"""What people do in a private chat on Telegram becomes incoming messages."""

from typing import Any

import pytest
from markupsafe import Markup

from assistant.channels.telegram.channel import Telegram
from assistant.domain.messages import (
    Account,
    Address,
    Blocked,
    Content,
    Edited,
    Incoming,
    Open,
    Reply,
    TextMessage,
    Unreadable,
)
from tests.support.channels.telegram_calls import address_of, all_incoming
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram


async def test_a_text_comes_with_its_address_number_and_language(bot: Telegram, server: FakeTelegram) -> None:
    lucia = server.person("Lucía", "es-MX")
    number = await lucia.write("Hola")
    address = Address(Account("telegram", "123456"), str(lucia.id))
    taken = await all_incoming(bot, server)
    assert taken == [Incoming(address, "100000001", TextMessage("Hola", ref=str(number)), language="es-MX")]
    assert address.account == bot.account


async def test_who_keeps_their_language_secret_has_none(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    await anna.write("hello")
    assert [each.language for each in await all_incoming(bot, server)] == [None]


TYPED: dict[str, Content] = {
    "/help": TextMessage("/help", "1"),
    "/help@invented_test_bot": TextMessage("/help", "1"),
    "/help@invented_test_bot me": TextMessage("/help me", "1"),
    "/halt@invented_test_bot\n12": TextMessage("/halt 12", "1"),
    "/stop\nthank you": TextMessage("/stop thank you", "1"),
    "/started": TextMessage("/started", "1"),
    "/START": TextMessage("/START", "1"),
    "a@b": TextMessage("a@b", "1"),
    "/ 1@example.org": TextMessage("/ 1@example.org", "1"),
    "  spaces\nand lines  ": TextMessage("  spaces\nand lines  ", "1"),
    "/start": Open(),
    "/start@invented_test_bot": Open(),
    "/start norma-cruz": Open("norma-cruz"),
    "/start\nnorma-cruz": Open("norma-cruz"),
    "/start  norma-cruz ": Open("norma-cruz"),
    "/start@invented_test_bot norma-cruz": Open("norma-cruz"),
    "/start norma-cruz_flyer-2": Open("norma-cruz", "flyer-2"),
    "/start norma-cruz_": Open("norma-cruz"),
    "/start _flyer": Open(None, "flyer"),
    "/start norma-cruz_flyer_2": Open("norma-cruz"),
    f"/start norma-cruz_{'x' * 21}": Open("norma-cruz"),
}


@pytest.mark.parametrize(("typed", "meant"), TYPED.items())
async def test_what_is_typed_is_understood(
    bot: Telegram, server: FakeTelegram, anna: Person, typed: str, meant: Content
) -> None:
    await anna.write(typed)
    assert [each.content for each in await all_incoming(bot, server)] == [meant]


async def test_an_edit_names_the_message_it_changes(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    number = await anna.write("Ana")
    await anna.edit(number, "Anna")
    await anna.edit(number, "Anna Example")
    taken = await all_incoming(bot, server)
    assert [each.content for each in taken[1:]] == [
        Edited(str(number), "Anna"),
        Edited(str(number), "Anna Example"),
    ]
    assert len({each.id for each in taken}) == 3, "each counts once"


async def test_a_caption_that_is_edited_changes_nothing(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    number = await anna.send_photo("look")
    edited = server.messages[number] | {"caption": "Look!", "edit_date": 1}
    await server.add_update("edited_message", edited)
    assert [each.content for each in await all_incoming(bot, server)] == [Unreadable("photo")]


async def test_a_reply_to_a_message_of_ours_names_it_and_to_their_own_does_not(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    ours = await bot.send(address_of(anna), Reply(Markup("Which country?")))
    assert ours is not None
    theirs = await anna.write("hello")
    await anna.write("Spain", reply_to=int(ours))
    await anna.write("I mean it", reply_to=theirs)
    taken = await all_incoming(bot, server)
    assert [each.quotes for each in taken] == [None, ours, None]
    assert taken[1].content == TextMessage("Spain", ref=str(theirs + 1))


async def test_the_pictures_of_an_album_count_as_one_message(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    await anna.send_album(3, "look")
    await anna.send_album(2)
    taken = await all_incoming(bot, server)
    assert [each.content for each in taken] == [Unreadable("photo")] * 5
    albums = [each.id for each in taken]
    assert albums == [albums[0]] * 3 + [albums[3]] * 2 and len(set(albums)) == 2


async def test_what_we_cannot_read_is_told_by_its_kind(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    await anna.send_photo("with a caption")
    await anna.send_voice()
    await anna.send_sticker()
    await anna.send_contact("+15550100")
    await anna.send_location()
    await anna._send({"dice": {"emoji": "🎲", "value": 6}})
    kinds = ["photo", "voice", "sticker", "contact", "location", "dice"]
    taken = await all_incoming(bot, server)
    assert [each.content for each in taken] == [Unreadable(kind) for kind in kinds]


NEWS_OF_THE_CHAT: list[dict[str, Any]] = [  # Any: JSON
    {"pinned_message": {"message_id": 1, "date": 1, "chat": {"id": 1000, "type": "private"}, "text": "x"}},
    {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
    {"write_access_allowed": {}},
    {"boost_added": {"boost_count": 1}},
    {"forum_topic_created": {"name": "Letters", "icon_color": 1}},
    {"chat_background_set": {"type": {}}},
    {"a_flag_of_next_year": False},
]


@pytest.mark.parametrize("news", NEWS_OF_THE_CHAT, ids=lambda news: next(iter(news)))
async def test_news_of_the_chat_are_nothing_said(
    bot: Telegram, server: FakeTelegram, anna: Person, news: dict[str, Any]
) -> None:
    await anna._send(news)
    assert await all_incoming(bot, server) == []


SENT_SOMEHOW: list[dict[str, Any]] = [  # Any: JSON
    {"a_kind_of_next_year": {"strange": True}},
    {"checklist": {"title": "To do", "tasks": []}},
    {"paid_media": {"star_count": 1, "paid_media": []}, "caption": "look"},
    {"live_photo": {"file_id": "x"}},
    {"invoice": {"title": "x"}},
    {"giveaway": {"chats": []}},
    {"rich_message": {"blocks": [{"type": "heading"}]}, "is_a_flag_of_next_year": True},
]


@pytest.mark.parametrize("content", SENT_SOMEHOW, ids=lambda content: next(iter(content)))
async def test_whatever_somebody_sends_is_told_to_be_none_that_we_read(
    bot: Telegram, server: FakeTelegram, anna: Person, content: dict[str, Any]
) -> None:
    await anna._send(content)
    assert [each.content for each in await all_incoming(bot, server)] == [Unreadable(next(iter(content)))]


PARTS_OF_NEXT_YEAR: list[dict[str, Any]] = [  # Any: JSON
    {"reply_to_message": {"message_id": 3, "checklist": {"tasks": [{"a": 5}]}, "from": 7}},
    {"reply_to_message": [1]},
    {"entities": [{"type": "of_next_year", "offset": "x"}]},
    {"external_reply": {"origin": {"type": "of_next_year"}, "checklist": 5}},
    {"quote": 5},
    {"via_bot": {"strange": True}, "link_preview_options": 5, "forward_origin": {"type": "new"}},
    {"a_part_of_next_year": {"strange": True}},
]


@pytest.mark.parametrize("part", PARTS_OF_NEXT_YEAR, ids=lambda part: next(iter(part)))
async def test_a_text_is_read_whatever_stands_beside_it(
    bot: Telegram, server: FakeTelegram, anna: Person, part: dict[str, Any]
) -> None:
    number = await anna._send({"text": "Rosa"} | part)
    assert [each.content for each in await all_incoming(bot, server)] == [TextMessage("Rosa", str(number))]


async def test_another_bot_is_not_answered(bot: Telegram, server: FakeTelegram, anna: Person) -> None:
    anna.user["is_bot"] = True
    await anna.write("hello")
    assert await all_incoming(bot, server) == []


async def test_who_blocks_us_is_gone_and_who_unblocks_us_says_nothing_yet(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    server.allowed_updates = ["my_chat_member"]
    await anna.block()
    await anna.unblock()
    taken = await all_incoming(bot, server)
    assert [(each.address, each.content) for each in taken] == [(address_of(anna), Blocked())]
