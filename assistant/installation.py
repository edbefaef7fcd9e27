"""An installation as a whole: backed up, looked through, put back, moved."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.domain.clock import system_clock
from assistant.domain.errors import Misconfigured, NotInstalled
from assistant.files import is_there
from assistant.runtime import clock_of, make_data_dir, only_one
from assistant.services.databases.backup import back_up
from assistant.services.databases.check import Soundness, check
from assistant.services.databases.moving import Moved, move
from assistant.services.databases.restore import Place, Restored, restore, see_that_it_can_be_used
from assistant.services.databases.tombstones import TombstoneFile
from assistant.services.presence import see_that_nobody_works
from assistant.settings import Settings
from assistant.store import placing
from assistant.store.copying import Progress as Progress
from assistant.store.crypto import Vault
from assistant.store.database import Store, database_facts, file_address, parsed, see_that_it_is_there
from assistant.store.tables import REVISION
from assistant.wiring.stores import (
    keyring_source,
    make_generation_watch,
    make_notifier,
    once_it_is_there,
    open_store,
)


@dataclass(frozen=True, slots=True)
class Migrated:
    """The revision of the tables before and after. `before`: None where there were none."""

    before: str | None
    after: str


async def migrate(settings: Settings, patience: float = 0.0) -> Migrated:
    """Bring the tables up to date, or make them with a keyring where there are none. Raises Failure.

    Tables that have to change do so while nobody works on them: raises Misconfigured where somebody does.
    `patience`: seconds that a database server may take to come.
    """
    make_data_dir(settings)
    with settings.blaming("database_url"):
        before = await _revision(settings, patience)
    if before in (None, REVISION):
        async with open_store(settings, create=True):
            return Migrated(before, REVISION)
    async with _nobody_at_work(settings), open_store(settings):
        return Migrated(before, REVISION)


async def _revision(settings: Settings, patience: float) -> str | None:
    try:
        facts = await once_it_is_there(lambda: database_facts(settings.database), patience)
    except NotInstalled:
        return None
    return facts.revision


async def backup(settings: Settings, to: Path, tell: Progress, *, replace: bool) -> Soundness:
    """Write a backup of the database into that file: see `services.databases.backup`. Raises Failure."""
    async with open_store(settings) as store:  # it is there, its tables are of now, and the keyring fits
        watch = make_generation_watch(settings, store, clock_of(settings, create=False))
        url = parsed(settings.database)
        return await back_up(url, keyring_source(settings), watch, to, tell, replace=replace)


async def soundness(settings: Settings, file: Path | None) -> Soundness:
    """Whether the database, or a backup in that file, is sound. Raises Failure where it cannot be opened."""
    with settings.blaming("database_url"):
        url = parsed(settings.database) if file is None else file_address(file)
    if file is None:
        see_that_it_is_there(url)
    elif not is_there(file):
        raise Misconfigured(f"There is no file {file}.")
    return await check(url, keyring_source(settings), is_kept=file is not None)


async def put_back(settings: Settings, file: Path, tell: Progress) -> Restored:
    """Put that backup in the place of the database: see `services.databases.restore`. Raises Failure."""
    with settings.blaming("database_url"):
        url = parsed(settings.database)
    await see_that_it_can_be_used(file, keyring_source(settings))
    make_data_dir(settings)
    async with _nobody_at_work(settings):
        place = Place(
            url=url,
            keyring=keyring_source(settings),
            generation_file=settings.generation_file,
            tombstones=TombstoneFile(settings.tombstones_file),
            folder=settings.data_dir,
        )
        return await restore(
            file, place, make_notifier(), clock_of(settings, create=False), system_clock(), tell
        )


async def copy(settings: Settings, address: str, setting: str, tell: Progress) -> Moved:
    """Copy the database to that address: see `services.databases.moving`. Raises Failure.

    `setting`: where the address was written.
    """
    target = parsed(address, setting)
    async with open_store(settings):  # it is there, its tables are of now, and the keyring fits
        source = parsed(settings.database)
    async with _nobody_at_work(settings):
        return await move(source, target, setting, keyring_source(settings), tell)


@asynccontextmanager
async def _nobody_at_work(settings: Settings) -> AsyncIterator[None]:
    """Raises Misconfigured where an assistant is at work on the database, on whichever machine.

    Those that would begin in this folder are kept from it. On a database that cannot be asked nobody works.
    """
    await _see_that_nobody_is_listed(
        settings
    )  # first: the list says who it is, the lock only that there is one
    async with only_one(settings, 0):
        await _see_that_nobody_is_listed(settings)
        yield


async def _see_that_nobody_is_listed(settings: Settings) -> None:
    url = parsed(settings.database)
    if await asyncio.to_thread(placing.lists_processes, url):
        address = url.render_as_string(hide_password=False)
        async with Store.as_it_is(address, Vault(keyring_source(settings))) as store:
            await see_that_nobody_works(store)
