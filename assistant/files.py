"""Files that are whole or not there, for this user's eyes only."""

import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path

from assistant.domain.errors import Misconfigured


def is_there(path: Path) -> bool:
    """Whether there is such a file or folder. Raises Misconfigured where a folder keeps that from us."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise Misconfigured(
            f"The folder {path.parent} cannot be read: {error.strerror}. See to its permissions."
        ) from error
    return True


def check_readable(folder: Path) -> None:
    """Raises Misconfigured where the folder is there and we may not look into it."""
    if is_there(folder) and not os.access(folder, os.R_OK | os.X_OK):
        raise Misconfigured(
            f"The folder {folder} cannot be read: Permission denied. See to its owner and its permissions."
        )


def is_private(path: Path) -> bool:
    """Whether the file's permissions let nobody but its owner in. Raises OSError."""
    return not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def write_whole(path: Path, content: bytes) -> None:
    """The file with its content, or no file at all, whatever happens meanwhile. Raises OSError.

    Of several processes that write it at the same moment, the last one's content stays.
    """
    staged = _staged(path)
    descriptor = _alone(staged)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            staged.replace(path)  # before the lock on it ends
    except OSError:
        staged.unlink(missing_ok=True)
        raise


def _alone(staged: Path) -> int:
    """The empty file, open and locked: who has it locked may put it in its place meanwhile."""
    while True:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(staged.stat(), os.fstat(descriptor)):
                os.ftruncate(descriptor, 0)
                return descriptor
        os.close(descriptor)


def discard(path: Path) -> None:
    """Remove the file, and what a crash has left of it. Raises OSError."""
    for each in (path, _staged(path)):
        each.unlink(missing_ok=True)


def _staged(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def sync_folder(folder: Path) -> None:
    """See to it that the names of its files are on the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
