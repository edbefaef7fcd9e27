"""A refusal that names no end: one person's limit rests their chat, several people's our account."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.domain.errors import ChatThrottled, Throttled
from assistant.domain.messages import Account

FIRST_PAUSE = timedelta(seconds=30)  # of a chat; each refusal after it doubles the pause
LONGEST_PAUSE = timedelta(hours=1)
SEVERAL = 3  # chats of one account: these are no longer limits of single people
SHORT_TIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Refused:
    """The last refusal in a chat, after so many in a row, and until when the chat rests."""

    at: datetime
    times: int
    until: datetime

    def is_known(self, now: datetime) -> bool:
        """Whether it still counts: not for ever, and not where a wrong clock had it in the future."""
        return self.at <= now < self.until + LONGEST_PAUSE


class Refusals:
    """Which chats the platform refused lately. In memory: a restart begins with short pauses again."""

    def __init__(self) -> None:
        self._chats: dict[tuple[Account, int], _Refused] = {}

    def judge(
        self, account: Account, chat_id: int, failure: ChatThrottled, now: datetime
    ) -> ChatThrottled | Throttled:
        """What this refusal comes to: a pause of the chat, or of the account."""
        until = self._refuse(account, chat_id, now)
        lately = [each for (whose, _), each in self._chats.items() if whose == account]
        if sum(each.at <= now < each.at + SHORT_TIME for each in lately) >= SEVERAL:
            return Throttled(failure.reason, failure.account_pause, replies=True, uncertain=failure.uncertain)
        return ChatThrottled(
            failure.reason,
            failure.account_pause,
            uncertain=failure.uncertain,
            retry_after=(until - now).total_seconds(),
        )

    def _refuse(self, account: Account, chat_id: int, now: datetime) -> datetime:
        self._chats = {key: each for key, each in self._chats.items() if each.is_known(now)}
        before = self._chats.get((account, chat_id))
        if before and now < before.until:  # sent at the same time as the one refused before
            return before.until
        times = before.times + 1 if before else 1
        pause = min(FIRST_PAUSE * (1 << min(times - 1, 10)), LONGEST_PAUSE)
        self._chats[account, chat_id] = _Refused(now, times, now + pause)
        return now + pause

    def rests_until(self, account: Account, chat_id: int, now: datetime) -> datetime | None:
        """Until when nothing is sent to that chat; None where it may be written to."""
        refused = self._chats.get((account, chat_id))
        return refused.until if refused and refused.is_known(now) and now < refused.until else None

    def forget(self, account: Account, chat_id: int | None = None) -> None:
        """That chat takes messages again, or every chat of the account."""
        if chat_id is None:
            self._chats = {key: each for key, each in self._chats.items() if key[0] != account}
        else:
            self._chats.pop((account, chat_id), None)
