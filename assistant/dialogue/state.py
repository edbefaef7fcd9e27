"""What is remembered of a talk between two messages: the answers by name, never a position in the code."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that waits for its answer, as it was shown."""

    name: str
    mark: str
    offered: tuple[str, ...] = ()  # values suggested in "did you mean"


@dataclass(frozen=True, slots=True)
class Frame:
    """One conversation under way."""

    conversation: str
    case: str | None = None
    answers: tuple[tuple[str, str | None], ...] = ()  # in the order given; None where skipped
    asked: Asked | None = None
    redoing: tuple[str, str | None] | None = None  # an answer being changed, as it was before

    @property
    def about(self) -> str | None:
        """The slug of the case: given at the start, or chosen on the way."""
        return self.case or dict(self.answers).get("case")

    def with_answer(self, name: str, value: str | None) -> "Frame":
        """This frame with that question answered, and no other one asked yet."""
        kept = tuple(pair for pair in self.answers if pair[0] != name)
        redoing = None if self.redoing and self.redoing[0] == name else self.redoing
        return Frame(self.conversation, self.case, (*kept, (name, value)), None, redoing)

    def without(self, *names: str) -> "Frame":
        """This frame with those questions unanswered."""
        return replace(self, answers=tuple(pair for pair in self.answers if pair[0] not in names))


@dataclass(frozen=True, slots=True)
class State:
    """The conversations under way: the last one is being held, those below it wait."""

    frames: tuple[Frame, ...] = ()

    def dump(self) -> dict[str, Any]:  # Any: JSON
        """As JSON can hold it. Answers are pairs, because JSONB forgets the order of keys."""
        return {"version": VERSION, "frames": [_dump_frame(frame) for frame in self.frames]}

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> "State":  # Any: JSON
        """The state that `dump` wrote, by this version or an earlier one."""
        return cls(tuple(_load_frame(frame) for frame in stored["frames"]))


def _dump_frame(frame: Frame) -> dict[str, Any]:  # Any: JSON
    asked = frame.asked
    return {
        "conversation": frame.conversation,
        "case": frame.case,
        "answers": [list(pair) for pair in frame.answers],
        "asked": asked and [asked.name, asked.mark, list(asked.offered)],
        "redoing": frame.redoing and list(frame.redoing),
    }


def _load_frame(stored: Mapping[str, Any]) -> Frame:  # Any: JSON
    asked = stored["asked"]
    redoing = stored["redoing"]
    return Frame(
        stored["conversation"],
        stored["case"],
        tuple((name, value) for name, value in stored["answers"]),
        asked and Asked(asked[0], asked[1], tuple(asked[2])),
        redoing and (redoing[0], redoing[1]),
    )
