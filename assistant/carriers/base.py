"""What a carrier is: a way for letters to travel. One file each, all alike."""

from dataclasses import dataclass
from typing import Protocol

from assistant.domain.lifecycle import LetterStatus


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter ready to travel. `key` names it for good: the same letter always has the same key."""

    key: str
    pdf: bytes
    facts: dict[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Ref:
    """What a carrier says of a letter that it has."""

    status: LetterStatus
    reference: str


class Carrier(Protocol):
    """A way for letters to travel."""

    @property
    def name(self) -> str:
        """The beginning of the routes that it serves: `tray`, `fax`."""

    async def submit(self, parcel: Parcel) -> Ref:
        """Hand the letter over. Raises Failure; `uncertain` where it may have gone all the same."""

    async def lookup(self, key: str) -> Ref | None:
        """What became of the letter with that key; None where the carrier never got it."""
