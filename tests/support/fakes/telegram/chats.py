"""The chats of the fake Telegram: what was written in them, and the updates that await the bot."""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.fakes.telegram.html import ApiError, Json

BOT: Json = {"id": 123456, "is_bot": True, "first_name": "Test bot", "username": "invented_test_bot"}
_ONLY_IF_ASKED_FOR = ("chat_member", "message_reaction", "message_reaction_count")


@dataclass(frozen=True)
class SentFile:
    """A file as the bot sent it; `id` is the one by which it may send it again."""

    id: str
    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Received:
    """A bot's message as a person has it now.

    `html` is the text, or the caption of `file`, as the bot sent it; a button is its label and its data or
    URL; `quotes` is the message that it replies to.
    """

    id: int
    html: str
    text: str
    buttons: list[tuple[str, str]]
    file: SentFile | None = None
    quotes: int | None = None


class Network:
    """Everything of Telegram but its HTTP API."""

    def __init__(self) -> None:
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, Json] = {}
        self.presses: set[str] = set()
        self.updates: list[Json] = []
        self.taken: list[Json] = []  # by the bot's webhook
        self.allowed_updates: list[str] = []
        self.changed = asyncio.Condition()
        self._duplicates = 0
        self._message_ids = itertools.count(1)
        self._update_ids = itertools.count(100_000_001)

    async def until(self, condition: Callable[[], bool], timeout: float = 5) -> None:  # noqa: ASYNC109
        """Wait until a request or a person has made the condition true."""
        async with self.changed, asyncio.timeout(timeout):
            await self.changed.wait_for(condition)

    async def notify(self) -> None:
        """Look at all conditions again."""
        async with self.changed:
            self.changed.notify_all()

    def duplicate_next(self, times: int = 1) -> None:
        """The next updates come twice, as where the answer to the first delivery is lost."""
        self._duplicates += times

    def add_message(self, chat: "Chat", sender: Json, content: Json) -> Json:
        """https://core.telegram.org/bots/api#message, numbered in the bot's own sequence."""
        number = next(self._message_ids)
        head = {"message_id": number, "from": sender, "chat": chat.chat, "date": int(time.time())}
        self.messages[number] = head | {
            name: value for name, value in content.items() if value or isinstance(value, dict)
        }
        return self.messages[number]

    async def add_update(self, kind: str, content: Json) -> None:
        """https://core.telegram.org/bots/api#update; a kind the bot did not ask for is never created."""
        wanted = kind in self.allowed_updates if self.allowed_updates else kind not in _ONLY_IF_ASKED_FOR
        if not wanted:
            return
        update = {"update_id": next(self._update_ids), kind: content}
        self.updates.append(update)
        if self._duplicates:
            self._duplicates -= 1
            self.updates.append(dict(update))
        await self.notify()

    async def add_press(self, user: Json, message: Json, button: str) -> str:
        """Somebody presses a button, by its data or label: the query's id.

        https://core.telegram.org/bots/api#callbackquery.
        """
        offered = [b for b in buttons(message) if "callback_data" in b]
        data = [b["callback_data"] for b in offered if button in (b["callback_data"], b["text"])]
        if not data:
            raise LookupError(f"{button!r} is none of the buttons {offered} of {message.get('text')!r}")
        query = f"{user['id']}{len(self.presses):06}"
        self.presses.add(query)
        content = {"id": query, "from": user, "message": message, "data": data[0]}
        await self.add_update("callback_query", content | {"chat_instance": str(-message["chat"]["id"])})
        return query

    async def add_membership(self, chat: "Chat", user: Json, old: str, new: str) -> None:
        """Somebody changes what the bot is in a chat: https://core.telegram.org/bots/api#chatmemberupdated."""
        change = {"chat": chat.chat, "from": user, "date": int(time.time())}
        members = {"old_chat_member": _bot_as(old), "new_chat_member": _bot_as(new)}
        await self.add_update("my_chat_member", change | members)


class Chat:
    """Where the bot writes. `refusal` is why it cannot, and `actions` is what it was seen doing.

    `inbox`: all that was ever received; `deleted`: the numbers of what the bot has deleted since.
    """

    def __init__(self, network: Network, chat: Json) -> None:
        self.id = int(chat["id"])
        self.chat = chat
        self.inbox: list[Received] = []
        self.actions: list[str] = []
        self.deleted: list[int] = []
        self.refusal: ApiError | None = None
        self._network = network
        self._seen = 0
        network.chats[self.id] = self

    async def receives(self, count: int = 1, timeout: float = 5) -> list[Received]:  # noqa: ASYNC109
        """Exactly `count` messages that no earlier call has returned, waiting for them if need be."""
        try:
            await self._network.until(lambda: len(self.inbox) >= self._seen + count, timeout)
        except TimeoutError:
            texts = [message.text for message in self.inbox[self._seen :]]
            name = self.chat.get("first_name") or self.chat["title"]
            raise TimeoutError(f"{name} received {texts}, not {count} messages") from None
        self._seen += count
        return self.inbox[self._seen - count : self._seen]

    def age(self, message: Received | int, seconds: float) -> None:
        """It was sent so much earlier."""
        self.shown(message)["date"] -= int(seconds)

    def shown(self, message: Received | int | None = None) -> Json:
        """A message of the bot by its number, or the latest."""
        if message is None:
            message = self.inbox[-1]
        return self._network.messages[message if isinstance(message, int) else message.id]


def buttons(message: Json) -> list[Json]:
    return list(itertools.chain.from_iterable(message.get("reply_markup", {}).get("inline_keyboard", [])))


def received(message: Json, html: str, file: SentFile | None = None) -> Received:
    """The bot's message as its reader has it."""
    shown = [(b["text"], b.get("callback_data") or b.get("url", "")) for b in buttons(message)]
    text = message.get("text") or message.get("caption", "")
    quoted = message.get("reply_to_message", {}).get("message_id")
    return Received(message["message_id"], html, text, shown, file, quoted)


def _bot_as(status: str) -> Json:
    """https://core.telegram.org/bots/api#chatmember."""
    return {"user": BOT, "status": status} | ({"until_date": 0} if status == "kicked" else {})
