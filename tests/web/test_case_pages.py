"""The public page of a case, its counter, and what can be passed on."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from assistant.dialogue.script import Script
from assistant.domain import counter_files
from assistant.domain.counter import Counter, findings
from assistant.domain.messages import ChatLink
from assistant.store.database import Store
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.visitor import Pages, open_site

CASE = "norma-cruz"


@pytest.fixture
async def site(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages, with a channel beside the web."""
    telegram = MemoryChannel()
    telegram.called = "Telegram"
    telegram.link = ChatLink("https://t.me/example_bot", "https://t.me/example_bot?start={case}_{source}")
    async with open_site(store, script, clock, others=[telegram]) as opened:
        yield opened


async def test_it_says_who_is_at_risk_what_is_asked_and_where_to_write(site: Pages) -> None:
    async with site.visitor() as visitor:
        said = await visitor.open(f"/{CASE}?s=flyer")
        assert "47 death threats" in said and "The first letters are on their way." in said
        assert visitor.page.links["Write the letter here"] == "/chat?case=norma-cruz&s=flyer"
        assert visitor.page.links["Write over Telegram"] == "https://t.me/example_bot?start=norma-cruz_flyer"
        assert 'aria-label="QR code that opens a chat over Telegram"' in visitor.source
        assert not visitor.page.scripts


async def test_its_button_leads_into_the_chat_about_that_case(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open(f"/{CASE}?s=flyer")
        await visitor.open(visitor.page.links["Write the letter here"])
        await visitor.press("Write the letter")
        assert "Which country do you live in?" in visitor.last


async def test_platforms_find_a_picture(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open(f"/{CASE}?lang=es")
        assert (
            f'<meta property="og:image" content="{site.channel.url}/{CASE}/card.png?lang=es">'
            in visitor.source
        )
        assert '<html lang="es"' in visitor.source
        async with visitor.client.get(f"/{CASE}/card.png?lang=es") as answer:
            assert answer.content_type == "image/png" and (await answer.read()).startswith(b"\x89PNG")
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            tag = answer.headers["ETag"]
        async with visitor.client.get(f"/{CASE}/card.png?lang=es", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304


@pytest.mark.parametrize(
    ("name", "kind", "begins"),
    [("card.svg", "image/svg+xml", b"<svg"), ("flyer.pdf", "application/pdf", b"%PDF")],
)
async def test_pictures_and_a_flyer_for_everybody(site: Pages, name: str, kind: str, begins: bytes) -> None:
    async with site.visitor() as visitor, visitor.client.get(f"/{CASE}/{name}") as answer:
        assert answer.content_type == kind and (await answer.read()).startswith(begins)


async def test_the_counter_shows_and_proves_whole_batches(site: Pages, clock: FakeClock) -> None:
    codes = await site.count_letters(12)
    clock.advance(seconds=timedelta(days=1).total_seconds())
    await site.close_days()
    async with site.visitor() as visitor:
        assert "12 letters have arrived up to" in await visitor.open(f"/{CASE}")
        said = await visitor.post(f"/{CASE}", {"code": f" {codes[3].lower()} "})
        assert "Your letter is counted, once: it is one of 12" in said and codes[3] not in visitor.url
        assert "There is a slip in that code." in await visitor.post(
            f"/{CASE}", {"code": codes[3][:-1] + "!"}
        )
        async with visitor.client.get(f"/{CASE}/counter.json") as answer:
            counter = counter_files.read(await answer.text())
            named = json.loads(await answer.text())["batches"][0]["leaves"]
        async with visitor.client.get(f"/{CASE}/{named}") as answer:
            leaves = counter_files.read(await answer.text())
        assert isinstance(counter, Counter) and isinstance(leaves, counter_files.BatchLeaves)
        assert list(findings(counter, {1: leaves.leaves})) == []


async def test_fewer_than_ten_letters_are_not_told(site: Pages, clock: FakeClock) -> None:
    await site.count_letters(9)
    clock.advance(seconds=timedelta(days=1).total_seconds())
    await site.close_days()
    async with site.visitor() as visitor:
        said = await visitor.open(f"/{CASE}")
        assert "have arrived up to" not in said and "9 letters" not in said


@pytest.mark.parametrize(
    "path",
    [
        "/no-such-case",
        "/no-such-case/card.png",
        f"/{CASE}/counter-1.json",
        f"/{CASE}/../keyring.json",
        "/..%2fkeyring.json",
        f"/{CASE}/card.svg/..%2f..%2fkeyring.json",
        "/static/..%2f..%2fsettings.py",
        "/Norma-Cruz",
        f"/{CASE}%00",
    ],
)
async def test_there_is_nothing_at_other_addresses(site: Pages, path: str) -> None:
    async with site.visitor() as visitor, visitor.client.get(path) as answer:
        assert answer.status == 404
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_all_cases_stand_on_the_first_page(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open("/")
        assert f"/{CASE}" in visitor.page.links.values()
