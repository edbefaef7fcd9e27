"""The team of organisers, as one of them sees it: each part is read when a conversation asks for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NoReturn, TypeVar

from assistant.domain.answers import AnswerGroup
from assistant.domain.broadcasts import Broadcast, Tally
from assistant.domain.figures import CaseFigures
from assistant.domain.letters import ActionRef
from assistant.domain.messages import Account
from assistant.domain.organisers import ApprovalRequest, Organiser, Permission
from assistant.domain.review import HeldLetter

K = TypeVar("K")
V = TypeVar("V")


class TeamPart(StrEnum):
    """A part of the team that costs a query, by the name that it has in `Team`."""

    MEMBERS = "members"
    BROADCASTS = "broadcasts"
    SENT = "sent"
    TALLIES = "tallies"
    REQUESTS = "requests"
    PUBLISHED = "published"
    FIGURES = "figures"
    SOURCES = "sources"
    ANSWERS = "answers"
    HELD_LETTERS = "held_letters"
    UNDECIDED = "undecided"
    OUTDATED = "outdated"


class NotRead(Exception):
    """A conversation asks for a part of the team that has not been read: read it, and take the turn again."""

    def __init__(self, part: TeamPart) -> None:
        super().__init__(part)
        self.part = part


class _Unread:
    """Stands for a part of the team until it is read. Whoever looks into it raises NotRead."""

    def __init__(self, part: TeamPart) -> None:
        self._part = part

    def __len__(self) -> int:
        self._ask()

    def __getitem__(self, key: object) -> NoReturn:
        self._ask()

    def _ask(self) -> NoReturn:
        raise NotRead(self._part)


class UnreadList(_Unread, Sequence[V]):
    """A list that has not been read."""

    def __contains__(self, value: object) -> bool:
        self._ask()

    def __iter__(self) -> Iterator[V]:
        self._ask()


class UnreadMapping(_Unread, Mapping[K, V]):
    """A mapping that has not been read."""

    def __contains__(self, key: object) -> bool:
        self._ask()

    def __iter__(self) -> Iterator[K]:
        self._ask()


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """What the organiser `me` may know. `now`: when it was looked up, UTC.

    Most turns need little of it, so each `TeamPart` is read when a conversation asks for it: see `unread`.
    """

    me: Organiser
    now: datetime
    approvals: int = 2  # how many persons it takes to start a broadcast
    members: Sequence[Organiser] = ()
    broadcasts: Mapping[int, Broadcast] = field(default_factory=dict)  # those that are not over
    sent: Mapping[int, Broadcast] = field(
        default_factory=dict
    )  # the last ones that were sent, or are being sent
    tallies: Mapping[int, tuple[Tally, ...]] = field(default_factory=dict)  # of those that leave
    requests: Mapping[int, ApprovalRequest] = field(default_factory=dict)
    published: Mapping[str, frozenset[str]] = field(default_factory=dict)  # updates sent already, by case
    figures: Mapping[str, CaseFigures] = field(default_factory=dict)  # by case
    sources: Mapping[str, int] = field(default_factory=dict)  # how many chats a link brought that stood there
    answers: Sequence[AnswerGroup] = ()  # of offices, which nobody has settled, for who may
    held_letters: Sequence[HeldLetter] = ()  # that wait until somebody has read them, for who may
    undecided: Sequence[ActionRef] = ()  # their letters read otherwise: somebody has to say if that matters
    # How many letters that wait stand on another text than the case folder has now, by case.
    outdated: Mapping[str, int] = field(default_factory=dict)
    rates: Mapping[Account, float] = field(default_factory=dict)  # messages a second, by account; 0: no limit

    @classmethod
    def unread(cls, me: Organiser, now: datetime, approvals: int, rates: Mapping[Account, float]) -> "Team":
        """What is known without a query."""
        part = TeamPart
        return cls(
            me=me,
            now=now,
            approvals=approvals,
            members=UnreadList(part.MEMBERS),
            broadcasts=UnreadMapping(part.BROADCASTS),
            sent=UnreadMapping(part.SENT),
            tallies=UnreadMapping(part.TALLIES),
            requests=UnreadMapping(part.REQUESTS),
            published=UnreadMapping(part.PUBLISHED),
            figures=UnreadMapping(part.FIGURES),
            sources=UnreadMapping(part.SOURCES),
            answers=UnreadList(part.ANSWERS),
            held_letters=UnreadList(part.HELD_LETTERS),
            undecided=UnreadList(part.UNDECIDED),
            outdated=UnreadMapping(part.OUTDATED),
            rates=rates,
        )

    def may(self, deed: Permission) -> bool:
        """Whether this organiser is trusted with that."""
        return self.me.role.may(deed)

    def called(self, number: int | None) -> str | None:
        """That organiser's name; None for the shell, and for who is in the team no more."""
        return next((each.name for each in self.members if each.number == number), None)
