"""`assistant cases figures`: a case's funnel, and where its letters are and came from."""

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
    assert list(found) == ["case", "funnel", "letters", "countries", "sources"]
    assert found["case"] == CASE
    assert (found["funnel"]["opened"], found["funnel"]["previewed"], found["funnel"]["answered"]) == (
        900,
        "400+",
        "<10",
    )
    assert found["countries"] == {"FI": 290, "GT": "40+", "elsewhere": "<10"}


def test_a_case_that_is_not_there_is_named_with_those_that_are(installation: Installation) -> None:
    refused = installation.call("cases", "figures", "nobody")
    assert refused.code == 2
    assert f"there is {CASE}" in refused.err
