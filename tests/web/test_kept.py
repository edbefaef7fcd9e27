"""How long what was said on the web page is kept, and that links begin nothing."""

from collections.abc import AsyncIterator

import pytest
from markupsafe import Markup
from sqlalchemy import select

from assistant.dialogue.script import Script
from assistant.domain.messages import Reply
from assistant.domain.retention import KEEP_CAREFUL, KEEP_SEEN, KEEP_UNSEEN
from assistant.store.database import Store
from assistant.store.tables import transcripts
from tests.support.fakes.channel import FakeClock
from tests.support.harness import NAME
from tests.support.visitor import Pages, open_site


@pytest.fixture
async def site(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages, over an empty database."""
    async with open_site(store, script, clock) as opened:
        yield opened


async def kept(site: Pages) -> int:
    """How many entries of chats there are, after the housekeeping."""
    await site.harness.run_retention()
    return len(await site.harness.rows(select(transcripts.c.id)))


@pytest.mark.parametrize(("country", "days"), [("Finland", KEEP_SEEN.days), ("Guatemala", KEEP_CAREFUL.days)])
async def test_what_was_shown_goes_after_the_days_that_the_page_says(
    site: Pages, country: str, days: int
) -> None:
    async with site.visitor() as visitor:
        await visitor.open()
        await visitor.press("Write the letter")
        await visitor.write(country)
        said = await visitor.write(NAME)
        assert f"We keep what is said here for {'24 hours' if days == 1 else f'{days} days'}" in said
        site.harness.clock.advance(days=days)
        assert await kept(site) > 0
        site.harness.clock.advance(days=1)
        assert await kept(site) == 0


async def test_what_nobody_looked_at_waits_for_four_weeks(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open()
        await visitor.press("Write the letter")
        token = next(each.value for each in visitor.client.cookie_jar if each.key == "chat")
        await site.channel.send(site.channel.address(token), Reply(Markup("There is news.")))
        site.harness.clock.advance(days=KEEP_UNSEEN.days)
        assert await kept(site) == 1
        assert "There is news." in await visitor.open("/chat")
        site.harness.clock.advance(days=1)
        assert await kept(site) == 0


async def test_what_was_said_is_not_readable_in_the_database(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open()
        await visitor.press("Write the letter")
        await visitor.write("Finland")
        await visitor.write(NAME)
    bodies = [each["body"] for each in await site.harness.rows(select(transcripts.c.body))]
    assert len(bodies) > 5
    assert not any(word.encode() in each for each in bodies for word in (NAME, "Finland"))


async def test_a_preview_that_fetches_every_link_leaves_nothing(site: Pages) -> None:
    async with site.visitor(User_Agent="preview") as visitor:
        for path in (
            "/",
            "/norma-cruz?s=flyer",
            "/chat?case=norma-cruz&s=flyer",
            "/chat/news",
            "/norma-cruz/card.png",
        ):
            async with visitor.client.get(path) as answer:
                assert answer.status in (200, 204)
    assert await kept(site) == 0
