"""Signal, before the fake signal-cli-rest-api in both versions."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from assistant.channels.base import Receive
from assistant.channels.signal import inbox as signal_intake
from assistant.channels.signal.channel import Signal
from assistant.channels.signal.errors import PAUSE
from assistant.domain.messages import Address, File
from tests.support.conformance.driver import Driver, Feature, Got, Participant
from tests.support.fakes.signal.people import Person, Received
from tests.support.fakes.signal.server import FakeSignal

SOME = 10  # refusals
WEEK = 604_800  # seconds
NOWHERE = "http://127.0.0.1:9"  # the port of "discard", where nobody listens
OPTION = re.compile(r"(?:(?P<number>\d+)\.|(?P<word>[^–]+) –) (?P<label>.*)")


class SignalParticipant(Participant):
    """Somebody with Signal."""

    def __init__(self, person: Person, address: Address) -> None:
        self._person = person
        self.address = address

    def got(self) -> list[Got]:
        kept = (each for each in self._person.inbox if each.timestamp not in self._person.deleted)
        return [_got(message) for message in kept]

    async def writes(self, text: str, quoting: str | None = None) -> str:
        quoted = next((each for each in self._person.inbox if str(each.timestamp) == quoting), None)
        return str(await self._person.write(text, quoting=quoted))

    async def chooses(self, label: str) -> None:
        shown = filter(None, map(OPTION.fullmatch, self._person.inbox[-1].text.split("\n")))
        [typed] = [each["number"] or each["word"] for each in shown if each["label"] == label]
        await self.writes(typed)

    async def edits(self, ref: str, text: str) -> None:
        await self._person.edit(int(ref), text)

    async def sends_a_photo(self) -> None:
        await self._person.send_photo()

    async def leaves(self) -> None:
        self._person.registered = False


class Signal101(Driver):
    """The newer version."""

    name = "signal 0.101"
    lacks = {Feature.BUTTONS: "there are none: they are a list of what to type"}  # noqa: RUF012
    version = "0.101"

    async def start(self) -> None:
        self.patch.setattr(signal_intake, "LONGEST_BACKOFF", 0.02)
        self.server = await self.stack.enter_async_context(FakeSignal(self.version))
        self.secrets = (self.server.number, self.server.number.removeprefix("+"))
        self.channel = self.fresh()
        await self.opened(self.channel)

    def fresh(self) -> Signal:
        return Signal(self.server.url, self.server.number, WEEK)

    def unreachable(self) -> Signal:
        return Signal(NOWHERE, self.server.number, WEEK)

    def participant(self, name: str) -> Participant:
        person = self.server.person(name, f"+155501{len(self.server.people) + 10}")
        self.secrets += (person.uuid, str(person.number))
        return SignalParticipant(person, Address(self.channel.account, person.uuid))

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        """Until the server knows of its end: what comes before that is lost."""
        async with super().running(receive):
            yield
        await self.server.until(lambda: not self.server.listeners)

    async def until_heard(self) -> None:
        await self.server.listening()

    def repeat_next(self) -> None:
        """And all that follow."""
        self.server.twice = True

    def limit_next(self, *, edit: bool = False) -> float:
        """A limit that a captcha would lift."""
        self.server.fail_next("send", status=429, body={"challenge_tokens": ["invented"]})
        return PAUSE

    def drop_next_response(self, *, edit: bool = False) -> None:
        self.server.fail_next("send", reset=True, after=True)

    def refuse_listening(self) -> None:
        for _ in range(SOME):
            self.server.fail_next("about", status=502)

    async def until_trouble(self) -> None:
        await self.server.until(lambda: any(kind == "about" for kind, _ in self.server.calls))
        await self.server.until(lambda: self.channel.trouble is not None)


class Signal100(Signal101):
    """The older version."""

    name = "signal 0.100"
    version = "0.100"
    lacks = {  # noqa: RUF012
        **Signal101.lacks,
        Feature.LEAVING: "it says only that a message could not be sent",
    }


def _got(message: Received) -> Got:
    """The message with its options taken off, which are a list at its end."""
    assert not message.is_text_file, "nobody reads text files"
    lines = message.text.split("\n")
    options: list[str] = []
    while lines and (found := OPTION.fullmatch(lines[-1])):
        options.insert(0, found["label"])
        lines.pop()
    files = [File(name, kind, content) for kind, name, content in message.attachments]
    assert len(files) <= 1
    text = "\n".join(lines).removesuffix("\n") if options else message.text
    return Got(text, tuple(options), files[0] if files else None, str(message.timestamp))
