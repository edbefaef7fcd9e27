"""Organisers: their roles, what each role may do, and what takes two of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What an organiser is trusted with; each role may do all that those before it may."""

    VIEWER = "viewer"
    DRAFTER = "drafter"
    APPROVER = "approver"
    OWNER = "owner"

    def may(self, deed: "Permission") -> bool:
        """Whether this role is enough for that."""
        return _RANK[self] >= _RANK[_NEEDED[deed]]

    @property
    def weighty(self) -> bool:
        """Whether it takes two persons to give or to take it."""
        return self.may(Permission.APPROVE)


class Permission(StrEnum):
    """What organisers do. Stopping something is for everyone, starting it is not."""

    LOOK = "look"
    HALT = "halt"
    DRAFT = "draft"
    APPROVE = "approve"
    MANAGE = "manage"


_RANK = {role: rank for rank, role in enumerate(Role)}
_NEEDED = {
    Permission.LOOK: Role.VIEWER,
    Permission.HALT: Role.VIEWER,
    Permission.DRAFT: Role.DRAFTER,
    Permission.APPROVE: Role.APPROVER,
    Permission.MANAGE: Role.OWNER,
}


class Actor(Protocol):
    """Who does something: an organiser, or (number None) whoever has the server's shell."""

    @property
    def number(self) -> int | None:
        """By which the record names them."""

    @property
    def role(self) -> Role:
        """What they are trusted with."""


CODE_LASTS = timedelta(minutes=10)  # in which an invitation has to be used
REQUEST_LASTS = timedelta(days=1)  # until a second person has to have said the same


@dataclass(frozen=True, slots=True)
class Organiser:
    """An organiser. `number`: by which they are named in the record of what was done."""

    number: int
    role: Role
    name: str


class RequestKind(StrEnum):
    """What takes two persons, besides broadcasts."""

    ROLE = "role"  # give an organiser another role
    REMOVE = "remove"  # take an organiser out of the team
    RESUME = "resume"  # let a case or an action go on that was paused
    ROUTES = "routes"  # send letters to an office's new addresses

    @classmethod
    def _missing_(cls, value: object) -> "RequestKind | None":
        """By the name that it was stored under before."""
        return cls.RESUME if value == "lift" else None


_OF_CASES = (RequestKind.RESUME, RequestKind.ROUTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """What one person wants, until a second one wants it, too.

    `subject`: an organiser's number, what is paused, or an office as `CASE/TARGET`; `value`: the role, or the
    digest of the addresses. `author`: an organiser's number.
    """

    id: int
    what: RequestKind
    subject: str
    value: str = ""
    author: int | None = None

    @property
    def needs(self) -> Permission:
        """What both persons have to be trusted with."""
        return Permission.APPROVE if self.what in _OF_CASES else Permission.MANAGE

    def takes_two(self, members: Sequence[Organiser]) -> bool:
        """Whether one person is not enough: who may start broadcasts is not changed by one alone."""
        if self.what in _OF_CASES or (self.what is RequestKind.ROLE and Role(self.value).weighty):
            return True
        return any(each.role.weighty for each in members if str(each.number) == self.subject)
