"""Who guesses codes by which one joins the team."""

from datetime import UTC, datetime, timedelta

from assistant.domain.guessing import ALL_MAX, CHAT_MAX, TOLD_AGAIN, WITHIN, Guessing, WrongCodes

NOON = datetime(2012, 1, 24, 12, tzinfo=UTC)
ANA, OTHER = 1, 2


def test_after_five_wrong_codes_no_more_are_tried_of_that_chat_for_ten_minutes() -> None:
    codes = WrongCodes()
    told = [codes.note(ANA, NOON) for _ in range(CHAT_MAX)]
    assert told == [None] * (CHAT_MAX - 1) + [Guessing(CHAT_MAX, everywhere=False)]
    assert not codes.may_try(ANA, NOON + WITHIN - timedelta(seconds=1))
    assert codes.may_try(OTHER, NOON)
    assert codes.may_try(ANA, NOON + WITHIN)


def test_many_chats_cannot_guess_together() -> None:
    codes = WrongCodes()
    told = [codes.note(chat, NOON) for chat in range(ALL_MAX)]
    assert told[-1] == Guessing(ALL_MAX, everywhere=True)
    assert told[:-1] == [None] * (ALL_MAX - 1)
    assert not codes.may_try(ALL_MAX + 1, NOON)
    assert codes.may_try(ALL_MAX + 1, NOON + WITHIN)


def test_it_is_told_once_an_hour_however_many_chats_do_it() -> None:
    codes, told = WrongCodes(), []
    for number in range(60):
        at = NOON + timedelta(minutes=number)
        told += [codes.note(number, at) for _ in range(CHAT_MAX)]
    assert [each for each in told if each] == [Guessing(CHAT_MAX, everywhere=False)]
    later = [codes.note(61, NOON + TOLD_AGAIN + WITHIN) for _ in range(CHAT_MAX)]
    assert later[-1] == Guessing(CHAT_MAX, everywhere=False)


def test_a_clock_that_was_ahead_keeps_nobody_out() -> None:
    codes = WrongCodes()
    for _ in range(CHAT_MAX):
        codes.note(ANA, NOON + timedelta(days=400))
    assert codes.may_try(ANA, NOON)
