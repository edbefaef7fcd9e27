"""What is looked at while a broadcast leaves, timed as the ledger of messages grows; and the plans of it."""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from sqlalchemy import text

from assistant.dialogue.script import Script
from assistant.domain.broadcasts import Audience, CopyStatus
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import BroadcastStatus
from assistant.services.broadcasts.approval import SHELL
from assistant.store import broadcasts, copies, fanout, lanes, message_queue, queue_sizes, subscriptions
from assistant.store.broadcasts import CopyEnd
from assistant.store.database import Store, Tx
from assistant.store.keyring import KeyringFile
from benchmarks.plans import noted, steps
from benchmarks.press import AFTERNOON, Desk, Still, news
from benchmarks.readers import ACCOUNT, CASE, Original

SIZES = (10_000, 100_000, 1_000_000)
BATCH = 250  # copies that are claimed together
TIMES = 21  # that each is measured; the first ones prepare statements
_CHUNK = 20_000
_SENT = text("UPDATE copies SET status = 'sent' WHERE status = 'queued' AND chat_id % :keep <> 0")
_TALKED = text(  # a tenth of the readers did, in the last week
    """
    INSERT INTO messages (chat_id, lane_id, body, status, epoch, attempts, due_at)
    SELECT id, :lane, :body, 'sent', 1, 0, 0 FROM chats WHERE id % 10 = 3
    """
)
Look = Callable[[Tx], Awaitable[object]]


class _Undone(Exception):
    """Ends a transaction of which nothing is kept."""


