"""Telegram, by long polling or webhook. python-telegram-bot gives the types and calls, `AiohttpRequest` the
wire."""

import asyncio
import logging
import os
import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from aiohttp.web import RouteDef
from telegram import Bot, WebhookInfo
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from assistant.channels.base import Deletion, Profile, RateLimit, Receive
from assistant.channels.telegram import outgoing as telegram_messages
from assistant.channels.telegram.client import AiohttpRequest
from assistant.channels.telegram.errors import (
    FOREIGN_WEBHOOK,
    LOST_WEBHOOK,
    OTHER_WEBHOOK,
    REFUSED_WEBHOOK,
    SECOND_READER,
    UNKNOWN_TOKEN,
    UNREACHED,
    failure,
    seconds,
)
from assistant.channels.telegram.incoming import ALLOWED, Pressed, incoming, pressed
from assistant.channels.telegram.profile import introduce, show_menu
from assistant.channels.telegram.webhook import CONNECTIONS, Webhook
from assistant.channels.typing_indicator import BackgroundCalls, TypingIndicator
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Account, Address, ChatLink, File, Handled, Incoming, Reply
from assistant.outages import Outage

POLL = 50  # seconds that one getUpdates waits; the server allows this much
SLACK = 10  # seconds more before the answer counts as lost
LONGEST_BACKOFF = 15.0  # seconds
CHECK = 60.0  # seconds between looks at whether our webhook is still ours, and reaches us
TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
FREE_RATE = 30  # "no more than 30 messages a second", https://core.telegram.org/bots/faq
CHAT_BURST = 8  # "short bursts that go over this limit" of one a second are allowed, the same page says

# python-telegram-bot 22 warns whenever a pause is read as a plain number of seconds, which it will drop.
os.environ.setdefault("PTB_TIMEDELTA", "true")
# It writes down tokens and texts.
logging.getLogger("telegram").setLevel(logging.CRITICAL)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Arrived:
    """An update as far as it concerns us: a message for a turn, a button to be acknowledged."""

    message: Incoming | None
    pressed: Pressed | None


