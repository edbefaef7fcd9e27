"""What organisers can read about how many: letters, readers, where they came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.domain.answers import AnswerCount
from assistant.domain.lifecycle import LetterStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFigures:
    """The letters of an action: how many were written, have left us, have arrived, and were answered.

    What was withdrawn is not counted. `asked`: how many wait until their writers agree to a new text;
    `undecided`: how many until an organiser says whether the new text matters.
    """

    written: int = 0
    left: int = 0
    arrived: int = 0
    answered: int = 0
    asked: int = 0
    undecided: int = 0


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """Of a case: letters by where they are; subscribers by language (empty: not known); its actions.

    `answers`: to its letters, of all actions.
    """

    letters: Mapping[LetterStatus, int] = field(default_factory=dict)
    subscribers: Mapping[str, int] = field(default_factory=dict)
    actions: Mapping[str, ActionFigures] = field(default_factory=dict)
    answers: AnswerCount = field(default_factory=AnswerCount)
