"""How long things are kept, and what has gone.

Operators set the times in `Retention`, within bounds; all others are what the constants say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

KEEP_TOMBSTONES = timedelta(
    days=400
)  # that a chat was forgotten: longer than any copy of the database is used
KEEP_PAST_LETTERS = timedelta(days=90)  # that who was forgotten had written to an office
KEEP_ASKED = timedelta(days=30)  # the chat of who was asked, and has not answered
USE_KEY = timedelta(days=7)  # a wrapping key, before another one wraps in its place
KEEP_KEY = timedelta(days=14)  # a wrapping key after that, for backups that were made before
EXACT = timedelta(days=1)  # moments, after the end of a letter or message; then days
KEEP_IDS = timedelta(days=2)  # of messages that were handled, after the day on which a chat was active last
KEEP_SENT = timedelta(days=7)  # chat messages, after they were sent
KEEP_SEEN = timedelta(days=7)  # what was said on the web page, and was seen there
KEEP_UNSEEN = timedelta(days=28)  # ... and what nobody has come back to see
KEEP_COPIES = timedelta(days=7)  # of a broadcast, after its end: who got it
KEEP_CAREFUL = timedelta(days=1)  # talks, messages and letters of who may be in danger by writing
KEEP_UNDECIDED = timedelta(days=60)  # a letter about which nobody decides, and its text
AWAIT_REPORT = timedelta(days=28)  # of a carrier, after a letter was handed over; then a person decides
KEEP_ANSWERS = timedelta(days=7)  # of offices, after they were passed on or set aside
KEEP_UNREAD = timedelta(days=28)  # of offices, where no organiser has looked at them


class Days(NamedTuple):
    """How many days something is kept: where nothing is set, and what may be set, both included."""

    usual: int
    least: int
    most: int


KEEP_LETTERS = Days(7, 1, 28)  # texts, after they were sent
KEEP_FAILED = Days(28, 7, 90)  # texts, after they failed or were cancelled: one may be tried again
KEEP_DRAFTS = Days(14, 1, 30)  # a talk that was left, with its answers
KEEP_INACTIVE = Days(365, 90, 730)  # without a word of theirs, until subscribers are asked
KEEP_BLOCKED = Days(30, 1, 90)  # the chat of who has blocked us


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long is kept what operators may set: each within its bounds, see above."""

    letters: timedelta = timedelta(days=KEEP_LETTERS.usual)
    failed: timedelta = timedelta(days=KEEP_FAILED.usual)
    drafts: timedelta = timedelta(days=KEEP_DRAFTS.usual)
    inactive: timedelta = timedelta(days=KEEP_INACTIVE.usual)
    blocked: timedelta = timedelta(days=KEEP_BLOCKED.usual)

    @property
    def silent(self) -> timedelta:
        """A chat without a word of theirs: who gets news was asked before."""
        return self.inactive + KEEP_ASKED


@dataclass(frozen=True, slots=True)
class Gone:
    """A piece of what was kept no longer. `counts`: how much went, by what it was. `done`: that was all."""

    counts: Mapping[str, int]
    done: bool
