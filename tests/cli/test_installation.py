"""Only `run`, `chat` and `db migrate` make a database; and a folder that cannot be read is named."""

import ctypes
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import typer

from assistant.cli import app
from assistant.wiring.content import CASES
from tests.support.processes.installation import CASE, Completed, Installation, finish
from tests.support.published import code

CREATING = {("run",), ("chat",), ("db", "migrate")}
# where nothing is answered, the folder is there, or the file is not
REFUSING = {
    ("cases", "new"),
    ("cases", "convert"),
    ("cases", "card"),
    ("db", "restore"),
    ("keys", "passphrase"),
    *(("cases", "new"), ("cases", "convert"), ("db", "restore"), ("keys", "passphrase")),
    ("verify",),
}
WITHOUT_A_DATABASE = {
    ("keys", "new"),
    ("cases", "list"),
    ("cases", "check"),
    ("cases", "preview"),
    ("cases", "translated"),
    ("languages", "list"),
    ("languages", "check"),
    ("updates", "list"),
}
LOOKING = {("doctor",)}  # for whatever is wrong, which is what they print
ARGUMENTS: dict[tuple[str, ...], list[str]] = {
    ("letters", "show"): ["1"],
    ("cases", "preview"): [CASE],
    ("cases", "translated"): [CASE, "--yes"],
    ("languages", "check"): ["es"],
    ("cases", "convert"): [CASE, "--to", "/"],
    ("cases", "card"): [CASE, "/dev/null/cards", "--link", "https://letters.example"],
    ("cases", "figures"): [CASE],
    ("cases", "resume"): [CASE, "--yes"],
    ("cases", "confirm"): [CASE, "--yes"],
    ("letters", "log"): ["1"],
    ("letters", "retry"): ["1"],
    ("letters", "hold"): ["1"],
    ("letters", "release"): ["1"],
    ("letters", "cancel"): ["1"],
    ("letters", "resolve"): ["1", "--as", "delivered"],
    ("letters", "plan"): [CASE],
    ("letters", "print"): [CASE],
    ("letters", "posted"): [CASE, "2026-01-01-1"],
    ("actions", "reword"): [f"{CASE}--fax-2012", "--spelling"],
    ("review", "release"): ["1"],
    ("review", "without-line"): ["1"],
    ("review", "refuse"): ["1"],
    ("answers", "show"): ["1"],
    ("answers", "pass"): ["1"],
    ("answers", "set-aside"): ["1"],
    ("broadcasts", "show"): ["1"],
    ("broadcasts", "draft"): ["--update", f"{CASE}/2011-09-conviction", "--at", "2100-01-04T15:00Z"],
    ("broadcasts", "propose"): ["1"],
    ("broadcasts", "approve"): ["1", "--yes"],
    ("broadcasts", "halt"): ["--all"],
    ("broadcasts", "stop"): ["--all"],
    ("broadcasts", "resume"): ["1", "--yes"],
    ("broadcasts", "discard"): ["1", "--yes"],
    ("broadcasts", "watch"): ["1"],
    ("organisers", "invite"): ["--role", "owner"],
    ("organisers", "link"): ["1"],
    ("organisers", "remove"): ["1", "--yes"],
    ("counter", "export"): [CASE, "counter"],
    ("counter", "proof"): [CASE, code(1)],
    ("verify",): [__file__],
    ("webhooks", "test"): ["hooks.example.org-00000000"],
    ("forget",): ["terminal", "me", "--yes"],
    ("db", "backup"): ["backup.sqlite"],
    ("db", "copy"): ["--to", "sqlite:///copy.sqlite"],
    ("db", "restore"): ["backup.sqlite", "--yes"],
    ("signal", "verify"): ["123-456"],
    ("signal", "unblock"): ["token", "signalcaptcha://invented"],
}
"""What a command needs, so that it gets as far as the database."""


def commands() -> Iterator[tuple[str, ...]]:
    """Every command of `assistant --help`, by its words."""
    group = typer.main.get_group(app)
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = getattr(command, "commands", None)
        yield from ((name, each) for each in inner) if inner else ((name,),)


@pytest.fixture
def nowhere(tmp_path: Path) -> Installation:
    """An empty folder to be in, and no setting that says where the data is."""
    installation = Installation(tmp_path, signal_api_url="http://127.0.0.1:9", signal_number="+15550100")
    del installation.env["ASSISTANT_DATA_DIR"]
    return installation


@pytest.mark.parametrize("command", [each for each in commands() if each not in CREATING], ids=" ".join)
def test_no_other_command_makes_anything(nowhere: Installation, command: tuple[str, ...]) -> None:
    done = nowhere.call(*command, *ARGUMENTS.get(command, []))
    assert list(nowhere.folder.iterdir()) == []
    if command in WITHOUT_A_DATABASE:
        assert (done.code, done.err) == (0, "")
    elif command in LOOKING:
        assert (done.code, done.err) == (1, "")
        assert f"no database {nowhere.folder}/var/assistant.sqlite" in done.out
    elif command in REFUSING:
        assert done.code == 1 and done.sentence
    elif command[0] == "signal":
        assert done.code == 1 and "signal-cli-rest-api cannot be reached" in done.err
    else:
        assert done.code == 1, done.out
        for words in (
            f"no database {nowhere.folder}/var/assistant.sqlite",
            "run",
            "chat",
            "db migrate",
            "ASSISTANT_DATA_DIR",
        ):
            assert words in done.sentence


