"""Where the golden chats are, and what happens where one differs."""

import os
from difflib import unified_diff
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "transcripts"


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
