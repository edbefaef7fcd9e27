"""How far people come who begin a letter: counted by case and day, and by nothing that leads to a person."""

from enum import StrEnum
from typing import NamedTuple


class Step(StrEnum):
    """What somebody has reached on the way to a letter, in this order."""

    OPENED = "opened"
    """They came to write for the case: by its link, or by choosing it."""
    BEGAN = "began"
    """They want to write, after they have read what it is about."""
    COUNTRY = "country"
    """They have said where they live."""
    NAME = "name"
    """They have given a name to sign with, or want to sign without one."""
    PREVIEWED = "previewed"
    """They were shown their letter as it would be sent."""
    CONFIRMED = "confirmed"
    """They have had it sent: one letter, or one for each office."""


class CaseStep(NamedTuple):
    """A step on the way to a letter for a case, by its slug."""

    case: str
    step: Step


_ORDER = tuple(Step)


def between(before: Step | None, until: Step) -> tuple[Step, ...]:
    """The steps after `before`, or all, up to `until`: who reaches one has reached all before it."""
    first = 0 if before is None else _ORDER.index(before) + 1
    return _ORDER[first : _ORDER.index(until) + 1]
