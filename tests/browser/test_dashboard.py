"""Organisers before the dashboard with a real browser: two people, with and without scripts."""

import re
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus
from assistant.domain.organisers import Role
from assistant.domain.sessions import LINK_LASTS
from assistant.store.database import Store
from assistant.store.tables import chats, letters
from tests.browser.conftest import DESKTOP, PHONE, PSEUDO, Open, Tab
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.harness import NAME
from tests.support.invented_cases import reworded
from tests.support.organisers import add_subscribers, alert

ENDPOINT = "hooks.of-a-program-with-a-long-name.example.org-1a2b3c4d"
pytestmark = [pytest.mark.chance, pytest.mark.timeout(180)]

HELD = 50  # letters that wait to be read
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
    await one.page.locator("main summary").first.click()
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


async def test_a_correction_is_written_by_one_and_approved_by_the_other(open_tab: Open, team: Team) -> None:
    harness = team.harness
    await add_subscribers(harness, ["ana", "ben"])
    await harness.send(alert(harness, "Please write to Thursday."))
    await harness.engine().run_until_idle()
    one = await sign_in(team, open_tab, "olga", Role.DRAFTER, size=DESKTOP)
    two = await sign_in(team, open_tab, "pedro", Role.APPROVER)
    await one.page.goto(f"http://{team.address}/dashboard/broadcasts")
    await one.page.locator("a[href*='kind=correction']").click()
    await expect(one.page.locator("#received")).to_have_value("1")
    await one.looks_right()
    await one.page.locator("#text-en").fill("It has to be Friday.")
    await one.page.locator("#text-es").fill("Tiene que ser el viernes.")
    await one.page.locator("button[value=save]").click()
    await expect(one.page).to_have_url(re.compile(r"/broadcasts/2\?said=saved$"))
    await harness.address()
    await one.page.goto(f"http://{team.address}/dashboard/broadcasts/2")
    await expect(one.page.locator("form[action$='/approve']")).to_have_count(0)
    await one.page.locator("form[action$='/propose'] button").click()
    await expect(one.page.locator("[role=status]")).to_be_visible()
    await expect(one.page.locator("form[action$='/approve']")).to_have_count(0)
    await one.looks_right()
    await two.page.reload()
    await two.page.locator("a[href$='/broadcasts/2']").first.click()
    await expect(two.page.locator("main")).to_contain_text("Tiene que ser el viernes.")
    await two.looks_right()
    await two.page.locator("input[name=read]").check()
    await two.page.locator("form[action$='/approve'] button").click()
    await expect(two.page.locator("[role=status]")).to_be_visible()
    harness.clock.now += harness.news.broadcast_service.undo
    await harness.engine().run_until_idle()
    for person in ("ana", "ben"):
        assert "It has to be Friday." in harness.last_text_to(person)


async def test_fifty_letters_are_read_and_decided_about_by_keyboard_alone(open_tab: Open, team: Team) -> None:
    lines = [f"We will kill you. Line {number}." for number in range(1, HELD + 1)]
    for number, line in enumerate(lines):
        told = ["hello", "English", "go", "Finland", NAME, line, "send", "no"]
        await team.harness.receive_all(f"writer {number}", told)
    assert await team.harness.letter_statuses() == [LetterStatus.HELD] * HELD
    tab = await sign_in(team, open_tab, "abel", Role.APPROVER)
    page, press = tab.page, tab.page.keyboard.press
    await reach(page, "main a[href$='/review']")
    await press("Enter")
    await expect(page.locator("blockquote")).to_have_count(HELD)
    await tab.looks_right()
    shown = await page.content()
    assert all(line in shown for line in lines)
    assert NAME not in shown and "writer " not in shown
    await tick(page, range(1, 41, 2))
    await reach(page, "input[name=decision]")
    await press("Space")
    await reach(page, "button[value=ticked]")
    await press("Enter")
    await expect(page.locator("[role=status]")).to_contain_text("20 letters can be sent.")
    await expect(page.locator("blockquote")).to_have_count(HELD - 20)
    await tick(page, range(2, 11, 2))
    await refuse(page)
    await reach(page, "button[value=ticked]")
    await press("Enter")
    await expect(page.locator("[role=status]")).to_have_text(re.compile("^5 letters are refused."))
    await tab.looks_right()
    await refuse(page)
    await reach(page, "button[value=all]")
    await press("Enter")
    await expect(page.locator("[role=status]")).to_contain_text("25 letters are refused.")
    await expect(page.locator("blockquote")).to_have_count(0)
    await tab.looks_right()
    statuses = await team.harness.letter_statuses()
    let_go = {number for number, status in enumerate(statuses, 1) if status is LetterStatus.QUEUED}
    assert let_go == set(range(1, 41, 2))
    assert set(statuses) == {LetterStatus.QUEUED, LetterStatus.CANCELLED}


