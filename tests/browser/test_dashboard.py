"""Organisers before the dashboard with a real browser: two people, with and without scripts."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Role
from assistant.store.database import Store
from assistant.store.tables import chats
from tests.browser.conftest import DESKTOP, PHONE, PSEUDO, Open, Tab
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.organisers import add_subscribers, alert

ENDPOINT = "hooks.of-a-program-with-a-long-name.example.org-1a2b3c4d"
pytestmark = [pytest.mark.chance, pytest.mark.timeout(180)]

OUTLINE = """what => document.activeElement?.matches(what)
    && getComputedStyle(document.activeElement).outlineStyle"""
FORMS = [
    pytest.param(scripts, size, language, id=f"{'live' if scripts else 'forms'}-{size['width']}-{language}")
    for scripts, size, language in (
        (True, DESKTOP, "en"),
        (False, PHONE, "en"),
        (True, PHONE, "es"),
        (False, PHONE, PSEUDO),
    )
]


@pytest.fixture
async def team(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Team]:
    """The dashboard, served, with nobody in the team yet."""
    async with open_dashboard(store, script, clock, webhooks=[ENDPOINT]) as opened:
        yield opened


@pytest.fixture
async def pseudo_team(store: Store, pseudo_script: Script, clock: FakeClock) -> AsyncIterator[Team]:
    """The same, with a language that reads from right to left beside ours."""
    async with open_dashboard(store, pseudo_script, clock, webhooks=[ENDPOINT]) as opened:
        yield opened


async def sign_in(
    team: Team, open_tab: Open, person: str, role: Role, language: str = "en", **how: object
) -> Tab:
    """That organiser, who joins before, on the first page in their browser."""
    await team.join(person, role)
    if language != "en":
        await speak(team, person, language)
    tab = await open_tab(f"http://{team.address}{await team.link(person)}", language=language, **how)
    await tab.looks_right()
    await tab.page.locator("button.go").click()
    await expect(tab.page).to_have_url(re.compile(r"/dashboard$"))
    return tab


async def speak(team: Team, person: str, language: str) -> None:
    """Have their chat in that language."""
    chat = await team.harness.chat(person)
    async with team.harness.store.write() as tx:
        await tx.connection.execute(update(chats).where(chats.c.id == chat.id).values(language=language))


@pytest.mark.parametrize(("scripts", "size", "language"), FORMS)
async def test_an_update_from_the_first_press_to_the_last_copy(
    open_tab: Open, pseudo_team: Team, scripts: bool, size: dict[str, int], language: str
) -> None:
    team = pseudo_team
    harness = team.harness
    await add_subscribers(harness, [f"reader {number}" for number in range(12)])
    how = {"scripts": scripts, "size": size}
    one = await sign_in(team, open_tab, "olga", Role.DRAFTER, language, **how)
    two = await sign_in(team, open_tab, "pedro", Role.APPROVER, language, **how)
    await one.looks_right()
    await one.page.locator("a[href$='kind=update']").click()
    await one.looks_right()
    await one.page.locator("summary").first.click()
    await one.page.locator(f"#instead-{PSEUDO}").select_option("en")
    await one.page.locator("button[value=save]").click()
    await expect(one.page).to_have_url(re.compile(r"/broadcasts/1\?said=saved$"))
    await harness.address()
    await one.page.goto(f"http://{team.address}/dashboard/broadcasts/1")
    await one.looks_right()
    await one.page.locator("form[action$='/propose'] button").click()
    await expect(one.page.locator("[role=status]")).to_be_visible()
    await two.page.reload()
    await two.page.locator("a[href$='/broadcasts/1']").first.click()
    await two.page.locator("input[name=read]").check()
    await two.looks_right()
    await two.page.locator("form[action$='/approve'] button").click()
    await expect(two.page.locator("[role=status]")).to_be_visible()
    assert (await harness.broadcast()).status is BroadcastStatus.APPROVED
    harness.clock.now += harness.news.broadcast_service.undo
    await harness.address()
    await one.page.goto(f"http://{team.address}/dashboard")
    await one.looks_right()
    await one.page.locator("button.stop").click()
    await expect(one.page.locator("[role=status]")).to_be_visible()
    assert (await harness.broadcast()).status is BroadcastStatus.HALTED
    await one.looks_right()


PAGES = (
    "",
    "/broadcasts",
    "/write?kind=alert",
    "/cases",
    "/cases/norma-cruz",
    "/review",
    "/answers",
    "/letters",
    "/team",
    "/webhooks",
    "/audit",
    "/sessions",
)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_every_page_is_fit_for_everybody(open_tab: Open, team: Team, size: dict[str, int]) -> None:
    """Contrast, labels, order of headings, and nothing to scroll sideways."""
    await team.harness.queue_letters(*(f"writer {number}" for number in range(30)))
    tab = await sign_in(team, open_tab, "olga", Role.OWNER, size=size)
    for path in PAGES:
        await tab.page.goto(f"http://{team.address}/dashboard{path}")
        await tab.looks_right()


async def test_how_it_looks_changes_as_it_is_written(open_tab: Open, team: Team) -> None:
    tab = await sign_in(team, open_tab, "olga", Role.DRAFTER, size=DESKTOP)
    await tab.page.goto(f"http://{team.address}/dashboard/write?kind=alert&case=norma-cruz")
    await tab.page.locator("#text-en").fill("Please write today.")
    await tab.page.locator("#text-es").fill("Escribe hoy, por favor.")
    await tab.page.locator("#text-es").blur()
    await expect(tab.page.locator("#seen article")).to_have_count(2)
    await expect(tab.page.locator("#seen")).to_contain_text("Escribe hoy, por favor.")
    await tab.page.locator("summary").last.click()
    await tab.looks_right()
    assert await tab.page.locator("#text-en").input_value() == "Please write today."


async def test_figures_change_while_it_is_being_sent(open_tab: Open, team: Team) -> None:
    harness = team.harness
    await add_subscribers(harness, [f"reader {number}" for number in range(12)])
    await harness.send(alert(harness))
    tab = await sign_in(team, open_tab, "vera", Role.VIEWER)
    await tab.page.goto(f"http://{team.address}/dashboard/broadcasts/1")
    await expect(tab.page.locator("#progress")).to_contain_text("Waiting: 12")
    await harness.engine().run_until_idle()
    await expect(tab.page.locator("#progress")).not_to_contain_text("Waiting")
    await expect(tab.page.locator("#progress")).to_contain_text("Sent: 12")
    await tab.looks_right()


async def test_everything_is_halted_by_keyboard_alone(open_tab: Open, team: Team) -> None:
    harness = team.harness
    await add_subscribers(harness, ["ana", "ben"])
    await harness.send(alert(harness))
    tab = await sign_in(team, open_tab, "vera", Role.VIEWER)
    await reach(tab.page, "button.stop")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("[role=status]")).to_be_visible()
    assert (await harness.broadcast()).status is BroadcastStatus.HALTED


async def reach(page: Page, selector: str) -> None:
    """Go there by Tab; where one is can be seen."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if style := await page.evaluate(OUTLINE, selector):
            assert style != "none"
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")
