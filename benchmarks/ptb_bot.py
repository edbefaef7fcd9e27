"""The same questions as ours, the way python-telegram-bot's own examples do it: its webhook Application, and
a ConversationHandler that remembers in memory. Usage: ptb_bot.py API_URL PORT
"""

import sys

from telegram import Update
from telegram.ext import (
    Application,
    BaseHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

READY, NAME, COUNTRY, LINE = range(4)
Context = ContextTypes.DEFAULT_TYPE
Handler = BaseHandler[Update, Context, object]
BRIEFING = "Norma Cruz helps women in Guatemala. She received 47 death threats by text message. " * 3


async def _reply(update: Update, text: str) -> None:
    assert update.message
    await update.message.reply_text(text)


async def start(update: Update, _: Context) -> int:
    await _reply(update, f"{BRIEFING}\n\nYou can write a letter. It takes about two minutes.")
    return READY


async def ready(update: Update, _: Context) -> int:
    await _reply(update, "What name shall we put under the letter?")
    return NAME


async def name(update: Update, context: Context) -> int:
    assert update.message and context.user_data is not None
    context.user_data["name"] = update.message.text
    await _reply(update, "Which country do you live in? The letter will name it.")
    return COUNTRY


async def country(update: Update, context: Context) -> int:
    assert update.message and context.user_data is not None
    context.user_data["country"] = update.message.text
    await _reply(update, "You can add a sentence of your own: write it now, or skip.")
    return LINE


def main(api_url: str, port: int) -> None:
    application = Application.builder().token("1:bench").base_url(f"{api_url}/bot").build()
    states: dict[object, list[Handler]] = {
        READY: [MessageHandler(filters.TEXT, ready)],
        NAME: [MessageHandler(filters.TEXT, name)],
        COUNTRY: [MessageHandler(filters.TEXT, country)],
        LINE: [MessageHandler(filters.TEXT, country)],
    }
    application.add_handler(ConversationHandler([CommandHandler("start", start)], states, []))
    application.run_webhook("127.0.0.1", port, "telegram", webhook_url=f"http://127.0.0.1:{port}/telegram")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
