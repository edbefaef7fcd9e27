"""Messages that show how far a broadcast is, in tests: they change while time is made to pass."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.channels.base import RateLimit
from assistant.domain.broadcasts import CopyStatus
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Address, Reply
from assistant.domain.richtext import plain
from assistant.store import broadcasts
from assistant.store.broadcasts import CopyEnd
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import Harness
from tests.support.organisers import add_subscribers, deliver_replies, join

PEOPLE = [f"person{number}" for number in range(100)]
Skip = Callable[[float], None]


@dataclass(frozen=True)
class Edit:
    """A message that was changed: whose, by which reference, when, to what."""

    person: str
    reference: str
    at: float
    reply: Reply

    @property
    def text(self) -> str:
        return plain(self.reply.html)


@dataclass(eq=False)
class EditableChannel(MemoryChannel):
    """Remembers when each message was changed. `held`: where set, changes wait for it."""

    changes: list[Edit] = field(default_factory=list)
    held: asyncio.Event | None = None
    renames: bool = False

    def __post_init__(self) -> None:
        super().__init__(pace=RateLimit(edits=None))

    async def edit(self, address: Address, reference: str, reply: Reply) -> str | None:  # type: ignore[override]
        if self.held is not None:
            await self.held.wait()
        await super().edit(address, reference, reply)
        at = asyncio.get_running_loop().time()
        self.changes.append(Edit(address.person, reference, at, reply))
        return f"{reference}+" if self.renames else None


async def start_broadcast(harness: Harness) -> Harness:
    """Have one organiser, who has the message, and a broadcast to a hundred that has begun."""
    await join(harness, "olga")
    await add_subscribers(harness, PEOPLE, language="en")
    await harness.publish()
    await deliver_replies(harness)
    return harness


async def advance(harness: Harness, skip: Skip, seconds: float, copies: int = 1, step: float = 1.0) -> None:
    """Let so much time pass: after each `step` so many copies more have been sent, and it is shown."""
    passed = 0.0
    while passed < seconds:
        async with harness.store.write() as tx:
            await broadcasts.count_copies(tx, [CopyEnd(1, 1, CopyStatus.SENT)] * copies)
        await harness.news.progress_messages.show(await harness.broadcast())
        await settled()
        skip(step)
        passed += step


async def settled() -> None:
    """Let changes under way come to their end, as far as they can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def finish(harness: Harness, skip: Skip) -> None:
    """Send it all, and let the last changes be made."""
    await harness.engine().run_until_idle()
    while (await harness.broadcast()).status is not BroadcastStatus.DONE:
        harness.clock.advance(seconds=1)
        await harness.engine().run_until_idle()
    await advance_a_moment(skip)


async def advance_a_moment(skip: Skip) -> None:
    """Let changes be made that wait for their three seconds."""
    await settled()
    skip(3)
    await asyncio.sleep(0.01)
    await settled()
