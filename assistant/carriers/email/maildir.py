"""The Maildir that mail to our addresses is delivered to."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.carriers.email.incoming import LARGEST
from assistant.domain.errors import Misconfigured
from assistant.files import NotPlain, open_plain

_INFO = ":2,"  # before the flags in a file's name
_SEEN, _FLAGGED = "S", "F"


_NUMBER = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message in a mailbox: `raw` is no more of it than counts."""

    path: Path
    raw: bytes

    @property
    def flagged(self) -> bool:
        """It was flagged before."""
        return _FLAGGED in _flags(self.path)

    def settle(self) -> None:
        """Mark it as read, once what it says is stored. Twice does no harm. Raises Misconfigured."""
        self._mark(_SEEN)

    def flag(self) -> None:
        """Leave it unread, with a star in mail programs, for a person to look at. Raises Misconfigured."""
        self._mark(_FLAGGED)

    def _mark(self, flag: str) -> None:
        flags = "".join(sorted({*_flags(self.path), flag}))
        marked = f"{self.path.name.partition(_INFO)[0]}{_INFO}{flags}"
        # `mailbox.Maildir` would write it anew; a new name in the same place is all or nothing.
        with _reading(self.path.parent.parent), contextlib.suppress(FileNotFoundError):
            self.path.rename(self.path.parent.parent / "cur" / marked)


def unread(folder: Path) -> Iterator[Arrived]:
    """The messages in a Maildir that nobody has read, oldest first, as they are now.

    Those that are not settled come again the next time. Raises Misconfigured.
    """
    with _reading(folder):
        paths = [path for place in ("new", "cur") for path in (folder / place).iterdir()]
    for path in sorted(paths, key=_age):
        if _SEEN in _flags(path) or path.name.startswith("."):
            continue
        try:
            with _reading(folder), open_plain(path) as file:
                raw = file.read(LARGEST)
        except FileNotFoundError:
            continue  # another program was quicker
        except NotPlain:
            continue  # no mail server puts that there
        yield Arrived(path, raw)


def _flags(path: Path) -> str:
    return path.name.partition(_INFO)[2]


@contextlib.contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        if (folder / "new").is_dir() and (folder / "cur").is_dir():
            raise
        raise Misconfigured(f"{folder} is no Maildir: it has no folders new and cur in it.") from None
    except NotPlain:
        raise
    except OSError as error:
        raise Misconfigured(
            f"The mailbox {folder} cannot be read or changed: {error.strerror}. We have to own it."
        ) from None


def _age(path: Path) -> list[str | int]:
    """Names begin with the time, whose parts are not as long as each other: `1327420800.M51P7Q1.host`."""
    return [int(part) if part.isdecimal() else part for part in _NUMBER.split(path.name)]
