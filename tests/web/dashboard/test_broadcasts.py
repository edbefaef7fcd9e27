"""Updates and alerts in the dashboard: by the same rules as in the chats."""

import pytest

from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Role
from tests.support.dashboard import Browser, Team
from tests.support.organisers import add_subscribers, alert, drafted, pause_case, propose


async def status(team: Team, number: int = 1) -> BroadcastStatus:
    return (await team.harness.broadcast(number)).status


async def test_from_a_draft_to_the_last_copy_by_two_people(team: Team) -> None:
    harness = team.harness
    olga = await team.join("olga", Role.DRAFTER)
    await add_subscribers(harness, [f"reader {number}" for number in range(20)])
    await drafted(harness, olga, alert(harness))
    async with team.signed_in("olga") as one, team.signed_in("pedro", Role.APPROVER) as two:
        await one.open()
        assert "Alert 1 is ready: ask for its approval" in one.said
        await one.follow("Alert 1 is ready")
        assert "Please write today!" in one.said and "Please write today! (es)" in one.said
        assert "Approve it" not in one.buttons
        assert "The others are asked" in await one.press("Ask for approval")
        await two.open()
        await two.follow("Alert 1 waits for your approval")
        assert "It is approved." in await two.press("Approve it", read="yes", urgent="yes")
        assert "You wrote it" not in await one.open("/dashboard/broadcasts/1")
        harness.clock.now += harness.news.broadcast_service.undo
        await harness.address()
        assert "Sent:" in await one.open("/dashboard/broadcasts/1")
        assert 'hx-trigger="every 2s"' in one.source


async def test_the_page_says_how_it_stands_and_an_open_one_where_to_go_on(team: Team) -> None:
    harness = team.harness
    olga = await team.join("olga", Role.DRAFTER)
    await add_subscribers(harness, [f"reader {number}" for number in range(20)])
    found = await drafted(harness, olga, alert(harness))
    path = "/dashboard/broadcasts/1"
    async with team.signed_in("pedro", Role.APPROVER) as browser:
        assert "Alert 1: draft, to 20 people" in await browser.open(path)
        assert browser.links["What you can do now"] == "#now" and 'id="now"' in browser.source
        await propose(harness, olga, found)
        assert "Alert 1: waiting for approval, to 20 people" in await browser.open(path)
        await browser.press("Approve it", read="yes", urgent="yes")
        assert "Alert 1: approved, will be sent from" in browser.said
        harness.clock.now += harness.news.broadcast_service.undo
        await harness.address()
        assert "Alert 1: being sent, 0 of 20 people are done" in await browser.open(path)
        live = next(each.split('"')[0] for each in browser.source.split('hx-get="')[1:])
        assert "What you can do now" not in await browser.open(live)
        await browser.open(path)
        await browser.press("Halt it")
        said = await browser.open(live)
        assert "Alert 1: halted" in said and browser.links["What you can do now"] == path
        nonsense = await browser.open(f'{path}/progress?was="><b>nobody')
        assert "Alert 1: halted" in nonsense and '"><b>nobody' not in browser.source


async def test_nobody_approves_their_own(team: Team) -> None:
    olga = await team.join("olga")
    found = await drafted(team.harness, olga, alert(team.harness))
    await propose(team.harness, olga, found)
    async with team.signed_in("olga") as browser:
        await browser.open("/dashboard/broadcasts/1")
        assert "Approve it : You wrote it, so another person has to approve it." in browser.said
        fields = {"digest": found.digest, "read": "yes"}
        assert "You wrote it" in await browser.post("/dashboard/broadcasts/1/approve", fields)
        assert browser.status == 409
    assert await status(team) is BroadcastStatus.PROPOSED


async def test_nothing_is_approved_that_was_not_read(team: Team) -> None:
    olga = await team.join("olga", Role.DRAFTER)
    found = await drafted(team.harness, olga, alert(team.harness))
    await propose(team.harness, olga, found)
    async with team.signed_in("pedro", Role.APPROVER) as browser:
        fields = {"digest": found.digest}
        await browser.open("/dashboard/broadcasts/1")
        assert "Please say first that you have read it." in await browser.post(
            "/dashboard/broadcasts/1/approve", fields
        )
        assert "Please say first that it is urgent." in await browser.press("Approve it", read="yes")
        assert await status(team) is BroadcastStatus.PROPOSED
        assert "It is approved." in await browser.press("Approve it", read="yes", urgent="yes")


