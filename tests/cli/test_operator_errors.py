"""What operators read when something is wrong: one sentence, exit code 1, and nothing is touched."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.wiring.content import CASES
from tests.support.processes.installation import CASE, Installation

TOKEN = "123456:TEST-invented-token"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which somebody has begun a letter."""
    folder = tmp_path_factory.mktemp("prepared")
    with Installation(folder).chat("--as", "Rosa", "--language", "en") as chat:
        chat.write_letter(until="country")
        assert chat.end().code == 0
    return folder / "data"


def newer(installation: Installation) -> None:
    with sqlite3.connect(installation.database) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()


def another_keyring(installation: Installation) -> None:
    keys = json.loads((installation.data / "keyring.json").read_text())
    keys["keys"]["1"] = keys["lookup"]
    (installation.data / "keyring.json").write_text(json.dumps(keys))


WRONGS: dict[str, tuple[Callable[[Installation], object], list[str]]] = {
    "newer database": (newer, ["newer version", "9999"]),
    "another keyring": (another_keyring, ["keyring.json belongs to another database", "ASSISTANT_KEYRING"]),
    "no keyring": (
        lambda installation: (installation.data / "keyring.json").unlink(),
        ["keyring.json is missing", "ASSISTANT_KEYRING"],
    ),
    "half a keyring": (
        lambda installation: (installation.data / "keyring.json").write_text('{"keys": {'),
        ["keyring.json is damaged", "backup"],
    ),
    "keyring with half a key": (
        lambda installation: (installation.data / "keyring.json").write_text(
            '{"lookup": "", "active": 1, "keys": {"1": "AAAA"}}'
        ),
        ["keyring.json is damaged", "backup"],
    ),
    "no database": (
        lambda installation: installation.database.write_text("This is a letter to my aunt. " * 300),
        ["assistant.sqlite is not a database of ours, or is damaged"],
    ),
    "half a database": (
        lambda installation: installation.database.write_bytes(installation.database.read_bytes()[:9000]),
        ["assistant.sqlite is not a database of ours, or is damaged"],
    ),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_stored_things_that_do_not_fit_are_left_alone_and_named(
    installation: Installation, wrong: str
) -> None:
    break_it, words = WRONGS[wrong]
    break_it(installation)
    before = {file.name: file.read_bytes() for file in installation.data.iterdir() if file.suffix != ".lock"}
    done = installation.call("chat", "--json", "--as", "Rosa", typed="Spain\n")
    assert (done.code, done.out) == (1, "")
    assert [word for word in words if word not in done.sentence] == [], done.sentence
    assert str(installation.data) in done.sentence or wrong == "newer database"
    after = {file.name: file.read_bytes() for file in installation.data.iterdir() if file.suffix != ".lock"}
    assert {name: after.get(name) for name in before} == before


@pytest.mark.parametrize(
    ("settings", "command", "words"),
    [
        ({}, "run", ["nothing to run", "ASSISTANT_TELEGRAM_TOKEN", "assistant chat"]),
        (
            {"telegram_token": "nonsense-from-a-mail"},
            "run",
            ["ASSISTANT_TELEGRAM_TOKEN", "not a bot's token"],
        ),
        ({"telegram_api_url": "ftp://example.org"}, "run", ["ASSISTANT_TELEGRAM_API_URL", "https://"]),
        ({"data_dir": "/dev/null/x"}, "chat", ["/dev/null/x cannot be made", "ASSISTANT_DATA_DIR"]),
        ({"cases_dir": "no-such-folder"}, "chat", ["no-such-folder cannot be read"]),
        (
            {"database_url": "mysql://root:hunter2@localhost/x"},
            "chat",
            ["ASSISTANT_DATABASE_URL", "sqlite:///"],
        ),
        (
            {"database_url": "postgresql://rosa:hunter2@127.0.0.1:9/x"},
            "chat",
            ["127.0.0.1:9 cannot be reached"],
        ),
    ],
)
def test_a_setting_that_cannot_work_is_named(
    tmp_path: Path, settings: dict[str, str], command: str, words: list[str]
) -> None:
    installation = Installation(tmp_path, **settings)
    done = installation.call(command, *(["--json"] if command == "chat" else []))
    assert (done.code, done.out) == (1, "")
    assert [word for word in words if word not in done.sentence] == [], done.sentence
    for secret in ("nonsense-from-a-mail", "hunter2"):
        assert secret not in done.sentence


@pytest.mark.parametrize(
    ("name", "content"),
    [("telegram_token", "nonsense-from-a-mail"), ("database_url", "mysql://root:hunter2@localhost/x")],
)
def test_a_value_from_a_file_is_told_by_the_files_setting(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / "secret").write_text(content)
    installation = Installation(tmp_path)
    installation.set(**{f"{name}_file": tmp_path / "secret"})
    done = installation.call("run", "--until-idle")
    assert done.code == 1 and content not in done.sentence
    assert done.sentence.startswith(f"ASSISTANT_{name.upper()}_FILE ")


def test_a_broken_case_folder_is_named_with_its_file(tmp_path: Path) -> None:
    cases = tmp_path / "cases"
    installation = Installation(tmp_path).make()
    installation.set(cases_dir=cases)
    shutil.copytree(CASES / CASE, cases / "rosa-example")
    (cases / "rosa-example" / "briefing.es.md").unlink()
    letter = cases / "rosa-example" / "actions" / "threats" / "letter.es.txt"
    letter.write_text(letter.read_text("utf-8").replace("{{ name }}", "{{ nmae }}"), "utf-8")
    draft = ["broadcasts", "draft", "--update", f"{CASE}/2011-thanks"]
    for command in (["chat", "--json"], ["run", "--until-idle"], draft):
        done = installation.call(*command)
        assert (done.code, done.out) == (1, "")
        assert "'rosa-example'" in done.sentence and "actions/threats/letter.es.txt" in done.sentence
        assert "assistant cases check" in done.sentence
    for command in (["actions", "list"], ["letters", "plan", CASE], ["letters", "list", "--case", CASE]):
        done = installation.run(*command)
        assert done.code == 0, "who only reads is not kept from the other cases"
        assert "a case cannot be used" not in done.out
        assert "a case cannot be used" in done.err and "rosa-example" in done.err
    checked = installation.call("cases", "check")
    assert (checked.code, checked.err) == (1, "")
    assert f"{CASE}: good" in checked.out and "rosa-example: cannot be used" in checked.out
    assert "WRONG briefing.es.md" in checked.out and "WRONG actions/threats/letter.es.txt" in checked.out
    assert "nmae" in checked.out
    assert installation.call("cases", "check", CASE).code == 0
    usable = {row["case"]: row["usable"] for row in installation.json("cases", "list")}
    assert usable == {CASE: True, "rosa-example": False}
