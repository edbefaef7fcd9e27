"""A backup is put in the place of a database. What was there is kept; nothing that left since leaves again.

The backup is made ready in a file of its own: brought up to date, everything in it held that could leave
again, checked. Only then it takes the place of what is there, in one step: see decision 0040.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL

from assistant.domain.clock import Clock
from assistant.domain.errors import Failure, Misconfigured, NotInstalled, Refused
from assistant.files import is_there
from assistant.services.databases.check import Soundness, check
from assistant.services.databases.generation import begin_beyond, note, noted
from assistant.services.databases.standstill import moment_of, stand_still
from assistant.services.databases.tombstones import TombstoneFile
from assistant.services.notifier import Notifier
from assistant.store import backup, generation, placing, restored
from assistant.store.copying import Progress
from assistant.store.database import Store, file_address
from assistant.store.keyring import KeyringSource
from assistant.store.restored import Standstill


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back. `since`: the moment that it is of. `aside`: where what was there is kept, if any."""

    since: str
    aside: str | None
    stands: Standstill
    soundness: Soundness


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a database belongs: its address, its keyring, the files of its number and of who was forgotten,
    and a folder to work in."""

    url: URL
    keyring: KeyringSource
    generation_file: Path
    tombstones: TombstoneFile
    folder: Path


async def restore(
    file: Path, place: Place, notifier: Notifier, clock: Clock, now: datetime, tell: Progress
) -> Restored:
    """Put that backup there. Nobody may be at work on what is there.

    Call after `see_that_it_can_be_used`. Raises Failure where it could not be put there: what was there is
    there then. `now`: for the name of what is kept, by the real clock.
    """
    target = Path(place.url.database or "")
    sqlite = place.url.get_backend_name() == "sqlite"
    with backup.scratch(target if sqlite else place.folder / "restore.sqlite") as ready:
        await asyncio.to_thread(backup.copy_file, file, ready, tell, kept=True)
        since, stands, number = await _make_ready(ready, place, notifier, clock)
        soundness = await check(file_address(ready), place.keyring, is_kept=True)
        if not soundness.is_usable:
            raise Failure(f"The backup cannot be used. {' '.join(soundness.faults)}")
        if sqlite:
            aside = await asyncio.to_thread(placing.replace_file, ready, target, now)
        else:
            aside = await asyncio.to_thread(placing.replace_tables, ready, place.url, now, tell)
    await asyncio.to_thread(note, place.generation_file, number)
    return Restored(since=moment_of(since), aside=aside, stands=stands, soundness=soundness)


async def see_that_it_can_be_used(file: Path, keyring: KeyringSource) -> None:
    """Raises Refused where the file is no backup that can be put back here, with what to do."""
    if not is_there(file):
        raise Misconfigured(f"There is no file {file}.")
    try:
        found = await check(file_address(file), keyring, is_kept=True)
    except NotInstalled as error:
        raise Refused(f"{file} is no backup of ours: nothing of the assistant is in it.") from error
    if not found.is_usable:
        faults = " ".join(each.fault for each in found.findings if each.fault and each.vital)
        raise Refused(f"{file} cannot be put back. {faults}")


async def _make_ready(
    ready: Path, place: Place, notifier: Notifier, clock: Clock
) -> tuple[datetime | None, Standstill, int]:
    """Of which moment it is, what stands still in it, and the number that it goes on with."""
    there = await asyncio.to_thread(placing.number_there, place.url)
    stones = place.tombstones.read() | await asyncio.to_thread(placing.tombstones_there, place.url)
    store = await Store.open(f"sqlite:///{_quoted(ready)}", place.keyring, create=False)
    try:
        async with store.write() as tx:
            found = await generation.current(tx)
            stands = await stand_still(tx, notifier, found.raised_at, stones, clock())
            await restored.forget_processes(tx)  # who worked on it then
            number = await begin_beyond(tx, found.number, there, noted(place.generation_file) or 0)
    finally:
        await store.close()
    await asyncio.to_thread(placing.into_one_file, ready)
    return found.raised_at, stands, number


def _quoted(file: Path) -> str:
    """In an address a % begins a coded character, and a ? what follows the file."""
    return str(file).replace("%", "%25").replace("?", "%3F")
