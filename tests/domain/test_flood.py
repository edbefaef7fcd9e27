"""How much is read of a chat, and of all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import flood
from assistant.domain.flood import Flood, FloodLimits, Verdict

LIMITS = FloodLimits(burst=12, per_minute=6, all_per_minute=600)
ANA, OTHER = 1, 2


def judged(room: Flood, count: int, now: float = 0.0, chat: int = ANA) -> list[Verdict]:
    """What becomes of so many messages at that moment."""
    return [room.judge(chat, now) for _ in range(count)]


def test_twelve_messages_are_read_at_once_then_one_word_is_said_then_none() -> None:
    assert judged(Flood(LIMITS), 20) == [Verdict.TAKE] * 12 + [Verdict.TELL] + [Verdict.DROP] * 7


def test_six_a_minute_are_read_after_that_without_another_word() -> None:
    room = Flood(LIMITS)
    judged(room, 20)
    later = [verdict for second in range(1, 61) for verdict in judged(room, 10, now=float(second))]
    assert later.count(Verdict.TAKE) == 6
    assert set(later) == {Verdict.TAKE, Verdict.DROP}


def test_who_was_calm_for_two_minutes_is_told_again() -> None:
    room = Flood(LIMITS)
    judged(room, 20)
    assert judged(room, 13, now=121.0) == [Verdict.TAKE] * 12 + [Verdict.TELL]


def test_one_chat_costs_another_nothing() -> None:
    room = Flood(LIMITS)
    judged(room, 1000)
    assert judged(room, 12, chat=OTHER) == [Verdict.TAKE] * 12


def test_a_word_that_protects_somebody_is_read_and_so_is_what_answers_the_question_after_it() -> None:
    room = Flood(LIMITS)
    judged(room, 20)
    assert room.judge(ANA, 0.0, protects=True) is Verdict.URGENT
    assert judged(room, 3) == [Verdict.URGENT, Verdict.URGENT, Verdict.DROP]


def test_the_pictures_of_an_album_count_as_one_message_and_are_no_way_round_the_limits() -> None:
    room = Flood(LIMITS)
    album = [room.judge(ANA, 0.0, message=5) for _ in range(10)]
    assert album == [Verdict.TAKE] + [Verdict.AGAIN] * 9
    assert judged(room, 12) == [Verdict.TAKE] * 11 + [Verdict.TELL]
    same = Flood(LIMITS)
    read = [same.judge(ANA, 0.0, message=5) for _ in range(1000)]
    assert read.count(Verdict.TAKE) == 12
    assert read.count(Verdict.AGAIN) <= 12 * 9


def test_such_words_are_no_way_round_the_limits() -> None:
    room = Flood(LIMITS)
    read = [room.judge(ANA, float(second), protects=True) for second in range(60) for _ in range(100)]
    assert len(read) - read.count(Verdict.DROP) - read.count(Verdict.TELL) < 40


@pytest.mark.parametrize("verdict", [Verdict.TAKE, Verdict.TELL])
def test_what_could_not_be_handled_and_comes_again_counts_once(verdict: Verdict) -> None:
    room = Flood(LIMITS)
    judged(room, 11 if verdict is Verdict.TAKE else 12)
    for _ in range(50):
        assert room.judge(ANA, 0.0) is verdict
        room.take_back(ANA, verdict, 0.0)


def test_who_could_not_be_handled_yet_is_not_known_by_that() -> None:
    room = Flood(LIMITS)
    room.take_back(ANA, room.judge(ANA, 0.0), 0.0)
    assert not room.knows(ANA)


def test_only_so_many_chats_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "CHATS_MAX", 3)
    room = Flood(LIMITS)
    for chat in (ANA, OTHER, 3, ANA, 4):
        judged(room, 1, chat=chat)
    assert [room.knows(chat) for chat in (ANA, OTHER, 3, 4)] == [True, False, True, True]


def test_of_all_chats_so_much_is_read_and_some_of_it_is_kept_for_those_who_wrote_before() -> None:
    room = Flood(LIMITS)
    taken = 0
    while not room.wait(0.0, known=False):
        room.count(0.0)
        taken += 1
    assert taken == 100 - 100 // 5 + 1
    assert not room.wait(0.0, known=True)
    while not room.wait(0.0, known=True):
        room.count(0.0)
        taken += 1
    assert taken == 100
    assert room.wait(0.0, known=True) == pytest.approx(0.1)


@given(st.lists(st.floats(0, 30), max_size=300))
def test_no_pace_gets_more_than_its_room(gaps: list[float]) -> None:
    room, now, taken = Flood(LIMITS), 0.0, 0
    for gap in gaps:
        now += gap
        taken += room.judge(ANA, now) is Verdict.TAKE
    assert taken <= 12 + now / 10 + 1e-6
