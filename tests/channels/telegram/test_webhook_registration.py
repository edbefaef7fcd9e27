"""Where Telegram is to call us, and that it knows."""

import asyncio
import time

import pytest
from structlog.testing import capture_logs

from assistant.channels.telegram import channel as module
from assistant.channels.telegram.channel import Telegram
from assistant.channels.telegram.errors import LOST_WEBHOOK, REFUSED_WEBHOOK, UNKNOWN_TOKEN, UNREACHED
from assistant.channels.telegram.webhook import Webhook
from assistant.domain.errors import Misconfigured
from assistant.domain.messages import TextMessage
from tests.support.channels.inbox import Inbox, reading
from tests.support.channels.telegram_calls import calls_of
from tests.support.channels.telegram_webhook import SECRET, address, registered_bot, running_bot
from tests.support.fakes.telegram.html import Json
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

pytestmark = pytest.mark.chance


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for seconds here."""
    monkeypatch.setattr(module, "LONGEST_BACKOFF", 0.05)


async def test_it_is_registered_with_its_secret_and_what_is_used(server: FakeTelegram) -> None:
    async with registered_bot(server, Inbox()) as bot:
        [call] = calls_of(server, "setWebhook")
        url = address(bot)
    assert call["url"] == url
    assert call["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert (call["max_connections"], call["secret_token"]) == (100, SECRET)
    assert "drop_pending_updates" not in call


async def test_every_process_knows_the_secret_which_is_not_the_token() -> None:
    secrets = {
        Webhook(url, FakeTelegram.token).secret for url in ("https://a.example", "https://b.example/x")
    }
    assert secrets == {SECRET}
    assert FakeTelegram.token not in SECRET and len(SECRET) >= 64
    assert Webhook("https://a.example", "123456:another").secret != SECRET


async def until_no_trouble(bot: Telegram) -> None:
    """Return when the bot has no trouble any more."""
    async with asyncio.timeout(5):
        while bot.trouble:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0.01)


FAULTS: list[Json] = [{"status": 502}, {"reset": True}, {"status": 429, "retry_after": 0}, {"status": 500}]


async def test_it_is_tried_until_telegram_takes_it(server: FakeTelegram, anna: Person) -> None:
    inbox = Inbox()
    for fault in FAULTS:
        server.fail_next("setWebhook", **fault)
    await anna.write("hello")
    async with running_bot(server, inbox) as bot, reading(bot, inbox):
        await server.until(lambda: len(calls_of(server, "setWebhook")) == 2)
        assert bot.trouble == "Telegram cannot be reached."
        await inbox.gets(1)
        await until_no_trouble(bot)
    assert inbox.contents == [TextMessage("hello", "1")]


async def test_an_address_that_telegram_refuses_is_named_with_its_setting(server: FakeTelegram) -> None:
    reason = "Bad Request: bad webhook: Failed to resolve host: Name or service not known"
    server.fail_next("setWebhook", status=400, description=reason)
    with capture_logs() as logs:
        async with registered_bot(server, Inbox()) as bot:
            await until_no_trouble(bot)
    assert [each["reason"] for each in logs if each["log_level"] == "warning"] == [
        f"{REFUSED_WEBHOOK} It says: Bad webhook: failed to resolve host: name or service not known."
    ]


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether all is well with the webhook is looked at all the time."""
    monkeypatch.setattr(module, "CHECK", 0.05)


@pytest.mark.parametrize("other", ["", "http://127.0.0.1:9/another"], ids=["removed", "replaced"])
@pytest.mark.usefixtures("looks_often")
async def test_a_webhook_that_somebody_takes_away_is_set_again(
    server: FakeTelegram, anna: Person, other: str
) -> None:
    inbox = Inbox()
    with capture_logs() as logs:
        async with registered_bot(server, inbox) as bot:
            await server._set_webhook({"url": other})
            await server.until(lambda: len(calls_of(server, "setWebhook")) == 2)
            await anna.write("anybody there?")
            await inbox.gets(1)
            await until_no_trouble(bot)
    assert inbox.contents == [TextMessage("anybody there?", "1")]
    assert LOST_WEBHOOK in [each["event"] for each in logs]


