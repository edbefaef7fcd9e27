"""Backups are written, checked, and only then given their name."""

import asyncio
from pathlib import Path

from sqlalchemy.engine import URL

from assistant.domain.errors import Failure
from assistant.services.databases.check import Soundness, check
from assistant.services.databases.generation import GenerationWatch
from assistant.store import backup
from assistant.store.copying import Progress
from assistant.store.database import file_address
from assistant.store.keyring import KeyringSource


async def back_up(
    url: URL, keyring: KeyringSource, watch: GenerationWatch, to: Path, tell: Progress, *, replace: bool
) -> Soundness:
    """Write a backup of the database into that file, while it is in use. Returns what it holds.

    `replace`: a file of that name may be there. Raises Misconfigured where there is one and it must not, and
    Failure where what was written cannot be used: then there is no file. What is wrong in the
    database itself, and does not keep it from being used, is in the backup, too, and in what is returned.
    """
    backup.check_name(to, replace=replace)
    try:
        with backup.staged(to) as beside:
            await watch.raise_()  # so that the backup knows of which moment it is
            await asyncio.to_thread(backup.write_backup, url, beside, tell)
            checked = await check(file_address(beside), keyring, is_kept=True)
            if not checked.is_usable:
                raise Failure(f"The backup could not be used, and was not kept. {' '.join(checked.faults)}")
            await watch.raise_()  # whatever way it is put back, it is older than what is noted
    except OSError as error:
        raise Failure(f"{to} cannot be written: {error.strerror}. See to the disk and the folder.") from error
    return checked
