"""Supporters with a real browser: with and without scripts, on phones and desktops, in each direction."""

import asyncio
import re

import pytest
from markupsafe import Markup
from playwright.async_api import Page, Route, expect

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import Reply
from assistant.store.database import Store
from tests.browser.conftest import DESKTOP, PHONE, PSEUDO, Open, Tab
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import NAME, PERSONAL_LINE, Harness
from tests.support.visitor import Pages

pytestmark = [pytest.mark.chance, pytest.mark.timeout(180)]

FORMS = [
    pytest.param(scripts, size, language, id=f"{'live' if scripts else 'forms'}-{size['width']}-{language}")
    for scripts, size, language in (
        (True, PHONE, "en"),
        (False, PHONE, "en"),
        (True, DESKTOP, "es"),
        (False, DESKTOP, "es"),
        (True, PHONE, PSEUDO),
        (False, DESKTOP, PSEUDO),
    )
]


async def press(page: Page, value: str) -> None:
    """Press the button of the open question that answers so."""
    await page.locator(f"#log button[value$=':{value}']").last.click()


async def write(page: Page, text: str) -> None:
    """Type that, and send it."""
    await page.locator("#text").fill(text)
    await page.locator("#say > button").click()


async def hear(page: Page, count: int) -> None:
    """Wait until so many of our entries stand there, counted by their questions."""
    await expect(page.locator("#log li.theirs")).to_have_count(count)
    await expect(page.locator("#log li.ours").last).to_be_visible()


async def write_a_letter(tab: Tab, *, whole_log: bool) -> None:
    """From the briefing to the news."""
    page, said = tab.page, 0
    await tab.looks_right()
    for answer, typed in (
        ("go", None),
        (None, "Finland"),
        (None, NAME),
        (None, PERSONAL_LINE),
        ("page", None),
        ("send", None),
        ("yes", None),
    ):
        await (press(page, answer) if answer else write(page, typed or ""))
        said = said + 1 if whole_log else 1
        await hear(page, said)
        await expect(page.locator("#log li").last).to_have_class("ours")
        await tab.looks_right()


@pytest.mark.parametrize(("scripts", "size", "language"), FORMS)
async def test_a_whole_letter(
    open_tab: Open, site: Pages, scripts: bool, size: dict[str, int], language: str
) -> None:
    tab = await open_tab(scripts=scripts, size=size, language=language)
    direction = await tab.page.locator("html").get_attribute("dir")
    assert direction == ("rtl" if language == PSEUDO else "ltr")
    await write_a_letter(tab, whole_log=scripts)
    (letter,) = await site.harness.letters()
    assert (letter.country, letter.status) == ("FI", LetterStatus.QUEUED)


async def test_news_come_while_the_page_is_open(open_tab: Open, site: Pages) -> None:
    tab = await open_tab()
    await press(tab.page, "go")
    await expect(tab.page.locator("#log li.theirs")).to_have_count(1)
    await tab.page.locator("#text").fill("half a thou")
    (address,) = site.channel._listeners
    await site.channel.send(address, Reply(Markup("There is <b>news</b>.")))
    await expect(tab.page.locator("#log li").last).to_contain_text("There is news.")
    assert await tab.page.locator("#text").input_value() == "half a thou"
    await tab.looks_right()


async def test_what_is_typed_before_the_answer_comes_is_not_lost(open_tab: Open, site: Pages) -> None:
    tab = await open_tab()
    await press(tab.page, "go")
    await expect(tab.page.locator("#log li.theirs")).to_have_count(1)
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await tab.page.route("**/chat", hold)
    await write(tab.page, "Finland\n")
    await tab.page.locator("#text").fill("about")
    held.set()
    await expect(tab.page.locator("#log li.theirs")).to_have_count(2)
    await expect(tab.page.locator("#log li").last).to_have_class("ours")
    assert await tab.page.locator("#text").input_value() == "about"
    await tab.page.locator("#say > button").click()
    await expect(tab.page.locator("#log li.theirs").last).to_have_text("You said: about")
    await expect(tab.page.locator("#text")).to_have_value("")


