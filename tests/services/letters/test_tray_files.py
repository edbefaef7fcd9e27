"""What is in the tray goes with the text of its letter."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.carriers.tray import Tray
from assistant.domain.clock import system_clock
from assistant.services.letters.tray_files import TrayFiles
from assistant.services.retention import RetentionWorker
from tests.support.harness import LETTER, Harness
from tests.support.invented_cases import with_retention

pytestmark = pytest.mark.both_databases

WEEK = timedelta(days=7)


@pytest.fixture
def tray(tmp_path: Path) -> Path:
    return tmp_path / "tray"


async def _put_there(harness: Harness, tray: Path, *people: str) -> None:
    for person in people:
        await harness.receive_all(person, LETTER)
    await harness.engine(harness.letter_worker(tray)).run_until_idle()


async def _keep_house(harness: Harness, tray: Path) -> None:
    worker = RetentionWorker(
        harness.store,
        harness.clock,
        harness.script.retention,
        pieces=[TrayFiles(Tray(tray), harness.script.retention).clear],
    )
    await worker.open()
    await harness.engine(worker).run_until_idle()


def _names(tray: Path) -> list[str]:
    return sorted(each.name for each in tray.iterdir())


async def test_files_of_who_is_forgotten_go_and_nobody_elses(harness: Harness, tray: Path) -> None:
    await _put_there(harness, tray, "ana")
    anas = _names(tray)
    await _put_there(harness, tray, "ben")
    assert len(anas) == 2 and len(_names(tray)) == 4
    await harness.receive_all("ana", ["forget", "yes"])
    await _keep_house(harness, tray)
    assert len(_names(tray)) == 2
    assert not set(_names(tray)) & set(anas)


async def test_files_go_a_week_after_they_were_put_there(harness: Harness, tray: Path) -> None:
    await _put_there(harness, tray, "ana")
    harness.clock.advance(days=6)
    await harness.run_retention()
    await _keep_house(harness, tray)
    assert len(_names(tray)) == 2
    harness.clock.advance(days=2)
    await harness.run_retention()
    await _keep_house(harness, tray)
    assert _names(tray) == []


async def test_files_go_as_early_as_is_set(harness: Harness, tray: Path) -> None:
    harness.script = with_retention(harness.script, letters=2)
    await _put_there(harness, tray, "ana")
    _write(tray / "norma-cruz-0123456789abcdef.pdf", b"%PDF-", timedelta(days=1))
    _write(tray / "norma-cruz-fe.pdf", b"%PDF-", timedelta(days=2))
    for days, left in ((1, 3), (1, 1)):
        harness.clock.advance(days=days)
        await harness.run_retention()
        await _keep_house(harness, tray)
        assert len(_names(tray)) == left
    assert _names(tray) == ["norma-cruz-0123456789abcdef.pdf"], "of a letter that nobody knows"


async def test_files_of_letters_that_nobody_knows_stay_a_week(harness: Harness, tray: Path) -> None:
    await _put_there(harness, tray, "ana")
    for name, age in (("norma-cruz-0123456789abcdef", timedelta(days=1)), ("norma-cruz-fe", WEEK)):
        _write(tray / f"{name}.pdf", b"%PDF-", age)
    await _keep_house(harness, tray)
    assert "norma-cruz-0123456789abcdef.pdf" in _names(tray), "an older database may have been put back"
    assert "norma-cruz-fe.pdf" not in _names(tray)
    assert len(_names(tray)) == 3


async def test_an_organisers_own_files_are_left_alone_and_an_empty_tray_is_fine(
    harness: Harness, tray: Path
) -> None:
    await TrayFiles(Tray(tray), harness.script.retention).clear(None)  # type: ignore[arg-type]  # nothing is asked where there is no tray
    _write(tray / "notes.txt", b"invented")
    await _keep_house(harness, tray)
    assert _names(tray) == ["notes.txt"]


def _write(file: Path, content: bytes, age: timedelta = timedelta(0)) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    then = (system_clock() - age).timestamp()
    os.utime(file, (then, then))


async def test_forgetting_has_house_kept_at_once(harness: Harness, tray: Path) -> None:
    await _put_there(harness, tray, "ana")
    worker = RetentionWorker(
        harness.store,
        harness.clock,
        harness.script.retention,
        pieces=[TrayFiles(Tray(tray), harness.script.retention).clear],
    )
    await worker.open()
    await harness.engine(worker).run_until_idle()
    await harness.receive_all("ana", ["forget", "yes"])
    await harness.engine(worker).run_until_idle()
    assert _names(tray) == []
