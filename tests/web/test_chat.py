"""Supporters on the web page, without scripts."""

import asyncio
import re
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest
from markupsafe import Markup
from sqlalchemy import func, select

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import Reply
from assistant.domain.organisers import Role
from assistant.services.broadcasts.approval import SHELL
from assistant.store import sources
from assistant.store.database import Store
from assistant.store.tables import chats as chats_table
from tests.support.fakes.channel import FakeClock
from tests.support.harness import NAME, PERSONAL_LINE
from tests.support.visitor import Pages, Visitor, open_site

LETTER = ("Write the letter", "Finland", NAME, PERSONAL_LINE, "Send", "Yes")
BUTTONS = {"Write the letter", "Send", "Yes"}


@pytest.fixture
async def site(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages, over an empty database."""
    async with open_site(store, script, clock) as opened:
        yield opened


async def write_a_letter(visitor: Visitor, until: str | None = None) -> None:
    """The whole way, or up to an answer."""
    await visitor.open()
    for said in LETTER:
        if said == until:
            return
        await (visitor.press(said) if said in BUTTONS else visitor.write(said))
        assert visitor.status == 200, visitor.source


async def chats(site: Pages) -> int:
    """How many chats there are."""
    async with site.harness.store.read() as tx:
        return await tx.connection.scalar(select(func.count()).select_from(chats_table)) or 0


async def test_a_whole_letter(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_a_letter(visitor)
        assert "You will hear from us when there is news" in visitor.source
    (letter,) = await site.harness.letters()
    assert (letter.case, letter.country, letter.status) == ("norma-cruz", "FI", LetterStatus.QUEUED)


async def test_where_the_link_stood_is_kept_on_the_letter(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open("/chat?case=norma-cruz&s=flyer")
        await visitor.open("/chat")  # the browser remembers by which link they came
        for said in LETTER:
            await (visitor.press(said) if said in BUTTONS else visitor.write(said))
    async with site.harness.store.read() as tx:
        assert await sources.letters_by_source(tx) == {("flyer", "norma-cruz"): 1}


async def test_looking_begins_no_chat(site: Pages) -> None:
    async with site.visitor() as visitor:
        said = await visitor.open()
        assert "47 death threats" in said and visitor.page.buttons
        assert await chats(site) == 0
        await visitor.press("Write the letter")
        assert "Which country do you live in?" in visitor.last
        assert await chats(site) == 1


async def test_a_double_click_on_the_first_page_begins_one_chat(site: Pages) -> None:
    async with site.visitor() as one:
        await one.open()
        other = Visitor(one.client, page=one.page)  # it sends its form twice, before any answer came back
        await asyncio.gather(one.press("Write the letter"), other.press("Write the letter"))
        assert await chats(site) == 1
        await one.open("/chat")
        assert [each.strip() for each in one.page.entries].count("Write the letter") == 1
        await one.write("Finland")
        assert NAME not in one.source and "What shall stand under your letter?" in one.source


async def test_the_same_form_twice_counts_once(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_a_letter(visitor, until="Send")
        page = visitor.page
        await visitor.press("Send")
        visitor.page = page
        await visitor.press("Send")
        assert len(await site.harness.letters()) == 1
        await visitor.open("/chat")
        assert "Shall we write to you when there is news" in visitor.last


async def test_an_old_page_gets_a_kind_sentence_and_loses_nothing(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_a_letter(visitor, until=NAME)
        old = visitor.page
        await visitor.write(NAME)
        visitor.page = old
        await visitor.press("A supporter in Finland")
        assert visitor.status == 200
        await visitor.open("/chat")
        assert "You can add a sentence of your own" in visitor.last


async def test_two_tabs_show_the_same_chat(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_a_letter(visitor, until="Finland")
        tab = Visitor(visitor.client)
        await tab.open("/chat")
        await visitor.write("Finland")
        await tab.write(NAME)  # from the page that still asks for the country
        await tab.open("/chat")
        assert "You can add a sentence of your own" in tab.last


async def test_the_letter_can_be_seen_as_it_is_printed(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_a_letter(visitor, until="Send")
        await visitor.press("Show the printed page")
        link = visitor.page.links["Open the letter as a PDF"]
        async with visitor.client.get(link) as answer:
            assert answer.content_type == "application/pdf"
            assert (await answer.read()).startswith(b"%PDF")
            assert answer.headers["Cache-Control"] == "no-store"
    async with site.visitor() as stranger, stranger.client.get(link) as answer:
        assert answer.status == 404


async def test_who_is_forgotten_reads_so_and_is_gone(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_a_letter(visitor)
        await visitor.write("forget")
        said = await visitor.press("Yes")
        assert "It is deleted" in said and NAME not in said
        await site.harness.outbox.settle()
        assert await chats(site) == 0
        said = await visitor.open("/chat")
        assert NAME not in said and "Finland" not in said


async def test_an_update_is_there_when_they_come_back(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_a_letter(visitor)
        token = next(each.value for each in visitor.client.cookie_jar if each.key == "chat")
        await site.channel.send(site.channel.address(token), Reply(Markup("There is news.")))
        assert "There is news." in await visitor.open("/chat")


async def test_web_addresses_that_we_name_can_be_pressed(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_a_letter(visitor)
        assert "http://127.0.0.1/norma-cruz?s=friend" in visitor.page.links.values()


async def test_what_is_too_long_stays_in_its_field(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_a_letter(visitor, until=NAME)
        await visitor.write("x" * 9_000)
        assert visitor.status == 413
        assert visitor.page.typed.startswith("xxx") and "too long" in visitor.page.note


async def test_spanish_browsers_read_spanish_and_arabic_names_stand_as_they_are(site: Pages) -> None:
    async with site.visitor(Accept_Language="es-MX,es;q=0.9,en;q=0.4") as visitor:
        said = await visitor.open()
        assert '<html lang="es" dir="ltr">' in visitor.source and "47 amenazas de muerte" in said


async def test_a_letter_in_another_language_is_marked_as_such(site: Pages) -> None:
    async with site.visitor() as visitor:
        await write_a_letter(visitor, until="Send")
        assert "<blockquote>" in visitor.source
        await visitor.press("Show it in Spanish")
        assert '<blockquote lang="es">' in visitor.source


async def test_a_picture_stands_in_the_page_and_says_what_it_shows(site: Pages) -> None:
    await site.harness.queue_letters(*(f"writer{number}" for number in range(11)))
    async with site.harness.store.write() as tx:
        code = await site.harness.news.organiser_service.invite(tx, SHELL, Role.VIEWER)
    async with site.visitor() as vera, site.visitor() as stranger:
        await vera.open()
        for said in (f"/organiser {code}", "Vera", "/stats"):
            await vera.write(said)
        pictures = re.findall(r'<img src="/chat/file/(\d+)" alt="([^"]*)"', vera.source)
        (number,) = (each for each, said in pictures if said == "Letters by country\nFinland: 10+")
        async with vera.client.get(f"/chat/file/{number}") as answer:
            drawn = ElementTree.fromstring(await answer.text())  # noqa: S314  our own
            assert (answer.status, answer.content_type) == (200, "image/svg+xml")
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
        async with stranger.client.get(f"/chat/file/{number}") as answer:
            assert answer.status == 404
