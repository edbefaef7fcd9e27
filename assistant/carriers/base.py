"""What a carrier is: a way for letters to travel. One file or folder each, all alike."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus

if TYPE_CHECKING:
    from aiohttp.web import RouteDef  # only the web server needs it: it takes its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A letter ready to travel.

    `key` names it for good: the same letter always has the same key, and nothing in it is personal.
    `to`: the route without the carrier's name, such as `+50255501234`; empty where the carrier needs none.
    `subject`: one line without anything that a supporter wrote. `text`: the letter's own words.
    """

    key: str
    to: str
    subject: str
    text: str
    pdf: bytes
    facts: Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Ref:
    """What a carrier says of a letter that it has.

    `reference`: the carrier's own name for it. `look_in`: how long until asking again is worthwhile, where
    it is `submitted`. `reason`: in the carrier's words, for the letter's log; nothing personal.
    """

    status: LetterStatus
    reference: str
    look_in: timedelta | None = None
    reason: str = ""


Outcome = Ref | Failure
"""What became of a letter: how far it is, or what went wrong."""


@dataclass(frozen=True, slots=True)
class Report:
    """News of a letter that a carrier was not asked for: a webhook, a bounce.

    The letter is named by its `key`, or by the carrier's `reference`.
    """

    outcome: Outcome
    key: str | None = None
    reference: str | None = None


Settle = Callable[[Report], Awaitable[bool]]
"""Stores what a report says, once, whatever order reports come in; False where there is no such letter.

Raises Failure where it could not be stored: it can be tried again.
"""


class Carrier(Protocol):
    """A way for letters to travel."""

    @property
    def name(self) -> str:
        """The beginning of the routes that it serves: `tray`, `fax`."""

    @property
    def real(self) -> bool:
        """Whether letters are really sent by it: then it must not work by a clock that was moved."""

    @property
    def per_minute(self) -> int:
        """How many letters a minute an office can bear, unless its case says otherwise; 0: any number."""

    @property
    def in_flight(self) -> int:
        """How many letters may be in its hands between two commits: after a crash, so many are in doubt."""

    def refuses(self, to: str) -> str | None:
        """Why `to` is no address for it, for who writes case folders; None where it is one."""

    def reference_of(self, key: str) -> str | None:
        """By what it will report the letter, where that is known before it has it."""

    async def submit(self, parcel: Parcel) -> Ref:
        """Hand the letter over. Raises Failure; `uncertain` where it may have gone all the same."""

    async def lookup(self, key: str) -> Ref | None:
        """After a crash: what became of the letter with that key; None where the carrier never got it.

        Raises Failure; `uncertain` where the carrier cannot tell.
        """

    async def poll(self, submitted: Mapping[str, str]) -> Mapping[str, Outcome]:
        """What became of letters by now: their references by key. What is still on its way may be left out.

        Raises Failure where nothing can be learned now.
        """

    async def cancel(self, key: str, reference: str) -> bool:
        """Call a submitted letter back. True where it is certain that it will not arrive and never did."""

    def routes(self, settle: Settle) -> "Sequence[RouteDef]":
        """What the carrier's other side calls on our web server; none for most."""

    async def close(self) -> None:
        """Disconnect."""
