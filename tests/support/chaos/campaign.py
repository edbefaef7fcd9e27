"""A campaign on Telegram that goes on whatever happens: people write letters, readers get an update."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, update

from assistant.dialogue.script import Script
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus, MessageStatus
from assistant.store.database import Store
from assistant.store.tables import broadcasts, chats, copies, has, letters, messages
from tests.support.chaos.arrivals import StoredChat, disagreements, stored_chats
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.organisers import add_subscribers
from tests.support.processes.installation import CASE, LETTER, OFFICE_HOURS, Installation
from tests.support.processes.telegram_supporters import Supporter
from tests.support.publishing import UPDATE

ACCOUNT = f"telegram:{FakeTelegram.token.partition(':')[0]}"
LAST = "pass this on"
RECEIPT = "to the campaign, which passes it on"
QUESTIONS = ["ready", "country", "name", "line", "verdict", "subscribe"]


@dataclass(kw_only=True)
class Campaign:
    """`patience`: seconds until a message that does not come is missed, and the end of all."""

    server: FakeTelegram
    installation: Installation
    patience: float
    people: list[Supporter] = field(default_factory=list)
    readers: list[Person] = field(default_factory=list)
    writing: list[asyncio.Task[None]] = field(default_factory=list)

    async def add_readers(self, script: Script, count: int) -> None:
        """So many subscribe, without the talk."""
        self.readers += [self.server.person(f"Reader {number}") for number in range(count)]
        async with self.installation.harness(script, ACCOUNT) as harness:
            await add_subscribers(harness, [str(each.id) for each in self.readers], language="en")
            async with harness.store.write() as tx:  # lately, by their clock: nobody is asked
                lately = datetime.fromisoformat(OFFICE_HOURS).date()
                await tx.connection.execute(update(chats).values(active_on=lately))

    async def publish(self, script: Script) -> None:
        """Begin to send them the update."""
        await self.installation.publish(script, UPDATE)

    async def begin_letters(self, count: int) -> list[Supporter]:
        """So many more people begin to write.

        They type: a press of a button is not brought again for long.
        """
        begun = [self._newcomer(len(self.people) + number) for number in range(count)]
        self.people += begun
        for each in begun:
            await each.person.write(f"/start {CASE}")
            self.writing.append(asyncio.create_task(_write_letter(each)))
        await self.server.until(lambda: all(each.person.inbox for each in begun), self.patience)
        return begun

    async def have_written(self, people: Sequence[Supporter]) -> None:
        """Return when all of these have gone through the whole talk, whether their letters left or not."""

        def done(each: Supporter) -> bool:
            return any(LAST in message.text for message in each.person.inbox)

        await self.server.until(lambda: all(map(done, people)), self.patience)

    def _newcomer(self, number: int) -> Supporter:
        name = f"Person {chr(65 + number // 26)}{chr(65 + number % 26)}"
        person = self.server.person(name, "en")
        return Supporter(self.server, person, LETTER | {"name": name}, typing=True, patience=self.patience)

    async def is_over(self, store: Store) -> None:
        """Return when all letters and messages have come to their end."""
        await asyncio.gather(*self.writing)
        found: dict[str, int] = {}
        over = {f"letters {LetterStatus.SENT}": len(self.people)}
        over |= {f"broadcasts {BroadcastStatus.DONE}": 1} if self.readers else {}
        try:
            async with asyncio.timeout(self.patience):
                while found != over:
                    await asyncio.sleep(0.2)
                    with suppress(Failure):  # a connection of ours was cut, too
                        found = await _unfinished(store)
        except TimeoutError:
            raise AssertionError(f"still open: {found}") from None

    async def check(self, store: Store) -> int:
        """See that nothing was lost, and nothing came twice. How many copies nobody knows the fate of."""
        names = Counter(facts["name"] for facts in self.installation.facts)
        assert names == Counter(each.answers["name"] for each in self.people), "one letter each"
        for each in self.people:
            assert [name for name in each.asked if name in LETTER] == QUESTIONS
        stored = await stored_chats(store)
        persons = (*self.readers, *(each.person for each in self.people))
        wrong = disagreements(stored, {each.id: each.inbox for each in persons}, self.server.taken)
        assert not wrong, "\n".join(wrong)
        return self._unknown(stored)

    def _unknown(self, stored: dict[int, StoredChat]) -> int:
        copies = Counter((stored[each.id].copies[0].status, len(each.inbox)) for each in self.readers)
        print({f"{status}, came {times} times": count for (status, times), count in copies.items()})
        sent, lost = MessageStatus.SENT, MessageStatus.UNKNOWN
        assert copies.keys() <= {(sent, 1), (lost, 0), (lost, 1)}
        return copies[lost, 0] + copies[lost, 1]


async def _write_letter(supporter: Supporter) -> None:
    """All of it, until it has been handed over."""
    await supporter.until(LAST)
    await supporter.until(RECEIPT)


async def _unfinished(store: Store) -> dict[str, int]:
    found: dict[str, int] = {}
    async with store.read() as tx:
        for queue in (messages, copies):
            waiting = has(queue.c.status, MessageStatus.QUEUED, MessageStatus.SENDING)
            query = select(queue.c.lane_id, func.count()).where(waiting).group_by(queue.c.lane_id)
            found |= {f"{queue.name} on lane {row[0]}": row[1] for row in await tx.connection.execute(query)}
        for name, table in (("letters", letters), ("broadcasts", broadcasts)):
            by_status = select(table.c.status, func.count()).group_by(table.c.status)
            found |= {f"{name} {row[0]}": row[1] for row in await tx.connection.execute(by_status)}
    return found


@asynccontextmanager
async def campaign(
    server: FakeTelegram, installation: Installation, patience: float
) -> AsyncIterator[Campaign]:
    """A campaign whose people write no longer than the test lasts."""
    going_on = Campaign(server=server, installation=installation, patience=patience)
    try:
        yield going_on
    finally:
        hook = server.webhook
        print(len(server.taken), "updates taken,", len(server.updates), "wait:", hook and hook.error)
        for task in going_on.writing:
            task.cancel()
        await asyncio.gather(*going_on.writing, return_exceptions=True)
