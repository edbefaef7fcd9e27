"""A disk that fills up and is emptied again, below a process that runs."""

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

MOUNT, UMOUNT = (shutil.which(command) or "false" for command in ("mount", "umount"))
UNLIMITED = resource.RLIM_INFINITY


class Disk(Protocol):
    """Where a process stores everything. It blocks."""

    def fill(self, process: int) -> None:
        """Leave no room at all. `process`: the number of the one that writes there."""

    def free(self, process: int) -> None:
        """Make room again."""


class LimitedFiles:
    """A disk on which the files of that process cannot be written any more, for which nobody has to be root.

    Python ignores the signal that comes with it: https://man7.org/linux/man-pages/man2/prlimit.2.html.
    """

    def fill(self, process: int) -> None:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (0, UNLIMITED))

    def free(self, process: int) -> None:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))


class MountedDisk:
    """A disk of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, process: int | None = None) -> None:
        with self.filler.open("wb", buffering=0) as file:
            for size in (65536, 1024, 1):
                try:
                    while file.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def free(self, process: int | None = None) -> None:
        self.filler.unlink()

    @property
    def filler(self) -> Path:
        """The file that fills it."""
        return self.folder / "filler"


@contextmanager
def mounted_disk(folder: Path, size: str) -> Iterator[MountedDisk]:
    """A new disk there. Skips the test where this user may mount none."""
    folder.mkdir()
    options = f"size={size},mode=0700"
    done = subprocess.run([MOUNT, "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True)
    if done.returncode != 0:
        pytest.skip("this user may not mount a disk")
    try:
        yield MountedDisk(folder)
    finally:
        subprocess.run([UMOUNT, "--lazy", folder], check=True)
