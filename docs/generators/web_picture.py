"""Draws docs/web.png, the web pages on a phone, with a real server and Chromium.

Without Chromium the picture stays as it is: `make browser` installs it.
"""

import asyncio
import base64
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, Page, async_playwright

PICTURE = Path(__file__).parent.parent / "web.png"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHONE = {"width": 360, "height": 660}
SHARP = 1.0  # pixels of the picture for one of the page
STARTS = 30  # seconds that the server has for that

_SHEET = """
<style>
body { margin: 0; padding: 16px; display: flex; gap: 16px; background: #e4ebe4 }
img { width: 360px; border: 1px solid #8a978a; border-radius: 12px }
</style>
"""


async def picture() -> bytes:
    """The page of a case, the first question, and the letter: beside each other."""
    with TemporaryDirectory() as folder:
        async with _server(Path(folder)) as url, async_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-gpu"]
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
            try:
                return await _beside_each_other(browser, await _screens(browser, url))
            finally:
                await browser.close()


async def _screens(browser: Browser, url: str) -> list[bytes]:
    context = await browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        device_scale_factor=SHARP,
        locale="en",
        color_scheme="light",
        java_script_enabled=False,
    )
    page = await context.new_page()
    await page.goto(f"{url}/norma-cruz")
    screens = [await page.screenshot()]
    await page.locator(".go").click()
    await page.locator("#log button[value$=':go']").click()
    await _write(page, "Finland")
    await _write(page, "Ana")
    screens.append(await page.screenshot())
    await page.locator("#log button[value$=':skip']").click()
    screens.append(await page.screenshot())
    return screens


async def _write(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.locator("#say > button").click()


async def _beside_each_other(browser: Browser, screens: list[bytes]) -> bytes:
    page = await browser.new_page(viewport={"width": 1144, "height": 694}, device_scale_factor=SHARP)
    images = (f'<img src="data:image/png;base64,{base64.b64encode(each).decode()}">' for each in screens)
    await page.set_content(_SHEET + "".join(images), wait_until="load")
    return await page.screenshot(full_page=True)


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[str]:
    """Gives its address."""
    settings = {
        "ASSISTANT_DATA_DIR": str(folder),
        "ASSISTANT_WEB_URL": "http://127.0.0.1",
        "ASSISTANT_LISTEN": "127.0.0.1:0",
        "ASSISTANT_LOG": "json",
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    command = Path(sys.executable).with_name("assistant")
    process = await asyncio.create_subprocess_exec(
        command, "run", env=others | settings, cwd=folder, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(STARTS):
            address = await _address(process)
        yield f"http://{address}"
    finally:
        process.terminate()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None  # noqa: S101  it is a pipe
    async for line in process.stderr:
        told = json.loads(line)
        if told["event"] == "listening":
            return str(told["address"])
    raise RuntimeError("the server has ended")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.stderr.write("docs/web.png stays as it is: there is no Chromium. `make browser` installs it.\n")
    else:
        PICTURE.write_bytes(asyncio.run(picture()))
