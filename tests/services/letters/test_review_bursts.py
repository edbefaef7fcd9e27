"""Many new chats that write nearly the same at once are held, and letters beyond a budget stand behind."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.likeness import (
    ALIKE_MIN,
    BURST,
    BURST_MIN,
    KEPT,
    LIKENESSES,
    WORDS_MIN,
    digests,
)
from assistant.domain.organisers import Role
from assistant.domain.review import ReviewDecision
from assistant.services.letters import review as review_service
from assistant.services.letters.answers import Settler
from assistant.services.letters.review import ReviewOverview, ReviewRules
from assistant.store.tables import letters, letters_of_newcomers
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import NAME, Harness

LINE = "Please investigate what has happened to this brave woman and her family"
KEY = bytes(32)
SHELL = Settler("shell", Role.OWNER)


@pytest.fixture(autouse=True)
def always_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Digests tell likeness by chance, so that with one key in many a line is like another, or is not."""
    monkeypatch.setattr(review_service, "digests", lambda line, case, _: digests(line, case, KEY))


async def write(harness: Harness, person: str, line: str = LINE) -> None:
    await harness.receive_all(person, ["hello", "English", "go", "Finland", NAME, line, "send", "no"])


async def write_many(harness: Harness, count: int, line: str = LINE, first: int = 0) -> None:
    for number in range(first, first + count):
        await write(harness, f"p{number}", line)


async def statuses(harness: Harness) -> list[str]:
    return [str(each) for each in await harness.letter_statuses()]


async def waiting(harness: Harness) -> list[tuple[int, str]]:
    held = await ReviewOverview(harness.store).listed()
    return [(each.number, ",".join(map(str, each.found))) for each in held]


async def release(harness: Harness, *numbers: int) -> int:
    async with harness.store.write() as tx:
        return await harness.news.letter_review.decide(tx, SHELL, numbers, ReviewDecision.RELEASE)


def alike(one: str, other: str) -> int:
    pairs = zip(digests(one, "case", KEY), digests(other, "case", KEY), strict=True)
    return sum(a == b for a, b in pairs)


def test_lines_that_are_nearly_the_same_have_digests_in_common() -> None:
    assert alike(LINE, LINE.upper().replace(" ", "  ") + "!!!") == LIKENESSES
    assert alike(LINE, f"{LINE} today") >= ALIKE_MIN
    assert alike(LINE, "I ask you with all my heart to protect those who help others") < ALIKE_MIN


def test_a_digest_is_of_one_case_and_one_key() -> None:
    assert digests(LINE, "case", KEY) != digests(LINE, "other", KEY)
    assert digests(LINE, "case", KEY) != digests(LINE, "case", bytes(31) + b"x")
    assert digests("Thank you so", "case", KEY) == ()
    assert len(["Thank", "you", "so", "much"]) == WORDS_MIN and digests("Thank you so much", "case", KEY)


@pytest.mark.both_databases
@pytest.mark.timeout(300)
async def test_a_burst_of_new_chats_is_held_and_is_told_so(harness: Harness) -> None:
    await write_many(harness, BURST_MIN)
    assert set(await statuses(harness)) == {"queued"}
    await write(harness, "late", f"{LINE} today")
    await write(harness, "other", "I ask you with all my heart to protect those who help others")
    assert (await statuses(harness))[-2:] == ["held", "queued"]
    assert await waiting(harness) == [(BURST_MIN + 1, "repeated")]
    assert any("nearly the same sentence" in said for said in harness.texts_to("late"))
    # Once somebody has let one go, the others like it go, and so do those that come later.
    await write(harness, "later")
    assert len(await waiting(harness)) == 2
    assert await release(harness, BURST_MIN + 1) == 2
    await write(harness, "last")
    assert set(await statuses(harness)) == {"queued"}


@pytest.mark.timeout(300)
async def test_the_same_line_over_a_longer_time_passes(harness: Harness) -> None:
    for number in range(BURST_MIN + 3):
        await write(harness, f"p{number}")
        harness.clock.advance(seconds=BURST.total_seconds() / (BURST_MIN - 1))
    assert set(await statuses(harness)) == {"queued"}


@pytest.mark.timeout(300)
async def test_chats_that_are_not_new_are_no_burst(harness: Harness) -> None:
    people = [f"p{number}" for number in range(BURST_MIN + 2)]
    for person in people:
        await harness.receive_all(person, ["hello", "English"])
    harness.clock.advance(days=3)
    for person in people:
        await harness.receive_all(person, ["cancel", "letter", "go", "Finland", NAME, LINE, "send", "no"])
    assert await harness.letter_statuses() == [LetterStatus.QUEUED] * len(people)
    assert await harness.rows(select(letters_of_newcomers)) == []


@pytest.mark.timeout(300)
async def test_a_threat_in_a_burst_is_not_let_go_with_the_others(harness: Harness) -> None:
    await write_many(harness, BURST_MIN)
    await write(harness, "one", f"{LINE} or")
    await write(harness, "two", f"{LINE} or we will kill you")
    assert [found for _, found in await waiting(harness)] == ["repeated", "threat,repeated"]
    assert await release(harness, BURST_MIN + 1) == 1
    assert [found for _, found in await waiting(harness)] == ["threat,repeated"]


async def test_what_came_in_a_burst_is_shown_after_what_people_wrote(harness: Harness) -> None:
    await write_many(harness, BURST_MIN + 1)
    await write(harness, "eva", "See evil dot com")
    assert [number for number, _ in await waiting(harness)] == [BURST_MIN + 2, BURST_MIN + 1]


async def test_digests_are_kept_for_two_days(harness: Harness) -> None:
    await write(harness, "ana")
    harness.clock.advance(seconds=KEPT.total_seconds() - 60)
    await harness.run_retention()
    assert len(await harness.rows(select(letters_of_newcomers))) == 1
    harness.clock.advance(minutes=2)
    await harness.run_retention()
    assert await harness.rows(select(letters_of_newcomers)) == []


# Budgets


@pytest.mark.both_databases
async def test_letters_beyond_the_budget_of_new_chats_are_sent_after_others(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = harness.news.letter_review
    monkeypatch.setattr(review, "_rules", ReviewRules(newcomer_letters=2))
    for number in range(4):
        await write(harness, f"p{number}", f"{number}{number} is an invented number of mine, it says so")
    monkeypatch.setattr(review, "_rules", ReviewRules())
    await write(harness, "friend", "I have known of this case for years")
    behind = [row["behind"] for row in await harness.rows(select(letters.c.behind).order_by(letters.c.id))]
    assert behind == [False, False, True, True, False]
    assert any("later than we can foresee" in said for said in harness.texts_to("p2"))
    assert not any("later than we can foresee" in said for said in harness.texts_to("friend"))
    office, tray = await harness.with_office(), FakeCarrier(name="tray")
    await office.deliver_letters(tray)
    keys = {each.key: each.id for each in await harness.letters()}
    assert [keys[parcel.key] for parcel in tray.taken] == [1, 2, 5, 3, 4]


async def test_the_budget_is_there_again_after_an_hour(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness.news.letter_review, "_rules", ReviewRules(newcomer_letters=1))
    await write(harness, "ana", "This is what I have to say")
    harness.clock.advance(seconds=timedelta(minutes=61).total_seconds())
    await write(harness, "ben", "And this is what I say")
    assert [row["behind"] for row in await harness.rows(select(letters.c.behind))] == [False, False]
