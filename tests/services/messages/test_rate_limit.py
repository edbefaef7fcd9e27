"""Token buckets, over any sequence of times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.token_bucket import TokenBucket
from assistant.services.messages import rate_limit
from assistant.services.messages.rate_limit import ChatRateLimits

RATES = st.floats(0.05, 100)
BURSTS = st.integers(1, 50)
GAPS = st.lists(st.floats(0, 60), min_size=1, max_size=40)
TINY = 1e-6  # seconds: what floating point may be wrong by


@given(rate=RATES, burst=BURSTS, gaps=GAPS, data=st.data())
def test_never_more_leave_than_the_burst_and_what_was_refilled(
    rate: float, burst: int, gaps: list[float], data: st.DataObject
) -> None:
    bucket, now = TokenBucket(rate, burst), 0.0
    left: list[tuple[float, int]] = []
    for gap in gaps:
        count = data.draw(st.integers(1, burst))
        now += gap
        now += bucket.wait(now, count)
        bucket.take(now, count)
        left.append((now, count))
    for first, (since, _) in enumerate(left):
        total = 0
        for until, count in left[first:]:
            total += count
            assert total <= burst + rate * (until - since + TINY)


@given(rate=RATES, burst=BURSTS, gaps=GAPS, data=st.data())
def test_the_wait_is_exact(rate: float, burst: int, gaps: list[float], data: st.DataObject) -> None:
    """Compared with a bucket that counts its tokens."""
    bucket, now, tokens = TokenBucket(rate, burst), 0.0, float(burst)
    for gap in gaps:
        count = data.draw(st.integers(1, burst))
        now += gap
        tokens = min(float(burst), tokens + gap * rate)
        wait = bucket.wait(now, count)
        assert wait == pytest.approx(max(0.0, (count - tokens) / rate), abs=TINY)
        now += wait
        tokens = min(float(burst), tokens + wait * rate)
        bucket.take(now, count)
        tokens -= count


@given(rate=RATES, burst=BURSTS, gaps=GAPS, data=st.data())
def test_what_is_given_back_is_as_if_it_had_never_been_taken(
    rate: float, burst: int, gaps: list[float], data: st.DataObject
) -> None:
    bucket, other, now = TokenBucket(rate, burst), TokenBucket(rate, burst), 0.0
    for gap in gaps:
        count = data.draw(st.integers(0, burst))
        now += gap + max(bucket.wait(now + gap, burst), other.wait(now + gap, burst))
        bucket.take(now, burst)
        bucket.give_back(burst - count)
        other.take(now, count)
        assert bucket.wait(now, burst) == pytest.approx(other.wait(now, burst), abs=TINY)


@given(burst=BURSTS, gaps=GAPS)
def test_without_a_rate_nothing_is_held_up(burst: int, gaps: list[float]) -> None:
    bucket, now = TokenBucket(0.0, burst), 0.0
    for gap in gaps:
        now += gap
        assert bucket.wait(now, burst) == 0.0
        bucket.take(now, burst)
        assert bucket.is_full(now)


def test_each_chat_has_its_own_bucket() -> None:
    chats = ChatRateLimits()
    chats.bucket(1, 1.0, 1, 0.0).take(0.0)
    assert chats.bucket(1, 1.0, 1, 0.5).wait(0.5) == 0.5
    assert chats.bucket(2, 1.0, 1, 0.5).wait(0.5) == 0.0


@given(takes=st.lists(st.tuples(st.integers(1, 30), st.floats(0, 3)), max_size=80))
def test_only_chats_that_are_free_again_are_forgotten(takes: list[tuple[int, float]]) -> None:
    """The pace is the same as if every chat were remembered for ever, however few are."""
    chats, remembered, now = ChatRateLimits(), {number: TokenBucket(0.5, 2) for number in range(1, 31)}, 0.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rate_limit, "FORGET_OVER", 3)
        for chat, gap in takes:
            now += gap
            bucket = chats.bucket(chat, 0.5, 2, now)
            assert bucket.wait(now) == pytest.approx(remembered[chat].wait(now), abs=TINY)
            if not bucket.wait(now):
                bucket.take(now)
                remembered[chat].take(now)


def test_free_chats_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "FORGET_OVER", 3)
    chats = ChatRateLimits()
    buckets = [chats.bucket(number, 1.0, 1, 0.0) for number in range(3)]
    buckets[0].take(0.0)
    chats.bucket(3, 1.0, 1, 0.5)
    assert chats.bucket(0, 1.0, 1, 0.5) is buckets[0], "it is not free yet"
    assert chats.bucket(1, 1.0, 1, 0.5) is not buckets[1]
