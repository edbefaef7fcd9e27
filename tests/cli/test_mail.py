"""`assistant mail` and `assistant answers`: what offices write back is kept, shown and passed on."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import answers as answers_command
from assistant.settings import Settings
from assistant.store import answers as answers_store
from assistant.wiring.content import make_script
from tests.support.answers import FOREIGN, SAID, answer, mailed
from tests.support.harness import NAME
from tests.support.processes.installation import CASE, Installation

QUOTED = "\n\nOn Mon, 23 Jan 2012 at 15:12 Letters wrote:\n> Dear Minister\n"
VACATION = {"Auto-Submitted": "auto-replied"}


async def _write(installation: Installation) -> None:
    async with installation.harness(make_script(Settings(_env_file=None))) as harness:
        await mailed(harness, "ana", "ben")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    installation = Installation(tmp_path_factory.mktemp("written"))
    asyncio.run(_write(installation))
    return installation.data


@pytest.fixture
def installation(written: Path, tmp_path: Path) -> Installation:
    """A folder with two letters that a mail server has taken."""
    shutil.copytree(written, tmp_path / "data")
    return Installation(tmp_path)


def read(installation: Installation, mail: bytes, command: str = "mail") -> str:
    done = installation.call(command, typed=mail)
    assert (done.code, done.err) == (0, "")
    return done.out


def shown(installation: Installation, *command: str) -> Any:  # Any: JSON
    done = installation.call("answers", *command, "--json")
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)


def test_an_answer_from_a_pipe_is_kept_and_can_be_read_and_passed_on(installation: Installation) -> None:
    process = installation.run("mail", typed=answer(text=f"Dear {NAME},\n{SAID}{QUOTED}").decode())
    assert (process.code, process.err) == (0, "")
    assert "0 bounces settled, 0 of letters that we do not know, 0 other mails." in process.out
    assert "1 answers, 0 automatic ones, 0 known already." in process.out
    assert NAME not in process.out
    [row] = shown(installation, "list")
    assert row.pop("received_at").endswith("Z")
    assert len(row.pop("group")) == 8
    assert row.pop("action") and row.pop("target")
    assert row == {"id": 1, "letter": 1, "case": CASE, "kind": "genuine", "status": "new"}
    facts = shown(installation, "show", "1")
    assert facts["said"] == f"Dear {NAME},\n{SAID}"
    assert facts["text"].endswith("> Dear Minister")
    assert (facts["sender"], facts["files"], facts["attachments"]) == (
        "Invented Office <office@example.org>",
        0,
        [],
    )
    assert shown(installation, "pass", "1") == {"id": 1, "status": "passed", "settled": 1}
    assert shown(installation, "list", "--status", "passed")[0]["id"] == 1
    again = installation.call("answers", "pass", "1")
    assert (again.code, again.out) == (1, "")
    assert "Answer 1 is passed already." in again.sentence


def test_at_a_terminal_all_of_it_is_shown_before_it_is_passed_on(installation: Installation) -> None:
    read(installation, answer(text="Thank you. " * 2_000 + "We know where you live."))
    done = installation.call("answers", "pass", "1", typed=b"n\n")
    assert done.code == 1
    assert "We know where you live." in done.out and "office@example.org" in done.out
    assert shown(installation, "list")[0]["status"] == "new"
    assert "1 answer is passed on." in installation.call("answers", "pass", "1", typed=b"y\n").out


def test_a_script_passes_on_without_a_question(installation: Installation) -> None:
    read(installation, answer(1))
    assert installation.call("answers", "pass", "1", "--yes").out == "1 answer is passed on.\n"


def test_for_people_it_is_a_page_and_a_table(installation: Installation) -> None:
    read(installation, answer(text=f"{SAID}{QUOTED}"))
    page = installation.call("answers", "show", "1").out
    assert "  We have opened an investigation." in page and "Dear Minister" not in page
    assert "  > Dear Minister" in installation.call("answers", "show", "1", "--whole").out
    heading, row = installation.call("answers", "list").out.splitlines()
    assert heading.split()[:3] == ["id", "letter", "case"]
    assert row.split()[:3] == ["1", "1", CASE]


def test_it_is_counted_by_case_and_listed_by_what_is_wanted(installation: Installation) -> None:
    for mail in (answer(1), answer(2), answer(1, "No.", number=2), answer(1, number=3, headers=VACATION)):
        read(installation, mail)
    [count] = shown(installation, "count")
    action = count.pop("action")
    numbers = {"letters": 2, "genuine": 3, "automatic": 1, "waiting": 3, "passed": 0}
    assert count == {"case": CASE, **numbers}
    assert len(shown(installation, "list", "--action", action)) == 4
    assert shown(installation, "list", "--action", "another") == []
    done = installation.call("actions", "list", "--json")
    assert {each["action"]: each["answered"] for each in json.loads(done.out)}[action] == "<10"
    assert [row["id"] for row in shown(installation, "list", "--kind", "automatic")] == [4]
    assert [row["id"] for row in shown(installation, "list", "--status", "new", "--case", CASE)] == [1, 2, 3]
    one, other, different, _ = (row["group"] for row in shown(installation, "list"))
    assert one == other != different
    assert shown(installation, "set-aside", "1", "--same")["settled"] == 2
    assert shown(installation, "count")[0]["waiting"] == 1
    done = installation.call("answers", "pass", "4", typed=b"y\n")
    assert "automatic" in done.out and "1 answer is passed on." in done.out


@pytest.mark.parametrize("mail", [answer(FOREIGN), answer(FOREIGN, headers=VACATION), b"", b"\x00" * 1000])
@pytest.mark.parametrize("command", ["mail", "bounces"])
def test_what_is_to_no_letter_of_ours_changes_nothing(
    installation: Installation, mail: bytes, command: str
) -> None:
    assert "0 bounces settled, 0 of letters that we do not know, 1 other" in read(installation, mail, command)
    assert shown(installation, "list") == []


def test_many_are_settled_in_pieces_until_none_is_left(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (answers_command, answers_store):
        monkeypatch.setattr(module, "SETTLED_AT_ONCE", 1)
    for number in (1, 2):
        read(installation, answer(number, number=number))
    done = installation.call("answers", "pass", "1", "--same", "--yes")
    assert (done.code, done.out) == (0, "2 answers are passed on.\n")
    assert done.err.splitlines() == ["1 so far ...", "2 so far ..."]


def test_the_same_mail_twice_is_one_answer_by_either_name(installation: Installation) -> None:
    read(installation, answer())
    assert "0 answers, 0 automatic ones, 1 known already." in read(installation, answer(), "bounces")
    assert len(shown(installation, "list")) == 1


def test_a_maildir_is_read_once_and_a_large_mail_in_it_too(
    installation: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "maildir"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "new" / "1.host").write_bytes(answer(1))
    (folder / "new" / "2.host").write_bytes(answer(2, "word " * 2_200_000))
    (folder / "new" / "3.host").write_bytes(answer(FOREIGN))
    done = installation.call("mail", "--maildir", str(folder))
    assert (done.code, done.err) == (0, "")
    assert "1 other mails.\n2 answers, 0 automatic ones, 0 known already." in done.out
    assert sorted(file.name for file in (folder / "cur").iterdir()) == [
        f"{number}.host:2,S" for number in (1, 2, 3)
    ]
    assert "0 answers" in installation.call("mail", "--maildir", str(folder)).out


def test_an_answer_that_is_not_there_is_told(installation: Installation) -> None:
    for command in ("show", "pass", "set-aside"):
        done = installation.call("answers", command, "7")
        assert (done.code, done.out) == (1, "")
        assert "There is no answer 7." in done.sentence
