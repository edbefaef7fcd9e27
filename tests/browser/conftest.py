"""A real browser before the pages: Debian's Chromium, driven by Playwright. See CONTRIBUTING.md."""

import gettext
import gzip
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from assistant.content.i18n import CatalogueLocale, load_locales
from assistant.dialogue.script import Script
from assistant.domain.texts import Locale
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.wiring import content
from assistant.wiring.content import make_script
from tests.support.fakes.channel import FakeClock
from tests.support.visitor import Pages, open_site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WANTED = os.environ.get("ASSISTANT_TEST_BROWSER") == "1"
SCREENS = Path("var/screens")
PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1280, "height": 800}
PSEUDO = "ar"
"""The code of a language that we do not speak yet, in which every sentence reads from right to left."""
PATIENCE = 45_000  # milliseconds: other tests run beside this one
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=PATIENCE)
_AXE = Path(__file__).parent / "axe-core-4.14.1.min.js.gz"
_AXE_SOURCE = gzip.decompress(_AXE.read_bytes()).decode()
_OURS = re.compile(r"(<[^>]*>|\{[^}]*\}|&[a-z]+;)")
_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنه")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no browser, a word is said; where one was promised, tests fail."""
    if CHROMIUM is None and not WANTED:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="there is no Chromium: `make browser` installs it"))


class _Mirrored(gettext.NullTranslations):
    """Every sentence in Arabic letters: it says nothing, and stands as Arabic does."""

    def gettext(self, message: str) -> str:
        if "," in message and "{" not in message and message.islower():
            return message  # words to type
        return "".join(
            part if _OURS.fullmatch(part) else part.lower().translate(_LETTERS)
            for part in _OURS.split(message)
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture(scope="session")
def pseudo_script() -> Script:
    """The script with that language beside ours."""
    locales: dict[str, Locale] = {}
    for code, each in load_locales().items():
        assert isinstance(each, CatalogueLocale)
        locales[code] = CatalogueLocale(code, each.catalogue, locales)
    locales[PSEUDO] = CatalogueLocale(PSEUDO, _Mirrored(), locales)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content, "load_locales", lambda: locales)
        return make_script(Settings(_env_file=None))


@pytest.fixture
async def site(store: Store, pseudo_script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages, over an empty database."""
    async with open_site(store, pseudo_script, clock) as opened:
        yield opened


@dataclass
class Tab:
    """A page in the browser. `problems`: what the browser itself says is wrong."""

    page: Page
    name: str
    browser: Browser
    scripts: bool
    problems: list[str] = field(default_factory=list)
    shots: int = 0

    def __post_init__(self) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)

    def watch(self) -> None:
        """Note errors of scripts, and what the Content-Security-Policy has blocked."""
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "console", lambda said: self.problems.append(said.text) if said.type == "error" else None
        )

    async def looks_right(self) -> None:
        """No rule of WCAG 2.2 AA is broken, nothing has to be scrolled sideways; a picture is taken."""
        self.shots += 1
        await self.page.screenshot(path=SCREENS / f"{self.name}-{self.shots:02}.png", full_page=True)
        wide, room = await self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, f"{wide} pixels on {room}"
        assert await self.violations() == []
        assert self.problems == []

    async def violations(self) -> list[Any]:  # Any: JSON
        """What axe finds."""
        page = self.page if self.scripts else await self._with_scripts()
        await page.evaluate(_AXE_SOURCE)
        found: list[Any] = await page.evaluate(
            "async rules => (await axe.run(document, {runOnly: rules})).violations"
            ".map(each => [each.id, each.nodes.map(node => node.html)])",
            RULES,
        )
        if page is not self.page:
            await page.context.close()
        return found

    async def _with_scripts(self) -> Page:
        """The same page where axe can run: it needs timers."""
        context = await self.browser.new_context(viewport=self.page.viewport_size)
        page = await context.new_page()
        await page.goto(self.page.url.partition("/chat")[0] + "/healthz")  # styles are of the same origin
        await page.set_content(await self.page.content())
        return page


Open = Callable[..., Awaitable[Tab]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, with a folder of its own."""
    assert CHROMIUM, "ASSISTANT_TEST_BROWSER=1, and there is no Chromium: `make browser` installs it"
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        try:
            yield launched
        finally:
            await launched.close()


@pytest.fixture
async def open_tab(
    browser: Browser, site: Pages, request: pytest.FixtureRequest
) -> AsyncIterator[Callable[..., Awaitable[Tab]]]:
    """Opens pages: `await open_tab("/chat", scripts=False, language="es", size=PHONE)`."""
    async with AsyncExitStack() as stack:
        count = 0

        async def opened(
            path: str = "/chat?case=norma-cruz",
            *,
            scripts: bool = True,
            language: str = "en",
            size: dict[str, int] = PHONE,
            beside: Tab | None = None,
            headers: dict[str, str] | None = None,
        ) -> Tab:
            nonlocal count
            count += 1
            if beside is None:
                context: BrowserContext = await browser.new_context(
                    java_script_enabled=scripts,
                    locale=language,
                    viewport={"width": size["width"], "height": size["height"]},
                    base_url=f"http://{site.address}",
                    extra_http_headers=headers or {},
                    bypass_csp=False,
                )
                stack.push_async_callback(context.close)
            else:
                context = beside.page.context
            name = re.sub(r"\W+", "-", f"{request.node.name}-{count}").strip("-")
            tab = Tab(await context.new_page(), name, browser, scripts)
            tab.page.set_default_timeout(PATIENCE)
            tab.watch()
            await tab.page.goto(path)
            return tab

        yield opened
