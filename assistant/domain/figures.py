"""What may be read about how many: letters, readers, where they came from.

A small count could point at a person. So whoever shows how many people or letters there are shows a `Figure`
of it: by `figure` where the count stands alone, by `beside_total` where it is a part of a sum that is shown,
too, and `roughly` where others that are shown add up with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import TypeVar

from assistant.domain.answers import AnswerCount
from assistant.domain.lifecycle import LetterStatus

FEW = 10
"""A smaller count is not shown."""
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Figure:
    """A count as it may be shown: at least so many, and at most; None: that is not said."""

    least: int
    most: int | None

    @property
    def exact(self) -> int | None:
        """The count itself, where that may be shown."""
        return self.least if self.least == self.most else None

    @property
    def below(self) -> int | None:
        """Less than what it is, where nothing else is said."""
        return self.most + 1 if self.exact is None and self.most is not None and not self.least else None

    @property
    def value(self) -> int | str:
        """For programs: the count, or "<10", or "4300+"."""
        return str(self).replace(",", "") if self.exact is None else self.exact

    def __str__(self) -> str:
        """For operators, who read English."""
        if self.exact is not None:
            return f"{self.exact:,}"
        return f"{self.least:,}+" if self.below is None else f"<{self.below:,}"

    def __add__(self, other: "Figure") -> "Figure":
        most = None if self.most is None or other.most is None else self.most + other.most
        return Figure(self.least + other.least, most)


_FEW = Figure(0, FEW - 1)
_MANY = Figure(FEW, None)


def figure(count: int) -> Figure:
    """A count that is no part of another one that is shown."""
    return _FEW if count < FEW else Figure(count, count)


def total(figures: Iterable[Figure]) -> Figure:
    """What is said of several together by what is said of each: nothing more."""
    return reduce(add, figures, Figure(0, 0))


def beside_total(parts: Mapping[K, int]) -> tuple[Figure, dict[K, Figure]]:
    """The sum of the parts, and each of them, so that none below `FEW` can be worked out from the others.

    The smallest of the other parts is hidden as well. Where they would still tell something of it, neither
    the sum nor any part is shown: to hide one part after the other until it is enough would tell that it
    was not enough before.
    """
    whole = sum(parts.values())
    shown = {key: figure(count) for key, count in parts.items()}
    few = [key for key, count in parts.items() if count < FEW]
    if not few or whole < FEW:
        return figure(whole), shown
    if len(few) == len(parts):
        return _MANY, shown
    second, *others = sorted((key for key in parts if key not in few), key=lambda key: parts[key])
    rest = whole - sum(parts[key] for key in others)  # what those few and the second smallest add up to
    most_of_few = (FEW - 1) * len(few)
    if rest < FEW + FEW - 1 or (others and rest >= most_of_few - (FEW - 1) + parts[others[0]]):
        return _MANY, shown | dict.fromkeys([second, *others], _MANY)
    plain = max(FEW, (rest - most_of_few) // FEW * FEW)  # at least so many it is anyway
    return Figure(whole, whole), shown | {second: Figure(plain, None)}


def roughly(count: int) -> Figure:
    """A count that adds up with others to one that is shown elsewhere: in tens."""
    return _FEW if count < FEW else Figure(count // FEW * FEW, None)


def share(done: Figure, whole: Figure) -> int:
    """How much of the whole that is, in percent, as far as what is shown tells."""
    return min(100, 100 * done.least // whole.least) if whole.least else 0


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
