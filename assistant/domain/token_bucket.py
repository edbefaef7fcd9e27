"""A token bucket: how fast something may happen."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class TokenBucket:
    """Room for `burst` at once, refilled with `rate` a second; 0 is as fast as it goes.

    Times are seconds of any clock that only goes forward. Only one number is kept, the time at which the
    bucket will be full again (the "generic cell rate algorithm").
    """

    rate: float
    burst: int = 1
    _full_at: float = field(default=0.0, init=False)

    def wait(self, now: float, count: int = 1) -> float:
        """Seconds until `count` may be sent together; `count` is at most `burst`."""
        if not self.rate:
            return 0.0
        return max(0.0, self._full_at - (self.burst - count) / self.rate - now)

    def take(self, now: float, count: int = 1) -> None:
        """So many are sent now."""
        if self.rate:
            self._full_at = max(self._full_at, now) + count / self.rate

    def give_back(self, count: int) -> None:
        """So many of those taken were not sent."""
        if self.rate:
            self._full_at -= count / self.rate

    def is_full(self, now: float) -> bool:
        """Whether it is as if nothing had ever left."""
        return self._full_at <= now
