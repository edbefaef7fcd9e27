"""Who comes into the dashboard, and how long they stay."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from assistant.dialogue.script import Script
from assistant.domain.organisers import Role
from assistant.domain.sessions import LINK_LASTS, SESSION_IDLE, SESSION_LASTS
from assistant.services.broadcasts.approval import SHELL
from assistant.store.database import Store
from assistant.store.tables import sessions
from assistant.web.guard import REQUESTS, Guard
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.organisers import alert, audit_entries, deliver_replies

PAGES = (
    "/dashboard",
    "/dashboard/broadcasts",
    "/dashboard/sessions",
    "/dashboard/broadcasts/1/progress",
    "/dashboard/review",
    "/dashboard/answers",
    "/dashboard/letters",
    "/dashboard/texts",
    "/dashboard/team",
    "/dashboard/audit",
)


async def test_nobody_sees_a_page_who_is_not_signed_in(team: Team) -> None:
    async with team.browser() as browser:
        for path in PAGES:
            assert "Write /dashboard in your chat" in await browser.open(path)
            assert browser.status == 401


async def test_the_link_of_the_chat_signs_in_and_the_chat_is_told(team: Team) -> None:
    async with team.signed_in("olga") as browser:
        assert "What needs you" in browser.said
        assert browser.path == "/dashboard"
    await deliver_replies(team.harness)
    assert "You are signed in to the dashboard now" in team.harness.last_text_to("olga")
    assert [each.action for each in await audit_entries(team.harness)][-1] == "signed in"


async def test_a_preview_of_the_link_uses_nothing_up(team: Team) -> None:
    await team.join("olga")
    link = await team.link("olga")
    async with team.browser() as preview, team.browser() as browser:
        for _ in range(3):
            await preview.open(link)
        assert preview.status == 200
        await browser.open(link)
        await browser.press("Sign in")
        assert browser.status == 200 and "What needs you" in browser.said
        await preview.open("/dashboard")
        assert preview.status == 401


async def test_a_link_works_once(team: Team) -> None:
    await team.join("olga")
    link = await team.link("olga")
    async with team.browser() as one, team.browser() as other:
        await one.open(link)
        await one.press("Sign in")
        await other.open(link)
        assert "A link works once" in await other.press("Sign in")
        assert other.status == 410
        assert "What needs you" in await one.open("/dashboard")


async def test_a_link_is_over_after_five_minutes_and_when_another_one_is_asked_for(team: Team) -> None:
    await team.join("olga")
    async with team.browser() as browser:
        first = await team.link("olga")
        second = await team.link("olga")
        assert "does not work any more" in await browser.post(first)
        team.harness.clock.now += LINK_LASTS + timedelta(seconds=1)
        assert "does not work any more" in await browser.post(second)


async def test_other_sites_sign_nobody_in_and_press_nothing(team: Team) -> None:
    await team.join("olga")
    link = await team.link("olga")
    async with team.browser() as browser:
        await browser.post(link, Sec_Fetch_Site="cross-site")
        assert browser.status == 403
        await browser.open(link)
        await browser.press("Sign in")
        for path in ("/dashboard/halt", "/dashboard/sign-out", "/dashboard/sessions/1/end"):
            await browser.post(path, Sec_Fetch_Site="cross-site")
            assert browser.status == 403
            await browser.post(path, Origin="https://example.org")
            assert browser.status == 403
        assert "What needs you" in await browser.open("/dashboard")


async def test_who_does_nothing_is_signed_out_and_who_works_stays_for_half_a_day(team: Team) -> None:
    async with team.signed_in("olga") as browser:
        clock = team.harness.clock
        until = clock() + SESSION_LASTS
        while clock() + SESSION_IDLE < until:
            clock.now += SESSION_IDLE - timedelta(minutes=1)
            assert "What needs you" in await browser.open()
        clock.now = until
        assert "You are not signed in" in await browser.open()
    async with team.signed_in("olga") as browser:
        team.harness.clock.now += SESSION_IDLE
        assert "You are not signed in" in await browser.open()


async def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(team: Team) -> None:
    await team.harness.send(alert(team.harness))
    async with team.signed_in("olga") as browser:
        for _ in range(3):
            team.harness.clock.now += SESSION_IDLE / 3
            await browser.open("/dashboard/broadcasts/1/progress")
        assert "You are not signed in" in await browser.open()


async def test_who_signs_in_again_in_the_same_browser_has_one_session(team: Team) -> None:
    async with team.signed_in("olga") as browser:
        await browser.open(await team.link("olga"))
        await browser.press("Sign in")
        assert (await browser.open("/dashboard/sessions")).count("Since ") == 1


@pytest.mark.parametrize("secret", ["a" * 39 + "\udcff", "A" * 40, "a" * 41, "ü" * 40, ""])
async def test_a_cookie_that_is_none_of_ours_signs_nobody_in(team: Team, secret: str) -> None:
    async with team.browser() as browser:
        cookie = f"dashboard={secret}".encode(errors="surrogateescape").decode("latin-1")
        await browser.open("/dashboard", Cookie=cookie)
        assert browser.status == 401


async def test_strangers_on_the_same_network_keep_nobody_from_halting(
    store: Store, script: Script, clock: FakeClock
) -> None:
    guard = Guard(lambda: 0.0)  # nobody gets their next turn while the test lasts
    async with (
        open_dashboard(store, script, clock, guard) as team,
        team.browser() as stranger,
        team.signed_in("olga") as browser,
    ):
        for _ in range(REQUESTS[0] + 5):
            await stranger.open("/dashboard/audit")
        assert stranger.status == 429
        await browser.post("/dashboard/halt")
        assert browser.status == 200, browser.said


async def test_a_link_does_not_claim_that_something_was_done(team: Team) -> None:
    async with team.signed_in("olga") as browser:
        said = "Everything that was being sent is halted."
        assert said not in await browser.open("/dashboard?said=halted", Sec_Fetch_Site="cross-site")
        assert said not in await browser.open("/dashboard?said=halted", Sec_Fetch_Site="none")
        assert said in await browser.open("/dashboard?said=halted", Sec_Fetch_Site="same-origin")


async def test_another_role_ends_every_session(team: Team) -> None:
    await team.join("olga")
    await team.join("pedro", Role.VIEWER)
    async with team.signed_in("pedro") as browser:
        await team.harness.receive_all("olga", ["/role", "Pedro", "drafter"])
        assert "You are not signed in" in await browser.open()
        await browser.post("/dashboard/halt")
        assert browser.status == 401


async def test_who_leaves_the_team_or_is_forgotten_is_out_at_once(team: Team) -> None:
    await team.join("olga")
    pedro = await team.join("pedro", Role.VIEWER)
    assert pedro.number is not None
    async with team.signed_in("pedro") as browser, team.signed_in("olga") as other:
        async with team.harness.store.write() as tx:
            await team.harness.news.organiser_service.remove(tx, SHELL, pedro.number)
        assert "You are not signed in" in await browser.open()
        await team.harness.receive_all("olga", ["forget", "yes"])
        assert "You are not signed in" in await other.open()


async def test_signing_out_ends_it_here_there_and_everywhere(team: Team) -> None:
    async with team.signed_in("olga") as one, team.signed_in("olga") as two, team.signed_in("olga") as three:
        await one.open("/dashboard/sessions")
        assert one.said.count("Since ") == 3 and one.said.count("This browser") == 1
        await three.press("Sign out")
        assert "You are not signed in" in await three.open()
        two_of_them = [each.action for each in one.forms if each.action.endswith("/end")]
        await one.post(two_of_them[1])
        assert "You are not signed in" in await two.open()
        await team.harness.receive("olga", "/signout")
        await deliver_replies(team.harness)
        assert "You are signed out of the dashboard" in team.harness.last_text_to("olga")
        assert "You are not signed in" in await one.open()


async def test_nobody_ends_the_session_of_another(team: Team) -> None:
    async with team.signed_in("olga") as olga, team.signed_in("pedro", Role.VIEWER) as pedro:
        await olga.open("/dashboard/sessions")
        theirs = next(each.action for each in olga.forms if each.action.endswith("/end"))
        await pedro.post(theirs)
        assert "What needs you" in await olga.open("/dashboard")


async def test_a_session_that_was_written_into_the_database_signs_nobody_in(team: Team) -> None:
    olga = await team.join("olga")
    async with team.signed_in("pedro", Role.VIEWER) as browser:
        async with team.harness.store.write() as tx:
            await tx.connection.execute(update(sessions).values(organiser=olga.number))
        assert "You are not signed in" in await browser.open()


async def test_the_page_is_in_the_language_of_their_chat(team: Team) -> None:
    await team.join("olga")
    await team.harness.receive_all("olga", ["/language", "Español"])
    async with team.browser() as browser:
        link = await team.link("olga")
        await browser.post(link)
        assert '<html lang="es"' in browser.source
