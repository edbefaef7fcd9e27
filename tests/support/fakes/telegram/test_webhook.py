"""How updates reach a webhook: in order, with the secret, again where they were not taken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.fakes.telegram.webhook_receiver import Receiver

BUTTON = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Yes", callback_data="yes"))
LONG = 3600.0  # a second of the server's pauses that no test waits for


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as listening:
        yield listening


def taken(server: FakeTelegram, receiver: Receiver, posts: int) -> bool:
    return not server.updates and len(receiver.posted) == posts


async def test_what_is_not_taken_comes_again_before_what_follows(
    server: FakeTelegram, anna: Person, bot: Bot, receiver: Receiver
) -> None:
    for text in ("one", "two", "three"):
        await anna.write(text)
    receiver.answer_next(500, times=2)
    receiver.break_next()
    await bot.set_webhook(receiver.url)
    await server.until(lambda: taken(server, receiver, 6))
    assert receiver.texts == ["one", "one", "one", "one", "two", "three"]
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count, info.max_connections) == (receiver.url, 0, 40)
    assert info.last_error_message == "Webhook connection closed"


async def test_the_answer_that_was_wrong_can_be_read(
    server: FakeTelegram, anna: Person, bot: Bot, receiver: Receiver
) -> None:
    receiver.answer_next(503)
    await bot.set_webhook(receiver.url)
    await anna.write("hello")
    await server.until(lambda: taken(server, receiver, 2))
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    assert info.last_error_date


async def test_the_first_repeat_is_at_once_and_the_next_after_a_pause(
    server: FakeTelegram, anna: Person, bot: Bot, receiver: Receiver
) -> None:
    server.second = LONG
    await bot.set_webhook(receiver.url)
    receiver.answer_next(500, times=2)
    await anna.write("refused")
    await receiver.gets(2)
    await server.person("Bea").write("taken")
    await server.until(lambda: len(server.updates) == 1)
    assert receiver.texts == ["refused", "refused", "taken"]


async def test_the_receiver_may_name_the_pause(
    server: FakeTelegram, anna: Person, bot: Bot, receiver: Receiver
) -> None:
    server.second = LONG
    await bot.set_webhook(receiver.url)
    receiver.answer_next(429, retry_after=1)
    await anna.write("refused")
    await receiver.gets(1)
    await server.person("Bea").write("taken")
    await server.until(lambda: len(server.updates) == 1)
    assert receiver.texts == ["refused", "taken"]


async def test_a_press_is_not_tried_for_ever(
    server: FakeTelegram, anna: Person, bot: Bot, receiver: Receiver
) -> None:
    server.second = 0
    await bot.set_webhook(receiver.url)
    receiver.answer_next(500, times=100)
    await bot.send_message(anna.id, "Shall I?", reply_markup=BUTTON)
    await anna.press("yes")
    await server.until(lambda: not server.updates)
    assert len(receiver.posted) == 8  # pauses of 0, 2, 4, 8, 16, 32 and 60 seconds; 60 more are too many


async def test_a_press_and_a_text_arrive_together_but_not_two_texts(
    server: FakeTelegram, anna: Person, bot: Bot, receiver: Receiver
) -> None:
    receiver.gate.clear()
    await bot.set_webhook(receiver.url)
    await bot.send_message(anna.id, "Shall I?", reply_markup=BUTTON)
    await anna.write("wait")
    await anna.press("yes")
    await anna.write("what?")
    await server.person("Bea").write("hello")
    await receiver.gets(3)
    assert sorted(receiver.texts) == ["hello", "wait"]
    assert receiver.under_way == 3
    receiver.gate.set()
    await server.until(lambda: taken(server, receiver, 4))
    assert receiver.texts[-1] == "what?"


async def test_no_more_connections_than_allowed(server: FakeTelegram, bot: Bot, receiver: Receiver) -> None:
    receiver.gate.clear()
    await bot.set_webhook(receiver.url, max_connections=2)
    for name in ("Anna", "Bea", "Cleo", "Dora"):
        await server.person(name).write(name)
    await receiver.gets(2)
    await bot.get_me()
    assert receiver.under_way == 2
    receiver.gate.set()
    await server.until(lambda: taken(server, receiver, 4))


async def test_the_secret_comes_along(
    server: FakeTelegram, anna: Person, bot: Bot, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url, secret_token="an-invented_secret", allowed_updates=["message"])
    await anna.block()
    await anna.write("hello")
    await server.until(lambda: taken(server, receiver, 1))
    assert receiver.secrets == {"an-invented_secret"}
    assert (await bot.get_webhook_info()).allowed_updates == ("message",)


async def test_duplicates_on_demand(server: FakeTelegram, anna: Person, bot: Bot, receiver: Receiver) -> None:
    await bot.set_webhook(receiver.url)
    server.duplicate_next()
    await anna.write("twice")
    await anna.write("once")
    await server.until(lambda: taken(server, receiver, 3))
    assert receiver.posted[0] == receiver.posted[1]
    assert receiver.texts == ["twice", "twice", "once"]


async def test_polling_and_a_webhook_exclude_each_other(
    server: FakeTelegram, anna: Person, bot: Bot, receiver: Receiver
) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await server.until(lambda: server.calls[-1][0] == "getUpdates")
    receiver.answer_next(500, times=100)
    await bot.set_webhook(receiver.url)
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await poll
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await anna.write("hello")
    await receiver.gets(1)
    await bot.delete_webhook()
    [update] = await bot.get_updates(timeout=0)
    assert update.message and update.message.text == "hello"
    await bot.set_webhook(receiver.url, drop_pending_updates=True)
    info = await bot.get_webhook_info()
    assert (info.pending_update_count, info.last_error_message) == (0, None)


@pytest.mark.parametrize(
    ("url", "secret", "reason"),
    [
        ("http://example.org/hook", "", "Bad webhook: an HTTPS URL must be provided for webhook"),
        ("https://example.org/hook", "a" * 257, "Secret token is too long"),
        ("https://example.org/hook", "a secret", "Secret token contains unallowed characters"),
    ],
)
async def test_bad_webhooks_are_refused(bot: Bot, url: str, secret: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.set_webhook(url, secret_token=secret)
    assert (await bot.get_webhook_info()).url == ""


@asynccontextmanager
async def running(server: FakeTelegram) -> AsyncIterator[Bot]:
    """An unmodified application without an updater: it echoes what is put into its queue."""

    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_message
        await update.effective_message.reply_text(f"You said {update.effective_message.text}")

    builder = ApplicationBuilder().token(server.token).base_url(f"{server.url}/bot").updater(None)
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    async with application, Receiver() as receiver:
        await application.start()
        receiver.handle = lambda update: application.process_update(Update.de_json(update, application.bot))
        await application.bot.set_webhook(receiver.url)
        yield application.bot
        await application.bot.delete_webhook()
        await application.stop()


async def test_an_unmodified_application(server: FakeTelegram, anna: Person) -> None:
    bea = server.person("Bea")
    async with running(server):
        for text in ("one", "two", "three"):
            await anna.write(text)
            await bea.write(text)
        for person in (anna, bea):
            heard = [message.text for message in await person.receives(3)]
            assert heard == ["You said one", "You said two", "You said three"]
        await server.until(lambda: not server.updates)
