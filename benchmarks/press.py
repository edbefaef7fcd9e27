"""One process over a database of readers: its broadcasts, and its turns while people talk with it."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from markupsafe import Markup

from assistant.channels.base import Channel, RateLimit
from assistant.channels.telegram.channel import Telegram
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.broadcasts import Announcement, Audience, CallToAction, Kind, Timing
from assistant.domain.clock import Clock, system_clock
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Account, Address, Content, File, Incoming, Open, Reply, TextMessage
from assistant.domain.organisers import Role
from assistant.domain.texts import CaseDate
from assistant.engine.base import Worker
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.broadcasts.approval import WORKER_LANE
from assistant.services.effects import Effects
from assistant.services.letters.schedule import DepartureSchedule
from assistant.services.messages.outbox import OutboxWorker
from assistant.services.metrics import Metrics
from assistant.services.turns import Turns
from assistant.store import chats, lanes, organisers
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.wiring.organisers import OrganiserServices, make_organiser_services
from assistant.wiring.process import make_chat_moves, make_outbox
from benchmarks.bench_telegram import TOKEN
from benchmarks.readers import CASE, person
from tests.support.publishing import BroadcastSteps

NEWS = str(Markup("<b>Norma Cruz</b>: news that is as long as news are. ") * 6)
TALK: Sequence[Content] = (
    Open(),
    TextMessage("go"),
    TextMessage("Ana Invented"),
)  # what a new person says, a second apart
TEAM = (("Olga Invented", Role.OWNER), ("Abel Invented", Role.APPROVER))
AFTERNOON = datetime(2012, 1, 23, 15, 30, tzinfo=UTC)  # it is night in Asia and Oceania
_numbers = count()


def news(audience: Audience, *, urgent: bool) -> Announcement:
    """What is sent to them. `urgent`: at night, too."""
    texts = {language: f"{NEWS} {next(_numbers)}" for language in ("en", "es")}
    timing = Timing(lasts=48, urgent=urgent)
    dated = CaseDate(2012, 1, 23)
    return Announcement(
        kind=Kind.ALERT,
        texts=texts,
        dated=dated,
        case=CASE,
        audience=audience,
        timing=timing,
        call_to_action=CallToAction.LETTER,
    )


class Still:
    """A clock that does not go on: every run meets the same night (`Clock`)."""

    speed = 1.0

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now


@dataclass
class Desk(BroadcastSteps):
    """What organisers have, without any channel."""

    store: Store
    script: Script
    clock: Clock
    news: OrganiserServices

    @classmethod
    def over(
        cls, store: Store, script: Script, clock: Clock, channels: Mapping[Account, Channel] | None = None
    ) -> "Desk":
        return cls(store, script, clock, make_organiser_services(store, script, channels or {}, clock, 2))

    async def chunks(self) -> AsyncIterator[float]:
        """Address what is due, a transaction at a time: the seconds that each took."""
        broadcast_worker = self.news.broadcast_worker
        async with self.store.write() as tx:
            number = (await lanes.lane_ids(tx, WORKER_LANE, [WORKER_LANE]))[WORKER_LANE]
        lane = await broadcast_worker.take(Lane(number, WORKER_LANE, WORKER_LANE))
        busy: float | None = 0.0
        while busy is not None:
            start = time.perf_counter()
            busy = await broadcast_worker.step(lane)
            yield time.perf_counter() - start


class Noting(Telegram):
    """Our channel, noting when the server has taken a reply, and the last copy of a broadcast."""

    def __init__(self, url: str, rate: int) -> None:
        """`rate`: messages a second that are paid for; 0: no limit at all."""
        super().__init__(TOKEN, url, paid_rate=rate)
        if not rate:
            self.pace = RateLimit(edits=None)
        self.answered: dict[str, float] = {}
        self.copies = 0
        self.last_copy = 0.0

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        reference = await super().send(address, reply, file)
        now = time.perf_counter()
        if reply.bulk:
            self.copies, self.last_copy = self.copies + 1, now
        else:
            self.answered[address.person] = now
        return reference


@dataclass
class Press:
    """The whole process. Two organisers follow what it sends."""

    desk: Desk
    channel: Noting
    turns: Turns
    waits: list[float]  # seconds from writing to having the last reply

    @classmethod
    @asynccontextmanager
    async def sending(
        cls, store: Store, script: Script, channel: Noting, announcement: Announcement
    ) -> AsyncIterator["Press"]:
        """At work until the end; the first thing that it does is to send broadcast 1, which is this one."""
        by_account = {channel.account: channel}
        desk = Desk.over(store, script, system_clock, by_account)
        metrics, news = Metrics(), desk.news
        outbox = make_outbox(store, by_account, Printer(script.cases), system_clock, metrics, news)
        schedule = DepartureSchedule(store, script.cases, timedelta(minutes=10), system_clock)
        effects = Effects(
            script.cases, schedule, news.effects, news.letter_review, make_chat_moves(news.notifier, outbox)
        )
        workers: list[Worker] = [
            news.broadcast_worker,
            *(OutboxWorker(outbox, kind) for kind in (REPLIES, BULK)),
        ]
        engine = EmbeddedEngine(StoredLanes(store), workers, system_clock)
        await channel.open()
        await outbox.open()
        async with store.write() as tx:
            seats = [person(number) for number in range(1, len(TEAM) + 1)]
            found = await chats.open_chats(tx, seats, system_clock().date())
            for chat, (name, role) in zip(found, TEAM, strict=True):
                await organisers.join(tx, chat, role, name)
        await desk.approved(announcement)
        running = asyncio.create_task(engine.run())
        try:
            yield cls(desk, channel, Turns(store, script, effects, outbox, system_clock, metrics), [])
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await outbox.stop()
            await news.progress_messages.close()
            await channel.close()

    async def until(self, reached: Callable[[], Awaitable[bool]]) -> None:
        """Look ten times a second, until that is so."""
        while not await reached():  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    async def is_done(self) -> bool:
        """Whether the broadcast is over."""
        return (await self.desk.broadcast()).status is BroadcastStatus.DONE

    async def talk(self, people: int) -> None:
        """So many new people a second begin to talk."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(self._one())
                await asyncio.sleep(1 / people)

    async def _one(self) -> None:
        number = 9 * 10**9 + secrets.randbelow(10**9)
        address = Address(self.channel.account, str(number))
        for said in TALK:
            start = time.perf_counter()
            await self.turns.handle(Incoming(address, secrets.token_hex(8), said, language="en"))
            await asyncio.sleep(1)
            answered = self.channel.answered.get(address.person, 0.0)
            self.waits.append(answered - start if answered > start else 1.0)
