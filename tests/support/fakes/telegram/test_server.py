"""An unmodified python-telegram-bot proves the fake; bare HTTP does where the library hides too much."""

import asyncio
import sys
import time

import pytest
from aiohttp import ClientSession, FormData
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.ext import ApplicationBuilder, CallbackQueryHandler, CommandHandler, ContextTypes

from tests.support.fakes.telegram.chats import BOT
from tests.support.fakes.telegram.html import Json
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import TIMEOUT
from tests.support.processes.signals import default_signals

pytestmark = pytest.mark.chance


def yes(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup.from_button(InlineKeyboardButton("Yes, please", callback_data=data))


BUTTON = yes("yes")
ECHO = """
import asyncio, sys, telegram
async def echo():
    async with telegram.Bot(sys.argv[1], base_url=sys.argv[2] + "/bot") as bot:
        [update] = await bot.get_updates(timeout=5)
        await update.message.reply_text(update.message.text.upper())
asyncio.run(echo())
"""


async def test_an_unmodified_application(server: FakeTelegram, anna: Person) -> None:
    async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_message and update.effective_user
        text = f"<b>Hi</b> {update.effective_user.language_code} {context.args}"
        await update.effective_message.reply_text(text, parse_mode="HTML", reply_markup=BUTTON)

    async def pressed(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query
        await update.callback_query.answer("Thank you")
        await update.callback_query.edit_message_text(f"You chose {update.callback_query.data}")

    application = ApplicationBuilder().token(server.token).base_url(f"{server.url}/bot").build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CallbackQueryHandler(pressed))
    async with application:
        await application.start()
        assert application.updater
        await application.updater.start_polling(allowed_updates=["message", "callback_query"])
        await anna.write("/start norma-cruz")
        [greeting] = await anna.receives()
        assert (greeting.html, greeting.text) == ("<b>Hi</b> es ['norma-cruz']", "Hi es ['norma-cruz']")
        assert greeting.buttons == [("Yes, please", "yes")]
        query = await anna.press("Yes, please")
        await server.until(lambda: (anna.inbox[0].text, anna.inbox[0].buttons) == ("You chose yes", []))
        assert server.answered == [query]
        await application.updater.stop()
        await application.stop()
    assert ("answerCallbackQuery", {"callback_query_id": query, "text": "Thank you"}) in server.calls


async def test_another_process_can_poll(server: FakeTelegram, anna: Person) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ECHO, server.token, server.url),
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=default_signals,
    )
    await server.until(lambda: any(method == "getUpdates" for method, _ in server.calls), timeout=20)
    await anna.write("hello")
    [answer] = await anna.receives()
    async with asyncio.timeout(TIMEOUT):
        _, errors = await process.communicate()
    assert (answer.text, process.returncode, errors) == ("HELLO", 0, b"")


async def test_an_offset_confirms_what_is_older(anna: Person, bot: Bot) -> None:
    for text in ("one", "two", "three"):
        await anna.write(text)

    async def texts(offset: int | None = None, limit: int | None = None) -> list[str | None]:
        updates = await bot.get_updates(offset=offset, limit=limit, timeout=0)
        return [update.message.text for update in updates if update.message]

    first = (await bot.get_updates(timeout=0))[0].update_id
    assert await texts() == ["one", "two", "three"]
    assert await texts(limit=2) == ["one", "two"]
    assert await texts(offset=first + 1) == ["two", "three"]
    assert await texts(offset=first) == ["two", "three"]
    assert await texts(offset=-1) == ["three"]
    assert await texts() == ["three"]
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.delete_webhook(drop_pending_updates=True)
    assert await texts() == []


