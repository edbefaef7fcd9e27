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


Telling = Callable[[], Awaitable[None]]
"""Called right before the other side may have a letter: from then on, after a crash, it is in doubt.

Raises Failure where the letter must not be sent any more: then the other side gets nothing of it.
"""


async def telling_nobody() -> None:
    """A `Telling` for who keeps no record of it."""


class Carrier(Protocol):
    """A way for letters to travel.

    A carrier whose other side can be asked after a crash (`lookup`) need not say when that side gets a
    letter: it never calls `telling`, which costs a commit, and takes no notice of `told`. One whose other
    side cannot be asked calls it once a letter, as late as it can.
    """

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

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:
        """Hand the letter over. Raises Failure; `uncertain` where it may have gone all the same.

        What `telling` raises comes out as it is, and nothing was handed over.
        """

    async def lookup(self, key: str, *, told: bool = True) -> Ref | None:
        """After a crash: what became of the letter with that key; None where the carrier never got it.

        `told`: whether `telling` had been called for it. Raises Failure; `uncertain` where the carrier cannot
        tell.
        """

    def evidence(self, key: str, reference: str | None) -> str:
        """Where to look whether an uncertain letter has arrived: a sentence for an operator.

        `reference`: the carrier's own name for it, where it is known.
        """

    async def poll(self, submitted: Mapping[str, str]) -> Mapping[str, Outcome]:
        """What became of letters by now: their references by key. What is still on its way may be left out.

        Raises Failure where nothing can be learned now.
        """

    async def cancel(self, key: str, reference: str) -> bool:
        """Call a submitted letter back. True where it is certain that it will not arrive and never did."""

    async def probe(self) -> None:
        """Ask whether it would take a letter now, as far as that shows without one.

        Raises Failure with what is wrong.
        """

    def routes(self, settle: Settle) -> "Sequence[RouteDef]":
        """What the carrier's other side calls on our web server; none for most."""

    async def close(self) -> None:
        """Disconnect."""
