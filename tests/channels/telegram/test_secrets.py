"""However things go wrong, the token and what people write are in no log, no warning and no error."""

import logging
from collections.abc import Iterator

import pytest
from markupsafe import Markup
from structlog.testing import capture_logs

from assistant.channels.telegram import channel as module
from assistant.channels.telegram import client as telegram_request
from assistant.channels.telegram.channel import Telegram
from assistant.domain.errors import Failure
from assistant.domain.messages import Button, File, Reply
from tests.support.channels.inbox import Inbox, reading
from tests.support.channels.telegram_calls import address_of, calls_of, offsets
from tests.support.fakes.telegram.html import Json
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

SECRETS = (FakeTelegram.token.partition(":")[2], "Rosa", "Example")


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and every other that it carries along."""
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__)


def check(*written: object) -> None:
    """No secret is in it."""
    assert not [secret for secret in SECRETS if secret in str(written)]


FAULTS: list[Json] = [
    {"status": 400, "description": 'Bad Request: can\'t parse entities: "Rosa Example"'},
    {"status": 401},
    {"status": 403},
    {"status": 404},
    {"status": 409},
    {"status": 502},
    {"retry_after": 7},
    {"reset": True},
    {"hang": float("inf")},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_when_sending_fails(
    server: FakeTelegram,
    anna: Person,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    fault: Json,
) -> None:
    caplog.set_level(logging.DEBUG)
    if "hang" in fault:
        monkeypatch.setattr(telegram_request, "READ", 0.05)
    bot = Telegram(server.token, server.url)
    server.fail_next("sendMessage", **fault)
    await bot.open()
    with capture_logs() as logs, pytest.raises(Failure) as caught:
        await bot.send(address_of(anna), Reply(Markup("Rosa Example")))
    await bot.close()
    check(logs, caplog.text, bot.trouble)
    for error in chain(caught.value):
        if "parse entities" not in str(fault) or error is caught.value:
            check(str(error), repr(error), error.args)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9", "http://nowhere.invalid", "http://127.0.0.1:99999", f"http://{'n' * 70}.invalid"],
)
async def test_when_telegram_is_not_there(anna: Person, caplog: pytest.LogCaptureFixture, url: str) -> None:
    caplog.set_level(logging.DEBUG)
    bot = Telegram(FakeTelegram.token, url)
    await bot.open()
    with capture_logs() as logs, pytest.raises(Failure) as caught:
        await bot.send(
            address_of(anna), Reply(Markup("Rosa Example")), File("l.pdf", "application/pdf", b"Rosa")
        )
    await bot.close()
    check(logs, caplog.text)
    for error in chain(caught.value):
        check(str(error), repr(error), error.args)


async def test_when_reading_fails(
    server: FakeTelegram,
    anna: Person,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(module, "LONGEST_BACKOFF", 0.01)
    bot, inbox = (
        Telegram(server.token, server.url),
        Inbox(Failure("locked"), Failure("a bug", permanent=True)),
    )
    await bot.open()
    for fault in ({"status": 409}, {"status": 502}, {"reset": True}, {"status": 400}):
        server.fail_next("deleteWebhook", **fault)
        server.fail_next("getUpdates", **fault)
    server.fail_next("answerCallbackQuery", reset=True)
    await anna.write("Rosa Example")
    await bot.send(address_of(anna), Reply(Markup("Rosa Example?"), (Button("yes", "Rosa"),), mark="q.1"))
    await anna.press("Rosa")
    server.updates.append({"update_id": 100_000_003, "message": {"text": "Rosa Example", "chat": "Rosa"}})
    with capture_logs() as logs:
        async with reading(bot, inbox):
            await inbox.sees(3)
            await server.until(lambda: bool(calls_of(server, "answerCallbackQuery")))
            await server.until(lambda: offsets(server)[-1] > 100_000_003)
        await bot.close()
    assert len(logs) > 8
    check([{name: value for name, value in each.items() if name != "exc_info"} for each in logs])
    check(caplog.text)


async def test_the_bot_itself_never_speaks_of_its_calls(
    server: FakeTelegram, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bot = Telegram(server.token, server.url)
    await bot.open()
    await bot.send(address_of(anna), Reply(Markup("Rosa Example")))
    await bot.close()
    assert not [each for each in caplog.records if each.name.startswith(("telegram", "httpx", "aiohttp"))]
    check(repr(bot), str(bot), caplog.text)