async def test_a_long_poll_returns_at_once(server: FakeTelegram, anna: Person, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await server.until(lambda: server.calls[-1][0] == "getUpdates")
    await anna.write("hello")
    async with asyncio.timeout(2):
        assert len(await poll) == 1


async def test_a_second_poll_ends_the_first(server: FakeTelegram, bot: Bot, http: ClientSession) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await server.until(lambda: server.calls[-1][0] == "getUpdates")
    async with http.get("getUpdates") as response:
        assert await response.json() == {"ok": True, "result": []}
    with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure"):
        await first


async def test_only_allowed_updates_are_created(anna: Person, bot: Bot) -> None:
    await bot.get_updates(timeout=0, allowed_updates=["edited_message", "my_chat_member"])
    number = await anna.write("unheard")
    await anna.edit(number, "heard")
    await anna.block()
    edited, blocked = await bot.get_updates(timeout=0)
    assert edited.edited_message and edited.edited_message.text == "heard"
    assert blocked.my_chat_member and blocked.my_chat_member.new_chat_member.status == "kicked"
    await bot.get_updates(offset=blocked.update_id + 1, timeout=0, allowed_updates=[])
    await anna.send_photo("a picture")
    [photo] = await bot.get_updates(timeout=0)
    assert photo.message and photo.message.photo and photo.message.caption == "a picture"


async def test_wrong_tokens_and_paths(server: FakeTelegram) -> None:
    with pytest.raises(InvalidToken, match="rejected by the server"):
        async with Bot("654321:another-invented-token", base_url=f"{server.url}/bot"):
            pass
    wrong = {
        f"/bot{server.token}/getNothing": (404, "Not Found: method not found"),
        f"/bot{server.token}": (404, "Not Found"),
        "/botnonsense/getMe": (404, "Not Found"),
        "/bot654321:another-invented-token/getMe": (401, "Unauthorized"),
    }
    async with ClientSession(server.url) as session:
        for path, (status, description) in wrong.items():
            async with session.get(path) as response:
                reply = {"ok": False, "error_code": status, "description": description}
                assert (response.status, await response.json()) == (status, reply)


async def test_four_ways_of_parameters(server: FakeTelegram, anna: Person, http: ClientSession) -> None:
    form = {"chat_id": str(anna.id), "text": "x", "reply_markup": BUTTON.to_json()}
    multipart = FormData(form, default_to_multipart=True)
    nested = form | {"reply_markup": BUTTON.to_dict()}
    async with http.post("SENDMESSAGE", data=form) as one, http.post("sendmessage", data=multipart) as two:
        assert (one.status, two.status) == (200, 200)
    async with http.get("sendMessage", params=form) as one, http.post("sendMessage", json=nested) as two:
        assert (one.status, two.status) == (200, 200)
    assert len(await anna.receives(4)) == 4
    assert server.calls == [("sendMessage", server.calls[0][1])] * 4


async def test_a_blocked_bot_is_forbidden_until_unblocked(anna: Person, bot: Bot) -> None:
    await anna.block()
    with pytest.raises(Forbidden, match="Forbidden: bot was blocked by the user"):
        await bot.send_message(anna.id, "hello")
    await anna.unblock()
    await bot.send_message(anna.id, "hello")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(4711, "hello")


async def test_failures_on_demand(server: FakeTelegram, anna: Person, bot: Bot, http: ClientSession) -> None:
    server.fail_next("sendMessage", status=429, retry_after=3)
    server.fail_next("sendMessage", retry_after=3)
    server.fail_next("sendMessage", status=502)
    server.fail_next("sendMessage", hang=2.0)
    async with http.post("sendMessage", json={"chat_id": anna.id, "text": "x"}) as response:
        reply = await response.json()
        assert (response.status, response.headers["Retry-After"]) == (429, "3")
    assert reply["description"] == "Too Many Requests: retry after 3"
    assert reply["parameters"] == {"retry_after": 3}
    with pytest.raises(RetryAfter, match="Retry in 0:00:03"):
        await bot.send_message(anna.id, "hello")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(anna.id, "hello")
    with pytest.raises(TimedOut):
        await bot.send_message(anna.id, "hello", read_timeout=0.05)
    assert anna.inbox == []
    await bot.send_message(anna.id, "hello")
    assert len(anna.inbox) == 1


@pytest.mark.parametrize("after", [True, False])
async def test_resets_and_hangs(server: FakeTelegram, anna: Person, bot: Bot, after: bool) -> None:
    server.fail_next("sendMessage", reset=True, after=after)
    server.fail_next("sendMessage", hang=0.2, after=after)
    with pytest.raises(NetworkError, match=r"httpx\.ReadError") as caught:
        await bot.send_message(anna.id, "first")
    assert type(caught.value) is NetworkError
    with pytest.raises(TimedOut):
        await bot.send_message(anna.id, "second", read_timeout=0.05)
    assert [message.text for message in anna.inbox] == (["first", "second"] if after else [])


async def test_a_sent_message_is_complete(anna: Person, http: ClientSession) -> None:
    params = {"chat_id": anna.id, "text": " 😀 <i>&lt;é&gt;</i>\n", "parse_mode": "html"}
    async with http.post("sendMessage", json=params | {"reply_markup": BUTTON.to_dict()}) as response:
        reply = await response.json()
    assert reply["result"] == {
        "message_id": 1,
        "from": BOT,
        "chat": {"id": anna.id, "first_name": "Anna", "type": "private"},
        "date": pytest.approx(time.time(), abs=5),
        "text": "😀 <é>",
        "entities": [{"type": "italic", "offset": 3, "length": 3}],
        "reply_markup": {"inline_keyboard": [[{"text": "Yes, please", "callback_data": "yes"}]]},
    }


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"text": "a" * 4097}, "Message is too long"),
        ({"text": ""}, "Message text is empty"),
        ({"text": "<br>", "parse_mode": "HTML"}, 'Can\'t parse entities: unsupported start tag "br" at'),
        ({"text": "x", "reply_markup": yes("a" * 65)}, "Button_data_invalid"),
    ],
)
async def test_bad_content_is_refused(bot: Bot, anna: Person, content: Json, error: str) -> None:
    with pytest.raises(BadRequest, match=error):
        await bot.send_message(anna.id, **content)
    assert anna.inbox == []


