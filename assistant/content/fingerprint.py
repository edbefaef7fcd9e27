"""What the files of folders look like from outside: by it, one knows that something has changed."""

import stat
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from assistant.content.case_files import DEPTH, FILES_MAX
from assistant.content.leftovers import written

Fingerprint = Mapping[Path, tuple[int, int, int]]
"""Files and folders, each with its size and times; of a folder, only who may do what with it."""


def fingerprint(folders: Iterable[Path]) -> Fingerprint:
    """What is in the folders, but for what came by itself. A folder's own time tells nothing.

    Links in them are not followed; of more than a case folder may hold, only so much is looked at.
    """
    return dict(mark for folder in folders for mark in islice(_marks(folder, DEPTH), FILES_MAX + 1))


def _marks(path: Path, depth: int) -> Iterator[tuple[Path, tuple[int, int, int]]]:
    try:
        known = path.stat() if depth == DEPTH else path.lstat()
        if not stat.S_ISDIR(known.st_mode):
            # The time of the last change of any kind: who mends permissions changes neither size nor text.
            yield path, (known.st_size, known.st_mtime_ns, known.st_ctime_ns)
            return
        yield path, (known.st_mode, 0, 0)
        for each in written(path) if depth else ():
            yield from _marks(each, depth - 1)
    except OSError as error:
        yield path, (-1, error.errno or 0, 0)
