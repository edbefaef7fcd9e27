"""What may be read about how many: letters, readers, where they came from.

A small count could point at a person. So whoever shows how many people or letters there are shows a `Figure`
of it: by `figure` where the count stands alone, by `beside_total` where it is a part of a sum that is shown,
too, by `of_known` where everybody knows that sum, by `by_name` where it is shown elsewhere and names of parts
tell something, by `funnel` where each count holds the next one, and `roughly` where others that are shown add
up with it.

How many letters of a case have arrived is public from `FEW` on: its counter says it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from operator import add
from typing import TypeVar

from assistant.domain.answers import AnswerCount
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.steps import Step

FEW = 10
"""A smaller count is not shown."""
_VAGUE = 5 * FEW  # what a sum that is not shown is hidden among, where larger counts are shown
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
    if (hidden := _hidden_second(parts)) is None:
        return _MANY, shown | {key: _MANY for key in parts if key not in few}
    return Figure(whole, whole), shown | hidden


def of_known(parts: Mapping[K, int]) -> dict[K, Figure]:
    """Each part of a sum that everybody knows, so that none below `FEW` can be worked out.

    As `beside_total`; where that would not do, every part is shown as no more than the sum.
    """
    whole = sum(parts.values())
    shown = {key: figure(count) for key, count in parts.items()}
    if whole < FEW or all(count >= FEW for count in parts.values()):
        return shown
    hidden = _hidden_second(parts) if whole >= FEW + FEW else None
    return dict.fromkeys(parts, Figure(0, whole)) if hidden is None else shown | hidden


def _hidden_second(parts: Mapping[K, int]) -> dict[K, Figure] | None:
    """How the smallest part that is not below `FEW` is shown beside the sum and those below it.

    None: there is none, or the sum and the other parts would tell something of those below `FEW` even then.
    """
    few = [key for key, count in parts.items() if count < FEW]
    if len(few) == len(parts):
        return None
    second, *others = sorted((key for key in parts if key not in few), key=lambda key: parts[key])
    rest = sum(parts.values()) - sum(parts[key] for key in others)  # what those few and that one add up to
    most_of_few = (FEW - 1) * len(few)
    if rest < FEW + FEW - 1 or (others and rest >= most_of_few - (FEW - 1) + parts[others[0]]):
        return None
    return {second: Figure(max(FEW, (rest - most_of_few) // FEW * FEW), None)}  # so many it is anyway


def by_name(parts: Mapping[K, int], whole: Figure) -> tuple[dict[K, Figure], Figure]:
    """The parts of a sum that is shown as `whole` elsewhere, the largest first; and the others together.

    A part below `FEW` is not even named: that somebody has written from there could tell who. Where so few
    are left that the smallest named part has to be hidden as well, and even that would tell something, it is
    among the others. Where the sum is not shown, the parts do not tell it either.
    """
    named = {key: count for key, count in parts.items() if count >= FEW}
    others = sum(parts.values()) - sum(named.values())
    if whole.exact is None:
        return dict.fromkeys(sorted(named, key=str), _MANY), _FEW if others < FEW else _MANY
    together: dict[K | None, int] = {None: others}
    together.update(named.items())
    beside, shown = beside_total(together)
    if beside.exact is None and named:
        smallest = min(named, key=lambda key: (named[key], str(key)))
        together[None] += named.pop(smallest)
        shown = {key: figure(together[key]) for key in (*named, None)}
    largest_first = sorted(named, key=lambda key: (-shown[key].least, str(key)))
    return {key: shown[key] for key in largest_first}, shown[None]


def funnel(counts: Sequence[int], whole: Figure | None = None) -> list[Figure]:
    """Counts of which each holds the next one, so that no small difference can be worked out, either.

    From the last one up, a count is shown exactly where it is `FEW` more than the one shown exactly before
    it, and else as at least that one: so of a small difference ten are possible.
    `whole`: how that is shown elsewhere which the last count may be as well; where it is not told, the counts
    tell no more of it either.
    """
    floor = least = FEW
    if whole is not None and whole.exact is None and not whole.below and counts[-1] >= FEW:
        floor = whole.least if whole.least <= counts[-1] else FEW
        least = (counts[-1] // _VAGUE + 2) * _VAGUE
    shown: list[Figure] = []
    for count in reversed(counts):
        if count >= least:
            floor, least = count, count + FEW
            shown.append(Figure(count, count))
        else:
            shown.append(_FEW if count < FEW else Figure(floor, None))
    return shown[::-1]


def roughly(count: int) -> Figure:
    """A count that adds up with others to one that is shown elsewhere: in tens."""
    return _FEW if count < FEW else Figure(count // FEW * FEW, None)


def share(done: Figure, whole: Figure) -> int:
    """How much of the whole that is, in percent, as far as what is shown tells."""
    return min(100, 100 * done.least // whole.least) if whole.least else 0


class Stage(StrEnum):
    """Where a letter is, in the words that organisers read; one that was withdrawn is nowhere."""

    WAITING = "waiting"
    SENT = "sent"  # a carrier has it, or has had it: whether it has arrived is not known, or never will be
    ARRIVED = "arrived"
    FAILED = "failed"


_STAGES: Mapping[LetterStatus, Stage] = {
    LetterStatus.DELIVERED: Stage.ARRIVED,
    LetterStatus.SENT: Stage.SENT,
    LetterStatus.SUBMITTED: Stage.SENT,
    LetterStatus.UNCERTAIN: Stage.SENT,
    LetterStatus.FAILED: Stage.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFigures:
    """The letters of an action, by where they are, and how many of them have an answer of their office.

    `asked`: how many wait until their writers agree to a new text; `undecided`: how many until an organiser
    says whether the new text matters.
    """

    letters: Mapping[LetterStatus, int] = field(default_factory=dict)
    answered: int = 0
    asked: int = 0
    undecided: int = 0

    @property
    def stages(self) -> Mapping[Stage, int]:
        """How many are where; what was withdrawn is not counted."""
        found = dict.fromkeys(Stage, 0)
        for status, count in self.letters.items():
            if status is not LetterStatus.CANCELLED:
                found[_STAGES.get(status, Stage.WAITING)] += count
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAction:
    """The letters of an action as they may be shown beside those of its case.

    `left`: those that a carrier has or has had. `asked`: as in `ActionFigures`; None: none are.
    """

    written: Figure
    stages: Mapping[Stage, Figure]
    answered: Figure
    asked: Figure | None = None

    @property
    def left(self) -> Figure:
        found = total((self.stages[Stage.SENT], self.stages[Stage.ARRIVED]))
        return self.written if self.written.below else found  # few of few

    @property
    def arrived(self) -> Figure:
        return self.stages[Stage.ARRIVED]


NO_LETTERS = ShownAction(written=_FEW, stages=dict.fromkeys(Stage, _FEW), answered=_FEW)
"""What is shown of an action without a letter."""


@dataclass(frozen=True, slots=True)
class ShownLetters:
    """The letters of a case as they may be shown, and of each of its actions, so that all of it can be added.

    `written`: those that were not withdrawn.
    """

    written: Figure
    stages: Mapping[Stage, Figure]
    answered: Figure
    actions: Mapping[str, ShownAction]


def show_letters(actions: Mapping[str, ActionFigures]) -> ShownLetters:
    """The letters of a case, by its actions.

    They are taken apart once, by action and by where they are, and whatever is said of several is the sum
    of what is said of each: two ways to take them apart would tell of each other's small counts. How many
    have arrived is public, so nothing is hidden behind it: those that have not are a sum of their own.
    """
    cells: dict[tuple[str, Stage | None], int] = {}
    for slug, counted in actions.items():
        cells |= {(slug, stage): count for stage, count in counted.stages.items()}
        if counted.asked:
            cells[slug, None] = counted.asked
            cells[slug, Stage.WAITING] -= counted.asked
    arrived = {cell: count for cell, count in cells.items() if cell[1] is Stage.ARRIVED}
    if (public := sum(arrived.values())) >= FEW:
        others, shown = beside_total({cell: count for cell, count in cells.items() if cell not in arrived})
        shown |= of_known(arrived)
        written = Figure(public, public) + (
            others if others.exact is not None else Figure(others.least, None)
        )
    else:
        written, shown = beside_total(cells)
    answered, answers = beside_total({slug: each.answered for slug, each in actions.items()})
    if written.exact is None and answered.least > public:  # of letters that are not counted aloud, too
        answered = _few_or_many(answered)
        answers = {slug: _few_or_many(each) for slug, each in answers.items()}
    by_action: dict[str, ShownAction] = {}
    for slug in actions:
        asked = shown.get((slug, None))
        stages = {stage: shown[slug, stage] for stage in Stage}
        if asked is not None:
            stages[Stage.WAITING] += asked
        ours = written if len(actions) == 1 or written.below else total(stages.values())
        by_action[slug] = ShownAction(written=ours, stages=stages, answered=answers[slug], asked=asked)
    known = by_action.values() or (NO_LETTERS,)
    together = {stage: total(each.stages[stage] for each in known) for stage in Stage}
    if public >= FEW:
        together[Stage.ARRIVED] = figure(public)
    return ShownLetters(written, together, answered, by_action)


def _few_or_many(shown: Figure) -> Figure:
    return _FEW if shown.below else _MANY


@dataclass(frozen=True, slots=True)
class Origins:
    """Where letters came from: how many by country, and by the operator's link.

    Those that came by no link are under an empty one.
    """

    countries: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFigures:
    """Of a case: letters of its actions, how far people came, and where letters came from.

    `subscribers`: by language (empty: not known). `answers`: to its letters, of all actions. `steps`: how
    many people reached each step on the way to a letter. `written`: where letters came from that were not
    withdrawn; `arrived`: those of them that have arrived.
    """

    subscribers: Mapping[str, int] = field(default_factory=dict)
    actions: Mapping[str, ActionFigures] = field(default_factory=dict)
    answers: AnswerCount = field(default_factory=AnswerCount)
    steps: Mapping[Step, int] = field(default_factory=dict)
    written: Origins = field(default_factory=Origins)
    arrived: Origins = field(default_factory=Origins)

    @property
    def shown(self) -> "ShownDetails":
        """All of it but readers and answers, so that no small count can be worked out from it together.

        Where it is not told how many letters were written beside those that have arrived, which is public,
        only those have an origin: the others would be what is left.
        """
        letters = show_letters(self.actions)
        written, stages = letters.written, letters.stages
        arrived_only = written.exact is None and stages[Stage.ARRIVED].exact is not None
        origins = self.arrived if arrived_only else self.written
        countries, elsewhere = by_name(origins.countries, stages[Stage.ARRIVED] if arrived_only else written)
        steps = dict(zip(Step, funnel([self.steps.get(step, 0) for step in Step], written), strict=True))
        return ShownDetails(
            written=written,
            stages=stages,
            steps=steps,
            left=total((stages[Stage.SENT], stages[Stage.ARRIVED])),
            answered=letters.answered,
            actions=letters.actions,
            arrived_only=arrived_only,
            countries=countries,
            elsewhere=elsewhere,
            sources={each: count for each, count in sorted(of_known(origins.sources).items()) if each},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDetails:
    """A case's figures as they may be shown together.

    `written`: letters that were not withdrawn. `left`: those that a carrier has or has had, as far as
    `stages` tell. `actions`: those with a letter. `countries` with `elsewhere`, and `sources`: where letters
    come from; `arrived_only`: of those alone that have arrived.
    """

    written: Figure
    stages: Mapping[Stage, Figure]
    steps: Mapping[Step, Figure]
    left: Figure
    answered: Figure
    arrived_only: bool
    countries: Mapping[str, Figure]
    elsewhere: Figure
    sources: Mapping[str, Figure]
    actions: Mapping[str, ShownAction]

    @property
    def funnel(self) -> Mapping[str, Figure]:
        """From the first step to the answer: people up to `confirmed`, letters from `left` on."""
        letters = {"left": self.left, "arrived": self.stages[Stage.ARRIVED], "answered": self.answered}
        return {**{step.value: count for step, count in self.steps.items()}, **letters}
