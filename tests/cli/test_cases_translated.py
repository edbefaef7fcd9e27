"""`assistant cases translated`: it is said that translations are of the texts as they are now."""

import stat
from pathlib import Path

import pytest

from assistant.content.translations import FILE
from tests.support.case_folders import NEW_FORM, write_case
from tests.support.processes.installation import Completed, Installation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_case(tmp_path / "sami", NEW_FORM)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def said(installation: Installation, folder: Path) -> str:
    checked = installation.call("cases", "check", str(folder))
    assert checked.code == 0
    return "\n".join(line for line in checked.out.splitlines() if "translated" in line)


def translated(installation: Installation, folder: Path, *arguments: str, typed: str = "") -> Completed:
    return installation.call("cases", "translated", str(folder), *arguments, typed=typed)


def test_it_is_asked_before_and_then_known(installation: Installation, folder: Path) -> None:
    assert "Once they are right, run: assistant cases translated sami" in said(installation, folder)
    refused = translated(installation, folder, typed="n\n")
    assert refused.code == 1 and not (folder / FILE).exists()
    assert "ar: case.toml: title.ar, briefing.ar.md, case.toml: share.ar, " in refused.out
    assert "en: actions/embassies/letter.en.txt, " in refused.out
    done = translated(installation, folder, typed="y\n")
    assert done.code == 0 and done.out.endswith(f"That is known from now on: {folder / FILE}\n")
    assert said(installation, folder) == ""
    assert translated(installation, folder).out == "That is known already.\n"
    modes = {stat.S_IMODE((folder / name).stat().st_mode) for name in (FILE, "case.toml")}
    assert len(modes) == 1  # whoever reads the case reads this


def test_one_language_is_said_by_itself(installation: Installation, folder: Path) -> None:
    translated(installation, folder, "--yes")
    (folder / "briefing.en.md").write_text("Sami Example is free.\n", encoding="utf-8")
    (folder / "actions" / "embassies" / "letter.ar.txt").write_bytes(
        (folder / "actions" / "embassies" / "letter.ar.txt").read_bytes().replace("اسألوا".encode(), b"A")
    )
    assert said(installation, folder).count("has changed since it was translated") == 2
    done = translated(installation, folder, "ar", "--yes")
    assert done.out.startswith("ar: briefing.ar.md\n")
    assert "letter.en.txt: actions/embassies/letter.ar.txt has changed" in said(installation, folder)
    assert said(installation, folder).count("has changed since it was translated") == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["fr"], "there is no translation into fr; there is: ar,"), (["--yes", "es"], "translation into es")],
)
def test_a_language_that_is_not_there_is_refused(
    installation: Installation, folder: Path, arguments: list[str], told: str
) -> None:
    refused = translated(installation, folder, *arguments)
    assert refused.code == 2 and told in " ".join(refused.err.split())
    assert not (folder / FILE).exists()


def test_a_case_with_mistakes_is_mended_first(installation: Installation, folder: Path) -> None:
    (folder / "briefing.ar.md").unlink()
    refused = translated(installation, folder)
    assert refused.code == 2 and "it has mistakes" in refused.err
