"""Letters that wait for a person's decision do not wait for ever, and neither do their texts."""

from collections.abc import Callable, Sequence
from datetime import datetime

from assistant.domain.clock import Clock
from assistant.domain.letters import Letter, Transition
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.retention import AWAIT_REPORT, KEEP_UNDECIDED, Gone
from assistant.domain.targets import Target
from assistant.domain.texts import Text
from assistant.services.letters.transitions import LetterTransitions
from assistant.store import letters, unsettled_letters
from assistant.store.database import Tx

PIECE = 100  # letters in one transaction: each takes several statements
_DAYS = f"for {KEEP_UNDECIDED.days} days: its text is deleted"
CANCELLED = f"nobody has decided about it {_DAYS}"
UNCERTAIN = f"it may have been sent, and nobody has said so {_DAYS}"
UNREPORTED = f"its carrier has not told of it for {AWAIT_REPORT.days} days: it may have arrived"


class UnsettledLetters:
    """Ends what nobody has decided, and asks people where carriers are silent."""

    def __init__(
        self,
        transitions: LetterTransitions,
        waited_too_long: Callable[[Target | None], Text],
        clock: Clock,
    ) -> None:
        """`waited_too_long`: what the writer of a letter reads that is cancelled for that."""
        self._transitions = transitions
        self._waited_too_long = waited_too_long
        self._clock = clock

    async def end_some(self, tx: Tx) -> Gone:
        """End some.

        What nobody but us has got is cancelled, and its writer told. What may have been sent is uncertain,
        and stays so without its text. Of what a carrier has, and has not told, a person decides.
        """
        now = self._clock()
        over = await unsettled_letters.undecided(tx, now, PIECE)
        await self._end(tx, over, now)
        silent = await unsettled_letters.unreported(tx, now, PIECE)
        asked = [Transition(letter=each, status=LetterStatus.UNCERTAIN, reason=UNREPORTED) for each in silent]
        await self._transitions.enter(tx, asked, now)
        counts = {unsettled_letters.UNDECIDED: len(over), unsettled_letters.UNREPORTED: len(silent)}
        return Gone(counts, done=max(counts.values()) < PIECE)

    async def _end(self, tx: Tx, over: list[Letter], now: datetime) -> None:
        waiting = [each for each in over if each.status is not LetterStatus.UNCERTAIN]
        taken = await self._transitions.enter(tx, [_end_of(each) for each in waiting], now)
        known = [each.id for each in over if each.status is LetterStatus.UNCERTAIN]
        await unsettled_letters.delete_texts(tx, [*known, *(step.letter.id for step in taken)])
        await letters.write_log(tx, known, LetterStatus.UNCERTAIN, UNCERTAIN, now)
        cancelled = [step.letter for step in taken if step.status is LetterStatus.CANCELLED]
        told = [(each, self._waited_too_long(self._transitions.target(each))) for each in cancelled]
        await self._transitions.tell_writers(tx, told, now)


async def end_forgotten(
    tx: Tx, transitions: LetterTransitions, silent: Sequence[Letter], now: datetime, awake: int
) -> None:
    """End those of these letters whose writers are forgotten, and whose carriers should have told long ago.

    They are uncertain, as others are; but nobody can decide about a letter without a text, and carriers are
    asked no more. `silent`: letters of which their carriers have no news. `awake`: the lane that is run.
    """
    forgotten = {each.id: each for each in silent if not each.has_text}
    if not forgotten:
        return
    over = await unsettled_letters.handed_over_before(tx, forgotten, now - AWAIT_REPORT)
    steps = [
        Transition(letter=forgotten[each], status=LetterStatus.UNCERTAIN, reason=UNREPORTED) for each in over
    ]
    taken = await transitions.enter(tx, steps, now, awake=awake)
    await unsettled_letters.delete_texts(tx, [step.letter.id for step in taken])


def _end_of(letter: Letter) -> Transition:
    if letter.may_have_left:
        return Transition(letter=letter, status=LetterStatus.UNCERTAIN, reason=UNCERTAIN)
    return Transition(letter=letter, status=LetterStatus.CANCELLED, reason=CANCELLED)
