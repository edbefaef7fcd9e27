"""How much of somebody's data a letter costs: what was promised, in bytes as they are sent."""

from collections.abc import AsyncIterator

import pytest

from assistant.dialogue.script import Script
from assistant.store.database import Store
from tests.support.fakes.channel import FakeClock
from tests.support.harness import NAME, PERSONAL_LINE
from tests.support.visitor import Pages, Visitor, open_site

A_TURN = 3_000  # bytes, gzipped
WITH_SCRIPT = 25_000  # a whole letter
WITHOUT = 10_000
LETTER = ("Write the letter", "Finland", NAME, PERSONAL_LINE, "Send", "Yes")


@pytest.fixture
async def site(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages, over an empty database."""
    async with open_site(store, script, clock) as opened:
        yield opened


async def _turns(visitor: Visitor, *, live: bool) -> list[int]:
    """A whole letter: how many bytes each turn took."""
    before = visitor.bytes
    sizes: list[int] = []
    for said in LETTER:
        headers = {"HX_Request": "true"} if live and sizes else {}
        pressed = [each for each in visitor.page.buttons if each.startswith(said)]
        await (visitor.press(said, **headers) if pressed else visitor.write(said, **headers))
        sizes.append(visitor.bytes - before)
        before = visitor.bytes
    return sizes


async def test_a_letter_without_scripts(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open("/chat?case=norma-cruz&lite=1")
        assert not visitor.page.scripts
        await visitor.load(visitor.page.styles[0])
        sizes = await _turns(visitor, live=False)
        assert max(sizes) < A_TURN and visitor.bytes < WITHOUT, (sizes, visitor.bytes)


async def test_a_letter_with_script(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open("/chat?case=norma-cruz")
        await visitor.load(visitor.page.styles[0])
        await visitor.load(visitor.page.scripts[0])
        sizes = await _turns(visitor, live=True)
        assert max(sizes) < A_TURN and visitor.bytes < WITH_SCRIPT, (sizes, visitor.bytes)


@pytest.mark.parametrize("header", ["on", "On"])
async def test_a_browser_that_saves_data_gets_no_script(site: Pages, header: str) -> None:
    async with site.visitor(Save_Data=header) as visitor:
        await visitor.open()
        assert not visitor.page.scripts
        await visitor.press("Write the letter")
        assert not visitor.page.scripts


async def test_styles_and_scripts_are_asked_for_once(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open()
        for path in (*visitor.page.styles, *visitor.page.scripts):
            async with visitor.client.get(path) as answer:
                assert (
                    "immutable" in answer.headers["Cache-Control"]
                    and answer.headers["Content-Encoding"] == "gzip"
                )
