"""*Halt all* while copies are sent as fast as the channel allows.

Time is told by the copies themselves: the channel takes `PACE` of them a second, and more than enough wait.
So two seconds are over when it has taken twice as many, however fast the machine is.
"""

import asyncio

import pytest

from assistant.channels.base import RateLimit
from assistant.domain.broadcasts import CopyStatus
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Role
from assistant.services.messages.outbox import CLAIM_MAX
from tests.support.dashboard import Team
from tests.support.organisers import add_subscribers, alert

pytestmark = [pytest.mark.chance, pytest.mark.both_databases]

PACE = 1_000  # copies a second
READERS = 6_000
WITHIN = 2  # seconds after the press in which the last copy may begin


def begun(team: Team) -> int:
    """How many copies have begun."""
    return sum(person.startswith("reader") for person, _reply in team.harness.channel.order)


async def test_no_copy_begins_later_than_two_seconds_after_the_press(team: Team) -> None:
    harness = team.harness
    harness.channel.pace = RateLimit(bulk=PACE)
    await add_subscribers(harness, [f"reader {number}" for number in range(READERS)])
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await harness.send(alert(harness))
        await browser.open()
        sending = asyncio.create_task(harness.engine().run_until_idle())
        await harness.channel.until(len(harness.channel.order) + CLAIM_MAX)
        at_the_press = begun(team)
        await browser.press("Halt all")
        at_the_answer = begun(team)
        assert "Everything that was being sent is halted." in browser.said
        await sending
    after = begun(team)
    assert 0 < at_the_press <= after < READERS
    assert after - at_the_press <= WITHIN * PACE
    assert after - at_the_answer <= CLAIM_MAX, "what was not claimed by then has begun"
    await harness.engine().run_until_idle()
    assert begun(team) == after
    assert (await harness.broadcast()).status is BroadcastStatus.HALTED
    assert await harness.tally() == {CopyStatus.SENT: after}
