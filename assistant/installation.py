"""An installation as a whole: backed up, and looked through. Settings become what services need."""

from pathlib import Path

from assistant.domain.errors import Misconfigured
from assistant.files import is_there
from assistant.services.databases.backup import back_up
from assistant.services.databases.check import Soundness, check
from assistant.settings import Settings
from assistant.store.copying import Progress as Progress
from assistant.store.database import file_address, parsed, see_that_it_is_there
from assistant.wiring import open_store


async def backup(settings: Settings, to: Path, tell: Progress, *, replace: bool) -> Soundness:
    """Write a backup of the database into that file: see `services.databases.backup`. Raises Failure."""
    async with open_store(settings):  # it is there, its tables are of now, and the keyring fits
        url = parsed(settings.database)
        return await back_up(url, settings.keyring_path, to, tell, replace=replace)


async def soundness(settings: Settings, file: Path | None) -> Soundness:
    """Whether the database, or a backup in that file, is sound. Raises Failure where it cannot be opened."""
    with settings.blaming("database_url"):
        url = parsed(settings.database) if file is None else file_address(file)
    if file is None:
        see_that_it_is_there(url)
    elif not is_there(file):
        raise Misconfigured(f"There is no file {file}.")
    return await check(url, settings.keyring_path, is_kept=file is not None)
