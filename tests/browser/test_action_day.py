"""An alert for the action day before the dashboard: two people, each with a real browser."""

import re
from collections.abc import AsyncIterator
from copy import copy
from datetime import time

import pytest
from playwright.async_api import expect

from assistant.dialogue.script import Script
from assistant.domain.actions import ActionDay
from assistant.domain.broadcasts import Kind
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Role
from assistant.domain.texts import CaseDate
from assistant.store.database import Store
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.test_dashboard import sign_in
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.invented_cases import the_action, with_action
from tests.support.organisers import add_subscribers
from tests.support.publishing import CASE

pytestmark = [pytest.mark.chance, pytest.mark.timeout(180)]

READERS = 1200  # more than may be reached without typing how many


@pytest.fixture
async def team(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Team]:
    """Two days before the action day of the one case."""
    case = script.cases[CASE]
    day = ActionDay(CaseDate(2012, 1, 26), the_action(case).title, time(9))
    changed = copy(script)
    changed.cases = {CASE: with_action(case, action_days=(day,))}
    async with open_dashboard(store, changed, clock) as opened:
        yield opened


@pytest.mark.parametrize(("scripts", "size"), [(True, DESKTOP), (False, PHONE)], ids=["live", "forms"])
async def test_an_alert_for_the_action_day_is_written_approved_and_sent(
    open_tab: Open, team: Team, scripts: bool, size: dict[str, int]
) -> None:
    harness = team.harness
    await add_subscribers(harness, [f"reader {number}" for number in range(READERS)])
    one = await sign_in(team, open_tab, "olga", Role.DRAFTER, scripts=scripts, size=size)
    two = await sign_in(team, open_tab, "pedro", Role.APPROVER, scripts=scripts, size=size)
    await one.page.locator("a[href$='kind=alert']").click()
    await expect(one.page.locator("#at")).to_have_value(re.compile("2012-01-26T09:00"))
    await expect(one.page.locator("#text-en")).to_have_value(re.compile("."))
    await one.looks_right()
    await one.page.locator("button[value=save]").click()
    await expect(one.page).to_have_url(re.compile(r"/broadcasts/1\?said=saved$"))
    await harness.address()
    await one.page.goto(f"http://{team.address}/dashboard/broadcasts/1")
    await one.page.locator("form[action$='/propose'] button").click()
    await expect(one.page.locator("[role=status]")).to_be_visible()
    await two.page.reload()
    await two.page.locator("a[href$='/broadcasts/1']").first.click()
    await two.page.locator("input[name=read]").check()
    await two.looks_right()
    await two.page.locator("input[name=number]").fill("1,200")
    await two.page.locator("form[action$='/approve'] button").click()
    await expect(two.page.locator("[role=status]")).to_be_visible()
    await two.looks_right()
    found = await harness.broadcast()
    case = harness.script.cases[CASE]
    begins = the_action(case).action_days[0].begins(case.main.hours)
    assert (found.status, found.announcement.kind) == (BroadcastStatus.APPROVED, Kind.ALERT)
    assert begins is not None and found.starts_at == begins
    harness.clock.now = begins
    await harness.engine(harness.news.broadcast_worker).run_until_idle()
    got = [person for person in harness.channel.sent if person.startswith("reader")]
    assert len(got) == READERS
