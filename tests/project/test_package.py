"""What is handed to others: the wheel, its licences, the locks."""

import email
import gettext
import hashlib
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
# https://www.gnu.org/licenses/agpl-3.0.txt: 661 lines, 34,523 bytes.
AGPL_SHA256 = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_conversations_cases_and_what_the_code_reads(wheel: zipfile.ZipFile) -> None:
    for package in ("assistant", "conversations"):
        for file in (ROOT / package).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                assert str(file.relative_to(ROOT)) in wheel.namelist()


def test_the_wheel_says_what_it_is_and_under_which_licences(wheel: zipfile.ZipFile) -> None:
    (folder,) = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
    facts = email.message_from_bytes(wheel.read(f"{folder}/METADATA"))
    assert facts["Name"] == "letters-assistant"
    assert facts["Author"] == "the assistant's contributors"
    assert facts["License-Expression"] == "AGPL-3.0-or-later AND CC-BY-4.0"
    for licence in ("LICENSE", "conversations/cases/LICENSE"):
        assert wheel.read(f"{folder}/licenses/{licence}") == (ROOT / licence).read_bytes()


def test_the_licence_is_the_whole_text_of_the_agpl() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == AGPL_SHA256


@pytest.mark.parametrize("package", ["assistant", "conversations"])
def test_the_wheel_says_that_its_packages_are_typed(wheel: zipfile.ZipFile, package: str) -> None:
    assert f"{package}/py.typed" in wheel.namelist()


def test_the_wheel_is_installed_as_the_command_assistant(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]
    assert "assistant = assistant.__main__:main" in wheel.read(name).decode()


def test_no_page_tells_to_install_what_belongs_to_strangers() -> None:
    strangers = re.compile(r"pip3? install (?:-\S+ )*[\"']?assistant\b")
    pages = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("conversations/**/*.md"),
        ROOT / "Makefile",
    ]
    assert len(pages) > 10
    assert [str(page) for page in pages if strangers.search(page.read_text("utf-8"))] == []


def test_the_wheel_holds_compiled_catalogues(wheel: zipfile.ZipFile) -> None:
    for source in (ROOT / "locales").glob("*/LC_MESSAGES/assistant.po"):
        language = source.parts[-3]
        compiled = wheel.read(f"assistant/locales/{language}/LC_MESSAGES/assistant.mo")
        assert gettext.GNUTranslations(io.BytesIO(compiled)).gettext("Send") != "Send"


def test_no_compiled_catalogue_is_committed() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    assert [name for name in tracked.stdout.splitlines() if name.endswith(".mo")] == []


def test_make_installs_without_a_word_that_is_not_ours() -> None:
    calls = [line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if "-m pip " in line]
    assert calls
    assert [line for line in calls if " -qq" not in line] == []


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_locks_pin_with_hashes_and_name_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    for entry in entries:
        assert "==" in entry.splitlines()[0]
        assert "--hash=sha256:" in entry
    assert "://" not in text
    assert "-index" not in text
