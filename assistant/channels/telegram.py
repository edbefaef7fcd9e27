"""Telegram, by long polling. python-telegram-bot gives the types and calls, `AiohttpRequest` the wire."""

import asyncio
import contextlib
import os
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from telegram import (
    Bot,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from assistant.channels.base import Receive
from assistant.channels.telegram_request import AiohttpRequest
from assistant.domain.errors import Failure, Misconfigured, Unreachable
from assistant.domain.messages import Address, Content, Incoming, Open, Press, Reply, Text, Unreadable

POLL = 50  # seconds that one getUpdates waits; the server allows this much
SLACK = 10  # seconds more before the answer counts as lost
ALLOWED = ["message", "callback_query"]
LONGEST_BACKOFF = 15.0  # seconds
TOKEN = re.compile(r"^[0-9]+:[A-Za-z0-9_-]+$")
CALLBACK_MAX = 64  # bytes, https://core.telegram.org/bots/api#inlinekeyboardbutton
KINDS = (
    "photo",
    "voice",
    "video",
    "video_note",
    "audio",
    "sticker",
    "document",
    "contact",
    "location",
    "poll",
)

# python-telegram-bot 22 warns whenever a pause is read as a plain number of seconds, which it will drop.
os.environ.setdefault("PTB_TIMEDELTA", "true")

log = structlog.get_logger()


class Telegram:
    """One bot account (`channels.base.Channel`)."""

    bulk_gap = 1 / 30  # "no more than 30 messages a second", https://core.telegram.org/bots/faq

    def __init__(self, token: str, api_url: str) -> None:
        """Raises Misconfigured where the token cannot be one."""
        if not TOKEN.match(token):
            raise Misconfigured("ASSISTANT_TELEGRAM_TOKEN is not a bot's token: it looks like 123456:ABC...")
        self._account = token.partition(":")[0]
        self._bot = Bot(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=AiohttpRequest(),
            get_updates_request=AiohttpRequest(),
        )

    @property
    def line(self) -> str:
        return f"telegram:{self._account}"

    async def open(self) -> None:
        """Sending needs no more than this; `run` speaks with the server first."""
        for request in self._bot._request:
            await request.initialize()

    async def close(self) -> None:
        for request in self._bot._request:
            await request.shutdown()

    # Receiving

    async def run(self, receive: Receive) -> None:
        """An update is confirmed, by asking for the next one, only when its turn is committed."""
        offset, failures = 0, 0
        while True:
            try:
                found = await self._get_updates(offset)
                if found:
                    await self._handle_all(
                        [update for each in found if (update := self._parsed(each))], receive
                    )
                    offset = found[-1]["update_id"] + 1
                failures = 0
            except (InvalidToken, Conflict, Forbidden) as error:
                raise Misconfigured(_standing(error)) from None
            except (TelegramError, Failure) as error:
                failures += 1
                pause = error.retry_after if isinstance(error, RetryAfter | Failure) else None
                log.warning("telegram cannot be read for now", reason=type(error).__name__, failures=failures)
                await asyncio.sleep(_seconds(pause) or _backoff(failures))

    async def _get_updates(self, offset: int) -> list[dict[str, Any]]:  # Any: JSON
        """As they come: `Bot.get_updates` fails for all of them where one cannot be parsed."""
        asked = {"offset": offset, "timeout": POLL, "allowed_updates": ALLOWED}
        found: list[dict[str, Any]] = await self._bot._post("getUpdates", asked, read_timeout=POLL + SLACK)
        return found

    def _parsed(self, update: dict[str, Any]) -> Update | None:  # Any: JSON
        try:
            return Update.de_json(update, self._bot)
        except Exception:
            log.exception("an update cannot be understood, and is passed over")
            return None

    async def _handle_all(self, updates: Sequence[Update], receive: Receive) -> None:
        """Raises Failure where one could not be stored: then all come again, and none counts twice."""
        by_chat: defaultdict[int | None, list[Update]] = defaultdict(list)
        for update in updates:
            by_chat[update.effective_chat.id if update.effective_chat else None].append(update)
        results = await asyncio.gather(
            *(self._handle_chat(each, receive) for each in by_chat.values()), return_exceptions=True
        )
        for result in results:
            if result is not None:
                raise result

    async def _handle_chat(self, updates: Sequence[Update], receive: Receive) -> None:
        """In order: where one could not be stored, those after it wait for it to come again."""
        for update in updates:
            incoming = self._incoming(update)
            if incoming is None:
                continue
            try:
                await receive(incoming)
            except Failure as failure:
                if isinstance(failure, Misconfigured) or not failure.permanent:
                    raise  # once the operator has seen to it, or in a moment, it can be stored
                log.error("an update is passed over", reason=failure.reason)
            finally:
                if update.callback_query:
                    await self._acknowledge(update.callback_query)

    async def _acknowledge(self, pressed: CallbackQuery) -> None:
        """Ends the little clock on the button. It is only a courtesy: a failure of it changes nothing."""
        with contextlib.suppress(TelegramError):
            await self._bot.answer_callback_query(pressed.id)

    def _incoming(self, update: Update) -> Incoming | None:
        chat, user = update.effective_chat, update.effective_user
        if chat is None or chat.type != chat.PRIVATE:
            return None
        content = _content(update)
        if content is None:
            return None
        address = Address("telegram", self._account, str(chat.id))
        return Incoming(address, str(update.update_id), content, user.language_code if user else None)

    # Sending

    async def send(self, address: Address, reply: Reply) -> None:
        try:
            await self._bot.send_message(
                int(address.person),
                str(reply.html),
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(reply),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except TelegramError as error:
            raise _failure(error) from None


def _content(update: Update) -> Content | None:
    if update.callback_query is not None:
        mark, _, value = (update.callback_query.data or "").rpartition(":")
        return Press(mark, value)
    message = update.message
    if message is None:
        return None
    if message.text is None:
        return Unreadable(_kind(message))
    command, _, payload = message.text.partition(" ")
    if command.split("@")[0] == "/start":
        return Open(payload.strip() or None)
    if command.startswith("/"):  # "/help@our_bot" is how groups and some clients write it
        return Text(f"{command.split('@')[0]} {payload}".strip())
    return Text(message.text)


def _kind(message: Message) -> str:
    return next((kind for kind in KINDS if getattr(message, kind, None)), "other")


def _keyboard(reply: Reply) -> InlineKeyboardMarkup | None:
    """A button a line: labels are whole words in every language, and phones are narrow."""
    rows = []
    for button in reply.buttons:
        data = f"{reply.mark}:{button.value}"
        if len(data.encode()) > CALLBACK_MAX:
            raise Failure(f"A button of question {reply.asks} has too long a value.", permanent=True)
        rows.append([InlineKeyboardButton(button.label, callback_data=data)])
    return InlineKeyboardMarkup(rows) if rows else None


def _failure(error: TelegramError) -> Failure:
    """What a refusal means. The order matters: BadRequest and TimedOut are NetworkErrors too."""
    match error:
        case Forbidden():
            return Unreachable("Telegram: blocked by the person, or the account is gone.")
        case ChatMigrated():
            return Unreachable("Telegram: the chat became a group elsewhere.")
        case RetryAfter():
            return Failure("Telegram asks for a pause.", retry_after=_seconds(error.retry_after))
        case BadRequest() if "chat not found" in error.message.lower():
            return Unreachable("Telegram: there is no such chat.")
        case BadRequest():
            return Failure(f"Telegram refuses a message of ours: {error.message}.", permanent=True)
        case TimedOut():
            return Failure("Telegram gave no answer.", uncertain=True)
        case InvalidToken() | Conflict():
            return Failure(_standing(error))
        case NetworkError():
            return Failure("Telegram cannot be reached.")
    return Failure(f"Telegram failed: {type(error).__name__}.")


def _standing(error: TelegramError) -> str:
    if isinstance(error, Conflict):
        return "Telegram: another program reads this bot's messages. End it, or use another bot's token."
    return "Telegram does not know this token: see ASSISTANT_TELEGRAM_TOKEN."


def _seconds(pause: float | timedelta | None) -> float | None:
    return pause.total_seconds() if isinstance(pause, timedelta) else pause


def _backoff(failures: int) -> float:
    return min(LONGEST_BACKOFF, 0.2 * 2.0**failures) * random.uniform(0.5, 1.0)  # noqa: S311  jitter
