"""The files of a case folder, opened: the only place that does.

Anybody may have made a folder, with links to files of this machine in it, with pipes that hold up whoever
reads them, or with more than fits into memory. So each part of a path is opened without following links,
below the folder that was opened before it, and only plain files are read, up to a size. The folder itself is
the operator's choice: it may be reached by a link.
"""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from assistant.content.leftovers import is_leftover
from assistant.files import NotPlain, open_plain

TEXT_MAX = 256 << 10  # bytes of a text, or of a table of offices: a thousand lines of it
TOGETHER_MAX = 16 << 20  # bytes of all files that a letterhead can read
FILES_MAX = 5000  # files and folders in a case folder
DEPTH = 5  # folders below each other
_LINK = "is a link, and links are not followed: put the file or folder itself there"
_NO_FILE = "is neither a file nor a folder, but a pipe, a socket or a device: delete it"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NOT_PLAIN = {"link": _LINK, "folder": "is a folder; a file is wanted here", "other": _NO_FILE}


class Unreadable(Exception):
    """A file of a case folder is not read. `reason`: why, and what to do, behind its name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_file(folder: Path, name: str | Path, most: int = TEXT_MAX) -> bytes:
    """What stands in a file of a case folder. `name`: its path in that folder. Raises Unreadable.

    A text is known to be too long before it is read: `most` bytes at most.
    """
    *within, last = PurePosixPath(name).parts
    try:
        with _opened(folder, within) as place, open_plain(last, place) as file:
            content = file.read(most + 1)
    except NotPlain as error:
        raise Unreadable(_NOT_PLAIN[error.kind]) from error
    except OSError as error:
        is_link = error.errno in (errno.ELOOP, errno.ENOTDIR)  # a folder on the way
        raise Unreadable(_LINK if is_link else f"cannot be read: {error.strerror}") from error
    if len(content) > most:
        raise Unreadable(f"is larger than {_size(most)}: shorten it, or make it smaller")
    return content


@contextmanager
def _opened(folder: Path, within: list[str]) -> Iterator[int]:
    """The folder of that path in a case folder, open. Raises OSError."""
    place = os.open(folder, _FOLDER)
    try:
        for part in within:
            if part in ("..", "/"):
                raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=place)
            os.close(place)
            place = inner
        yield place
    finally:
        os.close(place)


def _size(count: int) -> str:
    return f"{count >> 20} MB" if count >> 20 else f"{count >> 10} kB"


def oddities(folder: Path) -> Iterator[tuple[str, str]]:
    """What cannot be part of a case folder: its path in it, and what to do. Raises OSError."""
    for count, (path, entry) in enumerate(_entries(folder, PurePosixPath(), DEPTH)):
        if count == FILES_MAX:
            yield (
                ".",
                f"has more than {FILES_MAX} files and folders in it: take out what is no part of the case",
            )
            return
        if entry.is_symlink():
            yield str(path), _LINK
        elif not entry.is_file(follow_symlinks=False) and not entry.is_dir(follow_symlinks=False):
            yield str(path), _NO_FILE
        elif len(path.parts) > DEPTH:
            yield str(path), f"lies more than {DEPTH} folders deep: move it up"


def _entries(
    folder: Path, within: PurePosixPath, depth: int
) -> Iterator[tuple[PurePosixPath, "os.DirEntry[str]"]]:
    """Whatever people put there and in its folders, links too, which are not followed. Raises OSError."""
    with os.scandir(folder / within) as found:
        entries = [each for each in found if not is_leftover(each.name)]
    for entry in sorted(entries, key=lambda each: each.name):
        path = within / entry.name
        yield path, entry
        if depth and entry.is_dir(follow_symlinks=False):
            yield from _entries(folder, path, depth - 1)


def read_all(folder: Path) -> Mapping[str, bytes]:
    """Every file of a case folder, by its path in it. Raises Unreadable where they are too large together."""
    files: dict[str, bytes] = {}
    room = TOGETHER_MAX
    for path, entry in _entries(folder, PurePosixPath(), DEPTH):
        if entry.is_file(follow_symlinks=False):
            if entry.stat(follow_symlinks=False).st_size > room:
                raise Unreadable(f"lies beside more than {_size(TOGETHER_MAX)}: take out what is not needed")
            files[str(path)] = read_file(folder, str(path), room)
            room -= len(files[str(path)])
    return files
