"""What was said in chats of channels that keep nothing for people: written down, and read again."""

from collections.abc import Collection, Mapping

from assistant.domain.clock import Clock
from assistant.domain.messages import Address, Entry, Reply
from assistant.store import transcripts
from assistant.store.database import Store
from assistant.store.transcripts import Transcript


class Transcripts:
    """The transcripts of one database (`channels.web.Transcripts`)."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def add(
        self, address: Address, said: Reply, *, theirs: bool = False, seen: bool = False
    ) -> int | None:
        """Write down what was said; returns its number in the chat.

        None where there is no such chat, or it is forgotten: nothing of it is kept. Raises Failure.
        """
        async with self._store.write(brief=True) as tx:
            return await transcripts.add(tx, address, said, self._clock().date(), theirs=theirs, seen=seen)

    async def change(self, address: Address, number: int, said: Reply) -> bool:
        """Put that in the place of an entry; returns whether there is one. Raises Failure."""
        async with self._store.write(brief=True) as tx:
            return await transcripts.change(tx, address, number, said)

    async def remove(self, address: Address, number: int) -> None:
        """Take out what somebody said, because it was not read. Raises Failure."""
        async with self._store.write(brief=True) as tx:
            await transcripts.remove(tx, address, number)

    async def read(self, address: Address, after: int = 0) -> Transcript | None:
        """What was said after the entry of that number; None where there is no such chat. Raises Failure.

        What is read counts as seen.
        """
        async with self._store.read() as tx:
            found = await transcripts.read(tx, address, after)
        if found and any(not each.seen for each in found.entries):
            async with self._store.write(brief=True) as tx:
                await transcripts.mark_seen(tx, address, found.entries[-1].number)
        return found

    async def entry(self, address: Address, number: int) -> Entry | None:
        """The entry of that number in that chat. Raises Failure."""
        async with self._store.read() as tx:
            return await transcripts.entry(tx, address, number)

    async def newest(self, addresses: Collection[Address]) -> Mapping[Address, int]:
        """The number of the newest entry of each of these chats that has any. Raises Failure."""
        async with self._store.read() as tx:
            return await transcripts.newest(tx, addresses)
