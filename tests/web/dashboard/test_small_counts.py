"""Whoever reads everything that is shown of a case, and adds and subtracts it, finds no small count.

Letters of two actions are drawn, with where they are and the countries that they come from. What is read is
the case's page, its plan, `/stats`, the rows of `assistant actions list` and `assistant cases figures`, and
the public counter, in which all letters are that have arrived. What is not looked at: `/metrics`, which are
of all cases together and exact (decision 48), and what the rule for hiding says beyond what is shown, which
tests/domain/test_figures.py looks at.
"""

import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import update

from assistant.cli.actions import _rows as rows_of_actions
from assistant.dialogue.script import Script
from assistant.domain.cases import Case
from assistant.domain.figures import FEW, Stage
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Role
from assistant.services.counter import CounterDays, PublishedCounters
from assistant.services.figures import figures_of_case
from assistant.services.letters.overview import LetterOverview
from assistant.store import counter
from assistant.store.database import Store
from assistant.store.tables import letters
from tests.support.chance import budget, draw_seed
from tests.support.dashboard import Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.many_letters import insert_letters
from tests.support.organisers import deliver_replies

pytestmark = pytest.mark.chance

CASE = "norma-cruz"
PATH = f"/dashboard/cases/{CASE}"
STATUSES = {
    Stage.WAITING: LetterStatus.QUEUED,
    Stage.SENT: LetterStatus.SENT,
    Stage.ARRIVED: LetterStatus.DELIVERED,
    Stage.FAILED: LetterStatus.FAILED,
}
WORLDS = 10
"""So many values at least are possible of a small count."""
CASES = 6

Cell = tuple[str, Stage]


@dataclass(frozen=True)
class Said:
    """What is said of the letters in these cells together."""

    cells: frozenset[Cell]
    least: int
    most: float


def read(shown: str, cells: Iterable[Cell]) -> Said:
    """What a figure says, as people read it: 12, <10, or 40+."""
    number = int(re.sub(r"\D", "", shown))
    if shown.startswith("<"):
        return Said(frozenset(cells), 0, number - 1)
    return Said(frozenset(cells), number, float("inf") if shown.endswith("+") else number)


def told_together(said: Iterable[Said]) -> Mapping[frozenset[Cell], tuple[int, float]]:
    """Everything that follows by taking one thing that is said from another, until nothing new follows."""
    known: dict[frozenset[Cell], tuple[int, float]] = {}
    for each in said:
        least, most = known.get(each.cells, (0, float("inf")))
        known[each.cells] = max(least, each.least), min(most, each.most)
    while True:
        before = dict(known)
        for (part, of_part), (whole, of_whole) in permutations(before.items(), 2):
            if part < whole:
                rest = whole - part
                least, most = known.get(rest, (0, float("inf")))
                known[rest] = (
                    max(least, int(max(0, of_whole[0] - min(of_part[1], 1e9)))),
                    min(most, of_whole[1] - of_part[0]),
                )
        if known == before:
            return known


def drawn(actions: Sequence[str], chance: random.Random) -> dict[str, dict[Stage, int]]:
    """How many letters of these actions are where."""
    return {
        action: {
            stage: chance.choice([0, chance.randint(1, 9), *[chance.randint(10, 200)] * 4]) for stage in Stage
        }
        for action in actions
    }


SMALL = r"^[1-9]$|: [1-9](?![\d,:+])|(?<![\w,:<])[1-9] (letters?|people|person)\b"
FIGURE = r"(<\d+|[\d,]+\+?)"


