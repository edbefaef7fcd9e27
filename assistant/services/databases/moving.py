"""A database is copied into another one, of the other kind or not; nobody may be at work on it meanwhile."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

from assistant.domain.errors import Failure, Misconfigured, Refused
from assistant.files import is_there
from assistant.services.databases.check import Soundness, check
from assistant.store import backup, placing
from assistant.store.copying import Progress, TableCopy
from assistant.store.database import DATABASE_URL, file_address
from assistant.store.keyring import KeyringSource


@dataclass(frozen=True, slots=True)
class Moved:
    """What was copied, and whether the copy is sound."""

    tables: Sequence[TableCopy]
    soundness: Soundness


async def move(source: URL, target: URL, setting: str, keyring: KeyringSource, tell: Progress) -> Moved:
    """Copy all of it, row by row, and compare the checksums of what left and what arrived.

    Killed at any moment, the target is as empty as it was, or complete. `setting`: where the target's address
    was written. Raises Refused where there is something in the target, Failure where it cannot be written.
    """
    try:
        if target.get_backend_name() == "sqlite":
            return await _into_file(source, Path(target.database or ""), keyring, tell)
        copied = await asyncio.to_thread(placing.fill, source, target, tell)
        return Moved(copied, await check(target, keyring, is_kept=False))
    except Refused:
        raise
    except Failure as failure:
        raise Failure(failure.reason.replace(DATABASE_URL, setting)) from failure


async def _into_file(source: URL, file: Path, keyring: KeyringSource, tell: Progress) -> Moved:
    if not is_there(file.parent):
        raise Misconfigured(f"There is no folder {file.parent}: make it, or name another file.")
    if is_there(file) and await asyncio.to_thread(_is_filled, file):
        raise Refused(placing.NOT_EMPTY)
    try:
        with backup.staged(file) as beside:
            copied = await asyncio.to_thread(placing.fill_file, source, beside, tell)
            soundness = await check(file_address(beside), keyring, is_kept=True)
            if not soundness.is_usable:
                raise Failure(f"The copy could not be used, and was not kept. {' '.join(soundness.faults)}")
    except OSError as error:
        raise Failure(
            f"{file} cannot be written: {error.strerror}. See to the disk and the folder."
        ) from error
    return Moved(copied, soundness)


def _is_filled(file: Path) -> bool:
    return file.stat().st_size > 0
