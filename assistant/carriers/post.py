"""Post: letters are kept for an organiser, who prints, posts and reports them (`assistant letters print`)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from assistant.carriers.base import Outcome, Parcel, Ref, Settle, Telling, telling_nobody
from assistant.domain.lifecycle import LetterStatus

if TYPE_CHECKING:
    from aiohttp.web import RouteDef  # only the web server needs it: it takes its time

LINES_MAX = 6  # of an address in a window envelope, DIN 5008
LINE_MAX = 50  # characters
_NEVER = timedelta(days=3650)  # an organiser tells when they were posted; asking would be of no use


def address_lines(to: str) -> tuple[str, ...]:
    """The lines of an address in a route: they are divided by semicolons."""
    return tuple(line.strip() for line in to.split(";") if line.strip())


class Post:
    """A carrier whose letters wait, `submitted`, to be printed. It sends nothing on its own."""

    name = "post"
    real = False
    per_minute = 0
    in_flight = 200

    def refuses(self, to: str) -> str | None:
        lines = address_lines(to)
        if not lines:
            return "write the address behind it, its lines divided by semicolons: post:Street 1;12345 Town"
        if len(lines) > LINES_MAX or any(len(line) > LINE_MAX for line in lines):
            return f"an address has at most {LINES_MAX} lines of {LINE_MAX} characters"
        return None

    def reference_of(self, key: str) -> str | None:  # noqa: ARG002
        return None

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:  # noqa: ARG002
        return Ref(LetterStatus.SUBMITTED, "", _NEVER, "waits to be printed and posted")

    async def lookup(self, key: str, *, told: bool = True) -> Ref | None:  # noqa: ARG002
        return None  # nothing happens outside our own rows, so submitting again is the same

    def evidence(self, key: str, reference: str | None) -> str:  # noqa: ARG002
        return "Ask whoever prints and posts the letters whether it was among them."

    async def poll(self, submitted: Mapping[str, str]) -> Mapping[str, Outcome]:  # noqa: ARG002
        return {}

    async def cancel(self, key: str, reference: str) -> bool:  # noqa: ARG002
        return True  # nobody has it: what was printed is not called back, see `LetterDecisions`

    async def probe(self) -> None:
        """There is nothing that could fail: letters wait in our own rows."""

    def routes(self, settle: Settle) -> "Sequence[RouteDef]":  # noqa: ARG002
        return ()

    async def close(self) -> None:
        """Nothing to disconnect from."""