@pytest.mark.usefixtures("looks_often")
async def test_what_telegram_cannot_bring_us_is_trouble_until_it_can(
    server: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with registered_bot(server, Inbox()) as bot:
        waiting = {"url": address(bot), "has_custom_certificate": False, "pending_update_count": 3}
        failed = {"last_error_date": int(time.time()) + 9, "last_error_message": "Connection refused"}

        async def told(_params: Json) -> Json:
            return waiting | failed

        monkeypatch.setitem(server._methods, "getWebhookInfo", told)
        async with asyncio.timeout(5):
            while bot.trouble is None:  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0.01)
        assert bot.trouble == f"{UNREACHED} It says: Connection refused."
        waiting["pending_update_count"] = 0
        await until_no_trouble(bot)


@pytest.mark.usefixtures("looks_often")
async def test_a_token_that_is_revoked_later_is_noticed_with_a_webhook_too(server: FakeTelegram) -> None:
    async with running_bot(server, Inbox()) as bot:
        task = asyncio.create_task(bot.run(Inbox().receive))
        await server.until(lambda: bool(calls_of(server, "getWebhookInfo")))
        await server.revoke()
        with pytest.raises(Misconfigured, match="ASSISTANT_TELEGRAM_TOKEN"):
            await asyncio.wait_for(task, 10)
        assert bot.trouble == UNKNOWN_TOKEN


@pytest.mark.parametrize("status", [401, 404])
async def test_a_token_that_telegram_does_not_know_ends_it(server: FakeTelegram, status: int) -> None:
    server.fail_next("setWebhook", status=status)
    async with running_bot(server, Inbox()) as bot:
        with pytest.raises(Misconfigured, match="ASSISTANT_TELEGRAM_TOKEN"):
            await asyncio.wait_for(bot.run(Inbox().receive), 10)
        assert bot.trouble is not None


async def test_it_stays_when_the_process_ends_and_what_comes_meanwhile_waits(
    server: FakeTelegram, anna: Person
) -> None:
    first, second = Inbox(), Inbox()
    async with registered_bot(server, first):
        pass
    assert server.webhook is not None
    assert calls_of(server, "deleteWebhook") == []
    await anna.write("anybody there?")
    async with registered_bot(server, second):
        await second.gets(1)
    assert (first.contents, second.contents) == ([], [TextMessage("anybody there?", "1")])


async def test_polling_again_takes_it_away_but_not_what_waits(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    async with registered_bot(server, Inbox()):
        pass
    await anna.write("anybody there?")
    inbox = Inbox()
    async with reading(bot, inbox):
        await inbox.gets(1)
    assert server.webhook is None
    assert inbox.contents == [TextMessage("anybody there?", "1")]


async def test_while_it_waits_it_reads_nothing_and_can_be_ended(server: FakeTelegram) -> None:
    async with registered_bot(server, Inbox()):
        await asyncio.sleep(0)
    assert calls_of(server, "getUpdates") == []


def test_polling_has_no_routes(bot: Telegram) -> None:
    assert list(bot.routes(Inbox().receive)) == []


URLS = {
    "https://bot.example.org": ("https://bot.example.org/telegram", "/telegram"),
    "https://bot.example.org/": ("https://bot.example.org/telegram", "/telegram"),
    "https://bot.example.org/hook": ("https://bot.example.org/hook", "/hook"),
    "https://bot.example.org:8443/a/b": ("https://bot.example.org:8443/a/b", "/a/b"),
    "http://127.0.0.1:8080/hook": ("http://127.0.0.1:8080/hook", "/hook"),
    "http://localhost/hook": ("http://localhost/hook", "/hook"),
    "http://[::1]:8080/hook": ("http://[::1]:8080/hook", "/hook"),
}


@pytest.mark.parametrize(("url", "expected"), URLS.items())
def test_the_path_is_the_one_of_its_address(url: str, expected: tuple[str, str]) -> None:
    channel = Telegram(FakeTelegram.token, "https://example.org", webhook_url=url)
    [route] = channel.routes(Inbox().receive)
    assert (address(channel), route.path, route.method) == (*expected, "POST")


BAD_URLS = [
    "http://bot.example.org/hook",
    "http://127.0.0.1.example.org",
    "ftp://127.0.0.2/x",
    "bot.example.org",
    "https://[::1",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="ASSISTANT_TELEGRAM_WEBHOOK_URL"):
        Telegram(FakeTelegram.token, "https://example.org", webhook_url=url)
