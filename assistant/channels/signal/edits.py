"""Which version of a message of ours is the newest: that is the one which an edit has to name.

Every edit gives a message another timestamp. signal-cli sends an edit of any timestamp as it is told
(SendHelper.java of AsamK/signal-cli), so that a wrong one looks like success. What becomes of it is in the
sources of the apps, https://github.com/signalapp:

- Android (MessageTable.kt, insertEditMessageInbox) hides only the version that the edit names, and those
  before it: where that is not the newest, the message is shown twice.
- iOS (EditManagerImpl.swift, applyAndInsertEdits) keeps an old version as a row of its own, under its
  timestamp: an edit that names it changes the history, where nobody looks.
- Desktop (editHelpers.ts, getTargetOfThisEditTimestamp) itself names the newest.

They let people edit a message ten times within 24 hours (canEditMessage.ts, MessageConstraintsUtil.kt,
EditManagerImpl.swift), and pass over an edit that comes after 48.
"""

import time

from assistant.domain.errors import Failure

EDITS = 10  # of one message
WINDOW = 24 * 3600 * 1000  # milliseconds

NO_REFERENCE = "Signal: this is not by what a message goes."
TOO_OLD = "Signal: a message can be changed for a day, and this one is older."
LOST = "Signal: nobody knows whether a message was changed the last time, and so it cannot be any more."


class Edits:
    """What follows what, for as long as it can be changed. It is gone when the process ends.

    Until then a message may be named by any of its versions; afterwards only the newest will do.
    """

    def __init__(self) -> None:
        self._next: dict[tuple[str, int], int | None] = {}

    def newest(self, person: str, reference: str) -> int:
        """The timestamp that an edit of this message has to name. Raises Failure where there can be none."""
        version = _timestamp(reference)
        if version is None:
            raise Failure(NO_REFERENCE, permanent=True)
        if version < _oldest():
            raise Failure(TOO_OLD, permanent=True)
        while (person, version) in self._next:
            following = self._next[person, version]
            if following is None:
                raise Failure(LOST, permanent=True)
            version = following
        return version

    def replaced(self, person: str, version: int, by: str | None) -> None:
        """It has a newer version, or may have one that nobody knows: None."""
        oldest = _oldest()
        while self._next and (first := next(iter(self._next)))[1] < oldest:
            del self._next[first]
        following = None if by is None else _timestamp(by)
        if following is None or following > version:  # it is, and so `newest` comes to an end
            self._next[person, version] = following


def _timestamp(reference: str) -> int | None:
    return int(reference) if reference.isascii() and reference.isdecimal() else None


def _oldest() -> int:
    return time.time_ns() // 1_000_000 - WINDOW
