"""Letters that wait for a decision, in the dashboard."""

import re
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from sqlalchemy import select, update

from assistant.dialogue.script import Script
from assistant.domain.letters import TextStatus
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Role
from assistant.store.database import Store
from assistant.store.tables import letter_versions, letters
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.harness import NAME
from tests.support.invented_cases import reworded
from tests.support.organisers import audit_entries
from tests.support.publishing import CASE

PATH = "/dashboard/letters"
AGAIN = "Yes, send it once more"
BEFORE = "It was sent before: do not send it again"
HELD, UNCERTAIN = LetterStatus.HELD, LetterStatus.UNCERTAIN


async def standing(team: Team, *statuses: LetterStatus, restored: datetime | None = None) -> None:
    """A letter in each of these states."""
    for number, status in enumerate(statuses, 1):
        await team.harness.queue_letters(f"writer {number}")
        async with team.harness.store.write() as tx:
            which = update(letters).where(letters.c.id == number)
            await tx.connection.execute(which.values(status=status, restored_at=restored))


async def test_where_to_look_is_said_of_each_and_not_who_wrote_it(team: Team) -> None:
    await standing(team, UNCERTAIN, HELD)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.follow("1 letter may have arrived")
        assert browser.path == PATH
        assert "Letter 1 : Norma Cruz, Guatemala, letter to" in browser.said
        assert "January 24, 2012" in browser.said and "How it is sent: through the campaign" in browser.said
        assert "Where to look: Ask the office" in browser.said
        assert "It waits until somebody decides to send it." in browser.said
        assert NAME not in browser.source and "Finland" not in browser.said
        assert browser.buttons[1:] == ["The office has it", AGAIN, "Send it"]


@pytest.mark.parametrize(
    ("status", "button", "said", "then", "noted"),
    [
        (UNCERTAIN, "The office has it", "It counts as arrived.", LetterStatus.DELIVERED, "letter arrived"),
        (
            UNCERTAIN,
            AGAIN,
            "It is sent once more.",
            LetterStatus.QUEUED,
            "letter send again",
        ),
        (HELD, "Send it", "It is sent at the next time", LetterStatus.QUEUED, "letter release"),
    ],
)
async def test_an_approver_decides_and_the_record_says_so(
    team: Team, status: LetterStatus, button: str, said: str, then: LetterStatus, noted: str
) -> None:
    await standing(team, status)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        assert said in await browser.press(button)
        assert "No letter waits for a decision." in browser.said
    assert await team.harness.letter_statuses() == [then]
    last = (await audit_entries(team.harness))[-1]
    assert (last.action, last.subject, last.detail) == (noted, "letter 1", CASE)


async def test_what_a_restore_holds_counts_as_sent_where_it_was(team: Team) -> None:
    await standing(team, HELD, restored=team.harness.clock())
    async with team.signed_in("abel", Role.APPROVER) as browser:
        assert "the database was put back since" in await browser.open(PATH)
        assert "It counts as sent." in await browser.press("It was sent before")
    assert await team.harness.letter_statuses() == [LetterStatus.SENT]


@pytest.mark.parametrize("was_restored", [True, False])
async def test_each_decision_says_what_it_leads_to(team: Team, *, was_restored: bool) -> None:
    await standing(team, UNCERTAIN, HELD, restored=team.harness.clock() if was_restored else None)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        said = await browser.open(PATH)
    assert "Choose this if you found out that it arrived. Its writer is told so." in said
    assert "If the office has it already, it gets it twice." in said
    assert "It is sent at the next time that its office can take it." in said
    assert ("Whether it arrived stays unknown." in said) is was_restored
    assert ("Choose this only if it was not sent before." in said) is was_restored


async def test_an_old_page_decides_nothing_about_what_has_happened_since(team: Team) -> None:
    await standing(team, UNCERTAIN)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        [old] = [each for each in browser.forms if AGAIN in each.labels]
        await browser.press(AGAIN)
        async with team.harness.store.write() as tx:
            again = update(letters).where(letters.c.id == 1)
            await tx.connection.execute(again.values(status=UNCERTAIN))
        await browser.post(f"{PATH}/1/send-again", old.fields)
        assert browser.status == 409
        for nonsense in ({}, {"seen": "x"}, {"seen": "9" * 400}):
            await browser.post(f"{PATH}/1/send-again", nonsense)
            assert browser.status == 409
    assert await team.harness.letter_statuses() == [UNCERTAIN]


async def test_the_page_that_its_office_gets_is_shown_with_an_invented_name(team: Team) -> None:
    await standing(team, UNCERTAIN)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        path = next(path for said, path in browser.links.items() if said.startswith("The page that"))
        async with browser.client.get(path) as answer:
            assert (answer.status, answer.content_type) == (200, "application/pdf")


async def test_nobody_says_of_a_letter_that_was_only_held_that_it_had_been_sent(team: Team) -> None:
    await standing(team, HELD)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        assert BEFORE not in browser.buttons
        await browser.post(f"{PATH}/1/had-left")
        assert browser.status == 409
    assert await team.harness.letter_statuses() == [HELD]


async def test_an_old_page_sends_nothing_twice(team: Team) -> None:
    await standing(team, UNCERTAIN)
    async with team.signed_in("abel", Role.APPROVER) as one, team.signed_in("olga") as two:
        await one.open(PATH)
        await two.open(PATH)
        await one.press("The office has it")
        await two.press(AGAIN)
        assert two.status == 409 and "It may have changed in the meantime" in two.said
    assert await team.harness.letter_statuses() == [LetterStatus.DELIVERED]


