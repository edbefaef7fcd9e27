"""Replies of which nobody knows whether they are stored: the answer to their commit is lost, or was no.

Nobody else would send them while this process lives, and all that is said in their chats later waits for
them. So it is asked what is stored. What is stored may be sent already, though: what was rolled back has been
said again meanwhile, or claimed again, and SQLite gives the numbers of rows that were rolled back once more.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from assistant.domain.errors import Failure
from assistant.store import messages
from assistant.store.database import Store
from assistant.store.messages import Ready

ASK_AGAIN = 1.0  # seconds until the database is asked what was stored, and asked again
ASKED = 10  # times: a server may be at the commit still, for some seconds


class UnsureReplies:
    """Sends those of them that are stored, and that nobody has sent."""

    def __init__(
        self, store: Store, under_way: Callable[[], Iterable[int]], send: Callable[[Sequence[Ready]], None]
    ) -> None:
        """`under_way`: the numbers of messages that are being sent, or whose results are not stored yet.

        `send`: has them sent.
        """
        self._store = store
        self._under_way = under_way
        self._send = send
        self._unsure: list[tuple[Ready, int]] = []  # with how often it is still to be asked about each
        self._stopped = False
        self._sent: set[int] = set()  # while it is found out
        self._finding_out: asyncio.Task[None] | None = None

    def find_out(self, unsure: Sequence[Ready]) -> None:
        """Send those of these that are stored."""
        self._unsure += [(message, ASKED) for message in unsure]
        if self._unsure and self._finding_out is None and not self._stopped:
            self._sent = set()
            self._finding_out = asyncio.create_task(self._find_out())
        # What was claimed had been put back: that it was tried before says nothing about it now.
        self._sent -= {message.id for message in unsure if message.id is not None}
        self._sent |= set(self._under_way())

    def began(self, ready: Iterable[Ready]) -> None:
        """These are being sent."""
        if self._finding_out is not None:
            self._sent |= {message.id for message in ready if message.id is not None}

    def stop(self) -> None:
        """Leave them to whoever takes their lane."""
        self._stopped = True
        if self._finding_out is not None:
            self._finding_out.cancel()

    async def _find_out(self) -> None:
        try:
            while asked := list(self._unsure):
                await asyncio.sleep(ASK_AGAIN)
                try:
                    async with self._store.read() as tx:
                        stored = await messages.being_sent(tx, [message for message, _ in asked])
                except Failure:
                    continue
                asked_again = [
                    (message, times - 1) for message, times in asked if times > 1 and message not in stored
                ]
                self._unsure[: len(asked)] = asked_again
                for message in stored:
                    if message.id not in self._sent:
                        self._send([message])
        finally:
            self._finding_out = None