@pytest.mark.parametrize(
    "command", [["run", "--until-idle"], ["chat", "--json"], ["db", "migrate"]], ids=" ".join
)
def test_those_make_it_and_say_where_the_keyring_is(nowhere: Installation, command: list[str]) -> None:
    nowhere.env["ASSISTANT_SIGNAL_API_URL"] = nowhere.env["ASSISTANT_SIGNAL_NUMBER"] = ""
    done = nowhere.run(*command)
    assert done.code == 0
    assert f"file={nowhere.folder}/var/keyring.json" in done.err
    assert nowhere.call("letters", "list").code == 0


def test_an_empty_file_and_an_empty_database_elsewhere_are_none(nowhere: Installation) -> None:
    (nowhere.folder / "var").mkdir()
    file = nowhere.folder / "var" / "assistant.sqlite"
    file.touch()
    assert "no database" in nowhere.call("letters", "list").sentence
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_empty_database_of_a_server_stays_empty(nowhere: Installation, database_url: str) -> None:
    nowhere.set(database_url=database_url, keyring=nowhere.folder / "keyring.json")
    for _ in range(2):
        assert "holds nothing of ours yet" in nowhere.call("letters", "list").sentence
    assert list(nowhere.folder.iterdir()) == []


def test_a_rehearsal_over_data_that_is_elsewhere_makes_no_folder_here(
    nowhere: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = Installation(tmp_path_factory.mktemp("elsewhere")).make().data
    nowhere.set(database_url=f"sqlite:///{elsewhere}/assistant.sqlite", keyring=elsewhere / "keyring.json")
    for command in (["letters", "plan", CASE], ["letters", "list"], ["organisers", "list"]):
        assert nowhere.call(*command).code == 0
    assert nowhere.call("letters", "hold", "1").code == 1
    assert list(nowhere.folder.iterdir()) == []


# What cannot be read


def as_anybody() -> None:
    """What no permission stops is stopped by them, too: see capabilities(7)."""
    if os.getuid() == 0:
        drop_from_bounding_set = 24
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


def run(installation: Installation, command: Sequence[str]) -> Completed:
    """As a user who is no administrator."""
    with installation.start(*command, first=as_anybody) as process:
        return finish(process)


@pytest.fixture
def shut() -> Iterator[list[Path]]:
    """Folders put into it are opened again at the end, so that they can be removed."""
    folders: list[Path] = []
    yield folders
    for each in folders:
        each.chmod(0o700)


def close(folder: Path, shut: list[Path], mode: int = 0) -> None:
    shut.append(folder)
    folder.chmod(mode)


@pytest.mark.parametrize("mode", [0o000, 0o600, 0o100], ids=oct)
@pytest.mark.parametrize("command", ["letters list", "chat --json", "run --until-idle", "organisers list"])
def test_a_data_folder_that_cannot_be_read_is_named(
    tmp_path: Path, shut: list[Path], mode: int, command: str
) -> None:
    installation = Installation(tmp_path)
    installation.data.mkdir()
    close(installation.data, shut, mode)
    done = run(installation, command.split())
    assert done.code == 1
    assert f"The folder {installation.data} cannot be read: Permission denied." in done.sentence


@pytest.mark.parametrize("setting", ["data_dir", "keyring", "database_url"])
def test_a_folder_around_what_is_named_is_named(tmp_path: Path, shut: list[Path], setting: str) -> None:
    installation = Installation(tmp_path).make()
    (outer := tmp_path / "outer").mkdir()
    named = {
        "data_dir": str(outer / "data"),
        "keyring": str(outer / "keyring.json"),
        "database_url": f"sqlite:///{outer}/my.sqlite",
    }
    installation.set(**{setting: named[setting]})
    close(outer, shut)
    done = run(installation, ["letters", "list"])
    assert done.code == 1
    assert f"The folder {outer} cannot be read: Permission denied." in done.sentence


@pytest.mark.parametrize("place", ["", "rosa-example", "rosa-example/updates"])
def test_a_folder_of_cases_that_cannot_be_read_is_named(tmp_path: Path, shut: list[Path], place: str) -> None:
    cases = tmp_path / "cases"
    shutil.copytree(CASES / CASE, cases / "rosa-example")
    (cases / "rosa-example" / "updates").mkdir(exist_ok=True)
    close(cases / place, shut)
    done = run(Installation(tmp_path, cases_dir=cases), ["cases", "check"])
    assert done.code == 1
    assert str(cases / place) in done.out + done.err and "Permission denied" in done.out + done.err
    assert "mistake of ours" not in done.err


def test_a_mailbox_and_a_folder_for_prints_are_named(tmp_path: Path, shut: list[Path]) -> None:
    installation = Installation(tmp_path).make()
    (new := tmp_path / "mail" / "new").mkdir(parents=True)
    (tmp_path / "mail" / "cur").mkdir()
    (new / "1.mail").touch()
    close(new, shut, 0o400)  # its names can be read, and nothing else
    mailbox = run(installation, ["bounces", "--maildir", str(tmp_path / "mail")])
    assert mailbox.code == 1 and f"The mailbox {tmp_path}/mail cannot be read" in mailbox.sentence
