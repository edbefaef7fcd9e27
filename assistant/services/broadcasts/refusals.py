"""What is refused, as a value for those who word it, with a sentence for the operator."""

from collections.abc import Sequence

from assistant.domain.broadcasts import TEXT_MAX, Announcement, Kind, Problem, Rule
from assistant.domain.errors import Refused

_WORDS: dict[Rule, str] = {
    Rule.CASE_NEEDED: "An update is about a case: name one.",
    Rule.CASE_KNOWN: "There is no such case.",
    Rule.END_NEEDED: "An alert must have an end: say after how many hours it is worthless.",
    Rule.BUTTON_NEEDS_CASE: "{it} is about no case: without one no button leads anywhere.",
    Rule.WRITERS_NEED_CASE: "Only who wrote, or did not, is about a case: name one.",
    Rule.SENT_BEFORE: "Nobody has got what it corrects, so there is nothing to correct.",
    Rule.TEXT_NEEDED: "It says nothing{language}.",
    Rule.TEXT_SHORT: f"The text{{language}} is too long: at most {TEXT_MAX} characters fit.",
    Rule.TEXT_WELL_FORMED: "The text{language} has a tag that is not closed, or that is none of ours.",
    Rule.FALLBACK_HAS_TEXT: "The readers{language} would get a text that there is not.",
}


class UnfitAnnouncement(Refused):
    """An announcement breaks rules: `problems`, at least one."""

    def __init__(self, written: Announcement, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(_worded(written, each) for each in problems))
        self.problems = tuple(problems)


def _worded(written: Announcement, problem: Problem) -> str:
    language = f" in {problem.language}" if problem.language else ""
    it = "What is corrected" if written.kind is Kind.CORRECTION else "It"
    return _WORDS[problem.rule].format(language=language, it=it)
