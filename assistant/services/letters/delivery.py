"""Letters are handed to their carriers, and what a carrier says becomes a transition."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

import structlog
from structlog.contextvars import bound_contextvars

from assistant.carriers.base import Carrier, Outcome, Parcel, Ref
from assistant.content.printer import Printer
from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.errors import Busy, Down, Failure, Misconfigured
from assistant.domain.lanes import Lease
from assistant.domain.letters import Letter, SignedLetter, Transition
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.targets import Target
from assistant.services.letters.carrier_health import CarrierHealth

TRIES = 10  # on one route; then a person decides
BACKOFF = timedelta(minutes=1)  # doubled with each try
LONGEST_BACKOFF = timedelta(hours=6)
PATIENCE = 100  # times that a letter is put off because its line is busy: then a person decides
BUSY = timedelta(minutes=5)  # until a busy line is tried again, where its carrier does not say
REPORTED = frozenset({LetterStatus.SUBMITTED, LetterStatus.DELIVERED, LetterStatus.SENT})  # by carriers
FROZEN = "The process was frozen, or cut off from its database."
MENDING = timedelta(minutes=5)  # between looks whether the operator has mended a setting


def transition_of(letter: Letter, outcome: Outcome, now: datetime) -> Transition:
    """The step that follows from what its carrier said of a letter."""
    if isinstance(outcome, Failure):
        return _failure(letter, outcome, now)
    if outcome.status not in REPORTED:
        return uncertain(letter, f"{outcome.status}, said by a carrier")
    look_at = now + outcome.look_in if outcome.look_in is not None else None
    return Transition(
        letter=letter,
        status=outcome.status,
        reason=_reason(letter, outcome),
        due_at=look_at,
        reference=outcome.reference,
    )


def after_crash(letter: Letter, outcome: Outcome | None, now: datetime) -> Transition:
    """The step of a letter whose runner died while handing it over, by what its carrier knows of it."""
    if outcome is None:
        return Transition(
            letter=letter,
            status=LetterStatus.RETRY_WAIT,
            reason="a crash came before the carrier had it",
            spent=False,
        )
    if isinstance(outcome, Ref) and not outcome.reason:
        outcome = Ref(outcome.status, outcome.reference, outcome.look_in, "the carrier had it before a crash")
    return transition_of(letter, outcome, now)


def held(letter: Letter, reason: str) -> Transition:
    """Something that should not happen did, before any carrier had the letter: a person looks at it."""
    return Transition(letter=letter, status=LetterStatus.HELD, reason=reason, spent=False)


def uncertain(letter: Letter, what: str) -> Transition:
    """Something that should not happen did, while a carrier had the letter: it may have arrived."""
    return Transition(letter=letter, status=LetterStatus.UNCERTAIN, reason=f"our error: {what}")


def unprepared(letter: Letter, failure: Failure, now: datetime) -> Transition:
    """The letter could not be made ready for its carrier: what time does not change is for a person."""
    return held(letter, failure.reason) if failure.permanent else transition_of(letter, failure, now)


def put_back(letter: Letter, failure: Failure, now: datetime) -> Transition:
    """The letter was not tried, because another one showed that its way is closed."""
    return Transition(
        letter=letter,
        status=LetterStatus.RETRY_WAIT,
        reason=failure.reason,
        due_at=_again(failure, BUSY, now),
        spent=False,
    )


def _reason(letter: Letter, ref: Ref) -> str:
    return ref.reason or f"taken by the {letter.route.carrier}"


def _failure(letter: Letter, failure: Failure, now: datetime) -> Transition:
    if failure.uncertain:
        return Transition(letter=letter, status=LetterStatus.UNCERTAIN, reason=failure.reason)
    if isinstance(failure, Misconfigured):  # however long that takes
        return Transition(
            letter=letter,
            status=LetterStatus.RETRY_WAIT,
            reason=failure.reason,
            due_at=now + MENDING,
            spent=False,
        )
    if isinstance(failure, Busy):
        patience = 0 if isinstance(failure, Down) else PATIENCE
        return replace(put_back(letter, failure, now), patience=patience)
    if failure.permanent:
        return Transition(letter=letter, status=LetterStatus.FAILED, reason=failure.reason)
    if letter.attempts >= TRIES:
        return Transition(
            letter=letter,
            status=LetterStatus.HELD,
            reason=f"{failure.reason} Tried {TRIES} times: an organiser decides.",
        )
    backoff = min(LONGEST_BACKOFF, BACKOFF * 2 ** max(0, letter.attempts - 1))
    return Transition(
        letter=letter,
        status=LetterStatus.RETRY_WAIT,
        reason=failure.reason,
        due_at=_again(failure, backoff, now),
    )


def _again(failure: Failure, usual: timedelta, now: datetime) -> datetime:
    return now + (usual if failure.retry_after is None else timedelta(seconds=failure.retry_after))


log = structlog.get_logger()


Prepared = Parcel | Failure
"""A letter ready to travel, or why it is not."""

TellingOf = Callable[[Letter], Awaitable[None]]
"""Notes that the letter's carrier is about to have it (`carriers.base.Telling`).

