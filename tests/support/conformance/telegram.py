"""Telegram, by polling and by webhook, before the fake Bot API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from assistant.channels.base import Receive
from assistant.channels.telegram import channel as module
from assistant.channels.telegram.channel import Telegram
from assistant.domain.errors import Failure
from assistant.domain.messages import Account, Address, File, Handled, Incoming
from assistant.web.server import serve
from tests.support.conformance.driver import Driver, Got, Participant
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.ports import reserved

SOME = 10  # refusals
PAUSE = 7  # seconds
NOWHERE = "http://127.0.0.1:9"  # the port of "discard", where nobody listens


class TelegramParticipant(Participant):
    """Somebody with Telegram."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self.address = Address(Account("telegram", FakeTelegram.token.partition(":")[0]), str(person.id))

    def got(self) -> list[Got]:
        return [
            Got(
                message.text,
                tuple(label for label, _ in message.buttons),
                File(message.file.name, message.file.kind, message.file.content) if message.file else None,
                str(message.id),
            )
            for message in self._person.inbox
            if message.id not in self._person.deleted
        ]

    async def writes(self, text: str, quoting: str | None = None) -> str:
        return str(await self._person.write(text, reply_to=int(quoting) if quoting else None))

    async def chooses(self, label: str) -> None:
        await self._person.press(label)

    async def edits(self, ref: str, text: str) -> None:
        await self._person.edit(int(ref), text)

    async def sends_a_photo(self) -> None:
        await self._person.send_photo()

    async def leaves(self) -> None:
        self._person.delete_account()


class Polling(Driver):
    """A bot that asks for what people write."""

    name = "telegram by polling"
    listens_by = "getUpdates"

    async def start(self) -> None:
        self.patch.setattr(module, "LONGEST_BACKOFF", 0.02)
        self.server = await self.stack.enter_async_context(FakeTelegram(second=0.001))
        self.secrets = (self.server.token.partition(":")[2],)
        self.channel = self.fresh()
        await self.opened(self.channel)

    def fresh(self) -> Telegram:
        return Telegram(self.server.token, self.server.url)

    def unreachable(self) -> Telegram:
        return Telegram(self.server.token, NOWHERE)

    def participant(self, name: str) -> Participant:
        person = self.server.person(name)
        self.secrets += (str(person.id),)
        return TelegramParticipant(person)

    async def until_heard(self) -> None:
        """At any time: Telegram keeps it for a day."""

    def repeat_next(self) -> None:
        self.server.duplicate_next()

    def limit_next(self, *, edit: bool = False) -> float:
        self.server.fail_next("editMessageText" if edit else "sendMessage", retry_after=PAUSE)
        return PAUSE

    def drop_next_response(self, *, edit: bool = False) -> None:
        method = "editMessageText" if edit else "sendMessage"
        self.server.fail_next(method, reset=True, after=True)

    def refuse_listening(self) -> None:
        for _ in range(SOME):
            self.server.fail_next(self.listens_by, status=502)

    async def until_trouble(self) -> None:
        await self.server.until(lambda: self.channel.trouble is not None)


class ByWebhook(Polling):
    """A bot that Telegram calls."""

    name = "telegram by webhook"
    listens_by = "setWebhook"

    async def start(self) -> None:
        self._receive: Receive = _nobody
        self._listen = self.stack.enter_context(reserved())
        await super().start()
        await self.stack.enter_async_context(serve(self._listen, self.channel.routes(self._pass_on)))

    def fresh(self) -> Telegram:
        return Telegram(self.server.token, self.server.url, webhook_url=f"http://{self._listen}/hook")

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        self._receive = receive
        async with super().running(receive):
            yield
        self._receive = _nobody

    async def until_heard(self) -> None:
        await self.server.until(lambda: self.server.webhook is not None)

    async def _pass_on(self, incoming: Incoming) -> Handled:
        return await self._receive(incoming)


async def _nobody(incoming: Incoming) -> Handled:
    raise Failure("Nobody is at work.")