async def test_a_letter_whose_office_is_gone_cannot_be_let_go(team: Team) -> None:
    await standing(team, HELD)
    async with team.harness.store.write() as tx:
        await tx.connection.execute(update(letters).values(target_slug="gone"))
    async with team.signed_in("abel", Role.APPROVER) as browser:
        assert "Its office is not in the case folder any more." in await browser.open(PATH)
        assert "Send it" not in browser.buttons
        await browser.post(f"{PATH}/1/release")
        assert browser.status == 409
    assert await team.harness.letter_statuses() == [HELD]


async def test_a_letter_that_waits_to_be_read_goes_by_no_other_door(team: Team) -> None:
    await standing(team, HELD)
    async with team.harness.store.write() as tx:
        await tx.connection.execute(update(letters).values(review="threat"))
    async with team.signed_in("abel", Role.APPROVER) as browser:
        assert "No letter waits for a decision." in await browser.open(PATH)
        await browser.post(f"{PATH}/1/release")
        assert browser.status == 409
    assert await team.harness.letter_statuses() == [HELD]


@pytest.mark.parametrize("decision", ["cancel", "hold", "retry", "burn"])
async def test_there_is_no_form_for_what_only_the_shell_decides(team: Team, decision: str) -> None:
    await standing(team, HELD)
    async with team.signed_in("olga") as browser:
        await browser.post(f"{PATH}/1/{decision}")
        assert browser.status == 404
    assert await team.harness.letter_statuses() == [HELD]


async def test_who_may_not_approve_sees_no_letter_and_decides_about_none(team: Team) -> None:
    await standing(team, UNCERTAIN)
    async with team.signed_in("dora", Role.DRAFTER) as browser:
        assert "Letters to decide about" not in browser.links
        assert "Your role in the team does not include this" in await browser.open(PATH)
        assert "Letter 1" not in browser.said
        await browser.post(f"{PATH}/1/arrived")
        assert browser.status == 409
    assert await team.harness.letter_statuses() == [UNCERTAIN]


async def test_another_site_and_nobody_decide_about_nothing(team: Team) -> None:
    await standing(team, UNCERTAIN)
    async with team.browser() as stranger, team.signed_in("abel", Role.APPROVER) as browser:
        await stranger.post(f"{PATH}/1/arrived")
        assert stranger.status == 401
        await browser.post(f"{PATH}/1/arrived", Sec_Fetch_Site="cross-site")
        assert browser.status == 403
    assert await team.harness.letter_statuses() == [UNCERTAIN]


@pytest.fixture
async def changed(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Team]:
    """A letter waits whose text has changed since."""
    async with open_dashboard(store, script, clock) as before:
        await before.harness.queue_letters("ana")
    async with open_dashboard(store, reworded(script), clock) as after:
        yield after


async def test_the_old_and_the_new_text_are_compared(changed: Team) -> None:
    async with changed.signed_in("abel", Role.APPROVER) as browser:
        said = await browser.open(PATH)
    assert "What has changed in the letter to the Attorney General of Guatemala" in said
    removed = "".join(re.findall(r"<del>.*?</span>(.*?)</del>", browser.source, re.DOTALL))
    added = "".join(re.findall(r"<ins>.*?</span>(.*?)</ins>", browser.source, re.DOTALL))
    assert "Norma Cruz" in removed and "(es)" not in removed
    assert "(es)" in added
    assert NAME not in browser.source
    assert '<article lang="es" dir="ltr">' in browser.source


async def test_where_the_old_text_is_not_kept_that_is_said(changed: Team) -> None:
    async with changed.harness.store.write() as tx:
        await tx.connection.execute(update(letter_versions).values(text=None))
    async with changed.signed_in("abel", Role.APPROVER) as browser:
        assert "The old text is not kept" in await browser.open(PATH)
        assert "<del>" not in browser.source and "No, only the spelling" in browser.buttons


async def test_an_old_text_is_kept_until_it_is_decided_about(changed: Team) -> None:
    async with changed.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        await browser.press("No, only the spelling")
        assert browser.status == 200
    query = select(letter_versions.c.status, letter_versions.c.text.is_not(None).label("kept"))
    rows = await changed.harness.rows(query.where(letter_versions.c.status != TextStatus.CURRENT))
    assert [tuple(row.values()) for row in rows] == [(TextStatus.ACCEPTED, False)]


async def test_an_approver_says_whether_a_new_text_matters(team: Team) -> None:
    first = await team.harness.with_case(team.harness.script.cases[CASE])
    await first.queue_letters("ana")
    await first.with_case(reworded(first.script).cases[CASE])
    async with (
        team.signed_in("abel", Role.APPROVER) as browser,
        team.signed_in("dora", Role.DRAFTER) as other,
    ):
        await browser.follow("The text of 1 letter has changed")
        assert browser.path == "/dashboard/texts" and "reads otherwise than before" in browser.said
        path = next(to for each in browser.forms for to in each.actions.values() if to.endswith("/spelling"))
        await other.post(path)
        assert other.status == 409
        assert "The letters are sent as they are." in await browser.press("No, only the spelling")
        await browser.post(path)
        assert browser.status == 409, "it is decided already"
