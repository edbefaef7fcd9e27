"""What is refused, as a value for those who word it, with a sentence for the operator."""

from collections.abc import Sequence

from assistant.domain.broadcasts import (
    LASTS_MAX,
    TEXT_MAX,
    Announcement,
    Broadcast,
    Kind,
    Obstacle,
    Operation,
    Problem,
    Rule,
)
from assistant.domain.errors import Refused

_WORDS: dict[Rule, str] = {
    Rule.CASE_NEEDED: "An update is about a case: name one.",
    Rule.CASE_KNOWN: "There is no such case.",
    Rule.AS_IN_FOLDER: "The case folder has no such update, or other texts for it: take those.",
    Rule.BUTTON_NEEDED: "An update has a button: letter or read.",
    Rule.END_NEEDED: "An alert must have an end: say after how many hours it is worthless.",
    Rule.BUTTON_NEEDS_CASE: "{it} is about no case: without one no button leads anywhere.",
    Rule.WRITERS_NEED_CASE: "Only who wrote, or did not, is about a case: name one.",
    Rule.SENT_BEFORE: "Nobody has got what it corrects, so there is nothing to correct.",
    Rule.NOT_NARROWED: "A correction goes to all who got what it corrects: choose no readers.",
    Rule.TEXT_NEEDED: "It says nothing{language}.",
    Rule.TEXT_SHORT: f"The text{{language}} is too long: at most {TEXT_MAX} characters fit.",
    Rule.TEXT_WELL_FORMED: "The text{language} has a tag that is not closed, or that is none of ours.",
    Rule.FALLBACK_HAS_TEXT: "The readers{language} would get a text that there is not.",
    Rule.LANGUAGE_NEEDED: "There is neither text nor fallback{language}.",
    Rule.ONE_START: "It starts at a moment, or on a day at an hour where each reader lives: choose one.",
    Rule.START_AHEAD: "The time at which it starts has passed already.",
    Rule.START_IN_REACH: "The time at which it starts is more than a year away.",
    Rule.END_IN_REACH: f"It ends after 1 to {LASTS_MAX} hours.",
}

_AGAINST: dict[Obstacle, str] = {
    Obstacle.ROLE: "This takes another role than yours.",
    Obstacle.STATUS: "Broadcast {number} {state}.",
    Obstacle.STARTED: "Broadcast {number} is being sent, or was: halt it, and send a correction.",
    Obstacle.NOT_THE_AUTHOR: "Only who wrote broadcast {number} can propose it: they got the test.",
    Obstacle.NOT_TESTED: "Broadcast {number} is still being counted and tested. Try again in a moment.",
    Obstacle.FORGED: "Somebody has changed broadcast {number} in the database: see `assistant audit verify`. "
    "Write it anew.",
    Obstacle.OWN: "Broadcast {number} needs another person: you wrote it.",
    Obstacle.HALTED_BY_ANOTHER: "Another person halted broadcast {number}, and you wrote it: an approver who "
    "did not write it has to resume it.",
    Obstacle.PAUSED: "{paused} is paused: two people have to resume it first, with /resume {paused}.",
    Obstacle.WORTHLESS: "The time of broadcast {number} is over.",
}
_STATE: dict[Operation, str] = {
    Operation.PROPOSE: "is no draft: it is {status}",
    Operation.APPROVE: "does not wait for approval: it is {status}",
    Operation.HALT: "is {status}: it cannot become halted",
    Operation.RESUME: "is not halted: it is {status}",
    Operation.DISCARD: "is {status}: it cannot become cancelled",
}


class ActionRefused(Refused):
    """An action on a broadcast is refused: `obstacle` says why."""

    def __init__(self, broadcast: Broadcast, action: Operation, obstacle: Obstacle) -> None:
        state = _STATE[action].format(status=broadcast.status)
        against = _AGAINST[obstacle]
        super().__init__(against.format(number=broadcast.id, paused=broadcast.paused, state=state))
        self.obstacle = obstacle


class UnfitAnnouncement(Refused):
    """An announcement breaks rules: `problems`, at least one."""

    def __init__(self, written: Announcement, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(_worded(written, each) for each in problems))
        self.problems = tuple(problems)


def _worded(written: Announcement, problem: Problem) -> str:
    language = f" in {problem.language}" if problem.language else ""
    it = "What is corrected" if written.kind is Kind.CORRECTION else "It"
    return _WORDS[problem.rule].format(language=language, it=it)
