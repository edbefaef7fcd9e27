"""The tray: letters are put into a folder, for an organiser to take from there.

One PDF and one JSON of facts each. The JSON comes last and whole, so where it stands, all of the letter
does. What a crash or a full disk leaves of a letter is removed before anything else becomes of it: it may be
withdrawn by then, or not be true any more.
"""

import asyncio
import errno
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.carriers.base import Outcome, Parcel, Ref, Settle, Telling, telling_nobody
from assistant.domain.errors import Misconfigured
from assistant.domain.lifecycle import LetterStatus
from assistant.files import discard, sync_folder, write_whole

if TYPE_CHECKING:
    from aiohttp.web import RouteDef  # only the web server needs it: it takes its time


_ENDINGS = (".json", ".pdf")


class Tray:
    """A carrier that writes into a folder, which it makes readable by this user only."""

    name = "tray"
    real = False
    per_minute = 0
    in_flight = 100  # a crash leaves none in doubt: it can be asked

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def refuses(self, to: str) -> str | None:
        return "write it as 'tray', without an address" if to else None

    def reference_of(self, key: str) -> str | None:  # noqa: ARG002
        return None

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:  # noqa: ARG002
        await asyncio.to_thread(self._write, parcel)
        return self._ref(parcel.key)

    async def lookup(self, key: str, *, told: bool = True) -> Ref | None:  # noqa: ARG002
        try:
            if self._path(key, "json").exists():
                return self._ref(key)
            self._discard(key)
            return None
        except OSError as error:
            raise Misconfigured(f"The tray {self._folder} cannot be read: {error.strerror}.") from error

    def evidence(self, key: str, reference: str | None) -> str:  # noqa: ARG002
        return f"Look for {key}.pdf in {self._folder}, or where its letters were taken to."

    def written(self) -> Mapping[str, datetime]:
        """When each letter in the tray was put there, by its key; UTC. It blocks. Raises Misconfigured."""
        try:
            files = [each for each in self._folder.iterdir() if each.suffix in _ENDINGS]
            return {each.stem: datetime.fromtimestamp(each.stat().st_mtime, UTC) for each in files}
        except FileNotFoundError:  # no letter has made it yet, or somebody has just taken one out
            return {}
        except OSError as error:
            raise Misconfigured(f"The tray {self._folder} cannot be read: {error.strerror}.") from error

    def remove(self, keys: Iterable[str]) -> None:
        """Remove the files of these letters. It blocks. Raises Misconfigured."""
        try:
            for key in keys:
                self._discard(key)
        except OSError as error:
            raise self._unwritable(error) from error

    async def poll(self, submitted: Mapping[str, str]) -> Mapping[str, Outcome]:  # noqa: ARG002
        return {}  # nothing is ever `submitted` here

    async def cancel(self, key: str, reference: str) -> bool:  # noqa: ARG002
        return False  # somebody may have taken it out

    async def probe(self) -> None:
        """Write a file and remove it; a tray that no letter has made yet stays unmade."""
        await asyncio.to_thread(self._try_to_write)

    def routes(self, settle: Settle) -> "Sequence[RouteDef]":  # noqa: ARG002
        return ()

    async def close(self) -> None:
        """Nothing to disconnect from."""

    def _ref(self, key: str) -> Ref:
        # Nothing more will be heard of a letter in the tray: `sent`, not `delivered`.
        return Ref(LetterStatus.SENT, self._path(key, "pdf").name)

    def _path(self, key: str, ending: str) -> Path:
        return self._folder / f"{key}.{ending}"

    def _discard(self, key: str) -> None:
        for ending in ("json", "pdf"):
            discard(self._path(key, ending))

    def _try_to_write(self) -> None:
        probe = self._folder / f".probe-{secrets.token_hex(8)}"
        try:
            if self._folder.exists():
                write_whole(probe, b"probe")
                discard(probe)
            else:
                _check_room_for(self._folder)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> Misconfigured:
        return Misconfigured(
            f"The tray {self._folder} cannot be written: {error.strerror}. "
            "It has to be a folder that we may write to, on a disk with room."
        )

    def _write(self, parcel: Parcel) -> None:
        facts = json.dumps(dict(parcel.facts), ensure_ascii=False, indent=1).encode()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._path(parcel.key, "pdf"), parcel.pdf)
            write_whole(self._path(parcel.key, "json"), facts)
            sync_folder(self._folder)
        except OSError as error:  # whatever it is, an operator can mend it, and the letter waits
            with suppress(OSError):
                self._discard(parcel.key)
            raise self._unwritable(error) from error


def _check_room_for(folder: Path) -> None:
    """Raises OSError where the folder could not be made."""
    nearest = next(each for each in folder.absolute().parents if each.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
