"""The groups of the fake Telegram, with members who may add the bot."""

from tests.support.fakes.telegram.chats import BOT, Chat, Network, Received
from tests.support.fakes.telegram.html import ApiError, Json
from tests.support.fakes.telegram.people import Person, edited, quoting, text_content


class Group(Chat):
    """A group whose every message the bot sees, once it is a member; get one from `FakeTelegram.group`."""

    def __init__(self, network: Network, number: int, title: str) -> None:
        super().__init__(network, {"id": number, "title": title, "type": "group"})
        self._leave("Forbidden: bot is not a member of the group chat")

    async def add_bot(self, by: Person) -> None:
        """A member adds the bot, which both hears of and sees in the chat."""
        self.refusal = None
        await self._network.add_membership(self, by.user, "left", "member")
        await self._tell(by.user, {"new_chat_members": [BOT]})

    async def remove_bot(self, by: Person) -> None:
        """A member throws the bot out."""
        self._leave(f"Forbidden: bot was kicked from the {self.chat['type']} chat")
        await self._network.add_membership(self, by.user, "member", "kicked")

    async def write(self, person: Person, text: str, reply_to: Received | int | None = None) -> int:
        """A member writes: the number of the new message."""
        return await self._tell(person.user, text_content(text) | quoting(self, reply_to))

    async def edit(self, message_id: int, text: str) -> None:
        """A member changes a message of theirs."""
        await self._network.add_update("edited_message", edited(self._network, message_id, text))

    async def press(self, person: Person, button: str, message: Received | int | None = None) -> str:
        """A member presses a button of the latest or the given message; the query's id."""
        query = await self._network.add_press(person.user, self.shown(message), button)
        person.presses.append(query)
        return query

    async def migrate(self, by: Person) -> int:
        """The group becomes a supergroup: its new number. The old one is refused from then on.

        https://core.telegram.org/bots/api#responseparameters.
        """
        old = Chat(self._network, self.chat)
        new = -1_000_000_000_000 + self.id
        reason = "Bad Request: group chat was upgraded to a supergroup chat"
        old.refusal = ApiError(400, reason, migrate_to_chat_id=new)
        await self._announce(old, by.user, {"migrate_to_chat_id": new})
        self.chat = self.chat | {"id": new, "type": "supergroup"}
        self._network.chats[new] = self
        await self._announce(self, by.user, {"migrate_from_chat_id": self.id})
        self.id = new
        return new

    async def _tell(self, user: Json, content: Json) -> int:
        """Something happens in the chat, which the bot sees as long as it is a member."""
        message = self._network.add_message(self, user, content)
        if self.refusal is None:
            await self._network.add_update("message", message)
        return int(message["message_id"])

    async def _announce(self, chat: Chat, user: Json, content: Json) -> None:
        await self._network.add_update("message", self._network.add_message(chat, user, content))

    def _leave(self, reason: str) -> None:
        self.refusal = ApiError(403, reason)