class Telegram:
    """One bot account (`channels.base.Channel`)."""

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        webhook_url: str | None = None,
        paid_rate: int = 0,
        profiles: Mapping[str, Profile] | None = None,
    ) -> None:
        """`paid_rate`: broadcast messages a second that the operator pays for; 0: those that are free.

        `profiles`: what the bot says of itself, by language. Raises Misconfigured where a setting is wrong.
        """
        if not TOKEN.fullmatch(token):
            raise Misconfigured("ASSISTANT_TELEGRAM_TOKEN is not a bot's token: it looks like 123456:ABC...")
        self.account = Account("telegram", token.partition(":")[0])
        self._bot = Bot(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=AiohttpRequest(),
            get_updates_request=AiohttpRequest(),
        )
        self._webhook = Webhook(webhook_url, token) if webhook_url else None
        self._profiles = profiles or {}
        self._paid = paid_rate > FREE_RATE
        self.pace = RateLimit(
            bulk=float(max(paid_rate, FREE_RATE)), chat=1.0, chat_burst=CHAT_BURST, edits=None
        )
        self.trouble: str | None = None
        self.link: ChatLink | None = None
        self.called = "Telegram"
        self.overheard = True
        self.shows_files = True
        self.files_on_demand = False
        self.keeps_messages = True
        self.keeps_contacts = False
        self.deletion = Deletion(telegram_messages.DELETES_WITHIN, telegram_messages.DELETES_AT_ONCE)
        self._outage = Outage("telegram")
        self._courtesies = BackgroundCalls((TelegramError,))
        self._typing = TypingIndicator(self._show_typing, self._courtesies)

    async def open(self) -> None:
        """Sending needs no more than this. Our name, for links, is found out meanwhile, also by who does not
        `run`."""
        self._courtesies.open()
        for request in self._bot._request:
            await request.initialize()
        self._courtesies.do(self._try_to_learn_name())

    async def probe(self) -> None:
        """The token, and whose webhook there is; updates are left where they are."""
        try:
            await self._bot.get_me()
            found = await self._bot.get_webhook_info()
        except (InvalidToken, Forbidden):
            raise Misconfigured(UNKNOWN_TOKEN) from None
        except TelegramError as error:
            raise failure(error) from None
        if found.url and found.url != (self._webhook.url if self._webhook else ""):
            raise Failure(OTHER_WEBHOOK)
        _see_that_updates_come(found)

    async def close(self) -> None:
        """A webhook stays registered: what comes meanwhile waits at Telegram."""
        self._typing.close()
        await self._courtesies.close()
        for request in self._bot._request:
            await request.shutdown()

    # Receiving

    def routes(self, receive: Receive) -> Sequence[RouteDef]:
        if self._webhook is None:
            return ()

        async def take(update: dict[str, Any]) -> None:  # Any: JSON
            await self._handle(update, receive)

        return (self._webhook.route(take),)

    async def run(self, receive: Receive) -> None:
        self._courtesies.do(introduce(self._bot, self._profiles))
        if self.link is None:
            self._courtesies.do(self._learn_name())
        if self._webhook is None:
            await self._insist(self._bot.delete_webhook)
            await self._poll(receive)
        else:
            await self._insist(self._register)
            self._works()
            await self._watch_webhook(self._webhook.url)

    async def _try_to_learn_name(self) -> None:
        """Who is to work or to be looked at finds out by itself what is wrong."""
        with suppress(TelegramError):
            await self._learn_name()

    async def _learn_name(self) -> None:
        me = await self._bot.get_me()
        page = f"https://t.me/{me.username}"
        self.link = ChatLink(page, f"{page}?start={{case}}_{{source}}")

    async def _register(self) -> bool:
        assert self._webhook is not None  # noqa: S101  for the type checker
        hook = self._webhook
        try:
            return await self._bot.set_webhook(
                hook.url, allowed_updates=ALLOWED, max_connections=CONNECTIONS, secret_token=hook.secret
            )
        except BadRequest as error:  # perhaps only for now: its name may not be known yet
            raise Failure(f"{REFUSED_WEBHOOK} It says: {error.message}.") from None

    async def _insist(self, call: Any) -> None:  # Any: calls of Bot, each with options of its own
        """Repeat until it is done. Raises Misconfigured where that is of no use."""
        failures = 0
        while True:
            try:
                await call()
                return
            except (TelegramError, Failure) as error:
                failures += 1
                await self._wait_out(error, failures)

    async def _watch_webhook(self, url: str) -> None:
        """Telegram tells nobody when a webhook is taken away, or when what it calls does not answer."""
        failures = 0
        while True:
            await asyncio.sleep(CHECK)
            try:
                info = await self._bot.get_webhook_info()
                if info.url != url:
                    self._outage.failed(LOST_WEBHOOK)
                    await self._insist(self._register)
                else:
                    _see_that_updates_come(info)
                self._works()
                failures = 0
            except (TelegramError, Failure) as error:
                failures += 1
                await self._wait_out(error, failures)

    async def _poll(self, receive: Receive) -> None:
        """An update is confirmed, by asking for the next one, only when its turn is committed."""
        offset, failures = 0, 0
        while True:
            try:
                found = await self._get_updates(offset)
                self.trouble = None
                await self._handle_all(found, receive)
                self._works()
                offset = found[-1]["update_id"] + 1 if found else offset
                failures = 0
            except (TelegramError, Failure) as error:
                failures += 1
                await self._wait_out(error, failures)
                if self.trouble == FOREIGN_WEBHOOK:
                    await self._insist(self._bot.delete_webhook)  # which drops nothing that waits

    async def _get_updates(self, offset: int) -> list[dict[str, Any]]:  # Any: JSON
        """As they come: `Bot.get_updates` fails for all of them where one cannot be parsed."""
        # After trouble at once, to know that it is over; not with a second reader, to be no trouble to it.
        wait = POLL if self.trouble in (None, SECOND_READER) else 0
        asked = {"offset": offset, "timeout": wait, "allowed_updates": ALLOWED}
        found: list[dict[str, Any]] = await self._bot._post("getUpdates", asked, read_timeout=POLL + SLACK)
        return found

    def _works(self) -> None:
        self.trouble = None
        self._outage.over()

    async def _wait_out(self, error: TelegramError | Failure, failures: int) -> None:
        """Note why nothing can be read, and wait. Raises Misconfigured where an operator has to mend it."""
        if isinstance(error, InvalidToken | Forbidden):
            self.trouble = UNKNOWN_TOKEN
            self._outage.failed(
                "telegram cannot be read until this is mended", level="error", reason=self.trouble
            )
            raise Misconfigured(UNKNOWN_TOKEN) from None
        known = error if isinstance(error, Failure) else failure(error)
        # A second reader is not the end: while a new version replaces an old one, both read for a moment.
        self.trouble = known.reason
        self._outage.failed("telegram cannot be read for now", reason=self.trouble)
        asked = seconds(error.retry_after) if isinstance(error, RetryAfter) else known.retry_after
        backoff = min(LONGEST_BACKOFF, 0.2 * 2.0 ** min(failures, 10))
        await asyncio.sleep(asked or backoff * random.uniform(0.5, 1.0))  # noqa: S311  jitter

    async def _handle_all(self, updates: Sequence[dict[str, Any]], receive: Receive) -> None:  # Any: JSON
        """Raises Failure where one could not be stored: then all come again, and none counts twice."""
        by_chat: defaultdict[Address | None, list[_Arrived]] = defaultdict(list)
        for each in updates:
            if arrived := self._understood(each):
                by_chat[arrived.message.address if arrived.message else None].append(arrived)
        results = await asyncio.gather(
            *(self._take_in_order(each, receive) for each in by_chat.values()), return_exceptions=True
        )
        for result in results:
            if result is not None:
                raise result

    async def _take_in_order(self, updates: Sequence["_Arrived"], receive: Receive) -> None:
        """Where one could not be stored, those after it wait for it to come again."""
        for each in updates:
            await self._take(each, receive)

    async def _handle(self, update: dict[str, Any], receive: Receive) -> None:  # Any: JSON
        if arrived := self._understood(update):
            await self._take(arrived, receive)

    def _understood(self, update: dict[str, Any]) -> "_Arrived | None":  # Any: JSON
        """One that cannot be read must hold up no other, and would be no better the next time."""
        try:
            return _Arrived(incoming(update, self.account), pressed(update))
        except Exception:
            log.exception("an update cannot be understood, and is passed over")
            return None

    async def _take(self, arrived: "_Arrived", receive: Receive) -> None:
        """Raises Failure where the update has to come again."""
        message, pressed = arrived.message, arrived.pressed
        handled = Handled(accepted=False, replies=0)
        try:
            if message is not None:
                self._typing.expect(message.address.person)
                handled = await receive(message)
        except Failure as known:
            if not known.permanent:
                raise  # once the operator has seen to it, or in a moment, it can be stored
            log.error("an update is passed over", reason=known.reason)
        finally:
            if message is not None and not handled.replies:
                self._typing.answered(message.address.person)
            if pressed is not None and handled.read:
                self._courtesies.do(self._bot.answer_callback_query(pressed.id))
        if message is not None and pressed is not None and handled.accepted:
            self._show_choice(message.address.person, pressed)

    # Courtesies

    def _show_choice(self, person: str, pressed: Pressed) -> None:
        if markup := telegram_messages.chosen(pressed):
            number = int(pressed.message["message_id"])
            self._courtesies.do(self._bot.edit_message_reply_markup(int(person), number, reply_markup=markup))

    async def _show_typing(self, person: str) -> None:
        await self._bot.send_chat_action(int(person), ChatAction.TYPING)

    # Sending

    def parts(self, reply: Reply) -> Sequence[Reply]:
        return telegram_messages.parts(reply)

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        self._typing.answered(address.person)
        chat, pays = int(address.person), reply.bulk and self._paid
        try:
            if reply.menu == ():  # no trace of the team may stay: where it fails, all of it is tried again
                await show_menu(self._bot, chat, {})
            if file is None:
                reference = await telegram_messages.send_text(self._bot, chat, reply, pays=pays)
            else:
                reference = await telegram_messages.send_file(self._bot, chat, reply, file, pays=pays)
        except TelegramError as error:
            raise self._failed(error) from None
        if reply.menu:
            self._courtesies.do(show_menu(self._bot, chat, dict(reply.menu)))
        return reference

    async def edit(self, address: Address, reference: str, reply: Reply) -> None:
        try:
            await telegram_messages.edit_text(self._bot, int(address.person), int(reference), reply)
        except TelegramError as error:
            raise self._failed(error) from None

    async def delete(self, address: Address, references: Sequence[str]) -> None:
        numbers = [int(each) for each in references]
        try:
            await telegram_messages.delete_messages(self._bot, int(address.person), numbers)
        except TelegramError as error:
            raise self._failed(error) from None

    async def empty_contact(self, address: Address) -> None:
        """There are none."""

    def _failed(self, error: TelegramError) -> Failure:
        if isinstance(error, InvalidToken):
            self.trouble = UNKNOWN_TOKEN
        return failure(error)


def _see_that_updates_come(info: WebhookInfo) -> None:
    """Raises Failure where what people write has not reached our webhook lately."""
    if info.pending_update_count and _is_recent(info.last_error_date):
        raise Failure(f"{UNREACHED} It says: {info.last_error_message}.")


def _is_recent(moment: datetime | None) -> bool:
    return moment is not None and datetime.now(UTC) - moment < timedelta(seconds=2 * CHECK)