async def test_presses(anna: Person, bot: Bot) -> None:
    asked = await bot.send_message(anna.id, "Shall I?", reply_markup=BUTTON)
    with pytest.raises(LookupError, match="'No'"):
        await anna.press("No")
    await bot.send_message(anna.id, "later")
    with pytest.raises(LookupError, match="'yes'"):
        await anna.press("yes")
    query = await anna.press("yes", message=anna.inbox[0])
    [update] = await bot.get_updates(timeout=0)
    assert update.callback_query and update.callback_query.message
    assert (update.callback_query.id, update.callback_query.data) == (query, "yes")
    assert update.callback_query.message.message_id == asked.message_id
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query("999")
    await asked.edit_reply_markup(None)
    with pytest.raises(LookupError):
        await anna.press("yes", message=asked.message_id)


async def test_edits(anna: Person, bot: Bot) -> None:
    message = await bot.send_message(anna.id, "old", reply_markup=BUTTON)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await message.edit_text("old", reply_markup=BUTTON)
    assert await message.edit_text("<b>new</b>", parse_mode="HTML")
    assert (anna.inbox[0].html, anna.inbox[0].text, anna.inbox[0].buttons) == ("<b>new</b>", "new", [])
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("mine", anna.id, await anna.write("hers"))
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("lost", anna.id, 4711)


async def test_commands_are_kept_by_scope_and_language(anna: Person, bot: Bot) -> None:
    help_command, ayuda = BotCommand("help", "Get help"), BotCommand("help", "Obtener ayuda")
    await bot.set_my_commands([help_command])
    await bot.set_my_commands([ayuda], language_code="es")
    assert await bot.get_my_commands() == (help_command,)
    assert await bot.get_my_commands(language_code="es") == (ayuda,)
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([BotCommand("Help", "Get help")])
    assert await bot.send_chat_action(anna.id, "typing")


async def test_receives_counts_only_what_is_new(anna: Person, bot: Bot) -> None:
    sent = [await bot.send_message(anna.id, text) for text in ("one", "two", "three")]
    heard = [*await anna.receives(2), *await anna.receives()]
    assert [message.id for message in heard] == [message.message_id for message in sent]
    with pytest.raises(TimeoutError, match="Anna received"):
        await anna.receives(timeout=0.05)
