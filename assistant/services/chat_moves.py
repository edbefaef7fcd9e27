"""Chats move from one channel to another, by a code that is typed there within ten minutes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from assistant.dialogue.answers import clean_code
from assistant.domain.guessing import WrongCodes
from assistant.domain.messages import Account, Reply
from assistant.domain.moving import MOVE_CODE_LASTS, new_move_code
from assistant.domain.notifications import Notification
from assistant.domain.texts import Text
from assistant.services.notifier import Notifier
from assistant.store import chat_moves, chats, messages
from assistant.store.chats import Chat
from assistant.store.database import Tx

GUESSES_MAX = (
    10_000  # wrong codes of all chats in ten minutes: of 100 codes that work, one in a million is found
)

Elsewhere = Callable[[Account], Sequence[tuple[str, str]]]
"""The names and links of our other channels, seen from an account."""


class MoveMessages(Protocol):
    """What is said about moving."""

    def offered(self, code: str, elsewhere: Sequence[tuple[str, str]]) -> Text:
        """The code, and where it can be typed: names and links of our other channels."""

    def wrong_code(self) -> Text:
        """There is no such code, or it is too old."""

    def too_many_wrong_codes(self) -> Text:
        """No code is tried for a while."""

    def team_stays(self) -> Text:
        """Who is in the team joins anew elsewhere."""

    def this_chat(self) -> Text:
        """The code was typed in its own chat."""

    def moved_away(self) -> Text:
        """In the chat that was left."""


class Busy(Exception):
    """The chat that moves is in a turn at this moment: the same can be tried again."""


class ChatMoves:
    """Makes codes, and moves chats."""

    def __init__(self, notifier: Notifier, said: MoveMessages, elsewhere: Elsewhere) -> None:
        self._notifier = notifier
        self._said = said
        self._elsewhere = elsewhere
        self._wrong_codes = WrongCodes(GUESSES_MAX)

    async def offer(self, tx: Tx, chat: Chat, now: datetime) -> Reply:
        """Make a code; returns what the person is told."""
        if chat.organiser is not None:
            return self._told(chat, self._said.team_stays())
        code = new_move_code()
        await chat_moves.offer(tx, chat, clean_code(code), now + MOVE_CODE_LASTS)
        return self._told(chat, self._said.offered(code, self._elsewhere(chat.address.account)))

    async def take(self, tx: Tx, chat: Chat, code: str, now: datetime) -> tuple[Chat, Reply | None]:
        """Have the chat here that the code is for. Returns the chat as it is now, and why it did not come.

        Raises Busy.
        """
        if not self._wrong_codes.may_try(chat.id, now):
            return chat, self._told(chat, self._said.too_many_wrong_codes())
        found = await chat_moves.find(tx, code, now)
        if found is None:
            self._wrong_codes.note(chat.id, now)
            return chat, self._told(chat, self._said.wrong_code())
        if found == chat.id:
            return chat, self._told(chat, self._said.this_chat())
        moving = await chat_moves.take_hold(tx, found, now.date())
        if moving is None:
            raise Busy
        if moving.organiser is not None or chat.organiser is not None:
            return chat, self._told(chat, self._said.team_stays())
        moved = await chat_moves.carry_over(tx, moving, chat, now)
        left = await chats.begin_again(tx, moving, now.date())
        await messages.add_notifications(tx, [(left, self._told(moving, self._said.moved_away()))], now)
        return moved, None

    def _told(self, chat: Chat, said: Text) -> Reply:
        return self._notifier.rendered(Notification(said), chat.language)
