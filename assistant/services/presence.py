"""That this process works on the database is known to all others, and that it still does."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.lanes import LEASE
from assistant.domain.processes import EMBEDDED, Process, ProcessRole
from assistant.outages import Outage
from assistant.store import lanes, processes
from assistant.store.database import Store

RENEW = 1.5  # seconds: a renewal that takes long, or fails once, costs nothing
PATIENCE = LEASE + 1.0  # seconds in which a process that has died is listed no more

log = structlog.get_logger()


class Displaced(Misconfigured):
    """Another process has taken over all that this one did, while it was frozen or cut off."""


class Presence:
    """Lists this process, and renews its lease, from `open` until `close`."""

    def __init__(self, store: Store, role: ProcessRole, engine: str) -> None:
        self._store = store
        self._role = role
        self._engine = engine
        self._place = place_of_processes()
        self._renewing: asyncio.Task[None] | None = None
        self._outage = Outage("saying that this process lives")

    async def open(self) -> None:
        """Raises Misconfigured where another process is at work that this one must not work beside."""
        clock = asyncio.get_running_loop().time
        until = clock() + PATIENCE
        heard: dict[str, Process] = {}
        while (in_the_way := await self._enter()) is not None:
            before = heard.setdefault(in_the_way.name, in_the_way)
            if in_the_way.seen_at != before.seen_at or clock() > until:
                raise Misconfigured(_in_the_way(in_the_way))
            await asyncio.sleep(0.2)  # it may have died a moment ago
        self._renewing = asyncio.create_task(self._keep_renewing())

    async def _enter(self) -> Process | None:
        """List this process, unless another one is in its way, which is returned."""
        async with self._store.write(brief=True) as tx:
            await processes.lock(tx)
            listed = await processes.living(tx)
            dead = [each for each in listed if _has_died(each, self._place)]
            for each in dead:
                await processes.remove(tx, each.name)
                await lanes.abandon(tx, each.name)
            if (found := self._unbearable([each for each in listed if each not in dead])) is not None:
                return found
            asked_at = self._store.lease.clock()
            await processes.add(tx, self._place, self._role, self._engine)
        self._store.lease.renewed(asked_at, {})
        return None

    def _unbearable(self, others: Sequence[Process]) -> Process | None:
        """One that this process must not work beside: an engine that works alone, or any where ours does."""
        if self._role == ProcessRole.CHAT:
            return None
        at_work = [each for each in others if each.role != ProcessRole.CHAT]
        return next((each for each in at_work if EMBEDDED in (each.engine, self._engine)), None)

    async def watch(self) -> None:
        """Never returns. Raises Displaced when another process has taken this one for dead."""
        if self._renewing is not None:
            await asyncio.shield(self._renewing)

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(RENEW)
            try:
                await self._renew()
            except Displaced:
                raise
            except Failure as failure:
                self._outage.failed("the lease was not renewed", level="error", reason=failure.reason)
            else:
                self._outage.over()

    async def _renew(self) -> None:
        asked_at = self._store.lease.clock()
        async with self._store.write(brief=True) as tx:
            if not await processes.renew(tx):  # somebody has taken us for dead
                await processes.lock(tx)
                if (found := self._unbearable(await processes.living(tx))) is not None:
                    raise Displaced(_in_the_way(found))
                await processes.add(tx, self._place, self._role, self._engine)
            held = await lanes.renew(tx)
        self._store.lease.renewed(asked_at, held)

    async def close(self) -> None:
        """Give back every lane: whoever comes next need not wait."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        try:
            async with self._store.write(brief=True) as tx:
                await processes.remove(tx, self._store.process)
                await lanes.release(tx)
        except Failure as failure:
            log.warning("lanes are given back by themselves, in a moment", reason=failure.reason)


async def see_that_nobody_works(store: Store) -> None:
    """Raises Misconfigured where a process works on the database, on whichever machine, or a chat is open.

    One that may have died a moment ago is waited for until its lease is over.
    """
    place, clock = place_of_processes(), asyncio.get_running_loop().time
    until = clock() + PATIENCE
    while True:
        async with store.read() as tx:
            listed = await processes.living(tx)
        living = [each for each in listed if not _has_died(each, place)]
        if not living:
            return
        if clock() > until:
            raise Misconfigured(_in_the_way(living[0]))
        await asyncio.sleep(0.2)


def place_of_processes() -> str:
    """The same for processes that see each other's numbers: on one machine since it was started, and not in
    different containers. Empty where the system does not say."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"
    return ""


def is_alive(pid: int) -> bool:
    """Whether another process of this place has that number now.

    One with our own number was there before us: in a container that was started anew we have it again.
    """
    return pid != os.getpid() and Path(f"/proc/{pid}").exists()


def _has_died(other: Process, place: str) -> bool:
    """Whether that can be seen from `place`, so that nobody has to wait for the end of its lease."""
    return bool(place) and other.place == place and not is_alive(other.pid)


def _in_the_way(other: Process) -> str:
    return (
        f"Another assistant works on this database: {other.name}, since "
        f"{other.started_at:%Y-%m-%d %H:%M} UTC. End it first."
    )
