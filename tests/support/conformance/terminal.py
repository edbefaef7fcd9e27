"""The terminal, with a pipe where somebody types; in words and as JSON."""

import asyncio
import io
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from markupsafe import Markup

from assistant.channels import terminal as module
from assistant.channels.base import Receive
from assistant.channels.terminal import Terminal
from assistant.domain.messages import Address, Reply
from tests.support.conformance.driver import PRIVATE, Driver, Feature, Got, Participant

OPTION = re.compile(r"  (?:(?P<number>\d+)\.|(?P<word>[^ –][^–]*) –) (?P<label>.*)")
WHO = f"Anna {PRIVATE}"


class _Screen(io.StringIO):
    """Keeps each message as it was printed."""

    def __init__(self) -> None:
        super().__init__()
        self.printed: list[str] = []

    def write(self, text: str) -> int:
        self.printed.append(text)
        return len(text)


class Typist(Participant):
    """Whoever sits at the terminal."""

    def __init__(self, driver: "InWords", address: Address) -> None:
        self._driver = driver
        self.address = address

    def got(self) -> list[Got]:
        return [self._driver.got(each) for each in self._driver.screen.printed]

    async def writes(self, text: str, quoting: str | None = None) -> str:
        os.write(self._driver.keyboard, f"{text}\n".encode())
        return ""

    async def chooses(self, label: str) -> None:
        await self.writes(self._driver.to_type(self._driver.screen.printed[-1], label))


class InWords(Driver):
    """What a person sees."""

    name = "terminal"
    lacks = {  # noqa: RUF012
        Feature.LINE_BREAKS: "a line is a message",
        Feature.EDITS: "what is typed is typed",
        Feature.CHANGES: "what is printed is printed",
        Feature.DELETES: "what is printed is printed",
        Feature.QUOTES: "nothing can be pointed at: messages have no reference",
        Feature.PHOTOS: "only text can be typed",
        Feature.REPEATS: "nobody stands between",
        Feature.KEPT: "who sits there is told at once that it failed, and types it again",
        Feature.BETWEEN: "it runs once, until the end of input",
        Feature.PAPERS: "it shows text only",
        Feature.LEAVING: "who has left reads on at the next start",
        Feature.LIMITS: "it takes any number of messages",
        Feature.ANSWERS: "no server is asked, so that close() and open() do nothing",
        Feature.TROUBLE: "its end is the end of the program",
        Feature.BUTTONS: "there is a keyboard only",
    }
    as_json = False

    async def start(self) -> None:
        self.screen = _Screen()
        self.stack.callback(self.screen.close)
        self.channel = self.fresh()
        await self.opened(self.channel)

    def fresh(self) -> Terminal:
        failed = Reply(Markup("Something is wrong on our side."))
        return Terminal(WHO, failed=failed, as_json=self.as_json, out=self.screen)

    def participant(self, name: str) -> Participant:
        """There is one."""
        return Typist(self, Address(self.channel.account, WHO))

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        """Until the end of input."""
        typed, self.keyboard = os.pipe()
        self.patch.setattr(module, "STDIN", typed)
        task = asyncio.create_task(self.channel.run(receive))
        try:
            yield
        finally:
            os.close(self.keyboard)
            await task
            os.close(typed)

    async def until_heard(self) -> None:
        """The pipe keeps it."""

    def got(self, printed: str) -> Got:
        """A message as it was read."""
        assert printed[0] == printed[-1] == "\n"
        lines = printed[1:-1].split("\n")
        options: list[str] = []
        while lines and (found := OPTION.fullmatch(lines[-1])):
            options.insert(0, found["label"])
            lines.pop()
        return Got("\n".join(lines), tuple(options))

    def to_type(self, printed: str, label: str) -> str:
        """What a message says to type for an option."""
        shown = filter(None, map(OPTION.fullmatch, printed.split("\n")))
        [typed] = [each["number"] or each["word"] for each in shown if each["label"] == label]
        return typed


class AsJson(InWords):
    """What a program sees."""

    name = "terminal as JSON"
    as_json = True

    def got(self, printed: str) -> Got:
        told: dict[str, Any] = json.loads(printed)  # Any: JSON
        assert printed.count("\n") == 1 and printed.endswith("\n"), "a message is a line"
        return Got(told["text"], tuple(choice["label"] for choice in told["choices"]))

    def to_type(self, printed: str, label: str) -> str:
        [choice] = [each for each in json.loads(printed)["choices"] if each["label"] == label]
        return str(choice["word"] or choice["value"])
