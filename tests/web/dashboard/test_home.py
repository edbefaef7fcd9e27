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
        assert "No letters are sent by fax now: they wait, and nothing is lost" in said
        assert "The fax server at fax.example does not answer." in said
        assert "sent through the campaign now" not in said
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
        for account in ("memory:1", "signal:55", "signal:56"):
            await lanes.lane_ids(tx, "bulk", [account])
            await lanes.lane_ids(tx, "replies", [account])
        await lanes.pause(tx, "memory:1", ["bulk"], until, "flood control")
        for number, account in enumerate(("signal:55", "signal:56"), 1):
            later = until + timedelta(hours=number)
            await lanes.pause(tx, account, ["bulk", "replies"], later, "flood control")
    async with team.signed_in("vera", Role.VIEWER) as browser:
        said = await browser.open(PATH)
        assert "Updates and alerts by Memory wait until" in said and "Replies by Memory" not in said
        assert said.count("Updates and alerts by Signal wait until") == 1
        assert said.count("Replies by Signal wait until") == 1
        assert "memory:1" not in said and "signal:" not in said
        assert "6:00 PM" in said and "5:00 PM" not in said, "until the last of its accounts goes on"
        team.harness.clock.advance(hours=4)
        await browser.open(await team.link("vera"))
        await browser.press("Sign in")
        assert "What stands still" not in browser.said


async def test_a_program_that_is_to_be_told_later_is_for_owners(team: Team) -> None:
    async with team.harness.store.write() as tx:
        await lanes.lane_ids(tx, "webhooks", ["hooks.example.org-1a2b3c4d"])
        until = team.harness.clock() + timedelta(hours=1)
        await lanes.pause(
            tx, "hooks.example.org-1a2b3c4d", ["webhooks"], until, "the endpoint asks us to wait"
        )
    async with team.signed_in("olga", Role.OWNER) as owner, team.signed_in("abel", Role.APPROVER) as other:
        said = "What hooks.example.org-1a2b3c4d is told by a webhook waits until"
        assert said in await owner.open(PATH)
        assert "hooks.example.org" not in await other.open(PATH)
