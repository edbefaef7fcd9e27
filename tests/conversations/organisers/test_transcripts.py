"""Every chat in tests/transcripts/team goes as written there. `UPDATE_TRANSCRIPTS=1` writes them anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from assistant.services.broadcasts import progress
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from tests.support.databases import copy_sqlite
from tests.support.fakes.channel import FakeClock
from tests.support.team_transcript import replay
from tests.support.transcript_files import FOLDER, compare

TEAM = FOLDER / "team"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """On SQLite: what differs between databases is tested elsewhere."""
    opened = await Store.open(
        f"sqlite:///{copy_sqlite(tmp_path / 'assistant.sqlite')}", KeyringFile(tmp_path / "keyring.json")
    )
    opened.vault.now = FakeClock()  # of the day that chats name
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is spread over some seconds is done at once: each line waits for it."""
    monkeypatch.setattr(progress, "GAP", 0.0)


@pytest.mark.parametrize("name", sorted(path.stem for path in TEAM.glob("*.txt")))
async def test_chat_goes_as_written(name: str, script: Script, store: Store) -> None:
    path = TEAM / f"{name}.txt"
    compare(path, await replay(path.read_text(encoding="utf-8"), script, store))
