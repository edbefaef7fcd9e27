"""The storm over Telegram, by polling."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from assistant.channels.base import RateLimit
from assistant.channels.telegram import channel as module
from assistant.channels.telegram import client as telegram_request
from assistant.channels.telegram.channel import Telegram
from tests.support.chaos.ledger import Delivery
from tests.support.chaos.numbered_replies import parse_reply
from tests.support.chaos.platform import CALLED_WITHIN, CountedInbox, Fault, Platform, Talker
from tests.support.fakes.telegram.chats import Received
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

FOREVER = float("inf")
Fails = Mapping[str, tuple[str, dict[str, Any]]]  # Any: arguments of `fail_next`
HALF = '{"ok": true, "result": {"message_i'
PAGE = "<html>Invented gateway</html>"
HANGING: Fails = {
    "no answer": ("sendMessage", {"hang": FOREVER}),
    "no answer, and done": ("sendMessage", {"hang": FOREVER, "after": True}),
}
SENDING: Fails = {
    "too much": ("sendMessage", {"retry_after": 1}),
    "far too much": ("sendMessage", {"retry_after": 3}),
    "500": ("sendMessage", {"status": 500}),
    "502": ("sendMessage", {"status": 502}),
    "502 of a gateway": ("sendMessage", {"status": 502, "garbage": PAGE}),
    "504 of a gateway, and done": ("sendMessage", {"status": 504, "garbage": PAGE, "after": True}),
    "half an answer": ("sendMessage", {"garbage": HALF}),
    "half an answer, and done": ("sendMessage", {"garbage": HALF, "after": True}),
    "reset before": ("sendMessage", {"reset": True}),
    "reset after": ("sendMessage", {"reset": True, "after": True}),
    "late": ("sendMessage", {"hang": 0.2}),
}
POLLING: Fails = {
    "poll 502": ("getUpdates", {"status": 502}),
    "poll 409": ("getUpdates", {"status": 409}),
    "poll reset": ("getUpdates", {"reset": True}),
    "poll answer lost": ("getUpdates", {"reset": True, "after": True}),
    "poll late": ("getUpdates", {"hang": 0.2}),
}


def shorten_waits(patch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long."""
    patch.setattr(module, "LONGEST_BACKOFF", 0.05)
    patch.setattr(module, "POLL", 1)
    patch.setattr(module, "SLACK", 1)
    patch.setattr(telegram_request, "READ", 1.5)


class TelegramTalker(Talker):
    """Somebody with Telegram."""

    def __init__(self, person: Person, answered: asyncio.Semaphore, seed: str) -> None:
        super().__init__(answered, seed)
        self.address = str(person.id)
        self.inbox = person.inbox = CountedInbox()
        self._person = person

    async def write(self, word: str) -> None:
        await self._person.write(word)

    async def block(self) -> None:
        await self._person.block()

    async def unblock(self) -> None:
        await self._person.unblock()

    def arrival(self, message: Received) -> Delivery:
        return Delivery(str(message.id), parse_reply(message.text))


class UnreliableTelegram(Platform):
    """Updates are kept until they are confirmed."""

    loses_words = False

    def __init__(self, server: FakeTelegram, seed: int) -> None:
        super().__init__(seed)
        self.server = server

    def channel(self) -> Telegram:
        channel = Telegram(self.server.token, self.server.url)
        channel.pace = RateLimit()
        return channel

    def add_talker(self, seed: str) -> Talker:
        person = self.server.person("Invented", "en")
        return TelegramTalker(person, self.answered, seed)

    def faults(self) -> Mapping[str, Fault]:
        failing = {**SENDING, **HANGING, **POLLING}
        return {name: self._failing(*fault) for name, fault in failing.items()} | {"twice": self._duplicated}

    async def called(self, times: int) -> None:
        goal = len(self.server.calls) + times
        await self.server.until(lambda: len(self.server.calls) >= goal, timeout=CALLED_WITHIN)

    def _failing(self, method: str, fault: dict[str, Any]) -> Fault:  # Any: as above
        async def strike() -> None:
            self.server.fail_next(method, **fault)

        return strike

    async def _duplicated(self) -> None:
        self.server.duplicate_next(3)
