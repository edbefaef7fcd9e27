"""Which steps on the way to a letter a turn has reached.

A *run* lasts as long as a letter for the same case is under way in the chat, whatever interrupts it. Its
furthest step is kept with the state and goes with it; so going back, correcting an answer or beginning the
same letter anew counts nothing twice.
"""

from typing import NamedTuple

from assistant.dialogue.router import Turn
from assistant.dialogue.state import Frame, State
from assistant.domain.effects import QueueLetter
from assistant.domain.steps import CaseStep, Step, between

_CONVERSATION = "letter"
_ANSWERED = {"ready": Step.BEGAN, "country": Step.COUNTRY, "name": Step.NAME}
_ASKED = {"verdict": Step.PREVIEWED}
"""The steps by the questions of that conversation, in their order."""


class Reached(NamedTuple):
    """`steps`: those newly reached. `furthest`: of the run that goes on, to be kept with the state."""

    steps: tuple[CaseStep, ...]
    furthest: Step | None


def reached(before: State, taken: Turn) -> Reached:
    """What the turn has reached that was taken in the state `before`.

    An answer that an earlier letter gave counts as given. Letters that are written anew are no run.
    """
    run, now = _under_way(before), _under_way(taken.state)
    if run is not None and now is not None and run.about == now.about:
        return _further(now, before.step)
    ended: tuple[CaseStep, ...] = ()
    case = run.about if run is not None else None
    if case and any(isinstance(each, QueueLetter) and each.draft.case == case for each in taken.effects):
        ended = _of(case, before.step, Step.CONFIRMED)
    begun = Reached((), None) if now is None else _further(now, None)
    return Reached((*ended, *begun.steps), begun.furthest)


def _under_way(state: State) -> Frame | None:
    """The letter that is being written, once it is known for which case."""
    letters = [each for each in state.frames if each.conversation == _CONVERSATION and each.about]
    return letters[-1] if letters else None


def _further(frame: Frame, before: Step | None) -> Reached:
    new = _of(frame.about or "", before, _step(frame))
    return Reached(new, new[-1].step if new else before)


def _step(frame: Frame) -> Step:
    found = [Step.OPENED]
    found += [step for name, step in _ANSWERED.items() if frame.answer(name)]
    if frame.asked is not None and frame.asked.name in _ASKED:
        found.append(_ASKED[frame.asked.name])
    return found[-1]


def _of(case: str, before: Step | None, until: Step) -> tuple[CaseStep, ...]:
    return tuple(CaseStep(case, step) for step in between(before, until))
