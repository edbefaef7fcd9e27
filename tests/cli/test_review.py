"""`assistant review`: letters that wait to be read, listed and decided about without who wrote them."""

import asyncio
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from tests.support.harness import LETTER, NAME
from tests.support.processes.installation import CASE, Installation

LINES = ("We will kill you.", "More on evil dot com")


async def _prepare(installation: Installation, script: Script) -> None:
    """Two letters that wait, and one that does not."""
    async with installation.harness(script) as harness:
        for person, line in zip(("ana", "ben"), LINES, strict=True):
            await harness.receive_all(person, [*LETTER[:5], line, "send", "no"])
        await harness.receive_all("eva", LETTER)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Path:
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(_prepare(installation, script))
    return installation.data


def test_the_list_has_lines_and_findings_and_nobody(installation: Installation) -> None:
    shown = installation.run("review", "list").out
    rows = installation.json("review", "list")
    assert [(row["id"], row["case"], row["found"], row["line"]) for row in rows] == [
        (1, CASE, ["threat"], LINES[0]),
        (2, CASE, ["link"], LINES[1]),
    ]
    assert all(line in shown for line in LINES)
    assert NAME not in f"{shown}{rows}" and "FI" not in f"{shown}{rows}"


def test_several_are_let_go_at_once(installation: Installation) -> None:
    assert installation.run("review", "release", "1", "2").out == "2 letters are released.\n"
    assert [installation.status(number) for number in (1, 2, 3)] == ["queued"] * 3
    assert installation.json("review", "list") == []


def test_one_goes_without_its_line_and_another_is_refused(installation: Installation) -> None:
    assert installation.run("review", "without-line", "2").out == "1 letter is released without the line.\n"
    refused = installation.json("review", "refuse", "1", "--reason", "words")
    assert refused == {"ids": [1], "decision": "refuse", "reason": "words", "letters": 1}
    assert [installation.status(number) for number in (1, 2)] == ["cancelled", "queued"]
    assert "refused it: words" in installation.log(1)[-1]["reason"]


@pytest.mark.parametrize("numbers", [("3",), ("1", "3"), ("999",)])
def test_what_does_not_wait_is_said_and_nothing_is_done(
    installation: Installation, numbers: tuple[str, ...]
) -> None:
    done = installation.call("review", "release", *numbers)
    assert done.code == 1
    assert f"Letter {numbers[-1]} does not wait to be read. `assistant review list`" in done.err
    assert [row["id"] for row in installation.json("review", "list")] == [1, 2]


def test_letters_release_lets_none_of_them_go(installation: Installation) -> None:
    done = installation.call("letters", "release", "1")
    assert done.code == 1
    assert "`assistant review release 1` lets it go" in done.err