async def everything_said(team: Team, actions: Sequence[str]) -> tuple[list[Said], list[str]]:
    """What is said of letters anywhere, and all texts."""
    harness = team.harness
    case: Case = harness.script.cases[CASE]
    every = [(action, stage) for action in actions for stage in Stage]
    left = (Stage.SENT, Stage.ARRIVED)
    async with team.signed_in("vera", Role.VIEWER) as browser:
        page = await browser.open(PATH)
        plan = await browser.open(f"{PATH}/plan")
    before = len(harness.texts_to("vera"))
    await harness.receive("vera", "/stats")
    await deliver_replies(harness)
    stats = "\n".join(harness.texts_to("vera")[before:])
    said = [read(re.findall(f"Written: {FIGURE}", page)[0], every)]
    for label, stages in (("Letters sent", left), ("Letters arrived", left[1:])):
        for action, shown in zip(actions, re.findall(f"{label}: {FIGURE}. Goal", page), strict=True):
            said.append(read(shown, [(action, stage) for stage in stages]))
    published = await PublishedCounters(harness.store).published(case.slug)
    if published.batches:
        arrived = frozenset((action, Stage.ARRIVED) for action in actions)
        said.append(Said(arrived, published.total, published.total))
    table = page.partition("Where letters are")[2]
    for stage in Stage:
        found = re.findall(f"{stage.value.capitalize()} {FIGURE} ", table)[:1]
        found += re.findall(f"Letters {stage.value}: {FIGURE}\n", stats.partition("Answers:")[0])
        assert len(found) == 2
        said += [read(shown, [(action, stage) for action in actions]) for shown in found]
    by_action = re.findall(f"{FIGURE} written, {FIGURE} sent, {FIGURE} arrived, {FIGURE} answered", stats)
    rows = list(rows_of_actions(case, await LetterOverview(harness.store).actions(), harness.clock()))
    listed = [[str(row[name]) for name in ("written", "left", "arrived")] for row in rows]
    for found in (by_action, listed):
        for action, (written, sent, arrived, *_) in zip(actions, found, strict=True):
            said.append(read(written, [(action, stage) for stage in Stage]))
            said.append(read(sent, [(action, stage) for stage in left]))
            said.append(read(arrived, [(action, Stage.ARRIVED)]))
    whole = await figures_of_case(harness.store, case.slug)
    said.append(read(str(whole.written), every))
    said += [read(str(whole.stages[stage]), [(each, stage) for each in actions]) for stage in Stage]
    countries = [str(each) for each in (*whole.countries.values(), whole.elsewhere, *whole.sources.values())]
    return said, [page, plan, stats, *countries, *(each for row in listed for each in row)]


@pytest.fixture
async def of_two(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Team]:
    """Both actions of the case have a goal."""
    case = script.cases[CASE]
    changed = copy(script)
    actions = {slug: replace(each, goal=1_000) for slug, each in case.actions.items()}
    changed.cases = {case.slug: replace(case, actions=actions)}
    async with open_dashboard(store, changed, clock) as opened:
        yield opened


async def write(team: Team, counted: Mapping[str, Mapping[Stage, int]], chance: random.Random) -> None:
    """So many letters of each action, from countries at random; those that have arrived are published."""
    now = team.harness.clock()
    yesterday = now.date() - timedelta(days=1)
    for action, stages in counted.items():
        wanted = Counter(
            (STATUSES[stage], chance.choice(["FI", "FI", "FI", "GT", "GT", "SE"]))
            for stage, count in stages.items()
            for _ in range(count)
        )
        if wanted:
            await insert_letters(team.harness, wanted)
        async with team.harness.store.write() as tx:
            await counter.add(tx, [(CASE, f"{action} {n}") for n in range(stages[Stage.ARRIVED])], yesterday)
            new = update(letters).where(letters.c.action_slug == "letter")
            await tx.connection.execute(new.values(action_slug=action))
    async with team.harness.store.write() as tx:
        await CounterDays(team.harness.clock).close(tx)


@pytest.mark.parametrize("turn", range(budget(CASES, 100)))
async def test_no_small_count_is_shown_or_can_be_worked_out(of_two: Team, turn: int) -> None:
    chance = random.Random(draw_seed() + turn)  # noqa: S311  no secret
    actions = tuple(of_two.harness.script.cases[CASE].actions)
    counted = drawn(actions, chance)
    await write(of_two, counted, chance)
    said, figures = await everything_said(of_two, actions)
    assert not [each for each in figures if re.search(SMALL, each)], counted
    for each in said:
        true = sum(counted[action][stage] for action, stage in each.cells)
        assert each.least <= true <= each.most, (counted, each)
        assert not 0 < each.least < FEW, (counted, each)
    public = sum(stages[Stage.ARRIVED] for stages in counted.values())
    assert any(each.least == each.most == public for each in said) == (public >= FEW)
    for cells, (least, most) in told_together(said).items():
        true = sum(counted[action][stage] for action, stage in cells)
        if 0 < true < FEW:
            assert most - least + 1 >= WORLDS, (counted, cells, least, most)
