"""What Telegram shows of a bot before anything is said: its commands and descriptions, in each language."""

from collections.abc import Mapping

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from assistant.channels.base import Profile

_PRIVATE = BotCommandScopeAllPrivateChats()


async def introduce(bot: Bot, profiles: Mapping[str, Profile]) -> None:
    """Set what is not set yet: Telegram counts changes, and soon refuses more. Raises TelegramError.

    The first profile serves readers of all other languages.
    """
    for number, (language, profile) in enumerate(profiles.items()):
        for code in ("", language) if number == 0 else (language,):
            await _commands(bot, code or None, profile)
            await _descriptions(bot, code or None, profile)


async def show_menu(bot: Bot, chat: int, words: Mapping[str, str]) -> None:
    """Show these words in that chat, each with what it does; none: the usual ones. Raises TelegramError."""
    scope = BotCommandScopeChat(chat)
    if words:
        await bot.set_my_commands(tuple(words.items()), scope)
    else:
        await bot.delete_my_commands(scope)


async def _commands(bot: Bot, language: str | None, profile: Profile) -> None:
    """In private chats only: in groups we have nothing to offer."""
    wanted = tuple(BotCommand(name, description) for name, description in profile.commands.items())
    if await bot.get_my_commands(_PRIVATE, language_code=language) != wanted:
        await bot.set_my_commands(wanted, _PRIVATE, language_code=language)


async def _descriptions(bot: Bot, language: str | None, profile: Profile) -> None:
    if (await bot.get_my_description(language)).description != profile.description:
        await bot.set_my_description(profile.description, language_code=language)
    if (await bot.get_my_short_description(language)).short_description != profile.about:
        await bot.set_my_short_description(profile.about, language_code=language)
