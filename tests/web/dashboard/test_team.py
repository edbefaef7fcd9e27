"""The team in the dashboard: requests take two persons, and pausing takes one."""

import asyncio

from assistant.domain.effects import RequestApproval
from assistant.domain.organisers import ApprovalRequest, Organiser, RequestKind, Role
from assistant.services.broadcasts.approval import Actor
from tests.support.dashboard import Team
from tests.support.organisers import audit_entries, carry_out, deliver_replies, pause_case
from tests.support.publishing import CASE

PATH = "/dashboard/team"
PAUSED = "Norma Cruz, Guatemala is paused"


async def olga_asks(team: Team, of: int, role: Role) -> None:
    """She wants that organiser to have that role."""
    olga = (await team.harness.chat("olga")).organiser
    assert olga is not None
    wish = ApprovalRequest(id=0, what=RequestKind.ROLE, subject=str(of), value=role, author=olga.number)
    await carry_out(team.harness, "olga", RequestApproval(wish))


async def test_everybody_sees_the_team_and_pauses_a_case(team: Team) -> None:
    await team.join("olga")
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.follow("The team")
        assert "Olga: owner" in browser.said and "Vera: viewer" in browser.said
        assert "Nothing is paused." in browser.said
        assert "It is paused." in await browser.press("Pause it now", subject=CASE)
        assert PAUSED in browser.said
        assert "Resume it" not in browser.buttons, "that is for approvers"
        await browser.post(f"{PATH}/resume", {"subject": CASE})
        assert browser.status == 409
    assert (await audit_entries(team.harness))[-1].action == "paused"


async def test_two_approvers_resume_what_is_paused(team: Team) -> None:
    await pause_case(team.harness, CASE)
    async with team.signed_in("abel", Role.APPROVER) as one, team.signed_in("eva", Role.APPROVER) as two:
        await one.open(PATH)
        assert "The other approvers are asked." in await one.press("Resume it")
        assert PAUSED in one.said and "Resume it" not in one.buttons
        assert "You ask for this" in one.said and "Yes, I agree" not in one.buttons
        await two.open()
        await two.follow("A second person is needed")
        assert "Abel asks for this" in two.said
        assert "It is done." in await two.press("Yes, I agree")
        assert PAUSED not in two.said and "Nothing is paused." in two.said


async def test_nobody_agrees_to_their_own_request(team: Team) -> None:
    await pause_case(team.harness, CASE)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        assert "nobody else in the team can agree" in await browser.press("Resume it")
        await browser.post(f"{PATH}/requests/1/agree")
        assert browser.status == 409
        assert PAUSED in await browser.open(PATH)
        assert "the request is closed" in await browser.press("No, close the request")


async def test_an_old_page_agrees_to_no_other_request_than_it_shows(team: Team) -> None:
    await team.join("olga")
    vera = await team.join("vera", Role.VIEWER)
    assert vera.number is not None
    await olga_asks(team, vera.number, Role.APPROVER)
    async with team.signed_in("pia") as old, team.signed_in("rosa") as quick:
        await old.open(PATH)
        assert "Vera becomes approver" in old.said
        await quick.open(PATH)
        await quick.press("No, close the request")
        await olga_asks(team, vera.number, Role.OWNER)
        await old.press("Yes, I agree")
        assert old.status == 409
    assert (await team.harness.chat("vera")).organiser == Organiser(vera.number, Role.VIEWER, "Vera")


async def test_what_is_for_owners_is_shown_to_others_without_a_button(team: Team) -> None:
    await team.join("olga")
    vera = await team.join("vera", Role.VIEWER)
    assert vera.number is not None
    await olga_asks(team, vera.number, Role.APPROVER)
    async with team.signed_in("abel", Role.APPROVER) as browser:
        await browser.open(PATH)
        assert "Olga asks for this" in browser.said and "Yes, I agree" not in browser.buttons
        await browser.post(f"{PATH}/requests/1/agree")
        assert browser.status == 409


async def test_what_there_is_not_is_neither_paused_nor_resumed(team: Team) -> None:
    async with team.signed_in("olga") as browser:
        for path, subject in (("pause", "no-case"), ("pause", ""), ("resume", CASE)):
            await browser.post(f"{PATH}/{path}", {"subject": subject})
            assert browser.status == 409
        before = [each.action for each in await audit_entries(team.harness)]
        await browser.open(PATH)
        await browser.press("Pause it now", subject=CASE)
        await browser.post(f"{PATH}/pause", {"subject": CASE})
        assert browser.status == 409, "it is paused already"
    after = [each.action for each in await audit_entries(team.harness)]
    assert after[len(before) :] == ["paused"]


async def test_another_site_and_nobody_pause_nothing(team: Team) -> None:
    async with team.browser() as stranger, team.signed_in("olga") as browser:
        await stranger.post(f"{PATH}/pause", {"subject": CASE})
        assert stranger.status == 401
        await browser.post(f"{PATH}/pause", {"subject": CASE}, Sec_Fetch_Site="cross-site")
        assert browser.status == 403
        assert "Nothing is paused." in await browser.open(PATH)


async def test_two_who_pause_it_at_once_have_it_paused_once_and_the_team_is_told_once(team: Team) -> None:
    await team.join("olga")
    actors = [await team.join(name, Role.APPROVER) for name in ("abel", "eva")]
    told = len(team.harness.texts_to("olga"))
    service = team.harness.news.organiser_service

    async def pause(actor: Actor) -> None:
        async with team.harness.store.write() as tx:
            await service.pause(tx, actor, CASE)

    await asyncio.gather(*map(pause, actors))
    await deliver_replies(team.harness)
    assert [each.action for each in await audit_entries(team.harness)].count("paused") == 1
    assert sum("paused" in text for text in team.harness.texts_to("olga")[told:]) == 1
