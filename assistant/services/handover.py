"""A batch of letters is handed to its carriers."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

import structlog

from assistant.carriers.base import Carrier, Outcome, Parcel, Ref
from assistant.domain.clock import Clock
from assistant.domain.errors import Down, Failure, Misconfigured
from assistant.domain.model import Case
from assistant.services import judging
from assistant.services.printing import Printer
from assistant.store.letters import Letter, Signed
from assistant.store.moves import Move

log = structlog.get_logger()


Prepared = Parcel | Failure
"""A letter ready to travel, or why it is not."""


class Handover:
    """Prints letters and gives them to carriers. What becomes of each is a step, never an error."""

    def __init__(
        self, cases: Mapping[str, Case], carriers: Mapping[str, Carrier], printer: Printer, clock: Clock
    ) -> None:
        """`carriers`: by name."""
        self._cases = cases
        self._carriers = carriers
        self._printer = printer
        self._clock = clock

    def carrier(self, letter: Letter) -> Carrier:
        """The carrier of the letter's route. Raises Misconfigured where there is none."""
        carrier = self._carriers.get(letter.way)
        if carrier is None:
            raise Misconfigured(
                f"There is no carrier for the route of letter {letter.id}: see its case.toml."
            )
        return carrier

    def in_hand(self, slug: str) -> int:
        """How many letters of the case may be in its carriers' hands between two commits."""
        names = [route.partition(":")[0] for route in self._cases[slug].target.routes]
        return min((self._carriers[name].in_hand for name in names if name in self._carriers), default=1)

    async def prepare(self, batch: Sequence[Signed]) -> dict[int, Prepared]:
        """The letters printed, by their ids, or why they cannot be."""
        # All at once: the printer's thread would wait for our loop between two of them.
        prepared = await asyncio.gather(*(self._prepared(signed) for signed in batch))
        return {signed.letter.id: each for signed, each in zip(batch, prepared, strict=True)}

    async def _prepared(self, signed: Signed) -> Prepared:
        try:
            self.carrier(signed.letter)
            return await self._parcel(signed)
        except Failure as failure:
            return failure
        except Exception as error:
            log.exception("a letter could not be printed, which should not happen", letter=signed.letter.id)
            return Failure(f"our error: {type(error).__name__}", permanent=True)

    async def hand_over(self, batch: Sequence[tuple[Letter, Prepared]]) -> tuple[list[Move], Down | None]:
        """The steps that follow, and what is wrong where a carrier cannot be reached at all."""
        steps: list[Move] = []
        closed: dict[str, Failure] = {}
        for letter, parcel in batch:
            if isinstance(parcel, Failure):
                log.warning("letter cannot be prepared", letter=letter.id, reason=parcel.reason)
                steps.append(judging.unprepared(letter, parcel, self._clock()))
                continue
            if letter.way in closed:
                steps.append(judging.put_back(letter, closed[letter.way], self._clock()))
                continue
            step, failure = await self._one(letter, parcel)
            steps.append(step)
            if isinstance(failure, Down | Misconfigured):
                closed[letter.way] = failure
        return steps, next((each for each in closed.values() if isinstance(each, Down)), None)

    async def _one(self, letter: Letter, parcel: Parcel) -> tuple[Move, Failure | None]:
        carrier = self._carriers[letter.way]
        try:
            return judging.judge(letter, await carrier.submit(parcel), self._clock()), None
        except Failure as failure:
            log.warning("letter not handed over", letter=letter.id, reason=failure.reason)
            step = judging.judge(letter, failure, self._clock())
            return replace(step, reference=carrier.reference_of(letter.key)), failure
        except Exception as error:
            log.exception("a carrier failed in a way it should not", letter=letter.id)
            return judging.surprised(letter, type(error).__name__), None

    async def _parcel(self, signed: Signed) -> Parcel:
        letter = signed.letter
        case = self._cases[letter.case]
        pdf = await self._printer.pdf(letter.case, letter.language, signed.text, letter.created_at)
        subject = _subject(case, letter.key)
        return Parcel(letter.key, letter.to, subject, signed.text, pdf, _facts(signed, case))

    async def after_crash(self, letter: Letter) -> Move:
        """The step of a letter whose runner died, by what its carrier knows.

        Raises Failure where the carrier cannot be asked now.
        """
        try:
            found = await self.carrier(letter).lookup(letter.key)
        except Misconfigured:
            raise
        except Failure as failure:
            if not (failure.uncertain or failure.permanent):
                raise
            step = judging.after_crash(letter, failure, self._clock())
            return replace(step, reference=self.carrier(letter).reference_of(letter.key))
        except Exception as error:
            log.exception("a carrier failed in a way it should not", letter=letter.id)
            return judging.surprised(letter, type(error).__name__)
        return judging.after_crash(letter, found, self._clock())

    async def ask(self, submitted: Sequence[Letter]) -> tuple[list[Move], list[Letter]]:
        """The steps of letters that carriers have, and the letters of which there is no news."""
        steps: list[Move] = []
        silent: list[Letter] = []
        by_way: dict[str, list[Letter]] = {}
        for letter in submitted:
            by_way.setdefault(letter.way, []).append(letter)
        for letters in by_way.values():
            news = await self._news(letters)
            for letter in letters:
                outcome = news.get(letter.key)
                if outcome is None or (isinstance(outcome, Ref) and outcome.status is letter.status):
                    silent.append(letter)
                else:
                    steps.append(judging.judge(letter, outcome, self._clock()))
        return steps, silent

    async def _news(self, letters: Sequence[Letter]) -> Mapping[str, Outcome]:
        """What the carrier of these letters knows of them now."""
        try:
            carrier = self.carrier(letters[0])
            return await carrier.poll({each.key: each.reference or "" for each in letters})
        except Failure as failure:
            log.warning("a carrier cannot be asked about letters", reason=failure.reason)
        except Exception:
            log.exception("a carrier failed in a way it should not, asked about letters")
        return {}


def _subject(case: Case, key: str) -> str:
    """One of the case's subjects, the same for a letter every time: offices pass over identical mail."""
    chosen = blake2b(key.encode(), digest_size=4).digest()
    return case.subjects[int.from_bytes(chosen, "big") % len(case.subjects)]


def _facts(signed: Signed, case: Case) -> dict[str, str | int | None]:
    letter, target = signed.letter, case.target
    return {
        "key": letter.key,
        "letter": letter.id,
        "case": letter.case,
        "office": target.office.texts[letter.language].unescape(),
        "place": target.place.texts[letter.language].unescape(),
        "language": letter.language,
        "name": signed.name,
        "country": letter.country,
        "line": signed.line,
        "text": signed.text,
        "written_at": _moment(letter.created_at),
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
