"""The web page: what we say is written down, and whoever looks at the page reads it.

A chat's address is the random token of a browser's cookie. Browsers ask `web.chat`, which brings what people
write; here is what is sent to them. `Streams` tells open pages that there is something new.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

import structlog

from assistant.channels.base import RateLimit, Receive
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Account, Address, ChatLink, File, Reply
from assistant.outages import Outage

if TYPE_CHECKING:
    from aiohttp.web import RouteDef  # only the web server needs it: it takes its time

ACCOUNT = Account("web", "page")
LOOK = 2.0  # seconds between looks for what other processes have written down for pages that are open here
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")

log = structlog.get_logger()


class Transcripts(Protocol):
    """Where is kept what was said."""

    async def add(self, address: Address, said: Reply, *, seen: bool = False) -> int | None:
        """Write down what was said; returns its number in the chat. None where there is no such chat."""

    async def change(self, address: Address, number: int, said: Reply) -> bool:
        """Put that in the place of an entry; returns whether there is one."""

    async def newest(self, addresses: Collection[Address]) -> Mapping[Address, int]:
        """The number of the newest entry of each of these chats that has any."""


class Listener:
    """Somebody who looks at a chat now, and has seen its entries up to the number `seen`.

    `heard`: what was said meanwhile, also where nothing is kept of it.
    """

    def __init__(self) -> None:
        self.heard: list[Reply] = []
        self.seen = 0
        self.listens = True
        self._news = asyncio.Event()

    def hear(self, said: Reply | None) -> None:
        """Something was said; None: somewhere else, and it is in the transcript."""
        if said is not None:
            self.heard.append(said)
        self._news.set()

    def leave(self) -> None:
        """Listen no more."""
        self.listens = False
        self._news.set()

    async def wait(self, seconds: float) -> bool:
        """Wait so long for something new; returns whether there is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        there_is = self._news.is_set()
        self._news.clear()
        return there_is

    async def wait_for(self, count: int, seconds: float) -> None:
        """Wait so long until so many messages were heard."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while len(self.heard) < count and (rest := until - loop.time()) > 0:
            await self.wait(rest)


class Web:
    """The web page (`channels.base.Channel`)."""

    account = ACCOUNT
    pace = RateLimit(edits=None)
    trouble = None
    called = "web"
    overheard = False
    shows_files = True
    files_on_demand = True
    keeps_messages = False
    deletion = None
    keeps_contacts = False

    def __init__(self, url: str) -> None:
        """`url`: of the page, as people see it. Raises Misconfigured where that would not be safe."""
        if not url.startswith(("https://", *_LOOPBACK)):
            raise Misconfigured("ASSISTANT_WEB_URL has to begin with https://.")
        self.url = url
        self.link = ChatLink(f"{url}/chat", f"{url}/{{case}}?s={{source}}")
        self._transcripts: Transcripts | None = None
        self._watching: asyncio.Task[None] | None = None
        self._listeners: defaultdict[Address, set[Listener]] = defaultdict(set)
        self._outage = Outage("looking for messages of pages that are open")

    def keep_in(self, transcripts: Transcripts) -> None:
        """That is where is kept what we say: to be told before anything is sent."""
        self._transcripts = transcripts

    def address(self, token: str) -> Address:
        """The chat of the browser that has this token."""
        return Address(self.account, token)

    @property
    def _kept(self) -> Transcripts:
        assert self._transcripts is not None  # noqa: S101  see `keep_in`
        return self._transcripts

    async def open(self) -> None:
        """Browsers come to us; pages that are open here hear of what other processes say, too."""
        self._watching = asyncio.create_task(self._watch())

    async def probe(self) -> None:
        """Nobody to ask."""

    async def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    def routes(self, receive: Receive) -> "Sequence[RouteDef]":  # noqa: ARG002
        """None of its own: see `web.chat`."""
        return ()

    async def run(self, receive: Receive) -> None:  # noqa: ARG002
        """Nothing comes but by the pages."""
        await asyncio.Event().wait()

    def parts(self, reply: Reply) -> Sequence[Reply]:
        """A page has room for any length."""
        return (reply,)

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:  # noqa: ARG002
        listeners = self._listeners.get(address, ())
        number = await self._kept.add(address, reply, seen=bool(listeners))
        for each in tuple(listeners):
            each.hear(reply)
        return None if number is None else str(number)

    async def edit(self, address: Address, reference: str, reply: Reply) -> None:
        if not await self._kept.change(address, int(reference), reply):
            raise Failure("What was said on the web page is not kept any more.", permanent=True)
        for each in tuple(self._listeners.get(address, ())):
            each.hear(None)

    async def delete(self, address: Address, references: Sequence[str]) -> None:  # noqa: ARG002
        raise Failure("What was said on the web page goes with its chat.", permanent=True)

    async def empty_contact(self, address: Address) -> None:
        """There are none."""

    @contextmanager
    def listening(self, address: Address) -> Iterator[Listener]:
        """Hear what is said in that chat meanwhile."""
        listener = Listener()
        self._listeners[address].add(listener)
        try:
            yield listener
        finally:
            self._listeners[address].discard(listener)
            if not self._listeners[address]:
                del self._listeners[address]

    async def _watch(self) -> None:
        """Tell open pages what other processes have written down for them, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                now = await self._kept.newest(list(self._listeners)) if self._listeners else {}
                self._outage.over()
            except Failure as failure:
                self._outage.failed("messages for pages that are open are late", reason=failure.reason)
                continue
            for address, number in now.items():
                for each in tuple(self._listeners.get(address, ())):
                    if number > each.seen:
                        each.hear(None)
