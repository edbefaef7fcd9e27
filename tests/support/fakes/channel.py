"""A channel in memory, which can be told to fail, and a clock that stands still."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aiohttp.web import RouteDef

from assistant.channels.base import Deletion, RateLimit, Receive
from assistant.domain.errors import Failure
from assistant.domain.messages import Account, Address, ChatLink, File, Reply


class MemoryChannel:
    """Keeps what is sent, by person, in order (`channels.base.Channel`)."""

    def __init__(self, account: str = "memory:1", pace: RateLimit = RateLimit()) -> None:  # noqa: B008  it cannot change
        self.account = Account.parse(account)
        self.pace = pace
        self.trouble: str | None = None
        self.link: ChatLink | None = None
        self.called = "Memory"
        self.overheard = False
        self.shows_files = False
        self.files_on_demand = False
        self.keeps_messages = True
        self.deletion: Deletion | None = None
        self.keeps_contacts = False
        self.emptied: list[str] = []  # whose contacts
        self.deleted: list[str] = []  # references of messages
        self.part_max: int | None = None  # characters of a message
        self.sent: defaultdict[str, list[Reply]] = defaultdict(list)
        self.order: list[tuple[str, Reply]] = []
        self.files: list[File | None] = []  # as long as `order`
        self.faults: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self.edited: defaultdict[str, list[Reply]] = defaultdict(list)  # by the reference of the message
        self.edit_faults: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self.delete_faults: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self.gate: asyncio.Event | None = None  # where set, sending waits for it
        self._arrived = asyncio.Condition()

    def address(self, person: str) -> Address:
        """That person's address on this channel."""
        return Address(self.account, person)

    async def open(self) -> None:
        """Nothing to connect to."""

    async def close(self) -> None:
        """Nothing to disconnect from."""

    async def probe(self) -> None:
        if self.trouble is not None:
            raise Failure(self.trouble)

    async def run(self, receive: Receive) -> None:
        """Nobody writes by themselves: tests call `receive`."""
        await asyncio.Event().wait()

    def routes(self, receive: Receive) -> Sequence[RouteDef]:
        return ()

    def parts(self, reply: Reply) -> Sequence[Reply]:
        """Cut at `part_max`; files only where they can be shown."""
        if reply.attachment and not self.shows_files:
            return ()
        if self.part_max is None or len(reply.html) <= self.part_max:
            return (reply,)
        whole, size = reply.html, self.part_max
        cut = [whole[start : start + size] for start in range(0, len(whole), size)]
        early = [Reply(text, bulk=reply.bulk) for text in cut[:-1]]
        first, *others = (*early, replace(reply, html=cut[-1], first=False))
        return (replace(first, first=reply.first), *others)

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        if self.gate is not None:
            await self.gate.wait()
        if self.faults[address.person]:
            raise self.faults[address.person].popleft()
        self.sent[address.person].append(reply)
        self.order.append((address.person, reply))
        self.files.append(file)
        reference = str(len(self.order))
        async with self._arrived:
            self._arrived.notify_all()
        return reference

    async def edit(self, address: Address, reference: str, reply: Reply) -> None:
        if self.edit_faults[address.person]:
            raise self.edit_faults[address.person].popleft()
        self.edited[reference].append(reply)

    async def empty_contact(self, address: Address) -> None:
        if self.delete_faults[address.person]:
            raise self.delete_faults[address.person].popleft()
        self.emptied.append(address.person)

    async def delete(self, address: Address, references: Sequence[str]) -> None:
        if self.deletion is None:
            raise Failure("Nothing can be deleted here.", permanent=True)
        if self.gate is not None:
            await self.gate.wait()
        if self.delete_faults[address.person]:
            raise self.delete_faults[address.person].popleft()
        assert len(references) <= self.deletion.at_once
        self.deleted += references

    async def until(self, count: int) -> None:
        """Return when that many messages have been sent in all; raise TimeoutError after ten seconds."""
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: len(self.order) >= count)


class FakeClock:
    """A clock that moves only when told to (`domain.clock.Clock`)."""

    speed = 1.0

    def __init__(self) -> None:
        self.now = datetime(2012, 1, 24, 15, 0, tzinfo=UTC)  # a Tuesday, nine o'clock in Guatemala

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **time: float) -> None:
        """Let time pass: `pass_by(minutes=5)`."""
        self.now += timedelta(**time)
