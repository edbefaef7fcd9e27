"""Cases: a person or group at risk, with what can be done for them, and the news."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

from markupsafe import Markup

from assistant.domain.actions import Action, newest_first
from assistant.domain.letters import SEPARATOR, ActionRef, ExpectedActionDay, LetterRef
from assistant.domain.targets import Target
from assistant.domain.texts import CaseDate, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Dated news of a case. `replaces_letter`: letters written before are not true any more after it."""

    slug: str
    date: CaseDate
    text: Written
    outcome: bool = False  # it tells what the letters did
    replaces_letter: bool = False


@dataclass(frozen=True, slots=True)
class FrequentQuestion:
    """A question that supporters of a case ask. `phrases`: by any of these words in it, it is recognised.

    `question`: as its writer put it; no supporter reads it.
    """

    phrases: tuple[str, ...]
    answer: Markup
    question: str = ""


@dataclass(frozen=True)  # without slots: its digest is worked out once
class Letterhead:
    """A case's own form for printing letters.

    `name`: as organisers know it, such as norma-cruz/letterhead.typ. `source`: what it says. `files`: all
    that it can read, by their path in its folder.
    """

    name: str
    source: bytes
    files: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """The same for the same files."""
        parts = (
            self.source,
            *(part for name in sorted(self.files) for part in (name.encode(), self.files[name])),
        )
        lengths = ",".join(str(len(part)) for part in parts)
        return blake2b(lengths.encode() + b"".join(parts), digest_size=16).hexdigest()


@dataclass(frozen=True, kw_only=True)  # without slots: its targets are put together once
class Case:
    """A person or group at risk, and what a supporter can do. `actions`: by slug, at least one."""

    slug: str
    person: str
    title: Written
    briefing: Written
    share: Written
    follow: Mapping[str, tuple[str, ...]]  # links by language
    actions: Mapping[str, Action]
    letterhead: Letterhead | None  # the case's own form for printing letters, instead of ours
    updates: Mapping[str, Update]
    faq: Mapping[str, tuple[FrequentQuestion, ...]] = field(default_factory=dict)  # by language
    closed: Written | None = None  # how it ended, with thanks: then nobody writes letters any more
    careful: frozenset[str] = frozenset()  # countries, beside those whose governments get its letters

    @cached_property
    def targets(self) -> Mapping[str, Target]:
        """Every target of any action, by slug."""
        return {target.slug: target for action in self.actions.values() for target in action.targets}

    @cached_property
    def _careful(self) -> frozenset[str]:
        return self.careful | {target.governed_by for target in self.targets.values()}

    def is_careful(self, country: str) -> bool:
        """Whether it may be dangerous for who lives in that country (ISO 3166) to write for the case."""
        return country in self._careful

    @property
    def main(self) -> Target:
        """The target by whose place and hours the case's days are meant, where no action is named."""
        return next(iter(self.actions.values())).main

    def is_over(self, action: Action, now: datetime) -> bool:
        """Whether no letter is written or sent for that action of ours any more."""
        return self.closed is not None or action.is_over(now)

    def is_open(self, action: Action, now: datetime) -> bool:
        """Whether letters can be written for that action of ours."""
        return action.is_open(now) and not self.is_over(action, now)

    def open_actions(self, now: datetime) -> list[Action]:
        """The actions for which letters can be written, newest first."""
        return [each for each in self._newest_first if self.is_open(each, now)]

    @cached_property
    def _newest_first(self) -> list[Action]:
        return newest_first(self.actions.values())

    def action_day_ahead(self, now: datetime) -> ExpectedActionDay | None:
        """The next action day of any open action that lies ahead, where its day is known."""
        ahead = (action.action_day_ahead(now) for action in self.open_actions(now))
        return min((day for day in ahead if day), key=lambda each: each.begins, default=None)


def target_of(cases: Mapping[str, Case], letter: LetterRef) -> Target | None:
    """The target of a letter; None where its case, action or target is not known here any more."""
    action = action_of(cases, letter.of)
    return action.target(letter.target) if action else None


def action_of(cases: Mapping[str, Case], ref: ActionRef) -> Action | None:
    """The action; None where it, or its case, is not known here any more."""
    case = cases.get(ref.case)
    return case.actions.get(ref.action) if case else None


def find_action(cases: Mapping[str, Case], written: str) -> tuple[str, str | None]:
    """What is named so in links and commands: a case of those, and an action where one is named."""
    if written in cases or SEPARATOR not in written:
        return written, None
    case, _, action = written.rpartition(SEPARATOR)
    return case, action
