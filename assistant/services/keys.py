"""Keys of the keyring over time: another one wraps every week, and two weeks later the old one is destroyed.

From then on nobody can read a copy of the database that was made before, whoever has it: that is what makes
*forget* final also where a copy was made.

Nothing is wrapped by a key before every process that works on the database has it: one whose keyring is
another file could not read what this one writes.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from assistant.domain.clock import Clock, system_clock
from assistant.domain.errors import Failure, Refused
from assistant.domain.lanes import Lane
from assistant.domain.processes import Process
from assistant.domain.retention import KEEP_KEY, USE_KEY
from assistant.outages import Outage
from assistant.services.sole_lane import SoleLane
from assistant.store import audit, keys, lanes, processes
from assistant.store.database import Store
from assistant.store.keyring import Keyring, KeyringFile, KeyringSource, WrappingKey

KIND = "keys"
EVERY = timedelta(hours=1)
LOOK = 5.0  # seconds between two looks at the keyring
REST = 0.05  # seconds between pieces, in which others get their turn
AGAIN = 1.0  # seconds until it is looked again whether all processes have a key
PATIENCE = timedelta(seconds=60)  # until a process counts as one that will not have it
_PENDING = timedelta(days=365)  # a key of that moment is not used yet

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """One wrapping key. `retired_at`: since when another one wraps. `destroyed_from`: when it is due to go.

    `chats`: how many it wraps.
    """

    id: int
    since: datetime
    retired_at: datetime | None
    destroyed_from: datetime | None
    chats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatus:
    """All of them, the oldest first. `rotates`: whether that goes by itself here. `name`: of the keyring.

    `behind`: processes whose keyring is an older one.
    """

    keys: Sequence[KeyFacts]
    active: int
    rotates: bool
    name: str
    behind: Sequence[Process]


class KeyRotation:
    """Changes the keyring, and what it wraps. Any process may do the next step; a crash costs none."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now = store.vault.now
        self._wrapped_up_to = 0

    @property
    def _keyring(self) -> Keyring:
        return self._store.vault.keyring

    @property
    def _active(self) -> WrappingKey:
        return self._keyring.active(self._now())

    async def status(self) -> KeyStatus:
        """How the keys are. It reads a row of each chat. Raises Failure."""
        async with self._store.read() as tx:
            counts = await keys.chats_by_key(tx)
            listed = await processes.living(tx)
        ring, newest = self._keyring, self._keyring.wrapping[-1].id
        return KeyStatus(
            keys=[self._facts(each, counts.get(each.id, 0)) for each in ring.wrapping],
            active=self._active.id,
            rotates=self._store.vault.source.can_be_replaced,
            name=self._store.vault.name,
            behind=[each for each in listed if each.newest_key < newest],
        )

    def _facts(self, key: WrappingKey, chats: int) -> KeyFacts:
        retired = self._keyring.retired_at(key)
        retired = None if retired is None or retired > self._now() else retired
        gone = None if retired is None else retired + KEEP_KEY
        return KeyFacts(id=key.id, since=key.since, retired_at=retired, destroyed_from=gone, chats=chats)

    async def begin(self) -> int:
        """Make a key that is not used yet, unless there is one. Returns its number. Raises Failure."""
        async with self._store.write() as tx:
            await keys.lock(tx)
            await asyncio.to_thread(self._store.refresh_keyring)
            if not self._pending():
                await self._replace(self._keyring.with_new_key(self._now() + _PENDING))
            return self._keyring.wrapping[-1].id

    def _pending(self) -> bool:
        return self._keyring.wrapping[-1].since > self._now()

    def _begun_at(self) -> datetime:
        return self._keyring.wrapping[-1].since - _PENDING

    async def behind(self) -> Sequence[Process]:
        """The processes that do not have the newest key."""
        async with self._store.read() as tx:
            listed = await processes.living(tx)
        newest = self._keyring.wrapping[-1].id
        return [each for each in listed if each.newest_key < newest and each.name != self._store.process]

    async def use(self, actor: str = audit.ASSISTANT) -> None:
        """From now on the newest key wraps. `actor`: who wanted it, for the audit. Raises Failure."""
        async with self._store.write() as tx:
            await keys.lock(tx)
            if not self._pending():
                return
            newest = replace(self._keyring.wrapping[-1], since=self._now())
            await audit.add(tx, self._now(), actor, "rotated", f"key {newest.id}")
            await self._replace(replace(self._keyring, wrapping=(*self._keyring.wrapping[:-1], newest)))
        self._wrapped_up_to = 0

    async def withdraw(self) -> None:
        """Take the key back that is not used yet. Raises Failure."""
        async with self._store.write() as tx:
            await keys.lock(tx)
            if self._pending():
                await self._replace(self._keyring.without(self._keyring.wrapping[-1:]))

    async def wrap_piece(self, *, anyhow: bool = False) -> bool:
        """Wrap a piece of the chats' keys by the key that wraps now. Returns whether that was the last.

        `anyhow`: also where that was done before, for what a process wrapped that had not seen the new key.
        """
        async with self._store.write() as tx:
            if not anyhow and await keys.are_all_wrapped(tx):
                return True
            after = await keys.rewrap(tx, self._wrapped_up_to)
            if after is None:
                await keys.note_all_wrapped(tx)
        self._wrapped_up_to = after or 0
        return after is None

    async def rotate(self, actor: str, patience: timedelta = PATIENCE) -> int:
        """Have another key wrap, and wrap all keys of chats by it. Returns its number.

        Raises Refused where a process does not have it after `patience`, and Failure.
        """
        number = await self.begin()
        until = self._now() + patience
        while behind := await self.behind():
            if self._now() >= until:
                await self.withdraw()
                raise Refused(_not_shared(behind[0], self._store.vault.name))
            await asyncio.sleep(AGAIN)
        await self.use(actor)
        await self._wrap_all()
        return number

    async def _wrap_all(self, *, anyhow: bool = False) -> None:
        done = False
        while not done:
            done = await self.wrap_piece(anyhow=anyhow)

    async def destroy(self, actor: str = audit.ASSISTANT, keep: timedelta = KEEP_KEY) -> Sequence[int]:
        """Destroy the keys that have wrapped nothing for as long as `keep`. Returns their numbers.

        Raises Refused where a process still wraps by one of them, and Failure.
        """
        over = self._keyring.over(self._now(), keep)
        if not over:
            return []
        numbers = [each.id for each in over]
        await self._wrap_all(anyhow=True)
        async with self._store.write() as tx:
            await keys.lock(tx)
            listed = [each for each in await processes.living(tx) if each.name != self._store.process]
            if late := next((each for each in listed if each.active_key in numbers), None):
                raise Refused(_not_shared(late, self._store.vault.name))
            needed = await keys.chats_by_key(tx)
            if needed.keys() & set(numbers):  # since a moment ago: the next look finds it
                return []
            for number in numbers:
                await audit.add(tx, self._now(), actor, "destroyed", f"key {number}")
            await self._replace(self._keyring.without(over))
        await self._store.erase()
        return numbers

    async def without_old_keys(self, keep: timedelta) -> bytes:
        """The keyring without the keys that `destroy` would, to be put in its place by its operator.

        Raises Refused where we keep it, or one of them is still needed, and Failure.
        """
        _see_that_its_operator_keeps(self._store.vault.source)
        await self._wrap_all(anyhow=True)
        over = self._keyring.over(self._now(), keep)
        async with self._store.read() as tx:
            needed = await keys.chats_by_key(tx)
        if any(each.id in needed for each in over):
            raise Refused("Chats are still being wrapped by an old key. Try again in a minute.")
        return self._keyring.without(over).dump()

    async def advance(self) -> float | None:
        """Do what is due next. Returns the seconds until there is more to do; None: nothing for now.

        Raises Failure.
        """
        if self._pending():
            return await self._use_or_withdraw()
        if not await self.wrap_piece():
            return REST
        if not self._store.vault.source.can_be_replaced:
            return None
        if self._active.since + USE_KEY <= self._now():
            await self.begin()
            return AGAIN
        if destroyed := await self.destroy():
            log.info("keys of the keyring are destroyed: copies from before cannot be read", keys=destroyed)
        return None

    async def _use_or_withdraw(self) -> float | None:
        behind = await self.behind()
        if not behind:
            await self.use()
            log.info("a new key wraps: renew the copy of the keyring", key=self._active.id)
            return REST
        if self._begun_at() + PATIENCE > self._now():
            return AGAIN
        await self.withdraw()
        log.warning("the keys are not rotated", reason=_not_shared(behind[0], self._store.vault.name))
        return None

    async def _replace(self, keyring: Keyring) -> None:
        await asyncio.to_thread(self._store.vault.source.replace, keyring)
        await asyncio.to_thread(self._store.refresh_keyring)


