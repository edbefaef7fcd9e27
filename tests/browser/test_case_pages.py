"""The public pages of cases with a real browser."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, PHONE, PSEUDO, Open
from tests.support.fakes.channel import FakeClock
from tests.support.visitor import Pages

pytestmark = [pytest.mark.chance, pytest.mark.timeout(180)]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("language", ["en", "es", PSEUDO])
async def test_a_case_looks_right(
    open_tab: Open,
    site: Pages,
    clock: FakeClock,
    size: dict[str, int],
    language: str,
) -> None:
    (code, *_) = await site.count_letters(1_234)
    clock.advance(seconds=timedelta(days=1).total_seconds())
    await site.close_days()
    tab = await open_tab("/norma-cruz?s=flyer", language=language, size=size)
    await tab.looks_right()
    await tab.page.locator("summary").click()
    await tab.page.locator("#code").fill(code)
    await tab.page.locator("details button").click()
    await expect(tab.page.get_by_role("alert")).to_be_visible()
    await tab.looks_right()


async def test_from_the_page_of_a_case_to_its_chat(open_tab: Open) -> None:
    tab = await open_tab("/norma-cruz?s=flyer")
    await tab.page.locator(".go").click()
    await expect(tab.page.locator("#log")).to_contain_text("47 death threats")
    assert "s=flyer" in tab.page.url


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/norma-cruz"])
async def test_other_pages_look_right(open_tab: Open, path: str) -> None:
    tab = await open_tab(path)
    tab.problems.clear()  # that there is nothing at an address is what is tried
    await tab.looks_right()
