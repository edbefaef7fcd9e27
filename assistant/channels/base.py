"""What a channel is: a way of talking with people. One file each, all alike."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from assistant.domain.messages import Address, Incoming, Reply

Receive = Callable[[Incoming], Awaitable[None]]
"""Handles one incoming message; returns when its turn is committed, and raises Failure where it is not."""


class Channel(Protocol):
    """A way of talking with people, over one account of ours."""

    @property
    def line(self) -> str:
        """The account with its channel, as `Address.line`: known once the channel is open."""

    @property
    def bulk_gap(self) -> float:
        """Seconds between two messages of a broadcast."""

    async def open(self) -> None:
        """Connect. Raises Misconfigured where a setting is wrong."""

    async def run(self, receive: Receive) -> None:
        """Bring what people write to `receive`, until cancelled. Raises Misconfigured if it cannot go on."""

    async def send(self, address: Address, reply: Reply) -> None:
        """Send one message. Raises Failure; Unreachable where the person cannot be written to any more."""

    async def close(self) -> None:
        """Disconnect."""