def new_keyring() -> bytes:
    """A new one, as it is kept."""
    return Keyring.new(system_clock()).dump()


def with_new_key(source: KeyringSource) -> bytes:
    """The keyring with one more key, which wraps from now on, to be put in its place by its operator.

    Raises Refused where we keep it, and Misconfigured.
    """
    _see_that_its_operator_keeps(source)
    return source.read().with_new_key(system_clock()).dump()


def _see_that_its_operator_keeps(source: KeyringSource) -> None:
    if source.can_be_replaced:
        raise Refused("The keyring is a file, which is changed where it is: call this without --print.")


def lock(source: KeyringSource, choose: Callable[[], str | None]) -> None:
    """Lock the keyring with the passphrase that is chosen, or with none. Raises Misconfigured and Refused."""
    if not isinstance(source, KeyringFile):
        raise Refused("ASSISTANT_KEYRING_COMMAND prints the keyring: lock it where it is kept.")
    source.read()
    source.lock(choose())


def _not_shared(process: Process, name: str) -> str:
    return (
        f"{name} got a new key, and {process.name} does not have it: its keyring is another file. Have all "
        "processes read the same file, or see docs/security.md on how to change keys on several machines."
    )


class KeysWorker(SoleLane):
    """The one lane of its kind (`engine.base.Worker`)."""

    kind = KIND

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store, clock)
        self._rotation = KeyRotation(store)

    async def step(self, lane: Lane) -> float | None:
        planned = await self.begin(lane)
        rest = await self._rotation.advance()
        async with self._store.write(brief=True) as tx:
            await lanes.fence(tx, lane)
            await lanes.reschedule(tx, lane, planned, self._clock() + EVERY)
        return rest


class KeyringWatch:
    """Looks at the keyring again and again, so that this process has what another one put there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._outage = Outage("looking at the keyring")
        self._looking: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin. A keyring that only its operator can change is not looked at: a command may ask a person."""
        if self._store.vault.source.can_be_replaced:
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await asyncio.to_thread(self._store.refresh_keyring)
            except Failure as failure:
                self._outage.failed("the keyring cannot be looked at", level="error", reason=failure.reason)
            else:
                self._outage.over()

    async def close(self) -> None:
        """End it."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