@dataclass
class _Bench:
    """A broadcast that is leaving to more and more readers."""

    store: Store
    desk: Desk
    lane: Lane
    number: int

    @classmethod
    async def begin(cls, store: Store, script: Script) -> "_Bench":
        desk = Desk.over(store, script, Still(AFTERNOON))
        number = await desk.approved(news(Audience(case=CASE), urgent=False))
        async for _ in desk.chunks():
            break
        name = str(ACCOUNT)
        async with store.write() as tx:
            ids = await lanes.lane_ids(tx, broadcasts.LANE, [name])
            lane = await lanes.take(tx, Lane(ids[name], broadcasts.LANE, name))
            ends = [
                CopyEnd(number, lane.id, outcome, f"reason {each}")
                for outcome in CopyStatus
                for each in range(5)
            ]
            await broadcasts.count_copies(tx, ends)
            for day in range(1, 4):
                over = await broadcasts.add(tx, news(Audience(case=CASE), urgent=False), {}, None, AFTERNOON)
                ended = AFTERNOON - timedelta(days=day)
                await broadcasts.set_facts(tx, over, status=BroadcastStatus.EXPIRED, ended_at=ended)
            ids = await lanes.lane_ids(tx, lanes.REPLIES, [name])
            await tx.connection.execute(_TALKED, {"lane": ids[name], "body": os.urandom(200)})
        return cls(store, desk, lane, number)

    async def grow(self, wanted: int) -> None:
        """Address it to so many in all."""
        found = await self.desk.broadcast(self.number)
        there, now = found.recipients, self.desk.clock()
        departures = self.desk.news.quiet_hours.departures(found, now)
        while there < wanted:
            async with self.store.write() as tx:
                after = await fanout.reached(tx, self.number)
                assert after is not None, "there are not so many readers"
                limit = min(_CHUNK, wanted - there)
                piece = await fanout.address(
                    tx, self.number, found.announcement.audience, departures, now.date(), after, limit
                )
                await fanout.reach(tx, self.number, piece.last, piece.added)
            there += piece.added

    def looks(self) -> Mapping[str, Look]:
        """What is looked at, by what it is for."""
        now, quiet_hours = self.desk.clock(), self.desk.news.quiet_hours

        def morning(country: str | None, language: str | None) -> datetime | None:
            return quiet_hours.morning(country, language, now)

        async def claim(tx: Tx) -> object:
            await lanes.fence(tx, self.lane)
            return await message_queue.claim(tx, self.lane, now, BATCH, morning)

        return {
            f"up to {BATCH} copies are claimed": claim,
            "when the next one is due": lambda tx: message_queue.next_due(tx, self.lane, now),
            "whether copies are open": lambda tx: copies.any_open(tx, self.number),
            "what became of copies": lambda tx: broadcasts.tallies_of(tx, [self.number]),
            "broadcasts that are not over": broadcasts.open_ones,
            "expired ones with copies": copies.uncleared,
            "20,000 expired ones are cleared": lambda tx: copies.clear(tx, self.number, _CHUNK),
            "a reader unsubscribes": lambda tx: subscriptions.unsubscribe(tx, [777]),
            "how much waits, for /metrics": queue_sizes.queue_sizes,
        }

    async def undone(self, look: Look) -> float:
        """Seconds that it takes; nothing is kept."""
        try:
            async with self.store.write(brief=True) as tx:
                start = time.perf_counter()
                await look(tx)
                seconds = time.perf_counter() - start
                raise _Undone
        except _Undone:
            return seconds

    async def halt(self) -> float:
        """Seconds until it is halted for good; then it goes on."""
        desk = self.desk.news.broadcast_service
        start = time.perf_counter()
        async with self.store.write() as tx:
            await desk.halt(tx, SHELL, self.number)
        seconds = time.perf_counter() - start
        async with self.store.write() as tx:
            await desk.resume(tx, SHELL, self.number)
        return seconds

    async def times(self) -> Mapping[str, float]:
        """The median of each, in milliseconds."""
        found = {}
        for name, look in self.looks().items():
            found[name] = statistics.median([await self.undone(look) for _ in range(TIMES)]) * 1000
        found["a halt, committed"] = statistics.median([await self.halt() for _ in range(TIMES)]) * 1000
        return found

    async def plans(self) -> Mapping[str, list[str]]:
        """The looks at tables that grow, by what they are for."""
        found = {}
        for name, look in (*self.looks().items(), ("a halt", None)):
            with noted(self.store) as statements:
                await (self.undone(look) if look else self.halt())
            async with self.store.read() as tx:
                plans = [await steps(tx, sql, given) for sql, given in statements.items()]
            found[name] = [line for plan in plans for line in plan]
        return found

    async def send(self, keep: int) -> None:
        """Count as sent all that wait, but one of so many."""
        async with self.store.write() as tx:
            await tx.connection.execute(_SENT, {"keep": keep})


async def stay_flat(original: Original, script: Script, people: int) -> None:
    """Print how long each takes at each size and then at each state, in ms; then the plans."""
    columns: dict[str, Mapping[str, float]] = {}
    plans: dict[str, Mapping[str, list[str]]] = {}
    with original.copy() as url:
        store = await Store.open(url, KeyringFile(original.keyring))
        bench = await _Bench.begin(store, script)

        async def look(state: str) -> None:
            columns[state], plans[state] = await bench.times(), await bench.plans()

        for size in (size for size in SIZES if size <= people):
            await bench.grow(size)
            await look(f"{size:,}")
        await bench.send(10)
        await look("a tenth left")
        await bench.send(10**9)
        await look("none left")
        if original.name == "PostgreSQL":  # which it does by itself after a while
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE messages")
            await look("vacuumed")
        await store.close()
    print(f"{'ms':32}" + "".join(f"{state:>14}" for state in columns))
    for name in next(iter(columns.values())):
        print(f"{name:32}" + "".join(f"{found[name]:>14.2f}" for found in columns.values()))
    for name in next(iter(plans.values())):
        lines: defaultdict[str, list[str]] = defaultdict(list)
        for state, found in plans.items():
            for line in dict.fromkeys(found[name]):
                lines[line].append(state)
        for line, states in lines.items():
            print(f"  {name}: {line}" + (f"  [{', '.join(states)}]" if len(states) < len(plans) else ""))
