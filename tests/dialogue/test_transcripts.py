"""Every chat in tests/transcripts goes as it is written there. `UPDATE_TRANSCRIPTS=1` writes them anew."""

import os
from difflib import unified_diff
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from tests.support.transcript import replay

FOLDER = Path(__file__).parent.parent / "transcripts"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.txt")))
def test_chat_goes_as_written(name: str, script: Script) -> None:
    path = FOLDER / f"{name}.txt"
    compare(path, replay(path.read_text(encoding="utf-8"), script))


def compare(path: Path, replayed: str) -> None:
    """Fail where the transcript differs from what it is now, or write it anew."""
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        path.write_text(replayed, encoding="utf-8")
        return
    written = path.read_text(encoding="utf-8")
    differences = unified_diff(
        written.splitlines(), replayed.splitlines(), "written", "replayed", lineterm=""
    )
    if shown := "\n".join(differences):
        pytest.fail(shown, pytrace=False)
