"""*Halt all* while copies are sent at full speed: two people, each with a real browser."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from assistant.channels.base import RateLimit
from assistant.dialogue.script import Script
from assistant.domain.broadcasts import CopyStatus
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Role
from assistant.services.messages.outbox import CLAIM_MAX
from assistant.store.database import Store
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.test_dashboard import sign_in
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.organisers import add_subscribers, alert

pytestmark = [pytest.mark.chance, pytest.mark.timeout(180)]

PACE = 1_000  # copies a second
READERS = 20_000  # so that it takes longer than a slow machine's browser does


@pytest.fixture
async def team(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Team]:
    """With a channel that takes so many copies a second."""
    async with open_dashboard(store, script, clock) as opened:
        opened.harness.channel.pace = RateLimit(bulk=PACE)
        yield opened


def begun(team: Team) -> int:
    """How many copies have begun."""
    return sum(person.startswith("reader") for person, _reply in team.harness.channel.order)


@pytest.mark.parametrize("scripts", [True, False], ids=["live", "forms"])
async def test_what_one_halts_stops_at_once_and_the_other_sees_it(
    open_tab: Open, team: Team, scripts: bool
) -> None:
    harness = team.harness
    await add_subscribers(harness, [f"reader {number}" for number in range(READERS)])
    one = await sign_in(team, open_tab, "vera", Role.VIEWER, scripts=scripts, size=PHONE)
    two = await sign_in(team, open_tab, "olga", Role.OWNER, scripts=scripts, size=DESKTOP)
    await harness.send(alert(harness))
    await one.page.reload()
    await two.page.goto(f"http://{team.address}/dashboard/broadcasts/1")
    await expect(two.page.locator("button.stop")).to_be_visible()
    sending = asyncio.create_task(harness.engine().run_until_idle())
    await harness.channel.until(len(harness.channel.order) + CLAIM_MAX)
    at_the_press = begun(team)
    async with one.page.expect_response(re.compile(r"/dashboard/halt$")) as answered:
        await one.page.locator("button.stop").click(no_wait_after=True)
    assert (await answered.value).status == 303
    at_the_answer = begun(team)
    await expect(one.page.locator("[role=status]")).to_contain_text("is halted")
    await sending
    after = begun(team)
    assert 0 < at_the_press <= at_the_answer <= after < READERS
    assert after - at_the_answer <= CLAIM_MAX, "what was not claimed by then has begun"
    assert (await harness.broadcast()).status is BroadcastStatus.HALTED
    assert await harness.tally() == {CopyStatus.SENT: after}
    if scripts:
        await two.page.get_by_role("link", name="What you can do now").click()
    else:
        await two.page.reload()
    await expect(two.page.locator("#progress")).to_contain_text("Alert 1: halted")
    await expect(two.page.locator("form[action$='/resume']")).to_be_visible()
    await expect(two.page.get_by_role("link", name="What you can do now")).to_have_count(0)
    await two.looks_right()
    await two.page.goto(f"http://{team.address}/dashboard")
    await expect(two.page.locator("main")).to_contain_text("Alert 1: halted")
    await expect(two.page.locator("button.stop")).to_have_count(0)
    await one.looks_right()
    await two.looks_right()
