"""Files that are whole or not there, for this user's eyes only; and those that others may have put there."""

import errno
import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal

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


class NotPlain(OSError):
    """What lies there is no plain file. `kind`: other is a pipe, a socket or a device."""

    def __init__(self, kind: Literal["link", "folder", "other"]) -> None:
        super().__init__(errno.EINVAL, f"no plain file, but a {kind}")
        self.kind = kind


def open_plain(path: Path | str, within: int | None = None) -> BinaryIO:
    """A file that others may have put there, to be read: a link is not followed, a pipe holds nobody up.

    `within`: a folder that is open, in which `path` is a name. Raises OSError, and NotPlain, which is one.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, dir_fd=within)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotPlain("link") from None
        if error.errno == errno.ENXIO:  # nobody can open a socket so
            raise NotPlain("other") from None
        raise
    kind = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(kind):
        os.close(descriptor)
        raise NotPlain("folder" if stat.S_ISDIR(kind) else "other")
    return os.fdopen(descriptor, "rb")


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
