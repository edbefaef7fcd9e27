"""The first page: what needs somebody, and what stands still."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.carriers.tray import Tray
from assistant.dialogue.script import Script
from assistant.domain.effects import Pause
from assistant.domain.errors import Down
from assistant.domain.organisers import Role
from assistant.services.letters.carrier_health import CarrierHealth
from assistant.store import lanes
from assistant.store.database import Store
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.organisers import carry_out
from tests.support.publishing import CASE

PATH = "/dashboard"


@pytest.fixture
def health(tmp_path: Path) -> CarrierHealth:
    """A tray that can be written, and a fax line that nobody has used."""
    return CarrierHealth({"tray": Tray(tmp_path / "tray"), "fax": _Line(tmp_path)})


class _Line(Tray):
    real = True


@pytest.fixture
async def served(
    store: Store, script: Script, clock: FakeClock, health: CarrierHealth
) -> AsyncIterator[Team]:
    """With these carriers."""
    async with open_dashboard(store, script, clock, carrier_health=health) as opened:
        yield opened


async def test_where_nothing_waits_that_is_said_and_there_is_nothing_to_halt(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        said = await browser.open(PATH)
        assert "Nothing waits for you now." in said and "What stands still" not in said
        assert "Halt all" not in said


async def test_a_carrier_that_takes_no_letters_stands_still_and_the_operator_reads_why(
    served: Team, health: CarrierHealth
) -> None:
    async with served.signed_in("vera", Role.VIEWER) as browser:
        assert "What stands still" not in await browser.open(PATH)
        health.failed("fax", Down("The fax server at fax.example does not answer."))
        said = await browser.open(PATH)
        assert "No letters leave by fax now: they wait, and nothing is lost" in said
        assert "The fax server at fax.example does not answer." in said
        assert "leave by tray" not in said
        health.worked("fax")
        assert "What stands still" not in await browser.open(PATH)


async def test_a_channel_that_does_not_work_is_told(team: Team) -> None:
    team.harness.channel.trouble = "The platform refuses the token."
    async with team.signed_in("vera", Role.VIEWER) as browser:
        said = await browser.open(PATH)
        assert "Messages by Memory do not come and go as they should" in said
        assert "The platform refuses the token." in said


async def test_what_is_paused_stands_still(team: Team) -> None:
    await team.join("olga", Role.OWNER)
    await carry_out(team.harness, "olga", Pause(CASE))
    async with team.signed_in("vera", Role.VIEWER) as browser:
        assert "Norma Cruz, Guatemala is paused" in await browser.open(PATH)


async def test_a_channel_that_is_to_wait_stands_still_until_it_goes_on(team: Team) -> None:
    until = team.harness.clock() + timedelta(hours=1)
    async with team.harness.store.write() as tx:
        await lanes.pause(tx, "memory:1", ["bulk"], until, "flood control")
    async with team.signed_in("vera", Role.VIEWER) as browser:
        assert "memory:1 stands still until" in await browser.open(PATH)
        team.harness.clock.advance(hours=2)
        await browser.open(await team.link("vera"))
        await browser.press("Sign in")
        assert "stands still" not in browser.said
