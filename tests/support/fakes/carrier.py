"""Carriers that do as they are told, letters to give to carriers, and paper that costs nothing."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from aiohttp.web import RouteDef

from assistant.carriers.base import Outcome, Parcel, Ref, Settle, Telling, telling_nobody
from assistant.carriers.tray import Tray
from assistant.content.printer import Print, Printer
from assistant.domain.cases import Case
from assistant.domain.lifecycle import LetterStatus


def parcel(key: str = "case-0001", pdf: bytes = b"%PDF", to: str = "", **facts: str | int | None) -> Parcel:
    """A letter of an invented person."""
    return Parcel(
        key=key,
        to=to,
        subject="An invented case",
        text="Dear Minister,\n\nplease.\n\nAna Invented",
        pdf=pdf,
        facts=facts,
    )


class FailingTray(Tray):
    """A tray that can be told to fail, and what to do meanwhile (`carriers.base.Carrier`)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.faults: deque[Exception] = deque()
        self.taken: list[str] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.faults:
            raise self.faults.popleft()
        self.taken.append(parcel.key)
        return await super().submit(parcel, telling)


@dataclass
class FakeCarrier:
    """A carrier that takes letters and reports later, like a fax machine (`carriers.base.Carrier`).

    `answers`: what it says next to a letter, by default that it has it. `news`: what `poll` and `lookup` say
    of a letter, by its key. `deaf`: why it cannot be asked now.
    """

    name: str = "fax"
    real: bool = True
    per_minute: int = 0
    in_flight: int = 1
    answers: deque[Outcome] = field(default_factory=deque)
    reports: dict[str, Outcome] = field(default_factory=dict)
    taken: list[Parcel] = field(default_factory=list)
    polls: int = 0
    unavailable: Exception | None = None
    can_cancel: bool = False
    cancelled: list[str] = field(default_factory=list)

    def refuses(self, to: str) -> str | None:
        return None if to.startswith("+") else "write it with + and its country"

    def reference_of(self, key: str) -> str | None:
        return None

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:
        await telling()
        answer = self.answers.popleft() if self.answers else Ref(LetterStatus.SUBMITTED, f"job-{parcel.key}")
        if isinstance(answer, Exception):
            raise answer
        self.taken.append(parcel)
        return answer

    async def lookup(self, key: str, *, told: bool = True) -> Ref | None:
        known = self.reports.get(key)
        if isinstance(known, Exception):
            raise known
        return known

    def evidence(self, key: str, reference: str | None) -> str:
        return f"Look for {reference or key} in the invented journal."

    async def poll(self, submitted: Mapping[str, str]) -> Mapping[str, Outcome]:
        self.polls += 1
        if self.unavailable is not None:
            raise self.unavailable
        return {key: self.reports[key] for key in submitted if key in self.reports}

    async def cancel(self, key: str, reference: str) -> bool:
        self.cancelled.append(key)
        return self.can_cancel

    async def probe(self) -> None:
        if self.unavailable is not None:
            raise self.unavailable

    def routes(self, settle: Settle) -> Sequence[RouteDef]:
        return ()

    async def close(self) -> None:
        """Nothing to disconnect from."""


class BlankPaper(Printer):
    """Prints nothing, at once (`content.printer.Printer`). `faults`: what goes wrong next, if anything."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        super().__init__(cases)
        self.faults: deque[Exception | None] = deque()
        self.batches: list[Sequence[Print]] = []

    def _may_fail(self) -> None:
        if self.faults and (fault := self.faults.popleft()) is not None:
            raise fault

    async def pdf(self, case: str, target: str, language: str, text: str, written: datetime) -> bytes:
        self._may_fail()
        return b"%PDF"

    async def batch(self, letters: Sequence[Print]) -> bytes:
        self._may_fail()
        self.batches.append(letters)
        return b"%PDF"