Raises Failure where that cannot be noted, or the letter is not ours to hand over any more.
"""


async def _unnoted(letter: Letter) -> None:
    """A `TellingOf` for who keeps no record of it."""


class CarrierDelivery:
    """Prints letters and gives them to carriers. What becomes of each is a step, never an error."""

    def __init__(
        self,
        cases: Mapping[str, Case],
        carriers: Mapping[str, Carrier],
        printer: Printer,
        clock: Clock,
        lease: Lease | None = None,
    ) -> None:
        """`carriers`: by name. `lease`: without it no letter is handed over."""
        self._lease = lease or Lease()
        self._cases = cases
        self._carriers = carriers
        self._printer = printer
        self._clock = clock
        self.health = CarrierHealth(carriers)

    def carrier(self, letter: Letter) -> Carrier:
        """The carrier of the letter's route. Raises Misconfigured where there is none."""
        carrier = self._carriers.get(letter.route.carrier)
        if carrier is None:
            raise Misconfigured(
                f"There is no carrier for the route of letter {letter.id}: see its case.toml."
            )
        return carrier

    def in_flight(self, target: Target) -> int:
        """How many letters to that office may be in its carriers' hands between two commits."""
        names = [route.carrier for route in target.routes]
        return min((self._carriers[name].in_flight for name in names if name in self._carriers), default=1)

    async def prepare(self, batch: Sequence[SignedLetter]) -> dict[int, Prepared]:
        """The letters printed, by their ids, or why they cannot be."""
        # All at once: the printer's thread would wait for our loop between two of them.
        prepared = await asyncio.gather(*(self._prepared(signed) for signed in batch))
        return {signed.letter.id: each for signed, each in zip(batch, prepared, strict=True)}

    async def _prepared(self, signed: SignedLetter) -> Prepared:
        try:
            with bound_contextvars(letter=signed.letter.id):
                self.carrier(signed.letter)
                return await self._parcel(signed)
        except Failure as failure:
            return failure
        except Exception as error:
            log.exception("a letter could not be printed, which should not happen", letter=signed.letter.id)
            return Failure(f"our error: {type(error).__name__}", permanent=True)

    async def hand_over(
        self, batch: Sequence[tuple[Letter, Prepared]], telling: TellingOf = _unnoted
    ) -> tuple[list[Transition], Down | None]:
        """The steps that follow, and what is wrong where a carrier cannot be reached at all."""
        steps: list[Transition] = []
        closed: dict[str, Failure] = {}
        for letter, parcel in batch:
            if isinstance(parcel, Failure):
                log.warning("letter cannot be prepared", letter=letter.id, reason=parcel.reason)
                steps.append(unprepared(letter, parcel, self._clock()))
                continue
            if not self._lease.holds(letter.lane_id):
                steps.append(put_back(letter, Failure(FROZEN, retry_after=0.0), self._clock()))
                continue
            if letter.route.carrier in closed:
                steps.append(put_back(letter, closed[letter.route.carrier], self._clock()))
                continue
            step, failure = await self._one(letter, parcel, telling)
            steps.append(step)
            if isinstance(failure, Down | Misconfigured):
                closed[letter.route.carrier] = failure
        return steps, next((each for each in closed.values() if isinstance(each, Down)), None)

    async def _one(
        self, letter: Letter, parcel: Parcel, telling: TellingOf
    ) -> tuple[Transition, Failure | None]:
        carrier = self._carriers[letter.route.carrier]
        untold: Failure | None = None

        async def tell() -> None:
            nonlocal untold
            try:
                await telling(letter)
            except Failure as failure:
                untold = failure
                raise

        try:
            with bound_contextvars(letter=letter.id):
                taken = await carrier.submit(parcel, tell)
            self.health.worked(carrier.name)
            return transition_of(letter, taken, self._clock()), None
        except Failure as failure:
            if failure is untold:
                log.warning(
                    "letter not handed over: that could not be noted", letter=letter.id, reason=failure.reason
                )
                return put_back(letter, failure, self._clock()), failure
            self.health.failed(carrier.name, failure)
            log.warning("letter not handed over", letter=letter.id, reason=failure.reason)
            step = transition_of(letter, failure, self._clock())
            return replace(step, reference=carrier.reference_of(letter.key)), failure
        except Exception as error:
            log.exception("a carrier failed in a way it should not", letter=letter.id)
            return uncertain(letter, type(error).__name__), None

    async def _parcel(self, signed: SignedLetter) -> Parcel:
        letter = signed.letter
        case = self._cases.get(letter.case)
        action = case.actions.get(letter.ref.action) if case else None
        target = action.target(letter.ref.target) if action else None
        if action is None or target is None:
            raise Failure(f"{letter.ref.of} does not write to {letter.ref.target} any more.")
        pdf = await self._printer.pdf(
            letter.case, target.slug, letter.language, signed.text, letter.created_at
        )
        subject = _subject(action, letter)
        return Parcel(
            key=letter.key,
            to=letter.route.address,
            subject=subject,
            text=signed.text,
            pdf=pdf,
            facts=_facts(signed, target),
        )

    async def after_crash(self, letter: Letter) -> Transition:
        """The step of a letter whose runner died, by what its carrier knows.

        Raises Failure where the carrier cannot be asked now.
        """
        try:
            with bound_contextvars(letter=letter.id):
                found = await self.carrier(letter).lookup(letter.key, told=letter.telling)
        except Failure as failure:
            self.health.failed(letter.route.carrier, failure)
            if not (failure.uncertain or failure.permanent):
                raise
            step = after_crash(letter, failure, self._clock())
            return replace(step, reference=self.carrier(letter).reference_of(letter.key))
        except Exception as error:
            log.exception("a carrier failed in a way it should not", letter=letter.id)
            return uncertain(letter, type(error).__name__)
        return after_crash(letter, found, self._clock())

    async def ask(self, submitted: Sequence[Letter]) -> tuple[list[Transition], list[Letter]]:
        """The steps of letters that carriers have, and the letters of which there is no news."""
        steps: list[Transition] = []
        silent: list[Letter] = []
        by_carrier: dict[str, list[Letter]] = {}
        for letter in submitted:
            by_carrier.setdefault(letter.route.carrier, []).append(letter)
        for letters in by_carrier.values():
            news = await self._news(letters)
            for letter in letters:
                outcome = news.get(letter.key)
                if outcome is None or (isinstance(outcome, Ref) and outcome.status is letter.status):
                    silent.append(letter)
                else:
                    steps.append(transition_of(letter, outcome, self._clock()))
        return steps, silent

    async def _news(self, letters: Sequence[Letter]) -> Mapping[str, Outcome]:
        """What the carrier of these letters knows of them now."""
        try:
            carrier = self.carrier(letters[0])
            return await carrier.poll({each.key: each.reference or "" for each in letters})
        except Failure as failure:
            self.health.failed(letters[0].route.carrier, failure)
            log.warning("a carrier cannot be asked about letters", reason=failure.reason)
        except Exception:
            log.exception("a carrier failed in a way it should not, asked about letters")
        return {}


def _subject(action: Action, letter: Letter) -> str:
    """One of the action's subjects, the same for a letter every time: offices pass over identical mail."""
    subjects = action.subjects_for(letter.language)
    chosen = blake2b(letter.key.encode(), digest_size=4).digest()
    return subjects[int.from_bytes(chosen, "big") % len(subjects)]


def _facts(signed: SignedLetter, target: Target) -> dict[str, str | int | None]:
    letter = signed.letter
    return {
        "key": letter.key,
        "letter": letter.id,
        "case": letter.case,
        "action": letter.ref.action,
        "target": letter.ref.target,
        "office": target.office.texts[letter.language].unescape(),
        "place": target.place.texts[letter.language].unescape(),
        "language": letter.language,
        "name": signed.name,
        "country": letter.country,
        "line": signed.personal_line,
        "text": signed.text,
        "written_at": _moment(letter.created_at),
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
