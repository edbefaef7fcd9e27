"""What Telegram shows of the bot: set in every language, only where it differs, harmless where it fails."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from markupsafe import Markup

from assistant.channels.base import Profile
from assistant.channels.telegram.channel import Telegram
from assistant.dialogue.script import Script
from assistant.domain.errors import Failure
from assistant.domain.messages import Reply, TextMessage
from assistant.settings import Settings
from assistant.wiring.channels import configured_channels
from tests.support.channels.inbox import Inbox, reading
from tests.support.channels.telegram_calls import address_of, calls_of
from tests.support.fakes.telegram.html import Json
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

ENGLISH = Profile(
    {"help": "See what you can write", "stop": "Unsubscribe from all news"}, "We help.", "A program."
)
SPANISH = Profile({"help": "Ver qué puede escribir"}, "Ayudamos.", "Un programa.")
PROFILES = {"en": ENGLISH, "es": SPANISH}
KINDS = ("Commands", "Description", "ShortDescription")


@asynccontextmanager
async def introduced(
    server: FakeTelegram, profiles: Mapping[str, Profile] = PROFILES
) -> AsyncIterator[Telegram]:
    """A bot that has said what it is."""
    channel = Telegram(server.token, server.url, profiles=profiles)
    await channel.open()
    polls = len(calls_of(server, "getUpdates"))
    async with reading(channel, Inbox()):
        await server.until(lambda: len(calls_of(server, "getUpdates")) > polls)
        await channel._courtesies.close()
        yield channel
    await channel.close()


def changes(server: FakeTelegram) -> list[tuple[str, str]]:
    """What was set, and in which language."""
    return [
        (name, params.get("language_code", "")) for name, params in server.calls if name.startswith("setMy")
    ]


async def shown(server: FakeTelegram, language: str) -> tuple[str, str]:
    """The two descriptions in that language."""
    asked: Json = {"language_code": language}
    about = (await server._get_my_short_description(asked))["short_description"]
    return about, (await server._get_my_description(asked))["description"]


async def test_commands_and_descriptions_are_set_in_every_language_and_for_all_others(
    server: FakeTelegram, anna: Person
) -> None:
    async with introduced(server):
        pass
    assert server.menu(anna, "es") == ["help"]
    assert server.menu(anna, "en") == server.menu(anna, "fr") == server.menu(anna) == ["help", "stop"]
    assert await shown(server, "es") == ("Ayudamos.", "Un programa.")
    assert await shown(server, "en") == await shown(server, "") == ("We help.", "A program.")


async def test_in_groups_no_command_is_offered(server: FakeTelegram, anna: Person) -> None:
    async with introduced(server):
        pass
    scopes = {params["scope"]["type"] for params in calls_of(server, "setMyCommands")}
    assert scopes == {"all_private_chats"}


async def test_what_is_set_already_is_not_set_again(server: FakeTelegram) -> None:
    async with introduced(server):
        before = changes(server)
    async with introduced(server):
        pass
    assert sorted(before) == sorted((f"setMy{kind}", code) for kind in KINDS for code in ("", "en", "es"))
    assert changes(server) == before


async def test_only_what_has_changed_is_set_anew(server: FakeTelegram) -> None:
    async with introduced(server):
        before = changes(server)
    altered = Profile(SPANISH.commands, SPANISH.about, "Un programa, no una persona.")
    async with introduced(server, {"en": ENGLISH, "es": altered}):
        pass
    assert changes(server)[len(before) :] == [("setMyDescription", "es")]


@pytest.mark.parametrize("method", [f"{verb}My{kind}" for verb in ("get", "set") for kind in KINDS])
@pytest.mark.parametrize("fault", [{"status": 400}, {"retry_after": 3600}, {"reset": True}, {"status": 502}])
async def test_where_it_fails_people_are_heard_all_the_same(
    server: FakeTelegram, anna: Person, method: str, fault: Json
) -> None:
    server.fail_next(method, **fault)
    await anna.write("hello")
    channel, inbox = Telegram(server.token, server.url, profiles=PROFILES), Inbox()
    await channel.open()
    async with reading(channel, inbox):
        await inbox.gets(1)
        await server.until(lambda: bool(calls_of(server, method)))
        assert channel.trouble is None
    await channel.close()
    assert inbox.contents == [TextMessage("hello", "1")]


async def test_people_are_heard_while_it_goes_on(server: FakeTelegram, anna: Person) -> None:
    server.fail_next("getMyCommands", hang=float("inf"))
    await anna.write("hello")
    channel, inbox = Telegram(server.token, server.url, profiles=PROFILES), Inbox()
    await channel.open()
    async with reading(channel, inbox):
        await inbox.gets(1)
    for task in channel._courtesies._under_way:
        task.cancel()
    await channel.close()


async def test_telegram_takes_what_we_ship(server: FakeTelegram, anna: Person, script: Script) -> None:
    settings = Settings(_env_file=None, telegram_token=server.token, telegram_api_url=server.url)
    [channel] = configured_channels(settings, script)
    assert isinstance(channel, Telegram)
    async with introduced(server, channel._profiles):
        pass
    languages = ["", *script.locales]
    assert sorted(changes(server)) == sorted((f"setMy{kind}", code) for kind in KINDS for code in languages)
    for code in languages:
        menu = [script.command(f"/{word}") for word in server.menu(anna, code)]
        assert "help" in menu and "forget" in menu
        assert all(await shown(server, code))
    assert len({await shown(server, code) for code in script.locales}) == len(script.locales)


async def test_a_chat_can_have_words_of_its_own(server: FakeTelegram, anna: Person, bot: Telegram) -> None:
    menu = (("detener", "detener todo"), ("carta", "escribir una carta"))
    for part in bot.parts(Reply(Markup("word ") * 2000, menu=menu)):
        await bot.send(address_of(anna), part)
    await server.until(lambda: server.menu(anna, "es") == ["detener", "carta"])
    assert server.menu(anna) == ["detener", "carta"]  # also where the phone speaks another language
    await bot.send(address_of(anna), Reply(Markup("Hello.")))
    assert server.menu(anna, "es") == ["detener", "carta"]
    await bot.send(address_of(anna), Reply(Markup("You are not in the team any more."), menu=()))
    await server.until(lambda: server.menu(anna, "es") == [])
    assert len(calls_of(server, "setMyCommands")) == 1


async def test_a_menu_that_cannot_be_set_does_not_keep_a_message(
    server: FakeTelegram, anna: Person, bot: Telegram
) -> None:
    server.fail_next("setMyCommands", status=400)
    assert await bot.send(address_of(anna), Reply(Markup("Hi"), menu=(("halt", "halt all"),)))
    await server.until(lambda: bool(calls_of(server, "setMyCommands")))
    assert [message.text for message in anna.inbox] == ["Hi"]
    assert bot.trouble is None


async def test_the_words_of_the_team_are_gone_before_it_is_said(
    server: FakeTelegram, anna: Person, bot: Telegram
) -> None:
    server.fail_next("deleteMyCommands", status=502)
    goodbye = Reply(Markup("It is deleted."), menu=())
    with pytest.raises(Failure) as told:
        await bot.send(address_of(anna), goodbye)
    assert not told.value.permanent and anna.inbox == []
    await bot.send(address_of(anna), goodbye)
    assert [message.text for message in anna.inbox] == ["It is deleted."]
