"""The team of organisers, as one of them sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from assistant.domain.broadcasts import Broadcast, Tally
from assistant.domain.roles import Deed, Role

REQUEST_LASTS = timedelta(days=1)  # until a second person has to have said the same


@dataclass(frozen=True, slots=True)
class Member:
    """An organiser. `number`: by which they are named in the record of what was done."""

    number: int
    role: Role
    name: str


class Wish(StrEnum):
    """What takes two persons, besides broadcasts."""

    ROLE = "role"  # give an organiser another role
    REMOVE = "remove"  # take an organiser out of the team
    LIFT = "lift"  # let a case go on that was stopped


@dataclass(frozen=True, slots=True)
class Request:
    """What one person wants, until a second one wants it, too.

    `subject`: an organiser's number, or a case; `value`: the role. `author`: an organiser's number.
    """

    id: int
    what: Wish
    subject: str
    value: str = ""
    author: int | None = None

    @property
    def needs(self) -> Deed:
        """What both persons have to be trusted with."""
        return Deed.APPROVE if self.what is Wish.LIFT else Deed.MANAGE

    def takes_two(self, members: Sequence[Member]) -> bool:
        """Whether one person is not enough: who may start broadcasts is not changed by one alone."""
        if self.what is Wish.LIFT or (self.what is Wish.ROLE and Role(self.value).weighty):
            return True
        return any(each.role.weighty for each in members if str(each.number) == self.subject)


@dataclass(frozen=True, slots=True)
class Team:
    """What the organiser `me` may know. `now`: when it was looked up, UTC."""

    me: Member
    now: datetime
    approvals: int = 2  # how many persons it takes to start a broadcast
    members: tuple[Member, ...] = ()
    broadcasts: Mapping[int, Broadcast] = field(default_factory=dict)  # those that are not over
    sent: Mapping[int, Broadcast] = field(default_factory=dict)  # the last ones that have begun to leave
    tallies: Mapping[int, tuple[Tally, ...]] = field(default_factory=dict)  # of those that leave
    requests: Mapping[int, Request] = field(default_factory=dict)
    published: Mapping[str, frozenset[str]] = field(default_factory=dict)  # updates sent already, by case
    rates: Mapping[str, float] = field(default_factory=dict)  # messages a second, by account; 0: no limit

    def may(self, deed: Deed) -> bool:
        """Whether this organiser is trusted with that."""
        return self.me.role.may(deed)

    def called(self, number: int | None) -> str | None:
        """That organiser's name; None for the shell, and for who is in the team no more."""
        return next((each.name for each in self.members if each.number == number), None)
