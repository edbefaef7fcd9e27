"""`assistant actions`: what is listed, and what is decided about a letter's new text."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import LetterStatus
from tests.support.invented_cases import reworded
from tests.support.processes.installation import CASE, Installation

ACTION = "norma-cruz--fax-2012"


@pytest.fixture
async def installation(tmp_path: Path, script: Script) -> Installation:
    """Two letters wait, and their text reads otherwise than before."""
    installation = Installation(tmp_path)
    async with installation.harness(script) as harness:
        await harness.queue_letters("ana", "ben")
        await harness.with_case(reworded(script).cases[CASE])
    return installation


def _undecided(installation: Installation) -> Iterator[int | str]:
    for row in installation.json("actions", "list"):
        if row["action"] == "fax-2012":
            yield row["undecided"]


@pytest.mark.parametrize(
    ("given", "said"),
    [("--matters", "Their writers are asked."), ("--spelling", "The letters are sent as they are.")],
)
def test_whoever_runs_the_server_can_say_whether_a_change_matters(
    installation: Installation, given: str, said: str
) -> None:
    listed = installation.call("actions", "list").out
    assert f"{ACTION}: <10 letters wait until an approver says whether its new text matters" in listed
    assert list(_undecided(installation)) == ["<10"]
    done = installation.call("actions", "reword", ACTION, given)
    assert (done.code, done.out, done.err) == (0, f"{said}\n", "")
    assert list(_undecided(installation)) == [0]
    assert installation.call("audit", "verify").code == 0
    again = installation.call("actions", "reword", ACTION, given)
    assert (again.code, again.sentence) == (
        1,
        "Somebody else has decided that already, or nothing waits for it.",
    )


def test_it_is_asked_where_it_is_not_said(installation: Installation) -> None:
    done = installation.call("actions", "reword", ACTION, typed="n\n")
    assert done.code == 0
    assert "so that the writers are asked first?" in done.out
    assert {row["status"] for row in installation.letters()} == {LetterStatus.QUEUED}


def test_an_action_is_named_with_its_case(installation: Installation) -> None:
    done = installation.call("actions", "reword", CASE, "--matters")
    assert done.code == 2
    assert "write the case and the action" in done.err
