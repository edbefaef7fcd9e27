"""People and groups of the fake Telegram, as an unmodified python-telegram-bot sees them."""

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Message, ReplyParameters, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

BUTTON = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Yes", callback_data="yes"))


async def updates(bot: Bot) -> list[Update]:
    """What is new, which is confirmed at once."""
    found = list(await bot.get_updates(timeout=0))
    if found:
        await bot.get_updates(offset=found[-1].update_id + 1, timeout=0)
    return found


async def messages(bot: Bot) -> list[Message]:
    return [update.message for update in await updates(bot) if update.message]


async def test_what_is_not_text(anna: Person, bot: Bot) -> None:
    await anna.send_photo("a picture")
    await anna.send_voice()
    await anna.send_sticker("👍")
    await anna.send_contact("+15550123")
    await anna.send_location(1.5, 2.5)
    photo, voice, sticker, contact, location = await messages(bot)
    assert photo.photo[-1].width == 320 and photo.caption == "a picture"
    assert voice.voice and voice.voice.mime_type == "audio/ogg"
    assert sticker.sticker and sticker.sticker.emoji == "👍"
    assert contact.contact and contact.contact.phone_number == "+15550123"
    assert location.location and location.location.longitude == 2.5


async def test_an_album_is_several_messages(anna: Person, bot: Bot) -> None:
    numbers = await anna.send_album(3, "all of us")
    await anna.send_album(1)
    *album, other = await messages(bot)
    assert [message.message_id for message in album] == numbers
    assert [message.caption for message in album] == ["all of us", None, None]
    assert len({message.media_group_id for message in album}) == 1
    assert other.media_group_id not in (None, album[0].media_group_id)


async def test_replies_quote(anna: Person, bot: Bot) -> None:
    asked = await bot.send_message(anna.id, "Which country?")
    await anna.write("Guatemala", reply_to=anna.inbox[0])
    [answer] = await messages(bot)
    assert answer.reply_to_message and answer.reply_to_message.message_id == asked.message_id
    reply = await answer.reply_text("Thank you", do_quote=True)
    assert reply.reply_to_message and reply.reply_to_message.reply_to_message is None
    assert anna.inbox[-1].quotes == answer.message_id
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(anna.id, "x", reply_parameters=ReplyParameters(4711))
    await bot.send_message(
        anna.id, "x", reply_parameters=ReplyParameters(4711, allow_sending_without_reply=True)
    )


async def test_an_account_that_is_gone(anna: Person, bot: Bot) -> None:
    anna.delete_account()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(anna.id, "hello")
    assert await updates(bot) == []


async def test_actions_are_seen(anna: Person, bot: Bot) -> None:
    await bot.send_chat_action(anna.id, "typing")
    with pytest.raises(BadRequest, match="Wrong parameter action"):
        await bot.send_chat_action(anna.id, "dancing")
    assert anna.actions == ["typing"]


async def test_a_group_has_members(server: FakeTelegram, anna: Person, bot: Bot) -> None:
    bea, group = server.person("Bea"), server.group("Friends of Norma")
    await group.write(anna, "before the bot is there")
    with pytest.raises(Forbidden, match="bot is not a member of the group chat"):
        await bot.send_message(group.id, "hello")
    await group.add_bot(anna)
    number = await group.write(bea, "/help@invented_test_bot", reply_to=None)
    await group.edit(number, "/stop")
    added, seen, said, edited = await updates(bot)
    assert added.my_chat_member and added.my_chat_member.new_chat_member.status == "member"
    assert seen.message and seen.message.new_chat_members[0].id == bot.id
    assert said.message and said.effective_user and said.effective_user.id == bea.id
    assert said.message.chat.type == "group" and said.message.chat.title == "Friends of Norma"
    assert edited.edited_message and edited.edited_message.text == "/stop"

    await bot.send_message(group.id, "Shall we?", reply_markup=BUTTON)
    [question] = await group.receives()
    query = await group.press(bea, "Yes", question)
    assert await bot.answer_callback_query(query)
    [pressed] = await updates(bot)
    assert pressed.callback_query and pressed.callback_query.from_user.id == bea.id

    await group.remove_bot(anna)
    await group.write(anna, "unheard")
    [removed] = await updates(bot)
    assert removed.my_chat_member and removed.my_chat_member.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="bot was kicked from the group chat"):
        await bot.send_message(group.id, "hello")


async def test_a_group_becomes_a_supergroup(server: FakeTelegram, anna: Person, bot: Bot) -> None:
    group = server.group("Friends of Norma")
    await group.add_bot(anna)
    old, new = group.id, await group.migrate(anna)
    *_, left, joined = await messages(bot)
    assert (left.chat.id, left.migrate_to_chat_id) == (old, new)
    assert (joined.chat.id, joined.migrate_from_chat_id) == (new, old)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(old, "hello")
    assert caught.value.new_chat_id == new
    sent = await bot.send_message(new, "hello")
    assert (sent.chat.type, [message.text for message in group.inbox]) == ("supergroup", ["hello"])
    await group.write(anna, "still here")
    [said] = await messages(bot)
    assert said.chat.id == new


async def test_a_bot_deletes_what_it_wrote_and_what_it_was_told_for_48_hours(
    server: FakeTelegram, anna: Person, bot: Bot
) -> None:
    told = await anna.write("hello")
    old, young = [(await bot.send_message(anna.id, text)).message_id for text in ("old", "young")]
    anna.age(old, 49 * 3600)
    with pytest.raises(BadRequest, match="can't be deleted for everyone"):
        await bot.delete_message(anna.id, old)
    with pytest.raises(BadRequest, match="can't be deleted for everyone"):
        await bot.delete_messages(anna.id, [young, old])
    assert anna.deleted == []
    assert await bot.delete_messages(anna.id, [young, told, 4711])
    assert anna.deleted == [young, told]
    with pytest.raises(BadRequest, match="essage to delete not found"):
        await bot.delete_message(anna.id, young)
    with pytest.raises(BadRequest, match="oo many message identifiers"):
        await bot.delete_messages(anna.id, list(range(1, 102)))
