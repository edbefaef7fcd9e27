"""News on a page that is open, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientResponse
from markupsafe import Markup

from assistant.channels import web as web_channel
from assistant.dialogue.script import Script
from assistant.domain.messages import Reply
from assistant.store.database import Store
from tests.support.fakes.channel import FakeClock
from tests.support.visitor import Pages, Visitor, open_site

pytestmark = [pytest.mark.chance, pytest.mark.both_databases]


@pytest.fixture
async def site(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages, over an empty database."""
    async with open_site(store, script, clock) as opened:
        yield opened


@asynccontextmanager
async def stream(visitor: Visitor, after: int = 0, **headers: str) -> AsyncIterator[ClientResponse]:
    """The page is open."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with visitor.client.get(f"/chat/news?after={after}", headers=named) as answer:
        assert answer.status == 200 and answer.content_type == "text/event-stream"
        yield answer


async def event(answer: ClientResponse) -> dict[str, str]:
    """The next event: its id, and its data."""
    found: dict[str, str] = {}
    async with asyncio.timeout(20):
        while line := (await answer.content.readline()).decode().rstrip("\r\n"):
            name, _, value = line.partition(": ")
            found[name] = found.get(name, "") + value
    return found if "data" in found else await event(answer)


def token_of(visitor: Visitor) -> str:
    return next(each.value for each in visitor.client.cookie_jar if each.key == "chat")


async def test_what_is_said_comes_at_once_and_only_once(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open()
        await visitor.press("Write the letter")
        async with stream(visitor, after=3) as answer:
            await site.channel.send(site.channel.address(token_of(visitor)), Reply(Markup("<b>News</b>")))
            told = await event(answer)
            assert told["id"] == "4" and "<b>News</b>" in told["data"] and 'id="m4"' in told["data"]
        async with stream(visitor, Last_Event_ID="4") as answer:
            await site.channel.send(site.channel.address(token_of(visitor)), Reply(Markup("More")))
            assert (await event(answer))["id"] == "5"


async def test_what_another_process_says_comes_too(
    site: Pages, store: Store, script: Script, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_channel, "LOOK", 0.05)
    async with open_site(store, script, clock) as other, other.visitor() as visitor:
        await visitor.open()
        await visitor.press("Write the letter")
        async with stream(visitor, after=3) as answer:
            await site.channel.send(site.channel.address(token_of(visitor)), Reply(Markup("From elsewhere")))
            assert "From elsewhere" in (await event(answer))["data"]


async def test_nobody_else_hears_it(site: Pages) -> None:
    async with site.visitor() as visitor, site.visitor() as stranger:
        await visitor.open()
        await visitor.press("Write the letter")
        async with stranger.client.get("/chat/news?after=0") as answer:
            assert answer.status == 204
        stranger.client.cookie_jar.update_cookies({"chat": "0" * 32})
        async with stranger.client.get("/chat/news?after=0") as answer:
            assert answer.status == 204


async def test_the_stream_ends_with_the_chat(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open()
        await visitor.press("Write the letter")
        async with stream(visitor, after=3) as answer:
            await visitor.write("forget")
            await visitor.press("Yes")
            await site.harness.outbox.settle()
            async with asyncio.timeout(20):
                while await answer.content.readline():
                    pass
        assert not site.channel._listeners
