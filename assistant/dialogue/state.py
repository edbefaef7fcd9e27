"""What is remembered of a talk between two messages: the answers by name, never a position in the code."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from assistant.domain.steps import Step

VERSION = 3  # 1 did not know which message gave an answer, up to 2 some conversations had other names
REFS_MAX = 12  # of one message: Signal gives an edit a new id, and allows ten edits
RENAMED = {
    "unhalt": "resume",
    "lift": "resume",
    "perhaps_stop": "clarify_stop",
    "perhaps_question": "clarify_question",
    "halt_everything": "clarify_halt",
}
"""Conversations by the names that they had before, which stored states and buttons on phones keep."""

_RENAMED_UP_TO_2 = {**RENAMED, "resume": "come_back"}
_RENAMED_QUESTIONS = {
    "unhalt": {"broadcast": "which", "unhalt": "resume"}
}  # by their conversation's old name


class Answered(NamedTuple):
    """One answer. A tuple, because every turn reads them all."""

    name: str
    value: str | None  # None where skipped
    refs: tuple[str, ...] = ()  # of the message that gave it; none where a button did
    offered: tuple[str, ...] = ()  # what was suggested when that message came


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that waits for its answer, as it was shown."""

    name: str
    mark: str
    offered: tuple[str, ...] = ()  # values suggested in "did you mean"
    refused: tuple[str, ...] = ()  # of the last message that could not be taken as its answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One conversation under way."""

    conversation: str
    case: str | None = None
    answers: tuple[Answered, ...] = ()  # in the order given
    asked: Asked | None = None
    redoing: Answered | None = None  # an answer being changed, as it was before

    @property
    def about(self) -> str | None:
        """The slug of the case: given at the start, or chosen on the way."""
        if self.case:
            return self.case
        chosen = self.answer("case")
        return chosen.value if chosen else None

    def answer(self, name: str) -> Answered | None:
        """The answer to that question, where it is known."""
        for each in self.answers:
            if each.name == name:
                return each
        return None

    def with_answer(self, answered: Answered) -> "Frame":
        """This frame with that question answered, and no other one asked yet."""
        kept = tuple(each for each in self.answers if each.name != answered.name)
        redoing = None if self.redoing and self.redoing.name == answered.name else self.redoing
        return Frame(
            conversation=self.conversation,
            case=self.case,
            answers=(*kept, answered),
            asked=None,
            redoing=redoing,
        )

    def without(self, *names: str) -> "Frame":
        """This frame with those questions unanswered."""
        return replace(self, answers=tuple(each for each in self.answers if each.name not in names))

    def redo(self, name: str, *dropped: str, before: Answered | None = None) -> "Frame":
        """This frame with `name` to be asked again, its answer kept aside; `dropped` are forgotten.

        `before`: the answer that it had, where none was given.
        """
        return replace(self.without(name, *dropped), asked=None, redoing=self.answer(name) or before)

    # Which message said what

    def given_by(self, ref: str) -> Answered | None:
        """The answer that the message `ref` gave."""
        return next((each for each in self.answers if ref in each.refs), None)

    def awaits(self, ref: str) -> bool:
        """Whether the open question could not take the message `ref`, or asks anew for what it said."""
        if self.asked is None:
            return False
        redoing = (
            self.redoing is not None and self.redoing.name == self.asked.name and ref in self.redoing.refs
        )
        return redoing or ref in self.asked.refused

    def known_as(self, ref: str | None) -> tuple[str, ...]:
        """Every id of a message that answers the open question and goes by `ref`."""
        if self.asked and ref in self.asked.refused:
            return self.asked.refused
        if self.redoing and ref in self.redoing.refs:
            return self.redoing.refs
        return () if ref is None else (ref,)

    def renumbered(self, ref: str, new_ref: str) -> "Frame":
        """This frame where the message `ref` goes by `new_ref` too."""

        def known(refs: tuple[str, ...]) -> tuple[str, ...]:
            return (*refs, new_ref)[-REFS_MAX:] if ref in refs and new_ref not in refs else refs

        return replace(
            self,
            answers=tuple(each._replace(refs=known(each.refs)) for each in self.answers),
            asked=self.asked and replace(self.asked, refused=known(self.asked.refused)),
            redoing=self.redoing and self.redoing._replace(refs=known(self.redoing.refs)),
        )


@dataclass(frozen=True, slots=True)
class State:
    """The conversations under way: the last one is being held, those below it wait.

    `source`: by which of the operator's links they were begun. `step`: the furthest one that was counted of
    the letter under way.
    """

    frames: tuple[Frame, ...] = ()
    source: str | None = None
    step: Step | None = None

    def dump(self) -> dict[str, Any]:  # Any: JSON
        """As JSON can hold it. Answers are pairs, because JSONB forgets the order of keys."""
        dumped = {"version": VERSION, "frames": [_dump_frame(frame) for frame in self.frames]}
        known = {"source": self.source, "step": self.step}
        return dumped | {name: value for name, value in known.items() if value is not None}

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> "State":  # Any: JSON
        """The state that `dump` wrote, by this version or an earlier one."""
        frames = stored["frames"]
        if stored["version"] < VERSION:
            frames = [_with_names_of_today(frame) for frame in frames]
        step = stored.get("step")
        return cls(tuple(_load_frame(frame) for frame in frames), stored.get("source"), step and Step(step))


def _dump_frame(frame: Frame) -> dict[str, Any]:  # Any: JSON
    asked = frame.asked
    return {
        "conversation": frame.conversation,
        "case": frame.case,
        "answers": [_dump_answer(each) for each in frame.answers],
        "asked": asked and [asked.name, asked.mark, list(asked.offered), list(asked.refused)],
        "redoing": frame.redoing and _dump_answer(frame.redoing),
    }


def _dump_answer(answered: Answered) -> list[Any]:  # Any: JSON
    name, value, refs, offered = answered
    return [name, value, list(refs), list(offered)] if refs else [name, value]


def _load_frame(stored: Mapping[str, Any]) -> Frame:  # Any: JSON
    asked = stored["asked"]
    redoing = stored["redoing"]
    return Frame(
        conversation=RENAMED.get(stored["conversation"], stored["conversation"]),
        case=stored["case"],
        answers=tuple(_load_answer(*each) for each in stored["answers"]),
        asked=asked and _load_asked(*asked),
        redoing=redoing and _load_answer(*redoing),
    )


def _with_names_of_today(stored: Mapping[str, Any]) -> Mapping[str, Any]:  # Any: JSON
    """A frame of version 1 or 2."""
    conversation = stored["conversation"]
    questions = _RENAMED_QUESTIONS.get(conversation, {})

    def renamed(named: list[Any] | None) -> list[Any] | None:  # Any: JSON
        return named and [questions.get(named[0], named[0]), *named[1:]]

    return {
        **stored,
        "conversation": _RENAMED_UP_TO_2.get(conversation, conversation),
        "answers": [renamed(each) for each in stored["answers"]],
        "asked": renamed(stored["asked"]),
        "redoing": renamed(stored["redoing"]),
    }


def _load_answer(
    name: str, value: str | None, refs: list[str] | tuple[()] = (), offered: list[str] | tuple[()] = ()
) -> Answered:
    return Answered(name, value, tuple(refs), tuple(offered))


def _load_asked(name: str, mark: str, offered: list[str], refused: list[str] | tuple[()] = ()) -> Asked:
    return Asked(name, mark, tuple(offered), tuple(refused))
