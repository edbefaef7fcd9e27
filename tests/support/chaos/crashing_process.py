"""A process of the real services over one channel, which can die at any moment."""

import asyncio
import inspect
from collections.abc import Coroutine
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from assistant.channels.base import Channel
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.effects import Effects
from assistant.services.letters.schedule import DepartureSchedule
from assistant.services.messages.outbox import OutboxWorker
from assistant.services.metrics import Metrics
from assistant.services.supervisor import receive_all
from assistant.services.turns import Turns
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.wiring.organisers import make_organiser_services
from assistant.wiring.process import make_chat_moves, make_outbox

Task = asyncio.Task[Any]  # Any: whatever the tasks of a process return

CLOSING = "AsyncConnection.close"  # which SQLAlchemy does in a task of its own

_owner: ContextVar[set[Task] | None] = ContextVar("owner", default=None)


class FastClock:
    """A clock on which seconds pass sooner than on the wall (`domain.clock.Clock`)."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._began = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self._began + (datetime.now(UTC) - self._began) * self.speed


def track_task_owners(loop: asyncio.AbstractEventLoop) -> None:
    """From now on each task belongs to the process, if any, whose task began it."""

    def make(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], context: Context | None = None
    ) -> Task:
        task: Task = asyncio.Task(work, loop=loop, context=context)
        owner = context.get(_owner) if context else _owner.get()
        if owner is not None:
            owner.add(task)
            task.add_done_callback(owner.discard)
        return task

    loop.set_task_factory(make)  # type: ignore[arg-type]  # typeshed knows of no context here


@dataclass(frozen=True)
class ProcessConfig:
    """What outlives a process."""

    database_url: str
    keyring: Path
    script: Script
    clock: FastClock


@dataclass
class CrashingProcess:
    """One process of an installation. `note_owners` has been called."""

    config: ProcessConfig
    _channel: Channel
    _store: Store
    _tasks: set[Task] = field(default_factory=set)
    _life: Task | None = None

    @classmethod
    async def start(cls, config: ProcessConfig, channel: Channel) -> "CrashingProcess":
        """It reads and answers from now on over that channel, which is not open yet."""
        process = cls(config, channel, await Store.open(config.database_url, KeyringFile(config.keyring)))
        await channel.open()
        context = copy_context()
        context.run(_owner.set, process._tasks)
        process._life = asyncio.create_task(process._run(), context=context)
        return process

    async def crash(self) -> None:
        """Nothing that is under way comes to its end, and nothing more is stored. It can die twice."""
        dying: set[Task] = set()
        while self._tasks:
            for task in {each for each in self._tasks if _may_be_cancelled(each)} - dying:
                task.cancel()
                dying.add(task)
            await asyncio.sleep(0)
        await self._channel.close()
        await self._store.close()
        if self._life is not None and not self._life.cancelled():
            self._life.result()  # raises: it had failed by itself

    async def _run(self) -> None:
        config, channel, store = self.config, self._channel, self._store
        metrics, printer = Metrics(config.clock), Printer(config.script.cases)
        channels = {channel.account: channel}
        news = make_organiser_services(store, config.script, channels, config.clock, approvals=2)
        outbox = make_outbox(store, channels, printer, config.clock, metrics, news)
        await outbox.open()
        schedule = DepartureSchedule(store, config.script.cases, timedelta(), config.clock)
        effects = Effects(
            config.script.cases,
            schedule,
            news.effects,
            news.letter_review,
            make_chat_moves(news.notifier, outbox),
        )
        turns = Turns(store, config.script, effects, outbox, config.clock, metrics)
        workers = [OutboxWorker(outbox, kind) for kind in (REPLIES, BULK)]
        engine = EmbeddedEngine(StoredLanes(store), workers, config.clock)
        await asyncio.gather(engine.run(), receive_all([channel], turns.handle))


def _may_be_cancelled(task: Task) -> bool:
    """Not before it has begun, for then Python warns of what was never awaited; nor while it returns a
    connection to SQLAlchemy's pool, for nobody else would close that."""
    work: Any = task.get_coro()  # Any: typeshed does not know that it is a coroutine
    return inspect.getcoroutinestate(work) != inspect.CORO_CREATED and work.__qualname__ != CLOSING
