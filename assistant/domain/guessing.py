"""Who tries to guess a code: by which one joins the team, or by which a chat moves."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

CHAT_MAX = 5  # wrong codes of one chat
ALL_MAX = 100  # of all of them: of 32 ** 8 codes, one in ten billion
WITHIN = timedelta(minutes=10)  # as long as a code lasts
TOLD_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Guessing:
    """So many wrong codes came lately. `everywhere`: from several chats, and none is taken from anybody."""

    count: int
    everywhere: bool


class WrongCodes:
    """The wrong codes of the last minutes, in memory: after so many, no more are tried for a while."""

    def __init__(self, all_max: int = ALL_MAX) -> None:
        """`all_max`: of all chats together."""
        self._all_max = all_max
        self._wrong: deque[tuple[datetime, int]] = deque()
        self._told: dict[bool, datetime] = {}

    def may_try(self, chat: int, now: datetime) -> bool:
        """Whether a code of that chat is tried."""
        self._drop(now)
        return len(self._wrong) < self._all_max and self._of(chat) < CHAT_MAX

    def note(self, chat: int, now: datetime) -> Guessing | None:
        """One was wrong. What the team has to know of it, where that is news."""
        self._drop(now)
        self._wrong.append((now, chat))
        everywhere = len(self._wrong) >= self._all_max
        count = len(self._wrong) if everywhere else self._of(chat)
        told = self._told.get(everywhere)
        if count < (self._all_max if everywhere else CHAT_MAX) or (told and told <= now < told + TOLD_AGAIN):
            return None
        self._told[everywhere] = now
        return Guessing(count, everywhere)

    def _of(self, chat: int) -> int:
        return sum(each == chat for _, each in self._wrong)

    def _drop(self, now: datetime) -> None:
        """Forget what is too old, or was noted while the clock was ahead."""
        while self._wrong and not self._wrong[0][0] <= now < self._wrong[0][0] + WITHIN:
            self._wrong.popleft()
