"""Letters that somebody reads before they are sent: held when they are written, and decided about."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from assistant.domain.errors import Refused
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Role
from assistant.domain.review import Finding, Found, HeldLetter, RefusalReason, ReviewDecision
from assistant.services.letters.answers import Settler
from assistant.services.letters.review import ReviewOverview, ReviewRules
from assistant.store import restored
from assistant.store.letters import read_signed, with_keys
from assistant.store.tables import audit, letters
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import NAME, PERSONAL_LINE, Harness
from tests.support.organisers import join

pytestmark = pytest.mark.both_databases

THREAT = "We will kill you."
SHELL = Settler("shell", Role.OWNER)
READ_FIRST = "Somebody of the campaign reads your letter"


async def write(harness: Harness, person: str, line: str = PERSONAL_LINE, name: str = NAME) -> None:
    told = ["hello", "English", "go", "Finland", name, line, "send", "no"]
    await harness.receive_all(person, told)


async def waiting(harness: Harness) -> list[HeldLetter]:
    return await ReviewOverview(harness.store).listed()


async def decide(
    harness: Harness, decision: ReviewDecision, *numbers: int, reason: RefusalReason | None = None
) -> int:
    async with harness.store.write() as tx:
        return await harness.news.letter_review.decide(tx, SHELL, numbers, decision, reason)


async def printed(harness: Harness) -> list[str]:
    """The texts that an office gets now."""
    office, tray = await harness.with_office(), FakeCarrier(name="tray")
    await office.deliver_letters(tray)
    sent = {parcel.key for parcel in tray.taken}
    async with harness.store.read() as tx:
        rows = (await tx.connection.execute(with_keys())).all()
        signed = [read_signed(tx, row) for row in rows]
        return [each.text for each in signed if each.letter.key in sent]


async def test_an_ordinary_letter_is_not_held(harness: Harness) -> None:
    await write(harness, "ana")
    assert await harness.letter_statuses() == [LetterStatus.QUEUED]
    assert await waiting(harness) == []
    assert not any(READ_FIRST in text for text in harness.texts_to("ana"))


async def test_what_could_harm_is_held_and_its_writer_is_told(harness: Harness) -> None:
    await write(harness, "ana", THREAT)
    assert await harness.letter_statuses() == [LetterStatus.HELD]
    assert [text for text in harness.texts_to("ana") if READ_FIRST in text]
    (held,) = await waiting(harness)
    assert (held.number, held.line, list(map(str, held.found))) == (1, THREAT, ["threat"])
    assert NAME not in repr(held) and "FI" not in repr(held)
    assert await printed(harness) == []


@pytest.mark.parametrize(
    "name", ["Norma Cruz", "La Fiscal General", "Puta Madre", "Ana evil.ai", "Ana evil。ai"]
)
async def test_a_name_that_could_harm_is_held_and_not_refused(harness: Harness, name: str) -> None:
    await harness.receive_all("ana", ["hello", "English", "go", "Finland", name])
    if "“" in harness.last_text_to("ana"):  # it is asked whether that is their name
        await harness.receive("ana", "yes")
    await harness.receive_all("ana", [PERSONAL_LINE, "send", "no"])
    (held,) = await waiting(harness)
    assert held.by_name


async def test_a_link_in_a_line_is_held_and_not_refused(harness: Harness) -> None:
    await write(harness, "ana", "Please read https://example.org/page")
    assert [str(each) for each in (await waiting(harness))[0].found] == ["link"]


async def test_all_that_can_be_found_in_a_name_and_a_line_is_kept(harness: Harness) -> None:
    line = "I am Norma Cruz, you bitch: we will kill you. 12 Main Street, 5550 0143 22, evil dot com"
    name = "Norma Cruz puta te vamos a matar 12 Main Street 5550014322 evil dot com"
    await write(harness, "ana", line, name)
    if not await harness.letters():  # it was asked whether that is their name
        await harness.receive_all("ana", ["cancel", "letter", "go", "Finland", name, "yes", line, "send"])
    (held,) = await waiting(harness)
    everything = set(Finding) - {Finding.REPEATED, Finding.OWN_WORDS}
    assert {each.finding for each in held.found if not each.in_name} == everything
    assert {each.finding for each in held.found if each.in_name} == everything
    longest = (*map(Found, Finding), *(Found(each, in_name=True) for each in Finding))
    assert len(",".join(map(str, longest))) <= 200, "the column is as long"


async def test_where_it_is_is_told_truly(harness: Harness) -> None:
    await write(harness, "ana", THREAT)
    await harness.receive("ana", "status")
    assert READ_FIRST in harness.last_text_to("ana")


async def test_who_may_decide_is_told_once_of_many(harness: Harness) -> None:
    for person, role in (("vera", Role.APPROVER), ("dora", Role.DRAFTER)):
        await join(harness, person, role)
    for person in ("ana", "ben", "eva"):
        await write(harness, person, THREAT)
    await harness.engine().run_until_idle()
    told = "A letter waits until one of you has read it"
    assert len([text for text in harness.texts_to("vera") if told in text]) == 1
    assert not [text for text in harness.texts_to("dora") if told in text]


async def test_a_harmless_change_lets_it_go_by_itself(harness: Harness) -> None:
    await write(harness, "ana", THREAT)
    await harness.receive_all("ana", ["change", "sentence", PERSONAL_LINE, "send"])
    assert await harness.letter_statuses() == [LetterStatus.CANCELLED, LetterStatus.QUEUED]
    assert await waiting(harness) == []


async def test_a_change_is_looked_at_anew(harness: Harness) -> None:
    await write(harness, "ana")
    await harness.receive_all("ana", ["change", "sentence", THREAT, "send"])
    assert await harness.letter_statuses() == [LetterStatus.CANCELLED, LetterStatus.HELD]
    assert [each.number for each in await waiting(harness)] == [2]


@pytest.mark.parametrize("words", [["withdraw", "yes"], ["forget", "yes"]])
async def test_its_writer_can_still_withdraw_it(harness: Harness, words: list[str]) -> None:
    await write(harness, "ana", THREAT)
    await harness.receive_all("ana", words)
    assert await waiting(harness) == []
    assert await harness.letter_statuses() == [LetterStatus.CANCELLED]


async def test_what_is_let_go_is_sent_as_it_is_and_nothing_is_said_of_it(harness: Harness) -> None:
    await write(harness, "ana", THREAT)
    before = harness.texts_to("ana")
    assert await decide(harness, ReviewDecision.RELEASE, 1) == 1
    assert await waiting(harness) == []
    (text,) = await printed(harness)
    assert THREAT in text
    after = harness.texts_to("ana")[len(before) :]
    assert all("campaign has read" not in said for said in after)


async def test_without_its_line_it_is_sent_and_its_writer_is_told(harness: Harness) -> None:
    await write(harness, "ana", THREAT)
    assert await decide(harness, ReviewDecision.WITHOUT_LINE, 1) == 1
    (text,) = await printed(harness)
    assert THREAT not in text and NAME in text
    assert any("without the sentence that you added" in said for said in harness.texts_to("ana"))
    async with harness.store.read() as tx:
        (row,) = (await tx.connection.execute(with_keys())).all()
        assert read_signed(tx, row).personal_line is None


@pytest.mark.parametrize("reason", list(RefusalReason))
async def test_what_is_refused_is_not_sent_and_can_be_written_again(
    harness: Harness, reason: RefusalReason
) -> None:
    await write(harness, "ana", THREAT)
    await decide(harness, ReviewDecision.REFUSE, 1, reason=reason)
    await harness.engine().run_until_idle()
    assert "It is not sent." in harness.last_text_to("ana")
    assert "You are welcome to write it again" in harness.last_text_to("ana")
    assert await printed(harness) == []
    await harness.receive_all("ana", ["letter", "go", "no", "Finland", NAME, PERSONAL_LINE, "send"])
    assert await harness.letter_statuses() == [LetterStatus.CANCELLED, LetterStatus.QUEUED]


async def test_many_are_decided_at_once_or_none(harness: Harness) -> None:
    for person in ("ana", "ben", "eva"):
        await write(harness, person, THREAT)
    await harness.receive_all("eva", ["withdraw", "yes"])
    with pytest.raises(Refused, match="Letter 3 does not wait to be read"):
        await decide(harness, ReviewDecision.RELEASE, 1, 2, 3)
    assert [each.number for each in await waiting(harness)] == [1, 2]
    assert await decide(harness, ReviewDecision.REFUSE, 2, 1, 1, reason=RefusalReason.WORDS) == 2
    assert await waiting(harness) == []


async def test_nobody_decides_twice(harness: Harness) -> None:
    await write(harness, "ana", THREAT)
    await decide(harness, ReviewDecision.RELEASE, 1)
    with pytest.raises(Refused, match="does not wait"):
        await decide(harness, ReviewDecision.REFUSE, 1, reason=RefusalReason.CASE)
    assert await harness.letter_statuses() == [LetterStatus.QUEUED]


async def test_it_takes_an_approver(harness: Harness) -> None:
    await write(harness, "ana", THREAT)
    async with harness.store.write() as tx:
        with pytest.raises(Refused, match="another role"):
            await harness.news.letter_review.decide(
                tx, Settler("organiser 1", Role.DRAFTER), [1], ReviewDecision.RELEASE
            )


async def test_the_record_says_who_and_what_and_not_the_text(harness: Harness) -> None:
    await write(harness, "ana", THREAT)
    await decide(harness, ReviewDecision.REFUSE, 1, reason=RefusalReason.WORDS)
    row = (await harness.rows(select(audit).order_by(audit.c.id.desc()).limit(1)))[0]
    assert (row["actor"], row["action"], row["subject"]) == ("shell", "review refuse: words", "letter 1")
    assert "kill" not in row["detail"] and NAME not in row["detail"]


async def test_a_letter_held_for_its_name_keeps_its_line(harness: Harness) -> None:
    await write(harness, "ana", name="Señora La Fiscal General")
    with pytest.raises(Refused, match="held for its name"):
        await decide(harness, ReviewDecision.WITHOUT_LINE, 1)


async def test_other_held_letters_are_not_mixed_with_these(harness: Harness) -> None:
    await write(harness, "ana")
    decisions = harness.decisions()
    await decisions.decide(1, Decision.HOLD)
    assert await waiting(harness) == []
    with pytest.raises(Refused, match="does not wait"):
        await decide(harness, ReviewDecision.RELEASE, 1)
    await write(harness, "ben", THREAT)
    with pytest.raises(Refused, match="assistant review release 2"):
        await decisions.decide(2, Decision.RELEASE)
    await decisions.decide(2, Decision.CANCEL)
    assert await waiting(harness) == []
    assert [row["review"] for row in await harness.rows(select(letters.c.review))] == ["", ""]


async def test_what_is_let_go_keeps_its_time(harness: Harness) -> None:
    later = await harness.with_office(undo=timedelta(hours=3))
    await write(later, "ana", THREAT)
    before = (await later.letters())[0].due_at
    await decide(later, ReviewDecision.RELEASE, 1)
    assert (await later.letters())[0].due_at == before


async def test_a_letter_of_a_database_that_was_put_back_says_so(harness: Harness) -> None:
    await write(harness, "ana", THREAT)
    async with harness.store.write() as tx:
        await restored.hold_letters(tx, "the backup of noon", [], harness.clock())
    (held,) = await waiting(harness)
    assert held.restored
    assert await harness.decisions().decide_restored(Decision.RELEASE, None) == (0, 0)
    await decide(harness, ReviewDecision.RELEASE, 1)
    assert await harness.letter_statuses() == [LetterStatus.QUEUED]


async def test_a_line_is_not_left_out_of_a_text_that_has_changed_since(harness: Harness) -> None:
    await write(harness, "ana", THREAT)
    async with harness.store.write() as tx:
        await tx.connection.execute(update(letters).values(version="an earlier one"))
    with pytest.raises(Refused, match="text of letter 1 has changed"):
        await decide(harness, ReviewDecision.WITHOUT_LINE, 1)
    assert len(await waiting(harness)) == 1


# Every line


async def test_where_every_line_is_read_a_kind_sentence_waits_and_a_letter_without_one_does_not(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness.news.letter_review, "_rules", ReviewRules(every_line=True))
    await write(harness, "ana", PERSONAL_LINE)
    assert any(READ_FIRST in said for said in harness.texts_to("ana"))
    await write(harness, "ben", "skip")
    (held,) = await waiting(harness)
    assert [str(each) for each in held.found] == ["own words"]
    assert await harness.letter_statuses() == [LetterStatus.HELD, LetterStatus.QUEUED]


# Whoever may decide


async def test_approvers_are_reminded_once_a_day_of_letters_that_wait_for_a_day(harness: Harness) -> None:
    await join(harness, "rosa", Role.APPROVER)
    await write(harness, "ana", THREAT)
    await write(harness, "ben", THREAT)

    async def reminders() -> int:
        await harness.run_retention()
        await harness.engine().run_until_idle()
        return sum("still wait" in said for said in harness.texts_to("rosa"))

    assert await reminders() == 0
    harness.clock.advance(days=1)
    assert await reminders() == 1
    harness.clock.advance(hours=23)
    assert await reminders() == 1
    harness.clock.advance(hours=1)
    assert await reminders() == 2
    await decide(harness, ReviewDecision.REFUSE, 1, 2, reason=RefusalReason.WORDS)
    harness.clock.advance(days=2)
    assert await reminders() == 2