async def test_a_page_that_is_old_approves_nothing_else_than_it_shows(team: Team) -> None:
    harness = team.harness
    olga = await team.join("olga", Role.DRAFTER)
    found = await drafted(harness, olga, alert(harness))
    await propose(harness, olga, found)
    async with team.signed_in("pedro", Role.APPROVER) as browser:
        await browser.open("/dashboard/broadcasts/1")
        again = await drafted(harness, olga, alert(harness, "Another text"), replaces=1)
        await propose(harness, olga, again)
        await browser.press("Approve it", read="yes", urgent="yes")
        assert browser.status == 409 and "It may have changed in the meantime" in browser.said
        assert await status(team) is BroadcastStatus.PROPOSED


async def test_everybody_halts_everything_with_one_press(team: Team) -> None:
    harness = team.harness
    await add_subscribers(harness, ["ana", "ben"])
    await harness.send(alert(harness))
    async with team.signed_in("vera", Role.VIEWER) as browser:
        assert "Halt all" in browser.buttons
        assert "Everything that was being sent is halted." in await browser.press("Halt all")
        assert "Halt all" not in browser.buttons
        assert await status(team) is BroadcastStatus.HALTED
        await browser.follow("Alert 1")
        assert "This takes another role than yours." in browser.said
        digest = (await harness.broadcast()).digest
        said = await browser.post("/dashboard/broadcasts/1/resume", {"digest": digest})
        assert "This takes another role" in said
    async with team.signed_in("pedro", Role.APPROVER) as browser:
        await browser.open("/dashboard/broadcasts/1")
        assert "Halted by: Vera" in browser.said
        assert "It is resumed." in await browser.press("Resume it")
        assert await status(team) is BroadcastStatus.SENDING


async def test_what_is_paused_is_said_where_it_hinders(team: Team) -> None:
    olga = await team.join("olga", Role.DRAFTER)
    found = await drafted(team.harness, olga, alert(team.harness))
    await propose(team.harness, olga, found)
    await pause_case(team.harness, "norma-cruz")
    async with team.signed_in("pedro", Role.APPROVER) as browser:
        assert "Norma Cruz, Guatemala is paused" in await browser.open()
        assert "Its case or action is paused" in await browser.open("/dashboard/broadcasts/1")
        assert "Approve it" not in browser.buttons


async def test_a_draft_is_discarded_with_a_second_press(team: Team) -> None:
    olga = await team.join("olga", Role.DRAFTER)
    await drafted(team.harness, olga, alert(team.harness))
    async with team.signed_in("olga") as browser:
        await browser.open("/dashboard/broadcasts/1")
        assert "Nobody will get it" in await browser.press("Yes, discard it")
        assert await status(team) is BroadcastStatus.CANCELLED
        digest = (await team.harness.broadcast()).digest
        await browser.post("/dashboard/broadcasts/1/discard", {"digest": digest})
        assert browser.status == 409
        assert "Alert 1 : discarded" in (await browser.open("/dashboard/broadcasts")).replace(":", " :")


async def test_an_old_page_discards_and_resumes_nothing(team: Team) -> None:
    harness = team.harness
    olga = await team.join("olga", Role.DRAFTER)
    await drafted(harness, olga, alert(harness))
    async with team.signed_in("olga") as browser:
        await browser.open("/dashboard/broadcasts/1")
        await drafted(harness, olga, alert(harness, "Another text"), replaces=1)
        await browser.press("Yes, discard it")
        assert browser.status == 409
        assert await status(team) is BroadcastStatus.DRAFT


@pytest.mark.parametrize("path", ["/dashboard/broadcasts/7", "/dashboard/broadcasts/7/progress"])
async def test_what_there_is_not_is_not_found(team: Team, path: str) -> None:
    async with team.signed_in("olga") as browser:
        assert "There is nothing at this address" in await browser.open(path)
        assert browser.status == 404


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


async def test_what_people_have_written_is_text(team: Team) -> None:
    from markupsafe import escape

    olga = await team.join("olga", Role.DRAFTER)
    await drafted(team.harness, olga, alert(team.harness, str(escape(HOSTILE))))
    async with team.signed_in("olga") as browser:
        await _is_harmless(browser, "/dashboard/broadcasts/1")


async def _is_harmless(browser: Browser, path: str) -> None:
    await browser.open(path)
    assert HOSTILE not in browser.source and "<img" not in browser.source
    assert HOSTILE.split("'")[0][:8] in browser.said
