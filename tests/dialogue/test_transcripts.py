"""Every chat in tests/transcripts goes as it is written there. `UPDATE_TRANSCRIPTS=1` writes them anew."""

import pytest

from assistant.dialogue.script import Script
from tests.support.transcript import replay
from tests.support.transcript_files import FOLDER, compare


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.txt")))
def test_chat_goes_as_written(name: str, script: Script) -> None:
    path = FOLDER / f"{name}.txt"
    compare(path, replay(path.read_text(encoding="utf-8"), script))
