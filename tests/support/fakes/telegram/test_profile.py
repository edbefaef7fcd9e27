"""What the bot says of itself, by language."""

import pytest
from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest

from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

PRIVATE = BotCommandScopeAllPrivateChats()


async def test_descriptions_are_kept_by_language(bot: Bot) -> None:
    await bot.set_my_description("Letters for human rights")
    await bot.set_my_description("Cartas por los derechos humanos", language_code="es")
    await bot.set_my_short_description("Letters")
    assert (await bot.get_my_description()).description == "Letters for human rights"
    assert (await bot.get_my_description("es")).description == "Cartas por los derechos humanos"
    assert (await bot.get_my_description("fr")).description == ""
    assert (await bot.get_my_short_description()).short_description == "Letters"


async def test_descriptions_have_their_limits(bot: Bot) -> None:
    await bot.set_my_description("a" * 512)
    await bot.set_my_short_description("a" * 120)
    with pytest.raises(BadRequest, match="Description is too long"):
        await bot.set_my_description("a" * 513)
    with pytest.raises(BadRequest, match="Short_description is too long"):
        await bot.set_my_short_description("a" * 121)
    with pytest.raises(BadRequest, match="Invalid language code"):
        await bot.set_my_description("a", language_code="spanish")


async def test_a_person_sees_the_commands_nearest_to_them(
    server: FakeTelegram, anna: Person, bot: Bot
) -> None:
    assert server.menu(anna) == []
    await bot.set_my_commands([BotCommand("everywhere", "x")])
    assert server.menu(anna, "es") == ["everywhere"]
    await bot.set_my_commands([BotCommand("private", "x")], PRIVATE)
    await bot.set_my_commands([BotCommand("privado", "x")], PRIVATE, language_code="es")
    assert (server.menu(anna), server.menu(anna, "es")) == (["private"], ["privado"])
    await bot.set_my_commands([BotCommand("anna", "x")], BotCommandScopeChat(anna.id))
    assert server.menu(anna, "es") == ["anna"]
    await bot.delete_my_commands(BotCommandScopeChat(anna.id))
    await bot.delete_my_commands(PRIVATE, language_code="es")
    assert server.menu(anna, "es") == ["private"]


async def test_the_bot_knows_its_name(bot: Bot) -> None:
    assert (bot.username, bot.can_join_groups) == ("invented_test_bot", True)
