"""What goes to Telegram: replies as messages that fit, and the calls that send and change them."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.constants import ParseMode
from telegram.error import BadRequest, TimedOut

from assistant.channels.splitting import split, utf16
from assistant.channels.telegram.client import call
from assistant.channels.telegram.incoming import DONE, Pressed
from assistant.domain.messages import Button, File, Reply, in_words
from assistant.domain.notifications import START_MARK
from assistant.domain.richtext import without_languages

TEXT_MAX = 4096  # UTF-16 units after entities, https://core.telegram.org/bots/api#sendmessage
CAPTION_MAX = 1024  # the same, https://core.telegram.org/bots/api#senddocument
CALLBACK_MAX = 64  # bytes, https://core.telegram.org/bots/api#inlinekeyboardbutton
# Neither stands in the description: https://github.com/tginfo/Telegram-Limits/issues/187 and 228.
BUTTONS_MAX = 100  # under a message
KEYBOARD_MAX = 10_000  # bytes of it, as JSON
DELETES_WITHIN = timedelta(hours=48)  # https://core.telegram.org/bots/api#deletemessage
DELETES_AT_ONCE = 100  # https://core.telegram.org/bots/api#deletemessages
CHOSEN = "✓ {}"


def parts(reply: Reply) -> Sequence[Reply]:
    """The reply as messages that Telegram takes: the last one has the buttons, the first one the file.

    Where it cannot have them all, they are a list of what to type.
    """
    if reply.buttons and not _fits_under_a_message(reply):
        reply = in_words(reply)
    texts = split(without_languages(reply.html), CAPTION_MAX if reply.attachment else TEXT_MAX, utf16)
    if len(texts) <= 1:
        return (reply,) if texts or reply.attachment else ()
    first, *others = texts
    said = replace(reply, buttons=(), asks=None, mark=None, menu=None)
    return (
        replace(said, html=first),
        *(replace(said, html=text, attachment=None, first=False) for text in others[:-1]),
        replace(reply, html=others[-1], attachment=None, first=False),
    )


Json = dict[str, Any]  # Any: JSON


def keyboard(reply: Reply) -> Json | None:
    """A button a line: labels are whole words in every language, and phones are narrow.

    As https://core.telegram.org/bots/api#inlinekeyboardmarkup has it: an object of python-telegram-bot for
    each of them takes longer than all else about a message but HTTP.
    """
    rows = [[{"text": button.label, "callback_data": _data(reply, button)}] for button in reply.buttons]
    return {"inline_keyboard": rows} if rows else None


def _data(reply: Reply, button: Button) -> str:
    """What Telegram tells us when the button is pressed."""
    return f"{reply.mark}:{button.value}"


def _fits_under_a_message(reply: Reply) -> bool:
    return (
        len(reply.buttons) <= BUTTONS_MAX
        and all(len(_data(reply, button).encode()) <= CALLBACK_MAX for button in reply.buttons)
        and len(json.dumps(keyboard(reply))) <= KEYBOARD_MAX
    )


def chosen(pressed: Pressed) -> InlineKeyboardMarkup | None:
    """The keyboard with nothing left but the choice made.

    None where the message is too old to show it, or where the button begins something and can do so again.
    """
    if pressed.data.startswith(f"{START_MARK}:"):
        return None
    labels = [b["text"] for row in pressed.keyboard for b in row if b.get("callback_data") == pressed.data]
    if not labels:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(CHOSEN.format(labels[0]), callback_data=DONE)]])


_NO_PREVIEW = {"is_disabled": True}  # https://core.telegram.org/bots/api#linkpreviewoptions
_UNCHANGED = "message is not modified"  # what Telegram says of an edit that would change nothing

# What it says of one that is gone, too old, or of a kind that stays; of several, if one of them is.
_STAYS = re.compile(r"message(s)? (to delete not found|can't be deleted|identifier)", re.IGNORECASE)

_NO_THREAD = re.compile("thread not found|topic_(closed|deleted|id_invalid)|message_thread", re.IGNORECASE)

T = TypeVar("T")


async def send_text(bot: Bot, chat: int, reply: Reply, *, pays: bool) -> str:
    """https://core.telegram.org/bots/api#sendmessage. Returns the message's number."""
    return await _send(bot, "sendMessage", reply, _text(chat, reply), pays=pays)


async def send_file(bot: Bot, chat: int, reply: Reply, file: File, *, pays: bool) -> str:
    """https://core.telegram.org/bots/api#senddocument. Returns the message's number."""
    body = {
        "chat_id": chat,
        "document": InputFile(file.content, file.name),
        "caption": str(without_languages(reply.html)),
        "parse_mode": ParseMode.HTML,
        "reply_markup": keyboard(reply),
    }
    return await _send(bot, "sendDocument", reply, body, pays=pays)


async def _send(bot: Bot, method: str, reply: Reply, body: Json, *, pays: bool) -> str:
    """Raises TimedOut where the answer is no message: it may be there all the same."""

    async def send(thread: int | None) -> Any:  # Any: JSON
        more = {"allow_paid_broadcast": pays or None, "message_thread_id": thread}
        return await call(bot, method, body | more)

    sent = await _in_thread(reply, send)
    if not isinstance(sent, dict) or "message_id" not in sent:
        raise TimedOut("an answer without a message")
    return str(sent["message_id"])


async def _in_thread(reply: Reply, send: Callable[[int | None], Awaitable[T]]) -> T:
    """Send it to its topic; where that is gone, to the chat.

    Bots have been seen to be refused topics that are there: https://github.com/tdlib/telegram-bot-api/issues/847.
    """
    if reply.thread is None:
        return await send(None)
    try:
        return await send(int(reply.thread))
    except BadRequest as error:
        if not _NO_THREAD.search(error.message):
            raise
        return await send(None)


async def edit_text(bot: Bot, chat: int, message: int, reply: Reply) -> None:
    """https://core.telegram.org/bots/api#editmessagetext: without buttons, those that it had go.

    One's own messages can be changed for ever; the 48 hours there are for those of business accounts.
    """
    try:
        await call(bot, "editMessageText", _text(chat, reply) | {"message_id": message})
    except BadRequest as error:
        if not error.message.lower().startswith(_UNCHANGED):
            raise


async def delete_messages(bot: Bot, chat: int, messages: Sequence[int]) -> None:
    """Delete all of these that Telegram lets us: https://core.telegram.org/bots/api#deletemessages.

    It refuses all of them where one is too old: then one by one. Raises TelegramError.
    """
    if await _is_deleted(bot, "deleteMessages", {"chat_id": chat, "message_ids": list(messages)}):
        return
    for each in messages:
        await _is_deleted(bot, "deleteMessage", {"chat_id": chat, "message_id": each})


async def _is_deleted(bot: Bot, method: str, parameters: Json) -> bool:
    """False where Telegram does not let us."""
    try:
        await call(bot, method, parameters)
    except BadRequest as error:
        if not _STAYS.search(error.message):
            raise
        return False
    return True


def _text(chat: int, reply: Reply) -> Json:
    return {
        "chat_id": chat,
        "text": str(without_languages(reply.html)),
        "parse_mode": ParseMode.HTML,
        "link_preview_options": _NO_PREVIEW,
        "reply_markup": keyboard(reply),
    }
