"""Letters stay true: what waits when the text that it is made of changes, or its action closes."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.domain.cases import Case
from assistant.domain.effects import DecideText
from assistant.domain.errors import Busy, Refused
from assistant.domain.letter_decisions import Decision
from assistant.domain.letters import REMINDED_AFTER, ActionRef
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import Press
from assistant.domain.notifications import START_MARK
from assistant.domain.organisers import Role
from assistant.domain.texts import CaseDate
from assistant.services.letters import versions
from assistant.store import figures
from assistant.store.tables import letter_versions as versions_table
from assistant.store.tables import letters
from tests.support.fakes.carrier import FailingTray, FakeCarrier
from tests.support.harness import LETTER, Harness
from tests.support.invented_cases import reworded, the_action, with_action
from tests.support.organisers import carry_out, join
from tests.support.publishing import CASE

QUEUED, HELD, SENT, CANCELLED = (
    LetterStatus.QUEUED,
    LetterStatus.HELD,
    LetterStatus.SENT,
    LetterStatus.CANCELLED,
)
PEOPLE = ["ana", "ben", "eva"]


@pytest.fixture
def tray(tmp_path: Path) -> FailingTray:
    return FailingTray(tmp_path / "tray")


def _case(harness: Harness) -> Case:
    return harness.script.cases[CASE]


def _ref(harness: Harness) -> ActionRef:
    return the_action(_case(harness)).ref


def _new_text(harness: Harness) -> Case:
    return reworded(harness.script).cases[CASE]


async def _replaced(harness: Harness, update: str | None = None) -> int:
    """News are out after which letters written before are not true any more."""
    async with harness.store.write() as tx:
        await versions.lock(tx, _case(harness))
        return await versions.replace(tx, _case(harness), update, harness.clock())


async def _written(harness: Harness) -> Harness:
    """Three letters wait, made of the text of today."""
    harness = await harness.with_case(_case(harness))
    await harness.queue_letters(*PEOPLE)
    return harness


async def _held(harness: Harness, tray: FailingTray) -> Harness:
    """Three letters wait for their writers: their text was replaced."""
    harness = await _written(harness)
    harness = await harness.with_case(_new_text(harness))
    await _replaced(harness)
    await harness.deliver_letters(tray)
    return harness


async def test_letters_on_the_text_of_today_are_sent_whatever_the_news(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await _written(harness)
    assert await _replaced(harness) == 0
    await harness.deliver_letters(tray)
    assert await harness.letter_statuses() == [SENT] * 3


async def test_no_letter_leaves_that_is_not_true_any_more(harness: Harness, tray: FailingTray) -> None:
    harness = await _written(harness)
    harness = await harness.with_case(_new_text(harness))
    assert await _replaced(harness, "2012-01-24-commission") == 3
    await harness.deliver_letters(tray)
    assert (await harness.letter_statuses(), tray.taken) == ([HELD] * 3, [])
    (text,) = harness.texts_to("ana")
    assert "It is sent only if you agree to the new text" in text
    assert "Presidential Commission" in text


async def test_its_writer_sees_the_new_letter_and_sends_it_with_one_tap(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await _held(harness, tray)
    await harness.receive("ana", Press(START_MARK, f"renew:{_ref(harness)}"))
    assert "Shall we send it?" in harness.last_text_to("ana")
    await harness.receive("ana", "send")
    await harness.deliver_letters(tray)
    assert await harness.letter_statuses() == [CANCELLED, HELD, HELD, SENT]
    assert len(tray.taken) == 1


async def test_whoever_does_not_want_the_new_text_sends_nothing(harness: Harness, tray: FailingTray) -> None:
    harness = await _held(harness, tray)
    await harness.receive_all("ana", ["renew", "do not send"])
    assert "Your letter is withdrawn" in harness.last_text_to("ana")
    await harness.deliver_letters(tray)
    assert (await harness.letter_statuses(), tray.taken) == ([CANCELLED, HELD, HELD], [])


async def test_writers_are_reminded_once(harness: Harness, tray: FailingTray) -> None:
    harness = await _held(harness, tray)
    for _ in range(4):
        harness.clock.advance(days=REMINDED_AFTER.days)
        await harness.deliver_letters(tray)
    assert [len(harness.texts_to(each)) for each in PEOPLE] == [2, 2, 2]


async def test_an_organiser_does_not_release_what_its_writer_is_asked_about(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await _held(harness, tray)
    with pytest.raises(Refused, match="not true any more"):
        await harness.decisions(tray).decide(1, Decision.RELEASE)


async def test_a_letter_that_comes_back_from_its_carrier_is_not_sent_again_with_the_old_text(
    harness: Harness,
) -> None:
    fax = FakeCarrier()
    office = await harness.with_office(routes=("fax:+50255500001",))
    office = await office.with_case(_case(office))
    await office.queue_letters("ana")
    fax.answers.append(Busy("the line is busy", retry_after=60))
    await office.deliver_letters(fax)
    office = await office.with_case(_new_text(office))
    await _replaced(office)
    harness.clock.advance(hours=1)
    await office.deliver_letters(fax)
    assert await office.letter_statuses() == [HELD]


async def test_a_change_is_asked_about_once_and_nothing_leaves_meanwhile(
    harness: Harness, tray: FailingTray
) -> None:
    await join(harness, "olga", Role.OWNER)
    harness = await _written(harness)
    harness.channel.sent.clear()
    for _ in range(2):  # the second start asks nothing
        harness = await harness.with_case(_new_text(harness))
    await harness.deliver_letters(tray)
    assert (await harness.letter_statuses(), tray.taken) == ([QUEUED] * 3, [])
    (text,) = harness.texts_to("olga")
    assert "<10 letters stand on the old text" in text


@pytest.mark.parametrize(("matters", "then"), [(False, SENT), (True, HELD)])
async def test_an_organiser_says_whether_the_change_matters(
    harness: Harness, tray: FailingTray, matters: bool, then: LetterStatus
) -> None:
    await join(harness, "olga", Role.OWNER)
    harness = await _written(harness)
    harness = await harness.with_case(_new_text(harness))
    await harness.deliver_letters(tray)
    await harness.receive("olga", Press(START_MARK, f"reword:{_ref(harness)}"))
    await harness.receive("olga", "yes, ask the writers first" if matters else "no, only the spelling")
    await harness.deliver_letters(tray)
    assert await harness.letter_statuses() == [then] * 3


async def test_only_approvers_decide_about_a_new_text(harness: Harness) -> None:
    await join(harness, "dora", Role.DRAFTER)
    harness = await _written(harness)
    harness = await harness.with_case(_new_text(harness))
    await harness.receive("dora", Press(START_MARK, f"reword:{_ref(harness)}"))
    assert "role" in harness.last_text_to("dora")
    with pytest.raises(Exception, match="another role"):
        await carry_out(harness, "dora", DecideText(_ref(harness), matters=False))


async def test_letters_of_an_action_that_is_over_are_withdrawn_and_their_writers_told(
    harness: Harness, tray: FailingTray
) -> None:
    closing = with_action(_case(harness), closes=CaseDate(2012, 1, 25))
    office = await harness.with_case(closing, undo=timedelta(days=3))
    await office.queue_letters(*PEOPLE)
    await office.deliver_letters(tray)
    harness.clock.advance(days=2)
    await office.deliver_letters(tray)
    assert (await office.letter_statuses(), tray.taken) == ([CANCELLED] * 3, [])
    assert "The action is over" in office.last_text_to("ana")


async def test_who_does_not_answer_until_the_action_closes_has_nothing_sent(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await harness.with_case(with_action(_case(harness), closes=CaseDate(2012, 1, 30)))
    await harness.queue_letters("ana")
    harness = await harness.with_case(_new_text(harness))
    await _replaced(harness)
    await harness.deliver_letters(tray)
    harness.clock.advance(days=10)
    await harness.deliver_letters(tray)
    assert (await harness.letter_statuses(), tray.taken) == ([CANCELLED], [])
    assert "was not sent" in harness.last_text_to("ana")


async def test_letters_of_before_are_taken_to_be_made_of_the_first_text_that_is_seen(
    harness: Harness, tray: FailingTray
) -> None:
    await harness.queue_letters("ana")
    async with harness.store.write() as tx:
        await tx.connection.execute(letters.update().values(version=None))
        await tx.connection.execute(versions_table.delete())
    harness = await harness.with_case(_case(harness))
    (row,) = await harness.rows(select(letters.c.version))
    assert row["version"] == the_action(_case(harness)).letters["attorney-general"].version
    await harness.deliver_letters(tray)
    assert await harness.letter_statuses() == [SENT]


async def test_the_team_can_see_how_many_letters_wait_for_their_writers(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await _held(harness, tray)
    async with harness.store.read() as tx:
        assert (await figures.of_actions(tx))[_ref(harness)].asked == 3


async def test_of_a_letter_that_waits_for_an_organiser_no_day_is_promised(
    harness: Harness, tray: FailingTray
) -> None:
    harness = await _written(harness)
    harness = await harness.with_case(_new_text(harness))
    await harness.receive("ana", "status")
    assert "has not been sent yet" in harness.last_text_to("ana")
    assert "will be sent" not in harness.last_text_to("ana")
    async with harness.store.read() as tx:
        counted = (await figures.of_actions(tx))[_ref(harness)]
    assert (counted.undecided, counted.asked) == (3, 0)


async def test_an_approver_can_know_how_many_letters_news_would_hold(harness: Harness) -> None:
    harness = await _written(harness)
    async with harness.store.read() as tx:
        assert await versions.outdated(tx, harness.script.cases) == {}
    harness = await harness.with_case(_new_text(harness))
    async with harness.store.read() as tx:
        assert await versions.outdated(tx, harness.script.cases) == {CASE: 3}


async def test_who_wrote_to_several_offices_is_asked_and_reminded_once(
    harness: Harness, tray: FailingTray
) -> None:
    action = the_action(_case(harness))
    offices = (action.main, replace(action.main, slug="other"))
    texts = {each.slug: action.letters[action.main.slug] for each in offices}
    harness = await harness.with_case(with_action(_case(harness), targets=offices, letters=texts))
    await harness.receive_all("ana", [*LETTER[:-2], "all", "send", "no"])
    before = len(harness.texts_to("ana"))
    harness = await harness.with_case(_new_text(harness))
    await _replaced(harness)
    await harness.deliver_letters(tray)
    assert await harness.letter_statuses() == [HELD, HELD]
    assert len(harness.texts_to("ana")) == before + 1
    for _ in range(3):
        harness.clock.advance(days=REMINDED_AFTER.days)
        await harness.deliver_letters(tray)
    assert len(harness.texts_to("ana")) == before + 2
