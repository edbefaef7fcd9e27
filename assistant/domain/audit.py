"""The record of what organisers did."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who did what. `actor`: an organiser's number, `shell`, or `assistant`. No supporter is part of it."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain without a break. `code`: of its newest entry, in hex digits; empty where there is none."""

    entries: int
    code: str
