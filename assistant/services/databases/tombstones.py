"""Who was forgotten, outside of the database: so that one that is put back can be cleared of them.

A line for each keyed digest, beside the keyring. Nobody can tell from it who that was.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from assistant.domain.errors import Misconfigured
from assistant.store import forgetting
from assistant.store.database import Store


class TombstoneFile:
    """The file of this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._copied = 0  # the number of the last one of the database that is in the file
        self._known: set[bytes] | None = None

    def read(self) -> set[bytes]:
        """All that are in it. Raises Misconfigured where it cannot be read."""
        found: set[bytes] = set()
        try:
            lines = self._path.read_text("ascii", errors="replace").split()
        except FileNotFoundError:
            return found
        except OSError as error:
            raise Misconfigured(f"{self._path} cannot be read: {error.strerror}.") from error
        for line in lines:
            with suppress(ValueError):  # a line that a crash has cut is noted again
                found.add(bytes.fromhex(line))
        return found

    async def copy_from(self, store: Store) -> None:
        """Note those of the database that are not in the file yet. Raises Failure."""
        async with store.read() as tx:
            new = await forgetting.tombstones_after(tx, self._copied)
        if new:
            self._add(digest for _, digest in new)
            self._copied = new[-1][0]

    def _add(self, digests: Iterable[bytes]) -> None:
        known = self.read() if self._known is None else self._known
        new = [each for each in digests if each not in known]
        if new:
            try:
                self._append("".join(f"\n{each.hex()}\n" for each in new).encode())
            except OSError as error:
                raise Misconfigured(f"{self._path} cannot be written: {error.strerror}.") from error
        self._known = known | set(new)

    def _append(self, lines: bytes) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
