"""Who takes what a channel brings, as turns do: each message once, and none that cannot be stored now."""

import asyncio
from collections import defaultdict, deque

from assistant.domain.errors import Failure
from assistant.domain.messages import Address, Content, Handled, Incoming, Open


class Receiver:
    """Takes messages, and refuses some. Opening a chat is no message here."""

    def __init__(self) -> None:
        self.arrived: list[Incoming] = []  # every time, those refused too
        self._taken: defaultdict[Address, dict[str, Incoming]] = defaultdict(dict)
        self._refusals: defaultdict[Address, deque[Failure]] = defaultdict(deque)
        self._changed = asyncio.Condition()

    def refuse(self, address: Address, failure: Failure, times: int) -> None:
        """The next messages from there meet this."""
        self._refusals[address].extend([failure] * times)

    def accept_again(self, address: Address) -> None:
        """Refuse nothing more from there."""
        self._refusals[address].clear()

    async def receive(self, incoming: Incoming) -> Handled:
        """`channels.base.Receive`."""
        if isinstance(incoming.content, Open):
            return Handled(accepted=True, replies=0)
        self.arrived.append(incoming)
        refusals = self._refusals[incoming.address]
        refusal = refusals.popleft() if refusals else None
        if refusal is None:
            self._taken[incoming.address].setdefault(incoming.id, incoming)
        async with self._changed:
            self._changed.notify_all()
        if refusal is not None:
            raise refusal
        return Handled(accepted=True, replies=0)

    def taken(self, address: Address) -> list[Incoming]:
        """What was taken from there, each once, in order."""
        return list(self._taken[address].values())

    def contents(self, address: Address) -> list[Content]:
        """What it says."""
        return [incoming.content for incoming in self.taken(address)]

    async def until_taken(self, address: Address, count: int) -> None:
        """Return when that many have been taken from there."""
        async with self._changed, asyncio.timeout(20):
            await self._changed.wait_for(lambda: len(self._taken[address]) >= count)

    async def until_seen(self, address: Address, count: int) -> None:
        """Return when so many have come from there in all, those refused and repeated too."""
        async with self._changed, asyncio.timeout(20):
            await self._changed.wait_for(lambda: self.times(address) >= count)

    def times(self, address: Address) -> int:
        """How often something came from there."""
        return sum(incoming.address == address for incoming in self.arrived)
