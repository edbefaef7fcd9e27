"""Letters by post: an organiser prints them in runs, and tells when a run has been posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.carriers.post import Post, address_lines
from assistant.content.documents import Unprintable
from assistant.content.printer import Print, Printer
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.letters import SignedLetter, Transition
from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters.delivery import held
from assistant.services.letters.transitions import LetterTransitions
from assistant.store import letter_versions, letters, pauses
from assistant.store.database import Store

RUN_MAX = 1000  # letters
CARRIER = Post.name


@dataclass(frozen=True, slots=True)
class PrintRun:
    """Letters printed together. `name`: by which the organiser tells that they were posted.

    `again`: they were part of it before.
    """

    name: str
    pdf: bytes
    letters: Sequence[SignedLetter]
    again: bool


class PrintRuns:
    """Print runs."""

    def __init__(self, store: Store, printer: Printer, transitions: LetterTransitions, clock: Clock) -> None:
        self._store = store
        self._printer = printer
        self._transitions = transitions
        self._clock = clock

    async def waiting(self, case: str) -> Mapping[str, int]:
        """How many letters of each run have not been posted; under an empty name, those not printed yet."""
        async with self._store.read() as tx:
            return await letters.print_runs(tx, case, CARRIER)

    async def print(self, case: str, run: str | None = None) -> PrintRun | None:
        """The next letters as one PDF, or those of a run again. None where there are none.

        They count as printed only when `printed` is called. Raises Failure while the case is paused.
        """
        async with self._store.read() as tx:
            if await pauses.is_paused(tx, case):
                raise Failure(f"An organiser has paused {case}. Two of them have to resume it first.")
            signed = await letter_versions.unposted(tx, case, CARRIER, run, RUN_MAX)
        if not signed:
            return None
        name = run or f"{self._clock():%Y-%m-%d}-{signed[0].letter.id}"
        while signed:
            try:
                pdf = await self._printer.batch([_print(each) for each in signed])
                return PrintRun(name, pdf, signed, again=run is not None)
            except Unprintable as problem:  # a person looks at that one, the others go on
                await self._freeze(signed.pop(problem.number - 1), problem.reason)
        return None

    async def _freeze(self, signed: SignedLetter, reason: str) -> None:
        async with self._store.write() as tx:
            await self._transitions.enter(tx, [held(signed.letter, reason)], self._clock())

    async def printed(self, run: PrintRun) -> None:
        """The PDF is stored: its letters belong to the run from now on.

        Raises Failure, and nothing has changed, where somebody else has printed one of them meanwhile.
        """
        if run.again:
            return
        async with self._store.write() as tx:
            await letters.lock_offices(tx, {each.letter.ref for each in run.letters})
            ours = await letter_versions.begin_print_run(
                tx, run.letters[0].letter.case, run.name, [each.letter.id for each in run.letters]
            )
            if ours != len(run.letters):
                raise Failure("Some of these letters were printed, or reworded, meanwhile. Print again.")

    async def posted(self, case: str, run: str) -> int:
        """The letters of that run were posted; their writers are told. Returns how many there were."""
        async with self._store.write() as tx:
            found = await letters.in_print_run(tx, case, CARRIER, run)
            steps = [
                Transition(letter=each, status=LetterStatus.SENT, reason=f"posted with run {run}")
                for each in found
            ]
            return len(await self._transitions.enter(tx, steps, self._clock()))


def _print(signed: SignedLetter) -> Print:
    letter = signed.letter
    address = address_lines(letter.route.address)
    return Print(
        case=letter.case,
        target=letter.ref.target,
        language=letter.language,
        text=signed.text,
        written=letter.created_at,
        address=address,
    )
