"""A command imports what it needs: each module that it does not need is time that somebody waits."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes.installation import Installation, finish

# A shell shows both as 130. Python itself ends `python -m` by the signal where that came while source text
# was being executed (`exec`; dataclasses are made so), whatever catches it.
INTERRUPTED = {130, -signal.SIGINT}
SLOW = {"sqlalchemy", "aiohttp", "telegram", "typst", "babel", "holidays", "pydantic", "structlog", "rich"}


def imported(installation: Installation, *arguments: str, typed: str = "") -> set[str]:
    """The packages that the command imports in a process of its own."""
    installation.env["PYTHONPROFILEIMPORTTIME"] = "1"  # a line for each module to standard error
    done = installation.run(*arguments, typed=typed)
    assert done.code == 0
    lines = [line for line in done.err.splitlines() if line.startswith("import time:")]
    assert len(lines) > 10
    return {line.rpartition("|")[2].strip() for line in lines}


def test_the_version_is_told_without_anything_else(tmp_path: Path) -> None:
    found = imported(Installation(tmp_path), "--version")
    assert "typer" in found
    assert found & SLOW == set()
    assert "assistant.wiring" not in found


def test_a_mail_that_came_back_is_read_without_what_it_does_not_need(tmp_path: Path) -> None:
    here = Installation(tmp_path).make()
    found = imported(here, "bounces", typed="nonsense")
    assert {"assistant.services.letters.decisions", "sqlalchemy"} <= found
    not_needed = {"telegram", "httpx", "aiohttp", "typst", "fontTools", "pypdf", "holidays", "rapidfuzz"}
    assert found & (not_needed | {"alembic", "prometheus_client", "flufl.bounce"}) == set()
    assert {name for name in found if name.startswith(("assistant.web.", "assistant.app"))} == set()


@pytest.mark.parametrize("module", ["typer", "pydantic", "sqlalchemy.sql"])
def test_ctrl_c_while_it_starts_ends_it_without_a_word(tmp_path: Path, module: str) -> None:
    installation = Installation(tmp_path)
    installation.env["PYTHONPROFILEIMPORTTIME"] = "1"
    # Python's import may be reading a file just then, which nobody closes before the process ends.
    installation.env["PYTHONWARNINGS"] = "error,ignore::ResourceWarning"
    with installation.start("chat") as process:
        assert process.stderr
        shown = next(line for line in process.stderr if line.split()[-1] == module.encode())
        process.send_signal(signal.SIGINT)
        done = finish(process)
    assert shown.startswith(b"import time:")
    assert done.code in INTERRUPTED
    assert [line for line in done.err.splitlines() if not line.startswith("import time:")] == []


@pytest.mark.parametrize("met", ["raise KeyboardInterrupt", "exec('raise KeyboardInterrupt')"])
@pytest.mark.parametrize("command", [("assistant",), ("python", "-m", "assistant")])
def test_ctrl_c_ends_it_without_a_word_whatever_python_was_doing(
    tmp_path: Path, met: str, command: tuple[str, ...]
) -> None:
    (tmp_path / "typer.py").write_text(met, "utf-8")  # what is imported first is this
    program, *arguments = command
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments, "--version"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode in INTERRUPTED
    assert (done.stdout, done.stderr) == (b"", b"")
