"""What a refusal that names no end comes to."""

from datetime import UTC, datetime, timedelta

from assistant.domain.errors import ChatThrottled, Failure, Throttled
from assistant.domain.messages import Account
from assistant.domain.throttling import FIRST_PAUSE, LONGEST_PAUSE, SEVERAL, SHORT_TIME, Refusals

OURS, OTHER = Account("memory", "1"), Account("memory", "2")
NOON = datetime(2012, 1, 24, 12, tzinfo=UTC)
TOLD = ChatThrottled("too much", 3600, uncertain=True)


def _pause(failure: Failure) -> timedelta:
    assert isinstance(failure, ChatThrottled)
    return timedelta(seconds=failure.retry_after or 0)


def test_a_chat_that_is_refused_again_and_again_rests_longer_each_time_up_to_an_hour() -> None:
    refusals, now, pauses = Refusals(), NOON, []
    for _ in range(9):
        pauses.append(_pause(refusals.judge(OURS, 1, TOLD, now)))
        now += pauses[-1]
        assert refusals.rests_until(OURS, 1, now - timedelta(seconds=1)) == now
        assert refusals.rests_until(OURS, 1, now) is None
    assert pauses == [min(FIRST_PAUSE * 2**number, LONGEST_PAUSE) for number in range(9)]
    assert pauses[-1] == LONGEST_PAUSE


def test_two_refusals_at_the_same_time_are_one() -> None:
    refusals = Refusals()
    assert _pause(refusals.judge(OURS, 1, TOLD, NOON)) == FIRST_PAUSE
    assert _pause(refusals.judge(OURS, 1, TOLD, NOON + timedelta(seconds=10))) == FIRST_PAUSE - timedelta(
        seconds=10
    )


def test_a_message_that_arrives_and_a_long_silence_begin_anew() -> None:
    refusals = Refusals()
    refusals.judge(OURS, 1, TOLD, NOON)
    refusals.forget(OURS, 1)
    assert refusals.rests_until(OURS, 1, NOON) is None
    assert _pause(refusals.judge(OURS, 1, TOLD, NOON)) == FIRST_PAUSE
    later = NOON + FIRST_PAUSE + LONGEST_PAUSE
    assert _pause(refusals.judge(OURS, 1, TOLD, later)) == FIRST_PAUSE


def test_several_people_in_a_short_time_mean_our_account_and_one_person_never_does() -> None:
    refusals = Refusals()
    for minute in range(SEVERAL + 2):
        assert isinstance(refusals.judge(OURS, 1, TOLD, NOON + timedelta(minutes=minute)), ChatThrottled)
    refusals = Refusals()
    told = [refusals.judge(OURS, chat, TOLD, NOON) for chat in range(SEVERAL)]
    assert [type(each) for each in told] == [*[ChatThrottled] * (SEVERAL - 1), Throttled]
    last = told[-1]
    assert isinstance(last, Throttled)
    assert (last.retry_after, last.replies, last.uncertain, last.note) == (3600, True, True, None)


def test_several_people_over_a_long_time_or_on_several_accounts_are_single_ones() -> None:
    refusals = Refusals()
    for number in range(2 * SEVERAL):
        judged = refusals.judge(OURS, number, TOLD, NOON + number * SHORT_TIME)
        assert isinstance(judged, ChatThrottled)
    refusals = Refusals()
    for number in range(SEVERAL - 1):
        assert isinstance(refusals.judge(OURS, number, TOLD, NOON), ChatThrottled)
        assert isinstance(refusals.judge(OTHER, 100 + number, TOLD, NOON), ChatThrottled)


def test_an_operator_frees_every_chat_of_the_account() -> None:
    refusals = Refusals()
    refusals.judge(OURS, 1, TOLD, NOON)
    refusals.judge(OTHER, 2, TOLD, NOON)
    refusals.forget(OURS)
    assert refusals.rests_until(OURS, 1, NOON) is None
    assert refusals.rests_until(OTHER, 2, NOON) is not None
