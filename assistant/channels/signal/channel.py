"""Signal, through a signal-cli-rest-api server of our own: docs/decisions/0012-signal.md."""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta

import structlog
from aiohttp.web import RouteDef
from signal_cli_rest_api_client.client import encode_attachment  # type: ignore[import-untyped]  # it has none

from assistant.channels.base import Deletion, RateLimit, Receive
from assistant.channels.signal import incoming
from assistant.channels.signal import outgoing as signal_text
from assistant.channels.signal.client import GROUP, Client
from assistant.channels.signal.edits import EDITS, Edits
from assistant.channels.signal.errors import NO_ACCOUNT, UNTRUSTED
from assistant.channels.signal.inbox import LONGEST_BACKOFF, Inbox, backoff
from assistant.channels.typing_indicator import BackgroundCalls, TypingIndicator
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Account, Address, Approval, ChatLink, File, Handled, Incoming, Reply
from assistant.outages import Outage

MODES = ("json-rpc", "json-rpc-native")
PROBE = 20.0  # seconds for the questions at the start: people may be writing already
NUMBER = re.compile(r"^\+[1-9][0-9]{6,14}$")

log = structlog.get_logger()


class Signal:
    """One phone number's account (`channels.base.Channel`)."""

    # Signal's server allows 60 messages at once and then one a second from one account to another
    # (RateLimiters.java of signalapp/Signal-Server). What it does against spam is stricter and not published,
    # so what goes to many goes slowly.
    pace = RateLimit(bulk=0.5, chat=1.0, chat_burst=8, edits=EDITS)
    # To delete one is a message, too. The app deletes what is not older than a day, and takes it for two
    # (MessageConstraintsUtil of signalapp/Signal-Android); "This message was deleted" stands in its place.
    deletion = Deletion(timedelta(days=1), at_once=1)
    keeps_contacts = True

    def __init__(self, api_url: str, number: str, expiry: int) -> None:
        """`expiry`: seconds after which messages disappear in new chats; 0 leaves that to people.

        Raises Misconfigured where the number cannot be one.
        """
        if not NUMBER.match(number):
            raise Misconfigured("ASSISTANT_SIGNAL_NUMBER is no phone number: it looks like +15550100.")
        self._number = number
        self.account = account_of(number)
        self._expiry = expiry
        self._timed: set[str] = set()  # whose chats have got `expiry`, and not yet their first message
        self._client = Client(api_url, number)
        self._versions = Edits()
        self._courtesies = BackgroundCalls((Failure,))
        self._typing = TypingIndicator(self._client.show_typing_indicator, self._courtesies)
        self._trouble: str | None = "Signal is not connected yet."
        self.link = ChatLink(f"https://signal.me/#p/{number}")
        self.called = "Signal"
        self.overheard = False
        self.shows_files = True
        self.files_on_demand = False
        self.keeps_messages = True
        self._outage = Outage("signal")

    @property
    def trouble(self) -> str | None:
        return self._trouble

    async def open(self) -> None:
        """Sending needs no more than this; `run` speaks with the server first."""
        self._courtesies.open()
        await self._client.open()

    async def close(self) -> None:
        self._typing.close()
        await self._courtesies.close()
        await self._client.close()

    def routes(self, receive: Receive) -> Sequence[RouteDef]:  # noqa: ARG002  it calls nobody
        return ()

    # Receiving

    async def run(self, receive: Receive) -> None:
        await self._begin()
        intake = Inbox(receive, self._before, self._after)
        try:
            await self._listen_on(intake)
        finally:
            self._trouble = "Signal is not connected any more."
            await intake.finish()

    async def _begin(self) -> None:
        """Return when the server is there and speaks for our number.

        Raises Misconfigured where it does not before an operator has mended something.
        """
        failures = 0
        while True:
            try:
                async with asyncio.timeout(PROBE):
                    return await self.probe()
            except TimeoutError:
                self._wait("signal-cli-rest-api gives no answer.")
            except Failure as failure:
                if isinstance(failure, Misconfigured):
                    self._trouble = failure.reason
                    event = "signal cannot be heard until this is mended"
                    self._outage.failed(event, level="error", reason=failure.reason)
                    raise
                self._wait(failure.reason)
            failures += 1
            await asyncio.sleep(backoff(failures))

    async def probe(self) -> None:
        mode = (await self._client.about()).mode
        if mode not in MODES:
            raise Misconfigured(
                "signal-cli-rest-api runs in a mode in which nobody can listen: "
                "set MODE=json-rpc in its environment, and start it anew."
            )
        if self._number not in await self._client.accounts():
            raise Misconfigured(NO_ACCOUNT)

    async def _listen_on(self, intake: Inbox) -> None:
        """Listen, connecting again whenever the connection is lost: what comes meanwhile is lost too."""
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            since = clock()
            try:
                await self._listen(intake)
                self._wait("The connection to signal-cli-rest-api was lost.")
            except Failure as failure:
                self._wait(failure.reason)
            failures = 1 if clock() - since > LONGEST_BACKOFF else failures + 1
            await asyncio.sleep(backoff(failures))

    async def _listen(self, intake: Inbox) -> None:
        async with self._client.frames() as frames:
            self._trouble = None
            self._outage.over()
            async for frame in frames:
                read = incoming.read(frame, self.account, self._number)
                if isinstance(read, Incoming):
                    intake.put(read)
                else:
                    _note(read)

    def _wait(self, why: str) -> None:
        self._trouble = why
        self._outage.failed("signal cannot be heard for now", reason=why)

    def _before(self, incoming: Incoming) -> None:
        if _is_person(incoming.address):
            self._typing.expect(incoming.address.person)

    def _after(self, incoming: Incoming, handled: Handled | None) -> None:
        person = incoming.address.person
        if handled is None or not handled.replies:
            self._typing.answered(person)
        reads = handled is not None and handled.read and not isinstance(incoming.content, Approval)
        if reads and _is_person(incoming.address):
            self._courtesies.do(self._client.send_read_receipt(person, int(incoming.id)))

    # Sending

    def parts(self, reply: Reply) -> Sequence[Reply]:
        return signal_text.parts(reply)

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        self._typing.answered(address.person)
        if reply.first:
            await self._set_expiry(address)
        attachments = [encode_attachment(file.content, file.kind, file.name)] if file else []
        reference = await self._client.send(address.person, signal_text.message(reply), attachments)
        self._timed.discard(address.person)
        return reference

    async def edit(self, address: Address, reference: str, reply: Reply) -> str | None:
        if reply.attachment:  # Desktop drops a file that does not come again (handleEditMessage.ts)
            raise Failure("Signal: a message with a file cannot be changed.", permanent=True)
        person, text = address.person, signal_text.message(reply)
        version = self._versions.newest(person, reference)
        try:
            newest = await self._client.send(person, text, replaces=version)
        except Failure as failure:
            if failure.uncertain:
                self._versions.replaced(person, version, None)
            raise
        self._versions.replaced(person, version, newest)
        return newest

    async def delete(self, address: Address, references: Sequence[str]) -> None:
        for each in references:
            await self._client.delete(address.person, int(each))

    async def empty_contact(self, address: Address) -> None:
        """The number, its keys and its timer for messages stay: no call removes a contact."""
        if _is_person(address):
            await self._client.empty_contact(address.person)

    async def _set_expiry(self, address: Address) -> None:
        """Once, at the very beginning: after that it is theirs to change. Raises Failure to try again."""
        if not self._expiry or not _is_person(address) or address.person in self._timed:
            return
        try:
            await self._client.set_expiration(address.person, self._expiry)
        except Failure as failure:
            if not failure.permanent:
                failure.uncertain = False  # the message itself has not left
                raise
            log.error("messages of a new signal chat will not disappear", reason=failure.reason)
        self._timed.add(address.person)


def account_of(number: str) -> Account:
    """The account of a phone number: it is stored readable, so that it must not hold the number itself."""
    return Account("signal", hashlib.blake2b(number.encode(), digest_size=6).hexdigest())


def _is_person(address: Address) -> bool:
    return not address.person.startswith(GROUP)


def _note(passed: incoming.Ignored) -> None:
    if "UntrustedIdentity" in passed.kind:
        log.warning("a signal message could not be read", kind=passed.kind, advice=UNTRUSTED)
    elif passed.trouble:
        log.warning("a signal message could not be read", kind=passed.kind)
    else:
        log.debug("signal reports something that is no message", kind=passed.kind)