async def tick(page: Page, numbers: Iterable[int]) -> None:
    """Tick the letters with these numbers."""
    for number in numbers:
        await reach(page, f"input[name=letter-{number}]")
        await page.keyboard.press("Space")


async def refuse(page: Page) -> None:
    """Choose to refuse letters, and the first reason for that."""
    await reach(page, "input[name=decision]")
    for _ in range(3):
        if await page.evaluate("document.activeElement.value") == "refuse":
            break
        await page.keyboard.press("ArrowDown")
    assert (
        await page.evaluate("document.activeElement.value + document.activeElement.checked") == "refusetrue"
    )
    await reach(page, "select[name=reason]")
    await page.keyboard.press("ArrowDown")


async def test_a_letter_that_may_have_arrived_is_decided_about_by_one_and_not_twice(
    open_tab: Open, team: Team
) -> None:
    await team.harness.queue_letters("ana")
    async with team.harness.store.write() as tx:
        await tx.connection.execute(update(letters).values(status=LetterStatus.UNCERTAIN))
    one = await sign_in(team, open_tab, "abel", Role.APPROVER)
    two = await sign_in(team, open_tab, "olga", Role.APPROVER, size=DESKTOP)
    for tab in (one, two):
        await tab.page.locator("main a[href$='/letters']").click()
        await expect(tab.page.locator("main")).to_contain_text("Where to look")
        await tab.looks_right()
    await one.page.locator("button[formaction$='/arrived']").click()
    await expect(one.page.locator("[role=status]")).to_contain_text("It counts as arrived.")
    await one.looks_right()
    await two.page.locator("details:has(form[action$='/send-again']) summary").click()
    await two.page.locator("form[action$='/send-again'] button").click()
    await expect(two.page.locator("main")).to_contain_text("It may have changed in the meantime")
    assert await team.harness.letter_statuses() == [LetterStatus.DELIVERED]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_new_text_of_a_letter_is_compared_with_the_old_one(
    open_tab: Open, store: Store, script: Script, clock: FakeClock, size: dict[str, int]
) -> None:
    async with open_dashboard(store, script, clock) as before:
        await before.harness.queue_letters("ana")
    async with open_dashboard(store, reworded(script), clock) as team:
        tab = await sign_in(team, open_tab, "abel", Role.APPROVER, size=size)
        await tab.page.locator("main a[href$='/texts']").click()
        await expect(tab.page.locator("del").first).to_be_visible()
        await expect(tab.page.locator("ins").first).to_contain_text("New:")
        await tab.looks_right()
        await tab.page.locator("button[formaction$='/matters']").click()
        await expect(tab.page.locator("[role=status]")).to_contain_text("Their writers see the new text")


async def test_a_login_link_is_good_once_in_one_browser_and_for_five_minutes(
    open_tab: Open, team: Team
) -> None:
    await team.join("olga")
    link = f"http://{team.address}{await team.link('olga')}"
    preview = await open_tab(link)
    for method in ("GET", "HEAD", "GET"):
        assert (await preview.page.request.fetch(link, method=method)).ok
    assert await preview.page.context.cookies() == []
    one = await open_tab(link)
    await one.page.locator("button.go").click()
    await expect(one.page).to_have_url(re.compile(r"/dashboard$"))
    again, other = await open_tab(link, beside=one), await open_tab(link, scripts=False)
    for tab in (again, other):
        await is_used_up(tab)
    await other.page.goto(f"http://{team.address}/dashboard")
    await expect(other.page.locator("h1")).to_have_text("You are not signed in")
    await one.page.reload()
    await expect(one.page.locator("h1")).to_have_text("Today")
    later = await open_tab(f"http://{team.address}{await team.link('olga')}")
    team.harness.clock.now += LINK_LASTS + timedelta(seconds=1)
    await is_used_up(later)


async def is_used_up(tab: Tab) -> None:
    """The link on that page signs nobody in; what the browser says of that is no fault."""
    await tab.page.locator("button.go").click()
    await expect(tab.page.get_by_role("alert")).to_be_visible()
    await expect(tab.page.locator("h1")).to_contain_text("does not work any more")
    tab.problems.clear()
    await tab.looks_right()


