"""By polling no update is lost, none is confirmed too early, and troubles are waited out."""

import asyncio

import pytest
from structlog.testing import capture_logs

from assistant.channels.telegram import channel as module
from assistant.channels.telegram.channel import Telegram
from assistant.channels.telegram.errors import FOREIGN_WEBHOOK, SECOND_READER
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import TextMessage
from tests.support.channels.inbox import Inbox, reading
from tests.support.channels.telegram_calls import calls_of, offsets
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

pytestmark = pytest.mark.chance

FIRST = 100_000_001  # the number of the first update


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for seconds here."""
    monkeypatch.setattr(module, "LONGEST_BACKOFF", 0.05)


@pytest.mark.parametrize("failure", [Failure("locked"), Misconfigured("The database cannot be written.")])
async def test_an_update_that_was_not_stored_comes_again(
    bot: Telegram, server: FakeTelegram, anna: Person, failure: Failure
) -> None:
    inbox = Inbox(failure, failure)
    await anna.write("Rosa")
    async with reading(bot, inbox):
        await inbox.gets(1)
        await server.until(lambda: offsets(server)[-1] == FIRST + 1)
    assert [each.id for each in inbox.refused] == [str(FIRST)] * 2
    assert offsets(server)[:-1] == [0, 0, 0]


async def test_it_is_confirmed_only_when_its_turn_is_committed(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    inbox = Inbox()
    inbox.gate.clear()
    await anna.write("Rosa")
    async with reading(bot, inbox):
        await inbox.sees(1)
        assert (offsets(server), len(server.updates)) == ([0], 1)
        inbox.gate.set()
        await server.until(lambda: offsets(server) == [0, FIRST + 1] and not server.updates)


async def test_messages_behind_one_that_was_not_stored_wait_for_it(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    inbox, bea = Inbox(Failure("locked")), server.person("Bea")
    for person, text in ((anna, "Anna"), (bea, "Bea"), (anna, "Spain")):
        await person.write(text)
    async with reading(bot, inbox):
        await inbox.gets(4)
    said = [(each.address.person, each.content) for each in inbox.taken]
    assert [content for who, content in said if who == str(anna.id)] == [
        TextMessage("Anna", "1"),
        TextMessage("Spain", "3"),
    ]
    assert {content for who, content in said if who == str(bea.id)} == {TextMessage("Bea", "2")}


async def test_one_that_can_never_be_stored_is_passed_over(bot: Telegram, anna: Person) -> None:
    inbox = Inbox(Failure("a bug", permanent=True))
    await anna.write("bad")
    await anna.write("good")
    async with reading(bot, inbox):
        await inbox.gets(1)
    assert (inbox.contents, len(inbox.refused)) == ([TextMessage("good", "2")], 1)


async def test_one_that_cannot_be_understood_holds_up_no_other(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    inbox = Inbox()
    await anna.write("first")
    server.updates.append({"update_id": FIRST + 1, "message": {"text": "Rosa, without anything else"}})
    server.updates.append({"update_id": FIRST + 2, "a_kind_of_next_year": {"strange": True}})
    server.updates.append({"update_id": FIRST + 3, "message": server.messages[1] | {"text": 5}})
    with capture_logs() as logs:
        async with reading(bot, inbox):
            await server.until(lambda: offsets(server)[-1:] == [FIRST + 4])
    assert inbox.contents == [TextMessage("first", "1")]
    assert [each["event"] for each in logs] == ["an update cannot be understood, and is passed over"] * 2
    assert "Rosa" not in str(logs)


async def test_only_kinds_of_updates_that_are_used_are_asked_for(bot: Telegram, server: FakeTelegram) -> None:
    async with reading(bot, Inbox()):
        await server.until(lambda: bool(offsets(server)))
    assert server.allowed_updates == ["message", "edited_message", "callback_query", "my_chat_member"]


async def test_troubles_of_the_server_are_waited_out(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    inbox = Inbox()
    server.fail_next("deleteWebhook", status=502)
    server.fail_next("getUpdates", status=502)
    server.fail_next("getUpdates", status=500)
    server.fail_next("getUpdates", status=400)
    server.fail_next("getUpdates", reset=True)
    server.fail_next("getUpdates", reset=True, after=True)
    server.fail_next("getUpdates", hang=0.15)
    await anna.write("still there?")
    async with reading(bot, inbox):
        await inbox.gets(1)
    assert inbox.contents == [TextMessage("still there?", "1")]
    assert len(offsets(server)) >= 6


async def test_trouble_is_told_while_it_lasts_and_no_longer(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    server.fail_next("getUpdates", status=502)
    server.fail_next("getUpdates", hang=0.05)
    async with reading(bot, Inbox()):
        await server.until(lambda: len(offsets(server)) == 2)
        assert bot.trouble == "Telegram cannot be reached."
        await server.until(lambda: len(offsets(server)) == 3)  # the last one waits, and nobody writes
        assert bot.trouble is None


async def test_what_cannot_be_stored_is_told_once_and_its_end_when_it_is_stored(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    inbox = Inbox(*[Failure("The database is locked.")] * 5)
    await anna.write("Rosa")
    with capture_logs() as logs:
        async with reading(bot, inbox):
            await inbox.gets(1)
            await server.until(lambda: offsets(server)[-1] == FIRST + 1)
    told, end = logs
    assert (told["event"], told["reason"]) == ("telegram cannot be read for now", "The database is locked.")
    assert end["event"].startswith("telegram works again after ")


async def test_a_second_reader_is_waited_out_and_told_of(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    inbox, told = (
        Inbox(),
        "Telegram: another program reads this bot's messages. End it, or use another bot's token.",
    )
    taken_over = "Conflict: terminated by other getUpdates request"
    server.fail_next("getUpdates", status=409, description=taken_over)
    server.fail_next("getUpdates", status=409, description=taken_over)
    with capture_logs() as logs:
        async with reading(bot, inbox):
            await server.until(lambda: len(offsets(server)) == 3)
            assert bot.trouble == told
            await anna.write("hello")
            await inbox.gets(1)
            await server.until(lambda: len(offsets(server)) == 4)
            assert bot.trouble is None
    assert [(each["log_level"], each.get("reason")) for each in logs] == [("warning", told), ("info", None)]
    assert logs[1]["event"].startswith("telegram works again after ")


_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
)


@pytest.mark.parametrize("told", [_ACTIVE, "Conflict: terminated by setWebhook request"])
async def test_a_webhook_that_somebody_has_set_is_removed_with_nothing_lost(
    bot: Telegram, server: FakeTelegram, anna: Person, told: str
) -> None:
    inbox = Inbox()
    with capture_logs() as logs:
        async with reading(bot, inbox):
            await server.until(lambda: bool(offsets(server)))
            server.fail_next("deleteWebhook", status=502)
            server.fail_next("getUpdates", status=409, description=told)
            await server._set_webhook({"url": "http://127.0.0.1:9/another"})
            await anna.write("anybody there?")
            await inbox.gets(1)
            await server.until(lambda: bot.trouble is None)
    assert inbox.contents == [TextMessage("anybody there?", "1")]
    assert server.webhook is None
    assert not any("drop_pending_updates" in each for each in calls_of(server, "deleteWebhook"))
    assert FOREIGN_WEBHOOK in [each.get("reason") for each in logs]
    assert SECOND_READER not in [each.get("reason") for each in logs]


async def test_two_that_read_take_turns_without_a_storm(server: FakeTelegram, anna: Person) -> None:
    inbox, bots = Inbox(), [Telegram(server.token, server.url) for _ in range(2)]
    for each in bots:
        await each.open()
    try:
        async with reading(bots[0], inbox), reading(bots[1], inbox):
            await server.until(lambda: len(offsets(server)) >= 6)
            await anna.write("hello")
            await inbox.gets(1)
    finally:
        for each in bots:
            await each.close()
    assert set(inbox.contents) == {TextMessage("hello", "1")}
    assert {params["timeout"] for params in calls_of(server, "getUpdates")} == {module.POLL}


async def test_a_pause_that_the_server_asks_for_is_kept(
    bot: Telegram, server: FakeTelegram, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    server.fail_next("getUpdates", retry_after=7)
    inbox = Inbox()
    await anna.write("hello")
    async with reading(bot, inbox):
        await inbox.gets(1)
    assert 7 in pauses


@pytest.mark.parametrize("method", ["deleteWebhook", "getUpdates"])
@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_token_that_telegram_does_not_know_ends_it(
    bot: Telegram, server: FakeTelegram, method: str, status: int
) -> None:
    sentence = "Telegram does not know this token: see ASSISTANT_TELEGRAM_TOKEN."
    server.fail_next(method, status=status)
    with pytest.raises(Misconfigured) as caught:
        await asyncio.wait_for(bot.run(Inbox().receive), 10)
    assert (caught.value.reason, bot.trouble) == (sentence, sentence)


async def test_a_token_that_is_revoked_ends_it_in_the_middle_of_a_poll(
    bot: Telegram, server: FakeTelegram
) -> None:
    task = asyncio.create_task(bot.run(Inbox().receive))
    await server.until(lambda: bool(offsets(server)))
    await server.revoke()
    with pytest.raises(Misconfigured, match="ASSISTANT_TELEGRAM_TOKEN"):
        await asyncio.wait_for(task, 10)


async def test_a_poll_that_goes_unanswered_is_asked_again(
    bot: Telegram, server: FakeTelegram, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL", 0)
    monkeypatch.setattr(module, "SLACK", 0.1)
    server.fail_next("getUpdates", hang=float("inf"))
    inbox = Inbox()
    await anna.write("hello")
    async with reading(bot, inbox):
        await inbox.gets(1)
    assert inbox.contents == [TextMessage("hello", "1")]


BAD_TOKENS = ["", "nonsense", "123456:", ":secret", "12a:secret", "12:se cret", "1:../x", "1:a\n"]


@pytest.mark.parametrize("token", BAD_TOKENS)
def test_what_cannot_be_a_token_is_refused(token: str) -> None:
    with pytest.raises(Misconfigured, match="ASSISTANT_TELEGRAM_TOKEN is not a bot's token") as caught:
        Telegram(token, "https://example.org")
    assert "secret" not in caught.value.reason
