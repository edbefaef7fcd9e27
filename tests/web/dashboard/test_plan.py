"""When letters of a case are sent, in the dashboard."""

from collections.abc import AsyncIterator
from copy import copy
from datetime import time
from zoneinfo import ZoneInfo

import pytest

from assistant.dialogue.script import Script
from assistant.domain.actions import ActionDay
from assistant.domain.office_pace import Pace
from assistant.domain.organisers import Role
from assistant.domain.texts import CaseDate
from assistant.store.database import Store
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.invented_cases import the_action, with_action, with_target
from tests.support.publishing import CASE

PATH = f"/dashboard/cases/{CASE}"


@pytest.fixture
async def busy(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Team]:
    """An action day lies ahead, and the office can bear one letter a minute."""
    case = with_target(script.cases[CASE], pace=Pace(per_minute=1))
    day = ActionDay(CaseDate(2012, 1, 26), the_action(case).title, time(9))
    changed = copy(script)
    changed.cases = {CASE: with_action(case, action_days=(day,), goal=500)}
    async with open_dashboard(store, changed, clock) as opened:
        yield opened


async def test_what_an_action_day_can_take_and_when_what_waits_is_sent(busy: Team) -> None:
    case = busy.harness.script.cases[CASE]
    await busy.harness.queue_letters(*(f"writer {number}" for number in range(24)))
    async with busy.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(PATH)
        said = await browser.follow("When letters are sent")
        opens, closes = case.main.hours.opens, case.main.hours.closes
        first = max(time(9), opens)
        room = (closes.hour - first.hour) * 60 + closes.minute - first.minute
        assert "Letters are kept for it until Thursday, January 26, 2012" in said
        assert f"Up to {room} letters can be sent on that day." in said
        assert "Thursday, January 26, 2012," in said and ": 20+ letters" in said
        assert "24" not in said.replace("2012", "")
        begins = the_action(case).action_days[0].begins(case.main.hours)
        assert begins and begins.astimezone(ZoneInfo(case.main.timezone)).day == 26


async def test_a_goal_has_a_thermometer_for_what_was_sent_and_what_arrived(busy: Team) -> None:
    async with busy.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(PATH)
        assert "Letters sent: &lt;10. Goal: 500<" in browser.source
        assert "Letters arrived: &lt;10. Goal: 500<" in browser.source


async def test_of_few_letters_the_pace_of_the_office_does_not_tell_how_many_they_are(busy: Team) -> None:
    said = set()
    async with busy.signed_in("vera", Role.VIEWER) as browser:
        for number in range(1, 10):
            await busy.harness.queue_letters(f"writer {number}")
            said.add(await browser.open(f"{PATH}/plan"))
    assert len(said) == 1 and ": <10 letters" in said.pop()


async def test_where_nothing_waits_that_is_said(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        assert "No letter waits for this office." in await browser.open(f"{PATH}/plan")
        await browser.open("/dashboard/cases/nobody/plan")
        assert browser.status == 404