@pytest.mark.parametrize(("scripts", "size", "language"), FORMS)
async def test_a_whole_letter_is_walked_through_and_goes_nowhere(
    open_tab: Open, pseudo_team: Team, scripts: bool, size: dict[str, int], language: str
) -> None:
    team = pseudo_team
    team.harness.channel.shows_files = True
    tab = await sign_in(team, open_tab, "vera", Role.VIEWER, language, scripts=scripts, size=size)
    page = tab.page
    await page.goto(f"http://{team.address}/dashboard/cases/norma-cruz")
    await page.locator("main a[href$='/walk']").click()
    direction = await page.locator("[role=log]").get_attribute("dir")
    assert direction == ("rtl" if language == PSEUDO else "ltr")
    await tab.looks_right()
    for said, (pressed, typed) in enumerate(WALK, 1):
        if pressed:
            await page.locator(f"#log button[value$=':{pressed}']").last.click()
        else:
            await page.locator("#text").fill(typed)
            await page.locator("#say > button").click()
        await expect(page.locator("#log li.theirs")).to_have_count(said)
        await tab.looks_right()
    await expect(page.locator("#log i")).to_have_count(2)
    assert await team.harness.letters() == []


WALK = (
    ("go", ""),
    ("", "Finland"),
    ("", NAME),
    ("skip", ""),
    ("page", ""),
    ("send", ""),
    ("yes", ""),
)


PAGES = (
    "",
    "/broadcasts",
    "/write?kind=alert",
    "/cases",
    "/cases/norma-cruz",
    "/cases/norma-cruz/texts",
    "/cases/norma-cruz/walk",
    "/cases/norma-cruz/plan",
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


async def test_no_word_of_the_record_is_cut_on_a_phone(open_tab: Open, team: Team) -> None:
    tab = await sign_in(team, open_tab, "olga", Role.OWNER, size=PHONE)
    await tab.page.goto(f"http://{team.address}/dashboard/audit")
    heads = tab.page.locator("th")
    heights = [box["height"] for each in await heads.all() if (box := await each.bounding_box())]
    assert len(heights) == 4 and max(heights) < 50, "each heading is one word, on one line"
    await tab.looks_right()


async def test_a_thumb_meets_one_button_and_the_menu_leaves_room(open_tab: Open, team: Team) -> None:
    tab = await sign_in(team, open_tab, "olga", Role.OWNER, size=PHONE)
    update, alerting = [await each.bounding_box() for each in await tab.page.locator("a.go").all()]
    assert update and alerting
    assert alerting["y"] - (update["y"] + update["height"]) >= 8
    title = await tab.page.locator("h1").bounding_box()
    assert title and title["y"] < PHONE["height"] * 0.25


@pytest.mark.parametrize(("scripts", "size", "language"), FORMS)
async def test_every_page_is_in_the_menu_and_reached_by_keyboard(
    open_tab: Open, pseudo_team: Team, scripts: bool, size: dict[str, int], language: str
) -> None:
    tab = await sign_in(pseudo_team, open_tab, "olga", Role.OWNER, language, scripts=scripts, size=size)
    page = tab.page
    for path in ("/broadcasts", "/cases"):
        await reach(page, f"nav a[href$='{path}']")
    for path in ("/review", "/answers", "/letters", "/audit", "/team", "/webhooks", "/sessions"):
        await expect(page.locator(f"nav a[href$='{path}']")).to_be_hidden()
        await reach(page, "nav summary")
        await page.keyboard.press("Enter")
        await reach(page, f"nav a[href$='{path}']")
        if path == "/review":
            await tab.looks_right()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(f"/dashboard{path}$"))
        await expect(page.locator("nav a[aria-current=page]")).to_have_attribute("href", f"/dashboard{path}")
        await expect(page.locator("nav details")).not_to_have_attribute("open", "")
    await reach(page, "nav summary")
    await page.keyboard.press("Enter")
    await reach(page, "nav button")
    await page.keyboard.press("Enter")
    await expect(page.locator("nav")).to_have_count(0)


async def test_how_it_looks_changes_as_it_is_written(open_tab: Open, team: Team) -> None:
    tab = await sign_in(team, open_tab, "olga", Role.DRAFTER, size=DESKTOP)
    await tab.page.goto(f"http://{team.address}/dashboard/write?kind=alert&case=norma-cruz")
    await tab.page.locator("#text-en").fill("Please write today.")
    await tab.page.locator("#text-es").fill("Escribe hoy, por favor.")
    await tab.page.locator("#text-es").blur()
    await expect(tab.page.locator("#seen article")).to_have_count(2)
    await expect(tab.page.locator("#seen")).to_contain_text("Escribe hoy, por favor.")
    await tab.page.locator("main summary").last.click()
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
    for _ in range(100):
        await page.keyboard.press("Tab")
        if style := await page.evaluate(OUTLINE, selector):
            assert style != "none"
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")
