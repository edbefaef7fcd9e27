"""A case in figures: what may be said, and no small count in any form."""

import re
from datetime import timedelta

from assistant.domain.organisers import Role
from assistant.domain.steps import CaseStep, Step
from assistant.services.counter import CounterDays
from assistant.store import counter, steps
from tests.support.dashboard import Team

CASE = "/dashboard/cases/norma-cruz"


async def write_letters(team: Team, count: int, country: str = "Finland") -> None:
    """So many people write from there."""
    await team.harness.queue_letters(*(f"{country} {number}" for number in range(count)))


async def test_people_and_letters_are_counted_step_by_step(team: Team) -> None:
    async with team.harness.store.write() as tx:
        found = [
            CaseStep("norma-cruz", step) for step in Step for _ in range(40 - 3 * list(Step).index(step))
        ]
        await steps.count(tx, found, team.harness.clock().date())
    await write_letters(team, 12)
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open("/dashboard/cases")
        await browser.follow("Norma Cruz, Guatemala")
        assert "How far people come" in browser.said and "Came to write" in browser.said
        assert 'role="img"' in browser.source and "style=" not in browser.source
        assert "Written: 10+" in browser.said  # where they are would be told by how many there are


async def test_few_letters_are_no_number(team: Team) -> None:
    await write_letters(team, 3)
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(CASE)
        assert "Written: <10" in browser.said
        assert "Finland" not in browser.source and "There are no letters yet" in browser.said
        assert not re.search(r">\s*3\s*<", browser.source)


async def test_a_goal_is_a_thermometer(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(CASE)
        has_goal = any(each.goal for each in team.harness.script.cases["norma-cruz"].actions.values())
        assert ("Goals" in browser.said) == has_goal


async def test_a_case_that_there_is_not_is_not_found(team: Team) -> None:
    async with team.signed_in("vera", Role.VIEWER) as browser:
        for slug in ("nobody", "..", "norma-cruz/..%2f", "%3Cscript%3E"):
            await browser.open(f"/dashboard/cases/{slug}")
            assert browser.status == 404, slug


async def test_letters_that_arrived_are_drawn_by_the_days_of_the_public_counter(team: Team) -> None:
    today = team.harness.clock().date()
    async with team.harness.store.write() as tx:
        for number, count in enumerate((12, 3, 31)):
            day = today - timedelta(days=3 - number)
            keys = [("norma-cruz", f"key-{number}-{each}") for each in range(count)]
            await counter.add(tx, keys, day)
        await CounterDays(team.harness.clock).close(tx)
    async with team.signed_in("vera", Role.VIEWER) as browser:
        await browser.open(CASE)
        assert "When letters arrived" in browser.said
        assert "January 21, 2012: 12. January 23, 2012: 34<" in browser.source
