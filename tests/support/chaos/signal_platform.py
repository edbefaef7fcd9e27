"""The storm over Signal."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from assistant.channels.base import RateLimit
from assistant.channels.signal import client as signal_client
from assistant.channels.signal import errors as signal_errors
from assistant.channels.signal import inbox as signal_intake
from assistant.channels.signal.channel import Signal
from tests.support.chaos.ledger import Delivery
from tests.support.chaos.numbered_replies import parse_reply
from tests.support.chaos.platform import CALLED_WITHIN, CountedInbox, Fault, Platform, Talker
from tests.support.fakes.signal.people import Person, Received
from tests.support.fakes.signal.server import FakeSignal

WEEK = 604_800
LONG = 60  # seconds: longer than anybody waits here
UNSENT = [{"timestamp": "1", "errors": {"recipients": [{"reason": "NETWORK_FAILURE"}]}}]
FAULTS: Mapping[str, tuple[str, dict[str, Any]]] = {  # Any: arguments of `fail_next`
    "too much, and perhaps sent": ("send", {"status": 429, "body": {}}),
    "too much, and sent": ("send", {"status": 429, "body": {}, "after": True}),
    "too much": ("send", {"status": 429, "body": {"challenge_tokens": ["invented"]}}),
    "500": ("send", {"status": 500}),
    "502": ("send", {"status": 502, "body": "<html>"}),
    "not sent": ("send", {"status": 201, "body": UNSENT}),
    "reset before": ("send", {"reset": True}),
    "reset after": ("send", {"reset": True, "after": True}),
    "late": ("send", {"hang": 0.2}),
    "no answer": ("send", {"hang": LONG}),
    "no answer, and done": ("send", {"hang": LONG, "after": True}),
    "no receipts": ("receipts", {"status": 500}),
    "no listening": ("receive", {"status": 503}),
    "no greeting": ("about", {"status": 502}),
}


def shorten_waits(patch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long."""
    patch.setattr(signal_intake, "LONGEST_BACKOFF", 0.05)
    patch.setattr(signal_errors, "PAUSE", 2.0)
    patch.setattr(signal_client, "ANSWER", 1.5)
    patch.setattr(Signal, "pace", RateLimit())


class SignalTalker(Talker):
    """Somebody with Signal."""

    def __init__(self, person: Person, answered: asyncio.Semaphore, seed: str) -> None:
        super().__init__(answered, seed)
        self.address = person.uuid
        self.inbox = person.inbox = CountedInbox()
        self._person = person

    async def write(self, word: str) -> None:
        await self._person.write(word)

    async def block(self) -> None:
        """By leaving Signal: that a person blocks us is not told there."""
        self._person.registered = False

    async def unblock(self) -> None:
        self._person.registered = True

    def arrival(self, message: Received) -> Delivery:
        return Delivery(str(message.timestamp), parse_reply(message.text))


class UnreliableSignal(Platform):
    """What is written while nobody listens is lost."""

    loses_words = True

    def __init__(self, server: FakeSignal, seed: int) -> None:
        super().__init__(seed)
        self.server = server

    def channel(self) -> Signal:
        return Signal(self.server.url, self.server.number, WEEK)

    def add_talker(self, seed: str) -> Talker:
        return SignalTalker(self.server.person("Invented"), self.answered, seed)

    def faults(self) -> Mapping[str, Fault]:
        failing = {name: self._failing(*fault) for name, fault in FAULTS.items()}
        return failing | {
            "twice": self._duplicated,
            "dropped": self._disconnected,
            "dropped politely": self._closed,
        }

    async def called(self, times: int) -> None:
        goal = len(self.server.calls) + times
        await self.server.until(lambda: len(self.server.calls) >= goal, timeout=CALLED_WITHIN)

    def _failing(self, kind: str, fault: dict[str, Any]) -> Fault:  # Any: as above
        async def strike() -> None:
            self.server.fail_next(kind, **fault)

        return strike

    async def _duplicated(self) -> None:
        """Until the next time."""
        self.server.twice = not self.server.twice

    async def _disconnected(self) -> None:
        with suppress(TimeoutError):  # somebody is always there
            await self.server.drop()

    async def _closed(self) -> None:
        with suppress(TimeoutError):  # the same
            await self.server.drop(politely=True)
