"""How long things are kept, and what has gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

KEEP_TOMBSTONES = timedelta(
    days=400
)  # that a chat was forgotten: longer than any copy of the database is used
KEEP_PAST_LETTERS = timedelta(days=90)  # that who was forgotten had written to an office
KEEP_BLOCKED = timedelta(days=30)  # the chat of who has blocked us
ASK_INACTIVE = timedelta(days=365)  # without a word of theirs, until subscribers are asked
KEEP_ASKED = timedelta(days=30)  # the chat of who was asked, and has not answered
KEEP_INACTIVE = timedelta(days=395)  # a chat without a word of theirs
USE_KEY = timedelta(days=7)  # a wrapping key, before another one wraps in its place
KEEP_KEY = timedelta(days=14)  # a wrapping key after that, for backups that were made before
EXACT = timedelta(days=1)  # moments, after the end of a letter or message; then days
KEEP_IDS = timedelta(days=2)  # of messages that were handled, after the day on which a chat was active last
KEEP_DRAFTS = timedelta(days=14)  # a talk that was left, with its answers
KEEP_SENT = timedelta(days=7)  # chat messages, after they were sent
KEEP_LETTERS = timedelta(days=7)  # after they have left
KEEP_COPIES = timedelta(days=7)  # of a broadcast, after its end: who got it
KEEP_CAREFUL = timedelta(days=1)  # all of these of who may be in danger by writing
KEEP_FAILED = timedelta(days=28)  # an organiser may want one tried again
KEEP_UNDECIDED = timedelta(days=60)  # a letter about which nobody decides, and its text
AWAIT_REPORT = timedelta(days=28)  # of a carrier, after a letter was handed over; then a person decides
KEEP_ANSWERS = timedelta(days=7)  # of offices, after they were passed on or set aside
KEEP_UNREAD = timedelta(days=28)  # of offices, where no organiser has looked at them


@dataclass(frozen=True, slots=True)
class Gone:
    """A piece of what was kept no longer. `counts`: how much went, by what it was. `done`: that was all."""

    counts: Mapping[str, int]
    done: bool
