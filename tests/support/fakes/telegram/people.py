"""The people of the fake Telegram, and what they send to the bot."""

import itertools
import time

from tests.support.fakes.telegram.chats import BOT, Chat, Network, Received
from tests.support.fakes.telegram.html import ApiError, Json, bot_commands

__all__ = ["BOT", "Network", "Person", "Received"]


class Person(Chat):
    """Somebody with a private chat with the bot; get one from `FakeTelegram.person`."""

    def __init__(self, network: Network, number: int, first_name: str, language_code: str | None) -> None:
        super().__init__(network, {"id": number, "first_name": first_name, "type": "private"})
        self.user: Json = {"id": number, "is_bot": False, "first_name": first_name}
        if language_code:
            self.user["language_code"] = language_code
        self.presses: list[str] = []
        self._albums = itertools.count(1)

    @property
    def blocked(self) -> bool:
        return self.refusal is not None

    async def write(self, text: str, reply_to: Received | int | None = None) -> int:
        """The number of the new message; `reply_to` is the message that it quotes."""
        return await self._send(text_content(text) | quoting(self, reply_to))

    async def edit(self, message_id: int, text: str) -> None:
        """Change a message of theirs."""
        await self._network.add_update("edited_message", edited(self._network, message_id, text))

    async def press(self, button: str, message: Received | int | None = None) -> str:
        """Press a button, by its data or label, of the latest or the given message; the query's id."""
        query = await self._network.add_press(self.user, self.shown(message), button)
        self.presses.append(query)
        return query

    async def send_photo(self, caption: str = "") -> int:
        return await self._send(_photo(1) | {"caption": caption})

    async def send_album(self, count: int = 3, caption: str = "") -> list[int]:
        """Several photos as one, which are as many messages; the first has the caption."""
        album = {"media_group_id": f"{self.id}{next(self._albums):06}"}
        captions = [caption, *[""] * (count - 1)]
        return [
            await self._send(_photo(n) | album | {"caption": each})
            for n, each in enumerate(captions, start=1)
        ]

    async def send_voice(self, seconds: int = 3) -> int:
        return await self._send({"voice": _file("voice") | {"duration": seconds, "mime_type": "audio/ogg"}})

    async def send_sticker(self, emoji: str = "👍") -> int:
        look = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return await self._send({"sticker": _file("sticker") | look | {"emoji": emoji}})

    async def send_contact(self, phone_number: str = "+15550100") -> int:
        return await self._send({"contact": {"phone_number": phone_number, "first_name": "Invented"}})

    async def send_location(self, latitude: float = 14.6, longitude: float = -90.5) -> int:
        return await self._send({"location": {"latitude": latitude, "longitude": longitude}})

    async def block(self) -> None:
        """Stop the bot: it can no longer write."""
        self.refusal = ApiError(403, "Forbidden: bot was blocked by the user")
        await self._network.add_membership(self, self.user, "member", "kicked")

    async def unblock(self) -> None:
        self.refusal = None
        await self._network.add_membership(self, self.user, "kicked", "member")

    def delete_account(self) -> None:
        """Of which the bot hears only when it writes."""
        self.refusal = ApiError(403, "Forbidden: user is deactivated")

    async def _send(self, content: Json) -> int:
        message = self._network.add_message(self, self.user, content)
        await self._network.add_update("message", message)
        return int(message["message_id"])


def text_content(text: str) -> Json:
    """What a client makes of a text typed."""
    return {"text": text, "entities": bot_commands(text)}


def quoting(chat: Chat, message: Received | int | None) -> Json:
    """The message that another one replies to, which does not itself say what it replied to."""
    if message is None:
        return {}
    quoted = {name: value for name, value in chat.shown(message).items() if name != "reply_to_message"}
    return {"reply_to_message": quoted}


def edited(network: Network, message_id: int, text: str) -> Json:
    """The message with another text."""
    content = network.messages[message_id] | text_content(text) | {"edit_date": int(time.time())}
    network.messages[message_id] = {name: value for name, value in content.items() if value}
    return network.messages[message_id]


def _file(name: str) -> Json:
    return {"file_id": name, "file_unique_id": f"unique-{name}"}


def _photo(number: int) -> Json:
    """https://core.telegram.org/bots/api#photosize, in two sizes."""
    sizes = [_file(f"photo-{number}-{size}") | {"width": size, "height": size} for size in (90, 320)]
    return {"photo": sizes}
