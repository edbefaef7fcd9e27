"""The people of the fake Telegram, what they and the bot have written, and the updates that await the bot."""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.telegram_html import Json, bot_commands

BOT: Json = {"id": 123456, "is_bot": True, "first_name": "Test bot", "username": "invented_test_bot"}


@dataclass(frozen=True)
class Received:
    """A bot's message as a person has it now.

    `html` is the text as the bot sent it; a button is its label and its data or URL.
    """

    id: int
    html: str
    text: str
    buttons: list[tuple[str, str]]


class Network:
    """Everything of Telegram but its HTTP API."""

    def __init__(self) -> None:
        self.people: dict[int, Person] = {}
        self.messages: dict[int, Json] = {}
        self.updates: list[Json] = []
        self.allowed_updates: list[str] = []
        self.changed = asyncio.Condition()
        self._message_ids = itertools.count(1)
        self._update_ids = itertools.count(100_000_001)

    def person(self, first_name: str, language_code: str | None = None) -> "Person":
        """Somebody who has started the bot before, so that it may write first."""
        person = Person(self, 1000 + len(self.people), first_name, language_code)
        self.people[person.id] = person
        return person

    async def until(self, condition: Callable[[], bool], timeout: float = 5) -> None:  # noqa: ASYNC109
        """Wait until a request or a person has made the condition true."""
        async with self.changed, asyncio.timeout(timeout):
            await self.changed.wait_for(condition)

    def add_message(self, person: "Person", sender: Json, content: Json) -> Json:
        """https://core.telegram.org/bots/api#message, numbered in the bot's own sequence."""
        number = next(self._message_ids)
        head = {"message_id": number, "from": sender, "chat": person.chat, "date": int(time.time())}
        self.messages[number] = head | {name: value for name, value in content.items() if value}
        return self.messages[number]

    async def add_update(self, kind: str, content: Json) -> None:
        """https://core.telegram.org/bots/api#update; a kind the bot did not ask for is never created."""
        if not self.allowed_updates or kind in self.allowed_updates:
            self.updates.append({"update_id": next(self._update_ids), kind: content})
            await self.notify()

    async def notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()


class Person:
    """Somebody with a private chat with the bot; get one from `Network.person`."""

    def __init__(self, network: Network, number: int, first_name: str, language_code: str | None) -> None:
        self.id = number
        self.chat: Json = {"id": number, "first_name": first_name, "type": "private"}
        self.user: Json = {"id": number, "is_bot": False, "first_name": first_name}
        if language_code:
            self.user["language_code"] = language_code
        self.inbox: list[Received] = []
        self.presses: list[str] = []
        self.blocked = False
        self._network = network
        self._seen = 0

    async def write(self, text: str) -> int:
        """The number of the new message."""
        return await self._send({"text": text, "entities": bot_commands(text)})

    async def send_photo(self, caption: str = "") -> int:
        sizes = [
            {"file_id": f"photo-{size}", "file_unique_id": f"unique-{size}", "width": size, "height": size}
            for size in (90, 320)
        ]
        return await self._send({"photo": sizes, "caption": caption})

    async def _send(self, content: Json) -> int:
        message = self._network.add_message(self, self.user, content)
        await self._network.add_update("message", message)
        return int(message["message_id"])

    async def edit(self, message_id: int, text: str) -> None:
        change = {"text": text, "entities": bot_commands(text) or None, "edit_date": int(time.time())}
        edited = self._network.messages[message_id] | change
        edited = {name: value for name, value in edited.items() if value is not None}
        self._network.messages[message_id] = edited
        await self._network.add_update("edited_message", edited)

    async def press(self, button: str, message: Received | int | None = None) -> str:
        """Press a button, by its data or label, of the latest or the given message; the query's id."""
        if message is None:
            message = self.inbox[-1]
        pressed = self._network.messages[message if isinstance(message, int) else message.id]
        buttons = [b for b in _buttons(pressed) if "callback_data" in b]
        data = [b["callback_data"] for b in buttons if button in (b["callback_data"], b["text"])]
        if not data:
            raise LookupError(f"{button!r} is none of the buttons {buttons} of {pressed.get('text')!r}")
        query = f"{self.id}{len(self.presses):06}"
        self.presses.append(query)
        content = {"id": query, "from": self.user, "message": pressed, "chat_instance": str(-self.id)}
        await self._network.add_update("callback_query", content | {"data": data[0]})
        return query

    async def block(self) -> None:
        await self._change_membership("kicked")

    async def unblock(self) -> None:
        await self._change_membership("member")

    async def _change_membership(self, status: str) -> None:
        """https://core.telegram.org/bots/api#chatmemberupdated."""
        self.blocked = status == "kicked"
        kicked: Json = {"user": BOT, "status": "kicked", "until_date": 0}
        member: Json = {"user": BOT, "status": "member"}
        old, new = (member, kicked) if self.blocked else (kicked, member)
        change = {"chat": self.chat, "from": self.user, "date": int(time.time())}
        await self._network.add_update(
            "my_chat_member", change | {"old_chat_member": old, "new_chat_member": new}
        )

    async def receives(self, count: int = 1, timeout: float = 5) -> list[Received]:  # noqa: ASYNC109
        """Exactly `count` messages that no earlier call has returned, waiting for them if need be."""
        try:
            await self._network.until(lambda: len(self.inbox) >= self._seen + count, timeout)
        except TimeoutError:
            texts = [message.text for message in self.inbox[self._seen :]]
            raise TimeoutError(f"{self.chat['first_name']} received {texts}, not {count} messages") from None
        self._seen += count
        return self.inbox[self._seen - count : self._seen]


def _buttons(message: Json) -> list[Json]:
    return list(itertools.chain.from_iterable(message.get("reply_markup", {}).get("inline_keyboard", [])))


def received(message: Json, html: str) -> Received:
    buttons = [(b["text"], b.get("callback_data") or b.get("url", "")) for b in _buttons(message)]
    return Received(message["message_id"], html, message["text"], buttons)
