"""A database that is older than what was there is noticed, however it came there.

A number in the database grows while an assistant works on it; what it was last stands in a file beside the
keyring, written after the commit. So a file never says more than the database that it is of, whenever we are
killed, and however many machines each have a file of their own. A database with a smaller number than the
file's has been put back: by `cp`, by `pg_restore`, by a snapshot of its volume.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from assistant.domain.clock import system_clock
from assistant.domain.errors import Failure, Misconfigured
from assistant.files import write_whole
from assistant.services.databases.standstill import moment_of, stand_still
from assistant.services.databases.tombstones import TombstoneFile
from assistant.services.notifier import Notifier
from assistant.store import generation
from assistant.store.database import Store, Tx
from assistant.store.restored import Standstill

EVERY = 30.0  # seconds: what a database can be older by without being noticed, where we were killed
BEYOND = 1_000_000  # more than any other machine can have noted by now: so often `EVERY` is a year
OLDER = "the database is older than what was there: what may have been sent since is held"

log = structlog.get_logger()


def noted(file: Path) -> int | None:
    """The number in the file; None where there is no file. Raises Misconfigured where it cannot be read."""
    try:
        return int(json.loads(file.read_text("utf-8"))["generation"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Misconfigured(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Misconfigured(
            f"{file} is damaged. Remove it, unless the database was put back to an earlier moment: then use "
            "`assistant db restore` for that."
        ) from error


def note(file: Path, number: int) -> None:
    """Write the number down, unless there is a greater one. Raises Misconfigured where that cannot be."""
    if number <= (noted(file) or 0):
        return
    try:
        write_whole(file, json.dumps({"generation": number}).encode())
    except OSError as error:
        raise Misconfigured(f"{file} cannot be written: {error.strerror}.") from error


class GenerationWatch:
    """Over one database and the file of this machine."""

    def __init__(
        self,
        store: Store,
        file: Path,
        tombstones: TombstoneFile,
        notifier: Notifier,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._file = file
        self._tombstones = tombstones
        self._notifier = notifier
        self._clock = clock
        self._seen = 0  # what this process has seen the database to be

    async def look(self) -> Standstill | None:
        """Have an older database stand still. Returns what does; None where it is none."""
        known = noted(self._file) or 0
        async with self._store.read() as tx:
            found = await generation.look(tx)
        return await self._raise(known) if found.number < known else None

    async def raise_(self) -> Standstill | None:
        """The database is at work: raise its number, and note it. The same where it is an older one."""
        return await self._raise(max(noted(self._file) or 0, self._seen))

    async def _raise(self, known: int) -> Standstill | None:
        async with self._store.write() as tx:
            found = await generation.current(tx)
            stood = None
            if found.number < known:
                stones = self._tombstones.read()
                stood = await stand_still(tx, self._notifier, found.raised_at, stones, self._clock())
            number = max(found.number, known) + 1
            await generation.set_number(tx, number, system_clock())
        self._seen = number
        await self._tombstones.copy_from(self._store)
        await asyncio.to_thread(note, self._file, number)
        if stood is not None:
            log.warning(
                OLDER,
                database=moment_of(found.raised_at),
                letters=stood.letters,
                broadcasts=len(stood.broadcasts),
                forgotten=stood.forgotten,
            )
        return stood

    async def run(self) -> None:
        """Raise it again and again, until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            await self.end()

    async def end(self) -> None:
        """Raise it for what has left up to now; where that cannot be, the next start does."""
        try:
            await self.raise_()
        except Failure as failure:
            log.warning("how far the database is cannot be noted", reason=failure.reason)


async def begin_beyond(tx: Tx, *numbers: int) -> int:
    """After a restore: go on with a number that no machine has noted. Returns it."""
    number = max(numbers) + BEYOND
    await generation.set_number(tx, number, system_clock())
    return number
