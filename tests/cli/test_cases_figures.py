"""`assistant cases figures`: a case's funnel, and where its letters are and came from."""

import re
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.steps import Step
from tests.support.many_letters import insert_letters, insert_steps
from tests.support.processes.installation import CASE, Installation

PRINTED = """\
funnel
opened     900
began      700
country    650
name       500
previewed  400+
confirmed  400
left       290
arrived    200
answered   <10

letters
written  341
waiting  40+
sent     90
arrived  200
failed   <10

countries
FI         290
GT         40+
elsewhere  <10

sources
flyer    49
"""


@pytest.fixture
async def installation(tmp_path: Path, script: Script) -> Installation:
    """Hundreds have written."""
    installation = Installation(tmp_path)
    async with installation.harness(script) as harness:
        await insert_steps(harness, dict(zip(Step, (900, 700, 650, 500, 404, 400), strict=True)))
        sent = {(LetterStatus.DELIVERED, "FI"): 200, (LetterStatus.SENT, "FI"): 90}
        await insert_letters(harness, sent | {(LetterStatus.FAILED, "GT"): 2})
        waiting = {(LetterStatus.QUEUED, "GT"): 40, (LetterStatus.HELD, "CL"): 9}
        await insert_letters(harness, waiting, source="flyer")
    return installation


def test_organisers_see_where_people_give_up_and_where_letters_are(installation: Installation) -> None:
    shown = installation.call("cases", "figures", CASE)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == PRINTED


def test_programs_get_the_same_figures(installation: Installation) -> None:
    found = installation.json("cases", "figures", CASE)
    assert list(found) == ["case", "arrived_only", "funnel", "letters", "countries", "sources"]
    assert (found["case"], found["arrived_only"]) == (CASE, False)
    assert (found["funnel"]["opened"], found["funnel"]["previewed"], found["funnel"]["answered"]) == (
        900,
        "400+",
        "<10",
    )
    assert found["countries"] == {"FI": 290, "GT": "40+", "elsewhere": "<10"}


@pytest.fixture
async def settled(tmp_path: Path, script: Script) -> Installation:
    """All letters have arrived but three."""
    installation = Installation(tmp_path)
    async with installation.harness(script) as harness:
        arrived = {(LetterStatus.DELIVERED, "FI"): 160, (LetterStatus.DELIVERED, "GT"): 40}
        await insert_letters(harness, arrived | {(LetterStatus.FAILED, "GT"): 3})
    return installation


def test_where_few_have_not_arrived_countries_are_of_those_that_have(settled: Installation) -> None:
    """The public counter says 200: 203 letters by country would tell that 3 have failed."""
    shown = settled.call("cases", "figures", CASE)
    assert "written  200+\nwaiting  <10\nsent     <10\narrived  200\nfailed   <10\n" in shown.out
    assert re.search(r"countries \(arrived\) *\nFI +160\nGT +30\+\nelsewhere +<10\n", shown.out)


def test_a_case_that_is_not_there_is_named_with_those_that_are(installation: Installation) -> None:
    refused = installation.call("cases", "figures", "nobody")
    assert refused.code == 2
    assert f"there is {CASE}" in refused.err
