"""The calls that put messages into a chat, and change them there. Each raises TelegramError."""

from typing import Any

from telegram import Bot, InputFile
from telegram.constants import ParseMode
from telegram.error import BadRequest

from assistant.channels.telegram.messages import keyboard
from assistant.domain.messages import File, Reply

_NO_PREVIEW = {"is_disabled": True}  # https://core.telegram.org/bots/api#linkpreviewoptions
_UNCHANGED = "message is not modified"  # what Telegram says of an edit that would change nothing

Json = dict[str, Any]  # Any: JSON


async def send_text(bot: Bot, chat: int, reply: Reply, *, pays: bool) -> str:
    """https://core.telegram.org/bots/api#sendmessage. Returns the message's number.

    Without the object that `Bot.send_message` makes of the answer: a third of the whole cost.
    """
    sent: Json = await bot._post("sendMessage", _text(chat, reply) | {"allow_paid_broadcast": pays or None})
    return str(sent["message_id"])


async def send_file(bot: Bot, chat: int, reply: Reply, file: File, *, pays: bool) -> str:
    """https://core.telegram.org/bots/api#senddocument. Returns the message's number."""
    sent = await bot.send_document(
        chat,
        InputFile(file.content, file.name),
        caption=str(reply.html),
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard(reply),
        allow_paid_broadcast=pays or None,
    )
    return str(sent.message_id)


async def edit_text(bot: Bot, chat: int, message: int, reply: Reply) -> None:
    """https://core.telegram.org/bots/api#editmessagetext: without buttons, those that it had go.

    One's own messages can be changed for ever; the 48 hours there are for those of business accounts.
    """
    try:
        await bot._post("editMessageText", _text(chat, reply) | {"message_id": message})
    except BadRequest as error:
        if not error.message.lower().startswith(_UNCHANGED):
            raise


def _text(chat: int, reply: Reply) -> Json:
    return {
        "chat_id": chat,
        "text": str(reply.html),
        "parse_mode": ParseMode.HTML,
        "link_preview_options": _NO_PREVIEW,
        "reply_markup": keyboard(reply),
    }