async def test_a_double_click_says_it_once(open_tab: Open, site: Pages) -> None:
    tab = await open_tab()
    await tab.page.locator("#log button[value$=':go']").dblclick()
    await expect(tab.page.locator("#log li.theirs")).to_have_count(1)
    await tab.page.locator("#text").fill("Finland")
    await tab.page.locator("#say > button").dblclick()
    await expect(tab.page.locator("#log li.theirs")).to_have_count(2)
    await asyncio.sleep(0.5)
    assert await tab.page.locator("#log li.theirs").count() == 2
    assert len(
        await tab.page.locator("#log li").evaluate_all("all => [...new Set(all.map(li => li.id))]")
    ) == (await tab.page.locator("#log li").count())


async def test_what_is_said_in_one_tab_stands_in_the_other(open_tab: Open, site: Pages) -> None:
    one = await open_tab()
    await press(one.page, "go")
    await expect(one.page.locator("#log li.theirs")).to_have_count(1)
    other = await open_tab("/chat", beside=one)
    await write(one.page, "Finland")
    await expect(other.page.locator("#log li.theirs").last).to_have_text("You said: Finland")
    await write(other.page, NAME)
    await expect(one.page.locator("#log li.theirs").last).to_contain_text(NAME)
    assert one.problems == other.problems == []


async def test_back_and_forth_in_the_browser_loses_nothing(open_tab: Open, site: Pages) -> None:
    tab = await open_tab(scripts=False)
    await press(tab.page, "go")
    await write(tab.page, "Finland")
    await write(tab.page, NAME)
    await tab.page.go_back()
    await tab.page.go_back()
    await write(tab.page, "Chile")  # on the page that asked for the country
    await tab.page.goto("/chat")
    await expect(tab.page.locator("#log li.ours").last).to_contain_text("You can add a sentence")
    assert tab.problems == []


async def test_a_letter_by_keyboard_alone(open_tab: Open, site: Pages) -> None:
    tab = await open_tab()
    keys = tab.page.keyboard

    async def reach(selector: str) -> None:
        for _ in range(60):
            await keys.press("Tab")
            if await tab.page.evaluate("what => document.activeElement?.matches(what)", selector):
                outline = await tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none"
                return
        raise AssertionError(f"{selector} cannot be reached by Tab")

    async def type_and_send(text: str) -> None:
        await reach("#text")
        await keys.type(text)
        await reach("#say > button")
        await keys.press("Enter")

    await reach("button[value$=':go']")
    await keys.press("Enter")
    await expect(tab.page.locator("#log li.theirs")).to_have_count(1)
    for count, text in ((2, "Finland"), (3, NAME)):
        await type_and_send(text)
        await expect(tab.page.locator("#log li.theirs")).to_have_count(count)
    for count, value in ((4, "skip"), (5, "send"), (6, "yes")):
        await reach(f"#log li:last-child button[value$=':{value}']")
        await keys.press("Enter")
        await expect(tab.page.locator("#log li.theirs")).to_have_count(count)
    assert len(await site.harness.letters()) == 1


async def test_without_a_network_the_page_says_so_and_keeps_what_was_written(
    open_tab: Open, site: Pages
) -> None:
    tab = await open_tab()
    await press(tab.page, "go")
    await expect(tab.page.locator("#log li.theirs")).to_have_count(1)
    await tab.page.context.set_offline(True)
    await write(tab.page, "Finland")
    await expect(tab.page.get_by_role("alert")).to_contain_text("There is no connection.")
    assert await tab.page.locator("#text").input_value() == "Finland"
    tab.problems.clear()  # the browser says it, too
    await tab.looks_right()
    await tab.page.context.set_offline(False)
    await tab.page.locator("#say > button").click()
    await expect(tab.page.locator("#log li.theirs")).to_have_count(2)
    await expect(tab.page.locator("#note")).to_be_empty()


