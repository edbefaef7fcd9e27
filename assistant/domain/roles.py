"""Who may do what among organisers."""

from enum import StrEnum


class Role(StrEnum):
    """What an organiser is trusted with; each role may do all that those before it may."""

    VIEWER = "viewer"
    DRAFTER = "drafter"
    APPROVER = "approver"
    OWNER = "owner"

    def may(self, deed: "Deed") -> bool:
        """Whether this role is enough for that."""
        return _RANK[self] >= _RANK[_NEEDED[deed]]

    @property
    def weighty(self) -> bool:
        """Whether it takes two persons to give or to take it."""
        return self.may(Deed.APPROVE)


class Deed(StrEnum):
    """What organisers do. Stopping something is for everyone, starting it is not."""

    LOOK = "look"
    HALT = "halt"
    DRAFT = "draft"
    APPROVE = "approve"
    MANAGE = "manage"


_RANK = {role: rank for rank, role in enumerate(Role)}
_NEEDED = {
    Deed.LOOK: Role.VIEWER,
    Deed.HALT: Role.VIEWER,
    Deed.DRAFT: Role.DRAFTER,
    Deed.APPROVE: Role.APPROVER,
    Deed.MANAGE: Role.OWNER,
}
