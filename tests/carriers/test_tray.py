"""The tray: letters in a folder, whole or not at all, for this user only."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.carriers import tray as tray_module
from assistant.carriers.tray import Tray
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus
from tests.support.fakes.carrier import parcel

PARCEL = parcel(pdf=b"%PDF-1.7 invented", name="Zoë Invented", line=None)


def _names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_a_letter_is_a_pdf_and_its_facts(tmp_path: Path) -> None:
    ref = await Tray(tmp_path / "tray").submit(PARCEL)
    assert (ref.status, ref.reference) == (LetterStatus.SENT, "case-0001.pdf")
    assert _names(tmp_path / "tray") == ["case-0001.json", "case-0001.pdf"]
    assert (tmp_path / "tray/case-0001.pdf").read_bytes() == PARCEL.pdf
    facts = json.loads((tmp_path / "tray/case-0001.json").read_text("utf-8"))
    assert facts == {"name": "Zoë Invented", "line": None}


async def test_the_folder_and_its_files_are_for_this_user_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await Tray(tmp_path / "deep" / "tray").submit(PARCEL)
    finally:
        os.umask(before)
    folder = tmp_path / "deep" / "tray"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


async def test_it_knows_the_letters_that_it_has_and_no_others(tmp_path: Path) -> None:
    tray = Tray(tmp_path / "tray")
    assert await tray.lookup(PARCEL.key) is None
    ref = await tray.submit(PARCEL)
    assert await Tray(tmp_path / "tray").lookup(PARCEL.key) == ref
    assert await tray.lookup("case-0002") is None


async def test_a_pdf_without_its_facts_does_not_count(tmp_path: Path) -> None:
    (tmp_path / f"{PARCEL.key}.pdf").write_bytes(b"%PDF")
    (tmp_path / f".{PARCEL.key}.json.part").write_bytes(b"{")
    await Tray(tmp_path).submit(replace(PARCEL, key="case-0002"))
    assert await Tray(tmp_path).lookup(PARCEL.key) is None
    assert _names(tmp_path) == ["case-0002.json", "case-0002.pdf"], "what a crash left may not be sent by now"
    await Tray(tmp_path).submit(PARCEL)
    assert len(_names(tmp_path)) == 4


async def test_what_could_not_be_written_whole_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tray_module, "sync_folder", fail)
    with pytest.raises(Misconfigured, match="on a disk with room"):
        await Tray(tmp_path).submit(PARCEL)
    assert _names(tmp_path) == []


async def test_the_same_letter_again_replaces_itself(tmp_path: Path) -> None:
    tray = Tray(tmp_path)
    await tray.submit(PARCEL)
    await tray.submit(PARCEL)
    assert _names(tmp_path) == ["case-0001.json", "case-0001.pdf"]


async def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "tray").write_bytes(b"")
    with pytest.raises(Failure, match=r"The tray .* cannot be written"):
        await Tray(tmp_path / "tray").submit(PARCEL)
    with pytest.raises(Failure, match=r"The tray .* cannot be written"):
        await Tray(tmp_path / "tray" / "inner").submit(PARCEL)


async def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"The tray .* cannot be read"):
        await Tray(tmp_path / ("n" * 300)).lookup(PARCEL.key)


_IN_A_CHILD = """
import asyncio, os, resource, sys
from pathlib import Path
from assistant.carriers import tray as tray_module
from assistant.carriers.tray import Tray
from assistant.domain.errors import Failure
from tests.support.fakes.carrier import parcel

folder, hardship = Path(sys.argv[1]), sys.argv[2]
asyncio.run(asyncio.to_thread(int))  # a stranger cannot import what is still missing
if hardship == "stranger" and os.geteuid() == 0:
    os.setegid(65534), os.seteuid(65534)
if hardship == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    asyncio.run(Tray(folder).submit(parcel(pdf=b"%PDF" * int(sys.argv[3]), facts="f" * 5000)))
except Failure as failure:
    print(type(failure).__name__, failure.reason)
"""


def _in_a_child(folder: Path, hardship: str, size: int) -> str:
    command = [sys.executable, "-c", _IN_A_CHILD, str(folder), hardship, str(size)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root, timeout=60)
    return done.stdout


def test_an_unwritable_folder_is_the_operators_to_change(tmp_path: Path) -> None:
    folder = tmp_path / "tray"
    folder.mkdir(mode=0o500)
    assert _in_a_child(folder, "stranger", 1).startswith("Misconfigured The tray")
    assert _names(folder) == []


@pytest.mark.parametrize("size", [1000, 100], ids=["pdf", "facts"])
def test_a_full_disk_leaves_nothing_of_a_letter(tmp_path: Path, size: int) -> None:
    folder = tmp_path / "tray"
    told = _in_a_child(folder, "full", size)
    assert told.startswith("Misconfigured The tray")
    assert "cannot be written" in told
    assert _names(folder) == []
