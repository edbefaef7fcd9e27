"""How a reply looks on Telegram: parts that fit, and a keyboard."""

from collections.abc import Sequence
from dataclasses import replace

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from assistant.channels.splitting import split, utf16
from assistant.channels.telegram.updates import DONE
from assistant.domain.doors import OPEN
from assistant.domain.errors import Failure
from assistant.domain.messages import Reply

TEXT_MAX = 4096  # UTF-16 units after entities, https://core.telegram.org/bots/api#sendmessage
CAPTION_MAX = 1024  # the same, https://core.telegram.org/bots/api#senddocument
CALLBACK_MAX = 64  # bytes, https://core.telegram.org/bots/api#inlinekeyboardbutton
CHOSEN = "✓ {}"


def parts(reply: Reply) -> Sequence[Reply]:
    """The reply as messages that Telegram takes: the last one has the buttons, the first one the file."""
    texts = split(reply.html, CAPTION_MAX if reply.paper else TEXT_MAX, utf16)
    if len(texts) <= 1:
        return (reply,) if texts else ()
    first, *others = texts
    between = [Reply(text, conversation=reply.conversation, bulk=reply.bulk) for text in others[:-1]]
    return (
        Reply(first, (), None, reply.conversation, None, reply.paper, reply.first, reply.bulk),
        *between,
        replace(reply, html=others[-1], paper=None, first=False),
    )


def keyboard(reply: Reply) -> InlineKeyboardMarkup | None:
    """A button a line: labels are whole words in every language, and phones are narrow."""
    rows = []
    for button in reply.buttons:
        data = f"{reply.mark}:{button.value}"
        if len(data.encode()) > CALLBACK_MAX:
            raise Failure(f"A button of question {reply.asks} has too long a value.", permanent=True)
        rows.append([InlineKeyboardButton(button.label, callback_data=data)])
    return InlineKeyboardMarkup(rows) if rows else None


def chosen(query: CallbackQuery) -> InlineKeyboardMarkup | None:
    """The keyboard with nothing left but the choice made.

    None where the message is too old to show it, or where the button begins something and can do so again.
    """
    message = query.message
    if query.data and query.data.startswith(f"{OPEN}:"):
        return None
    if not isinstance(message, Message) or message.reply_markup is None:
        return None
    for row in message.reply_markup.inline_keyboard:
        for button in row:
            if button.callback_data == query.data:
                text = CHOSEN.format(button.text)
                return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=DONE)]])
    return None
