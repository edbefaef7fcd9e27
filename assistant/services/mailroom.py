"""Letters leave: each lane is an office, and one runner at a time hands its letters to a carrier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from assistant.carriers.base import Carrier, Parcel, Ref
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.model import Case
from assistant.engine.base import Held
from assistant.services.lanes import stored
from assistant.services.printing import Printer
from assistant.store import lanes, letters
from assistant.store.database import Store
from assistant.store.lanes import Lane
from assistant.store.letters import Letter, Signed

BATCH_MAX = 20  # letters handed over between two commits
ATTEMPTS = 10
BACKOFF = timedelta(minutes=1)  # doubled with each attempt
LONGEST_BACKOFF = timedelta(hours=6)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Outcome:
    letter: Letter
    status: LetterStatus
    reason: str
    due_at: datetime | None = None
    reference: str | None = None


class Mailroom:
    """Works on the lanes of letters (`engine.base.Worker`)."""

    kind = letters.LANE

    def __init__(
        self,
        store: Store,
        cases: Mapping[str, Case],
        carriers: Mapping[str, Carrier],
        printer: Printer,
        clock: Clock,
    ) -> None:
        """`carriers`: by name."""
        self._store = store
        self._cases = cases
        self._carriers = carriers
        self._clock = clock
        self._printer = printer

    def serves(self, name: str) -> bool:
        return name in self._cases

    async def take(self, lane: Held) -> Held:
        """Run the lane from now on; carriers are asked about the letters that a dead runner left."""
        async with self._store.write(brief=True) as tx:
            taken = await lanes.take(tx, stored(lane))
            orphans = await letters.orphans(tx, taken)
        for letter, key in orphans:
            found = await self._carrier(letter).lookup(key)
            await self._store_outcomes(taken, [self._after_crash(letter, found)])
        return taken

    async def step(self, lane: Held) -> float | None:
        ours = stored(lane)
        async with self._store.write(brief=True) as tx:
            await lanes.hold(tx, ours)
            await letters.cancel_forgotten(tx, ours, self._clock())
            batch = await letters.claim(tx, ours, self._clock(), BATCH_MAX)
            if not batch:
                await lanes.settle(tx, ours, await letters.next_due(tx, ours))
                return None
        await self._store_outcomes(ours, [await self._hand_over(signed) for signed in batch])
        return 0.0

    async def _store_outcomes(self, lane: Lane, outcomes: Sequence[_Outcome]) -> None:
        async with self._store.write(brief=True) as tx:
            await lanes.hold(tx, lane)
            for each in outcomes:
                await letters.move(
                    tx,
                    each.letter,
                    each.status,
                    each.reason,
                    self._clock(),
                    due_at=each.due_at,
                    reference=each.reference,
                )

    def _carrier(self, letter: Letter) -> Carrier:
        carrier = self._carriers.get(letter.route.split(":")[0])
        if carrier is None:
            raise Misconfigured(f"There is no carrier for the route '{letter.route}' of letter {letter.id}.")
        return carrier

    async def _hand_over(self, signed: Signed) -> _Outcome:
        letter = signed.letter
        try:
            carrier = self._carrier(letter)
            ref = await carrier.submit(await self._parcel(signed))
        except Failure as failure:
            log.warning("letter not handed over", letter=letter.id, reason=failure.reason)
            return self._failed(letter, failure)
        except Exception as error:
            log.exception("a letter failed in a way it should not", letter=letter.id)
            return _Outcome(letter, LetterStatus.UNCERTAIN, f"our error: {type(error).__name__}")
        return _Outcome(letter, ref.status, f"taken by the {carrier.name}", reference=ref.reference)

    async def _parcel(self, signed: Signed) -> Parcel:
        letter = signed.letter
        target = self._cases[letter.case].target
        pdf = await self._printer.pdf(letter.case, letter.language, signed.text, letter.created_at)
        facts: dict[str, str | int | None] = {
            "key": signed.key,
            "letter": letter.id,
            "case": letter.case,
            "office": target.office.texts[letter.language].unescape(),
            "place": target.place.texts[letter.language].unescape(),
            "language": letter.language,
            "name": signed.name,
            "country": letter.country,
            "line": signed.line,
            "text": signed.text,
            "written_at": letter.created_at.isoformat(timespec="seconds"),
        }
        return Parcel(signed.key, pdf, facts)

    def _failed(self, letter: Letter, failure: Failure) -> _Outcome:
        if failure.uncertain:
            return _Outcome(letter, LetterStatus.UNCERTAIN, failure.reason)
        waits_for_operator = isinstance(failure, Misconfigured)  # however long that takes
        if not waits_for_operator and (failure.permanent or letter.attempts >= ATTEMPTS):
            return _Outcome(letter, LetterStatus.FAILED, failure.reason)
        backoff = min(LONGEST_BACKOFF, BACKOFF * 2 ** min(letter.attempts - 1, ATTEMPTS))
        if failure.retry_after is not None:
            backoff = timedelta(seconds=failure.retry_after)
        return _Outcome(letter, LetterStatus.RETRY_WAIT, failure.reason, self._clock() + backoff)

    def _after_crash(self, letter: Letter, found: Ref | None) -> _Outcome:
        if found is None:
            reason = "a crash came before the carrier had it"
            return _Outcome(letter, LetterStatus.RETRY_WAIT, reason, self._clock())
        return _Outcome(letter, found.status, "the carrier had it before a crash", reference=found.reference)