async def test_what_was_forgotten_in_one_tab_is_gone_from_the_others(open_tab: Open, site: Pages) -> None:
    one = await open_tab()
    await press(one.page, "go")
    await expect(one.page.locator("#log li.theirs")).to_have_count(1)
    other = await open_tab("/chat", beside=one)
    asked: list[str] = []
    for tab in (one, other):
        tab.page.on("request", lambda request: asked.append(request.url))
    await write(one.page, "forget")
    await press(one.page, "yes")
    await expect(one.page.locator("#note")).to_contain_text("The chat is deleted.")
    await expect(other.page.locator("#log li.theirs")).to_have_count(0)
    await one.page.wait_for_timeout(2_000)
    await expect(one.page.locator("#log li.ours").last).to_contain_text("It is deleted")
    assert len([each for each in asked if "/chat/news" in each]) <= 4  # nobody asks again and again
    await write(one.page, "Hello")
    await expect(one.page.locator("#log li.theirs")).to_have_text(["You said: Hello"])
    await expect(one.page.locator("#log li.ours")).not_to_have_count(0)


async def test_less_data_means_no_script_at_all(open_tab: Open) -> None:
    for tab in (await open_tab("/chat?lite=1"), await open_tab(headers={"Save-Data": "on"})):
        assert await tab.page.locator("script").count() == 0
        await tab.page.goto("/chat")
        assert await tab.page.locator("script").count() == 0
        await tab.looks_right()


async def test_who_leaves_quickly_is_elsewhere_and_nothing_is_left(open_tab: Open) -> None:
    tab = await open_tab()
    await press(tab.page, "go")
    await expect(tab.page.locator("#log li.theirs")).to_have_count(1)
    gone: list[str] = []

    async def note(route: Route) -> None:
        gone.append(route.request.url)
        await route.abort()

    await tab.page.context.route("https://**", note)
    await tab.page.locator(".leave").click()
    async with asyncio.timeout(60):
        while not gone:  # noqa: ASYNC110  it is the browser's doing
            await asyncio.sleep(0.05)
    assert gone[0].startswith("https://www.wikipedia.org/")
    assert [each for each in await tab.page.context.cookies() if "chat" in str(each.get("name"))] == []


async def test_forget_ends_on_a_page_that_says_so(open_tab: Open, site: Pages) -> None:
    for scripts in (True, False):
        tab = await open_tab(scripts=scripts)
        await press(tab.page, "go")
        await write(tab.page, "forget")
        await press(tab.page, "yes")
        await expect(tab.page.locator("#log li.ours").last).to_contain_text("It is deleted")
        await expect(tab.page.locator("#note")).to_contain_text("The chat is deleted.")
        await expect(tab.page.locator("#log li")).to_have_count(1)
        await tab.looks_right()


async def test_a_letter_begun_here_goes_on_elsewhere_and_comes_back(
    open_tab: Open, site: Pages, store: Store, pseudo_script: Script, clock: FakeClock
) -> None:
    app = await Harness.open(store, pseudo_script, MemoryChannel(), clock)
    tab = await open_tab()
    await press(tab.page, "go")
    await write(tab.page, "Finland")
    await write(tab.page, "move")
    code = tab.page.locator("#log code").last
    await expect(code).to_have_text(re.compile("/move .{9}"))
    await app.receive_all("ana", [await code.inner_text(), "yes"])
    assert "What shall stand under your letter?" in app.last_text_to("ana")
    await app.receive_all("ana", [NAME, "move"])
    back = re.findall(r"/move \S{9}", "\n".join(app.texts_to("ana")))[-1]
    fresh = await open_tab("/chat")
    await write(fresh.page, back)
    await press(fresh.page, "yes")
    await expect(fresh.page.locator("#log")).to_contain_text("You can add a sentence of your own")
    await fresh.looks_right()
    for address in tuple(site.channel._listeners):
        await site.channel.send(address, Reply(Markup("There is news.")))
    await expect(fresh.page.locator("#log li").last).to_contain_text("There is news.")
    for value in ("skip", "send", "no"):
        await press(fresh.page, value)
        await expect(fresh.page.locator("#log li").last).to_have_class("ours")
    assert [each.country for each in await app.letters()] == ["FI"]
