"""The commands that organisers find in docs/running.md and beside the cases, run as they stand there."""

import asyncio
import re
import shlex
import shutil
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from tests.support.cli_broadcasts import prepare
from tests.support.harness import LETTER
from tests.support.processes.installation import Installation

ROOT = Path(__file__).parent.parent.parent
RUNNING = ROOT / "docs" / "running.md"
EXAMPLE = re.compile(r"^    \.venv/bin/assistant (?P<command>.+?)(?:  +.*)?$", re.MULTILINE)


def examples(file: Path, heading: str) -> list[str]:
    """The commands below that heading, up to the next one of its rank."""
    section = re.split(r"^## ", file.read_text("utf-8"), flags=re.MULTILINE)
    (found,) = [each for each in section if each.startswith(f"{heading}\n")]
    return [match["command"] for match in EXAMPLE.finditer(found)]


ORGANISERS = examples(RUNNING, "The command line")
UPDATES = examples(ROOT / "conversations" / "cases" / "README.md", "Updates")


async def _prepare(installation: Installation, script: Script) -> None:
    """A team, readers, and a letter."""
    await prepare(installation, script)
    async with installation.harness(script) as harness:
        await harness.receive_all("rosa", LETTER)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Path:
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(_prepare(installation, script))
    return installation.data


@pytest.mark.parametrize("commands", [ORGANISERS, UPDATES], ids=["docs/running.md", "cases/README.md"])
def test_the_examples_work_one_after_the_other(prepared: Path, tmp_path: Path, commands: list[str]) -> None:
    shutil.copytree(prepared, tmp_path / "data")
    installation = Installation(tmp_path)
    assert any(command.startswith("broadcasts draft --update") for command in commands)
    for command in commands:
        done = installation.call(*shlex.split(command))
        assert done.code == 0, (command, done.err)
