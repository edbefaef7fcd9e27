"""The record in the dashboard."""

import pytest
from sqlalchemy import update

from assistant.domain.organisers import Role
from assistant.store import audit as record
from assistant.store.tables import audit
from tests.support.dashboard import Team

PATH = "/dashboard/audit"


async def done(team: Team, count: int, subject: str = "case") -> None:
    """So many entries: subjects are numbered from 0."""
    async with team.harness.store.write() as tx:
        for number in range(count):
            await record.add(tx, team.harness.clock(), "organiser 1", "paused", f"{subject} {number}")


async def test_approvers_read_what_was_done_the_newest_first_and_by_whom(team: Team) -> None:
    await team.join("olga")
    await done(team, 2)
    async with team.signed_in("vera", Role.APPROVER) as browser:
        await browser.follow("The record")
        assert browser.path == PATH
        newest, older = browser.said.index("paused case 1"), browser.said.index("paused case 0")
        assert browser.said.index("signed in") < newest < older
        assert "Olga paused case 1" in browser.said and "The server's operator invited" in browser.said


async def test_fifty_stand_on_a_page_and_a_link_leads_to_those_before(team: Team) -> None:
    async with team.signed_in("olga") as browser:
        await done(team, 60)
        await browser.open(PATH)
        assert browser.source.count("<tr><td>") == 50
        assert "case 10" in browser.said and "case 9 " not in browser.said
        await browser.open(browser.links["What was done before"])
        assert "case 9 " in browser.said and "case 10" not in browser.said
        assert "What was done before" not in browser.links


@pytest.mark.parametrize("before", ["-1", "abc", "9" * 30, "²"])
async def test_a_number_that_is_none_shows_the_newest(team: Team, before: str) -> None:
    async with team.signed_in("olga") as browser:
        await browser.open(f"{PATH}?before={before}")
        assert browser.status == 200 and "signed in" in browser.said


async def test_the_record_is_checked_and_its_newest_code_is_said(team: Team) -> None:
    async with team.signed_in("vera", Role.OWNER) as browser:
        await browser.open(PATH)
        assert "entries were read, and all are as they were written." in await browser.press("Check")
        code = browser.said.partition("The code of the newest entry: ")[2][:64]
        await browser.open(PATH)
        assert "The entry with the code that was noted is there." in await browser.press("Check", code=code)
        await browser.open(PATH)
        assert "Somebody has changed something." in await browser.press("Check", code="0" * 64)


async def test_of_single_letters_only_those_read_who_read_letters(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        assert "The record" not in browser.links
        await browser.open("/dashboard/audit")
        assert browser.status == 404
        await browser.post("/dashboard/audit/verify", {"code": ""})
        assert browser.status == 409
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open("/dashboard/audit")
        assert "The code of the newest entry" not in await browser.press("Check")


async def test_what_was_changed_behind_our_back_is_said(team: Team) -> None:
    async with team.signed_in("olga") as browser:
        await done(team, 1)
        async with team.harness.store.write() as tx:
            changed = update(audit).where(audit.c.subject == "case 0").values(subject="case 7")
            await tx.connection.execute(changed)
        await browser.open(PATH)
        said = await browser.press("Check")
        assert "Somebody has changed something." in said and "is not as it was written" in said


async def test_what_stands_in_the_record_is_text(team: Team) -> None:
    async with team.signed_in("olga") as browser:
        await done(team, 1, "<script>alert(1)</script>")
        await browser.open(PATH)
        assert "<script>alert" not in browser.source and "&lt;script&gt;alert" in browser.source


async def test_another_site_and_nobody_have_nothing_checked(team: Team) -> None:
    async with team.browser() as stranger, team.signed_in("olga") as browser:
        assert "You are not signed in" in await stranger.open(PATH)
        await stranger.post(f"{PATH}/verify")
        assert stranger.status == 401
        await browser.post(f"{PATH}/verify", Sec_Fetch_Site="cross-site")
        assert browser.status == 403
