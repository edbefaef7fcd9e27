"""How fast messages may be sent to a chat. In memory, because a lane has one runner at a time."""

from assistant.domain.token_bucket import TokenBucket

FORGET_OVER = 10_000  # chats remembered before those that are free again are dropped


class ChatRateLimits:
    """A bucket for each chat that was written to lately."""

    def __init__(self) -> None:
        self._buckets: dict[int, TokenBucket] = {}

    def bucket(self, chat_id: int, rate: float, burst: int, now: float) -> TokenBucket:
        """The chat's bucket."""
        found = self._buckets.get(chat_id)
        if found is None:
            if len(self._buckets) >= FORGET_OVER:
                self._buckets = {key: each for key, each in self._buckets.items() if not each.is_full(now)}
            found = self._buckets[chat_id] = TokenBucket(rate, burst)
        return found
