"""A command imports what it needs: each module that it does not need is time that somebody waits."""

from pathlib import Path

from tests.support.processes.installation import Installation

SLOW = {"sqlalchemy", "aiohttp", "telegram", "typst", "babel", "holidays", "pydantic", "structlog", "rich"}


def imported(here: Installation, *arguments: str, typed: str = "") -> set[str]:
    """The packages that the command imports in a process of its own."""
    here.env["PYTHONPROFILEIMPORTTIME"] = "1"  # a line for each module to standard error
    done = here.run(*arguments, typed=typed)
    assert done.code == 0
    lines = [line for line in done.err.splitlines() if line.startswith("import time:")]
    assert len(lines) > 10
    return {line.rpartition("|")[2].strip() for line in lines}


def test_the_version_is_told_without_anything_else(tmp_path: Path) -> None:
    found = imported(Installation(tmp_path), "--version")
    assert "typer" in found
    assert found & SLOW == set()
    assert "assistant.wiring" not in found
