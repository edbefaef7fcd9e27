"""What people do in Telegram becomes incoming messages, none lost and none confirmed too early."""

import asyncio

import pytest

from assistant.channels import telegram as module
from assistant.channels.telegram import Telegram
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Address, Incoming, Open, Press, Text, Unreadable
from tests.channels.inbox import Inbox, reading
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_html import Json


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for seconds here."""
    monkeypatch.setattr(module, "LONGEST_BACKOFF", 0.05)


def offsets(server: FakeTelegram) -> list[int]:
    """The offset of every getUpdates so far: it confirms all updates below it."""
    return [params["offset"] for name, params in server.calls if name == "getUpdates"]


async def test_a_text_comes_with_its_address_number_and_language(bot: Telegram, server: FakeTelegram) -> None:
    inbox, lucia = Inbox(), server.person("Lucía", "es-MX")
    await lucia.write("Hola")
    async with reading(bot, inbox):
        await inbox.gets(1)
    address = Address("telegram", "123456", str(lucia.id))
    assert inbox.taken == [Incoming(address, "100000001", Text("Hola"), "es-MX")]
    assert address.line == bot.line


async def test_each_kind_of_message_is_understood(bot: Telegram, server: FakeTelegram) -> None:
    inbox, anna = Inbox(), server.person("Anna")
    typed = {
        "/start norma-cruz": Open("norma-cruz"),
        "/start": Open(None),
        "/start@invented_test_bot norma-cruz": Open("norma-cruz"),
        "/help@invented_test_bot": Text("/help"),
        "/help me": Text("/help me"),
        "/started": Text("/started"),
        "a@b": Text("a@b"),
        "  spaces\nand lines  ": Text("  spaces\nand lines  "),
    }
    for text in typed:
        await anna.write(text)
    await anna.send_photo("with a caption")
    async with reading(bot, inbox):
        await inbox.gets(len(typed) + 1)
    assert inbox.contents == [*typed.values(), Unreadable("photo")]
    assert inbox.taken[0].language is None


@pytest.mark.parametrize("failure", [None, Failure("no"), Failure("never", permanent=True)])
async def test_a_press_is_always_acknowledged(
    bot: Telegram, server: FakeTelegram, failure: Failure | None
) -> None:
    inbox, anna = Inbox(failure), server.person("Anna")
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "ready.0123:go"}]]}
    await server._send_message({"chat_id": anna.id, "text": "Ready?", "reply_markup": keyboard})
    query = await anna.press("Go")
    async with reading(bot, inbox):
        await server.until(lambda: query in server.answered)
        await server.until(lambda: offsets(server)[-1] > 100_000_001)
    assert {each.content for each in (*inbox.taken, *inbox.refused)} == {Press("ready.0123", "go")}


async def test_what_is_no_private_message_is_confirmed_and_ignored(
    bot: Telegram, server: FakeTelegram
) -> None:
    inbox, anna = Inbox(), server.person("Anna")
    first = await anna.write("first")
    message = server.messages[first]
    channel: Json = {"id": -1001, "type": "channel", "title": "News"}
    group: Json = {"id": -5, "type": "group", "title": "Friends"}
    others: list[Json] = [
        {"edited_message": message | {"text": "edited", "edit_date": message["date"]}},
        {"channel_post": {"message_id": 9, "date": message["date"], "chat": channel, "text": "news"}},
        {"message": message | {"chat": group, "text": "hello all"}},
        {"my_chat_member": {}},
        {"a_kind_of_next_year": {"strange": True}},
    ]
    server.updates += [{"update_id": 200_000_000 + n} | other for n, other in enumerate(others)]
    server.updates[-2] = {"update_id": 200_000_003} | _blocked(server, message)
    async with reading(bot, inbox):
        await server.until(lambda: offsets(server)[-1:] == [200_000_005])
    assert inbox.contents == [Text("first")]
    assert server.allowed_updates == ["message", "callback_query"]


def _blocked(server: FakeTelegram, message: Json) -> Json:
    bot = {"id": 123456, "is_bot": True, "first_name": "Test bot"}
    member = {"user": bot, "status": "member"}
    kicked = {"user": bot, "status": "kicked", "until_date": 0}
    change = {"chat": message["chat"], "from": message["from"], "date": message["date"]}
    return {"my_chat_member": change | {"old_chat_member": member, "new_chat_member": kicked}}


@pytest.mark.parametrize("failure", [Failure("locked"), Misconfigured("The database cannot be written.")])
async def test_an_update_that_was_not_stored_comes_again(
    bot: Telegram, server: FakeTelegram, failure: Failure
) -> None:
    inbox, anna = Inbox(failure, failure), server.person("Anna")
    await anna.write("Rosa")
    async with reading(bot, inbox):
        await inbox.gets(1)
        await server.until(lambda: offsets(server)[-1] == 100_000_002)
    assert [each.id for each in inbox.refused] == ["100000001", "100000001"]
    assert offsets(server)[:-1] == [0, 0, 0]


async def test_it_is_confirmed_only_when_its_turn_is_committed(bot: Telegram, server: FakeTelegram) -> None:
    committed = asyncio.Event()

    async def receive(_: Incoming) -> None:
        await committed.wait()

    anna = server.person("Anna")
    await anna.write("Rosa")
    task = asyncio.create_task(bot.run(receive))
    await server.until(lambda: offsets(server) == [0])
    assert len(server.updates) == 1
    committed.set()
    await server.until(lambda: offsets(server) == [0, 100_000_002] and not server.updates)
    task.cancel()


async def test_messages_behind_one_that_was_not_stored_wait_for_it(
    bot: Telegram, server: FakeTelegram
) -> None:
    inbox, anna, bea = Inbox(Failure("locked")), server.person("Anna"), server.person("Bea")
    for person, text in ((anna, "Anna"), (bea, "Bea"), (anna, "Spain")):
        await person.write(text)
    async with reading(bot, inbox):
        await inbox.gets(4)
    texts = [(each.address.person, each.content) for each in inbox.taken]
    assert [content for who, content in texts if who == str(anna.id)] == [Text("Anna"), Text("Spain")]
    assert {content for who, content in texts if who == str(bea.id)} == {Text("Bea")}


async def test_one_that_can_never_be_stored_is_passed_over(bot: Telegram, server: FakeTelegram) -> None:
    inbox, anna = Inbox(Failure("a bug", permanent=True)), server.person("Anna")
    await anna.write("bad")
    await anna.write("good")
    async with reading(bot, inbox):
        await inbox.gets(1)
    assert (inbox.contents, len(inbox.refused)) == ([Text("good")], 1)


async def test_one_that_cannot_be_understood_holds_up_no_other(bot: Telegram, server: FakeTelegram) -> None:
    inbox, anna = Inbox(), server.person("Anna")
    await anna.write("first")
    server.updates.append({"update_id": 100_000_002, "message": {"text": "without anything else"}})
    async with reading(bot, inbox):
        await server.until(lambda: offsets(server)[-1:] == [100_000_003])
    assert inbox.contents == [Text("first")]


async def test_troubles_of_the_server_are_waited_out(bot: Telegram, server: FakeTelegram) -> None:
    inbox, anna = Inbox(), server.person("Anna")
    server.fail_next("getUpdates", status=502)
    server.fail_next("getUpdates", status=500)
    server.fail_next("getUpdates", reset=True)
    server.fail_next("getUpdates", reset=True, after=True)
    server.fail_next("getUpdates", hang=0.15)
    await anna.write("still there?")
    async with reading(bot, inbox):
        await inbox.gets(1)
    assert inbox.contents == [Text("still there?")]
    assert len(offsets(server)) >= 5


async def test_a_pause_that_the_server_asks_for_is_kept(
    bot: Telegram, server: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    server.fail_next("getUpdates", retry_after=7)
    inbox, anna = Inbox(), server.person("Anna")
    await anna.write("hello")
    async with reading(bot, inbox):
        await inbox.gets(1)
    assert 7 in pauses


@pytest.mark.parametrize(
    ("status", "description", "sentence"),
    [
        (401, "Unauthorized", "does not know this token: see ASSISTANT_TELEGRAM_TOKEN"),
        (404, "Not Found", "does not know this token: see ASSISTANT_TELEGRAM_TOKEN"),
        (
            409,
            "Conflict: terminated by other getUpdates request",
            "another program reads this bot's messages",
        ),
    ],
)
async def test_what_an_operator_has_to_change_ends_it(
    bot: Telegram, server: FakeTelegram, status: int, description: str, sentence: str
) -> None:
    server.fail_next("getUpdates", status=status, description=description)
    with pytest.raises(Misconfigured, match=sentence) as caught:
        await bot.run(Inbox().receive)
    assert "invented-token" not in caught.value.reason


@pytest.mark.parametrize(
    "token", ["", "nonsense", "123456:", ":secret", "12a:secret", "12:se cret", "1:../x"]
)
def test_what_cannot_be_a_token_is_refused(token: str) -> None:
    with pytest.raises(Misconfigured, match="ASSISTANT_TELEGRAM_TOKEN is not a bot's token"):
        Telegram(token, "https://example.org")
