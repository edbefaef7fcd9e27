"""Open conversations in a database, each at another step, and people who go on with them in no order."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime

import aiohttp
from sqlalchemy import func, insert, select

from assistant.dialogue.router import turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.dialogue.talk import Person
from assistant.domain.messages import Account, Address, Content, Open, TextMessage
from assistant.store.database import Store, Tx, Value
from assistant.store.tables import chats, subscriptions
from benchmarks.bench_telegram import Crowd
from benchmarks.readers import CASE
from benchmarks.rows import chat_row, copy_rows

STEPS = ("go", "Guatemala", "Ana Example", "I read about her.", "cancel", "letter")  # and again
NEW = 0.2  # of all turns are the first one of somebody who is new
BOTS = (Account("telegram", "1"), Account("telegram", "2"))
_FIRST = 1_000_000_000  # the number of the first one's account
_CHUNK = 20_000
_RECENT = " ".join(str(400_000_000 + each) for each in range(6))  # messages that were handled before


def reader(number: int, bot: Account = BOTS[0]) -> Address:
    """The address of person `number`, from 1 on."""
    return Address(bot, str(_FIRST + number))


async def fill(store: Store, script: Script, people: int) -> None:
    """Into an empty database: person `number` gives the answer `STEPS[number % len(STEPS)]` next."""
    states, today = _states(script), datetime.now(UTC).date()
    for first in range(1, people + 1, _CHUNK):
        async with store.write() as tx:
            numbers = range(first, min(first + _CHUNK, people + 1))
            rows = [_row(tx, number, states[number % len(STEPS)], today) for number in numbers]
            await copy_rows(tx, chats, rows)
            await tx.connection.execute(select(func.setval("chats_id_seq", numbers[-1])))


def _states(script: Script) -> Sequence[str | None]:
    """What is stored before each of the answers."""
    states: list[str | None] = []
    person, state = Person(language="en", now=datetime.now(UTC)), State()
    said: Sequence[Content] = (Open(CASE), *map(TextMessage, STEPS[:-1]))
    for content in said:
        state = turn(script, person, state, content).state
        states.append(json.dumps(state.dump(), ensure_ascii=False) if state.frames else None)
    return states


def _row(tx: Tx, number: int, state: str | None, today: date) -> dict[str, Value]:
    row, sealer = chat_row(tx, number, reader(number), today, language="en", recent=_RECENT)
    return row | {"state": sealer.seal("chats.state", number, state) if state else None}


async def fill_subscribers(store: Store, cases: Sequence[str], readers: int) -> None:
    """Into an empty database: so many for each case, in turns on as many bots as the case's place says.

    The first case has readers on the first bot alone, the second one on both.
    """
    today = datetime.now(UTC).date()
    for place, slug in enumerate(cases):
        bots = BOTS[: place + 1]
        for first in range(1, readers + 1, _CHUNK):
            count = min(_CHUNK, readers + 1 - first)
            numbers = range(place * readers + first, place * readers + first + count)
            async with store.write() as tx:
                rows = [
                    chat_row(tx, each, reader(each, bots[each % len(bots)]), today, language="en")[0]
                    for each in numbers
                ]
                await copy_rows(tx, chats, rows)
                members = [{"chat_id": each, "case_slug": slug, "since": today} for each in numbers]
                await tx.connection.execute(insert(subscriptions), members)
                await tx.connection.execute(select(func.setval("chats_id_seq", numbers[-1])))


class Talkers:
    """Everybody with an open conversation. Whoever writes is drawn by lot; nobody twice at a time."""

    def __init__(self, crowd: Crowd, people: int) -> None:
        self.crowd = crowd
        self._people = [int(reader(number).person) for number in range(1, people + 1)]
        self._steps = [number % len(STEPS) for number in range(1, people + 1)]
        self._writing: set[int] = set()
        self._lots = random.Random(2012)

    async def talk(self, at_once: int, seconds: float) -> Sequence[float]:
        """So many write at any time, each until there is a reply: the seconds of each, shortest first."""
        self.crowd.times = []
        start = time.perf_counter()
        async with self._connections() as session:

            async def work() -> None:
                while time.perf_counter() < start + seconds:
                    await self._write(session)

            await asyncio.gather(*(work() for _ in range(at_once)))
        return sorted(self.crowd.times)

    async def _write(self, session: aiohttp.ClientSession) -> None:
        if self._lots.random() < NEW:
            person = self.crowd.new_person()
            await self.crowd.turn(session, person, f"/start {CASE}")
            self._people.append(person)
            self._steps.append(0)
            return
        place = self._draw()
        self._writing.add(place)
        try:
            await self.crowd.turn(session, self._people[place], STEPS[self._steps[place]])
        finally:
            self._writing.discard(place)
        self._steps[place] = (self._steps[place] + 1) % len(STEPS)

    def _draw(self) -> int:
        while (place := self._lots.randrange(len(self._people))) in self._writing:
            pass
        return place

    def _connections(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
