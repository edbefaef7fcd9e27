"""`assistant audit`: what organisers did, and that nobody can change the record of it unseen."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from tests.support.cli_broadcasts import READERS, TEAM, UPDATE, execute_sql, prepare
from tests.support.processes.installation import Installation

CODE = re.compile(r"^Code of the newest entry: ([0-9a-f]{64})$", re.MULTILINE)
ENTRIES = 8  # three invited, three joined; drafted, proposed


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Path:
    """A folder in which a team has begun to work."""
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(prepare(installation, script))
    assert installation.call("broadcasts", "draft", "--update", UPDATE).code == 0
    return installation.data


def code(installation: Installation) -> str:
    """The newest entry's, as `verify` shows it."""
    done = installation.call("audit", "verify")
    assert (done.code, done.err) == (0, "")
    found = CODE.search(done.out)
    assert found
    return found[1]


def test_what_was_done_is_listed_with_who_and_when_and_without_a_supporter(
    installation: Installation,
) -> None:
    done = installation.call("audit", "list", "--json")
    rows = json.loads(done.out)
    assert [row["number"] for row in rows] == list(range(1, ENTRIES + 1))
    assert [(row["who"], row["what"], row["about"]) for row in rows[-3:]] == [
        ("organiser 3", "joined", "drafter"),
        ("shell", "drafted", "broadcast 1"),
        ("shell", "proposed", "broadcast 1"),
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["at"]) for row in rows)
    assert not any(name in done.out for name in (*TEAM, *READERS))


def test_the_newest_are_listed_and_no_more_than_wanted(installation: Installation) -> None:
    listed = installation.call("audit", "list", "--limit", "2").out.splitlines()
    assert listed[0].split() == ["number", "at", "who", "what", "about", "detail"]
    assert [line.split()[0] for line in listed[1:]] == ["7", "8"]


def test_a_whole_record_is_told_with_the_code_to_keep(installation: Installation) -> None:
    done = installation.call("audit", "verify")
    assert (done.code, done.err) == (0, "")
    assert f"Entries: {ENTRIES}." in done.out
    assert "Note it somewhere that is not this machine" in done.out
    noted = code(installation)
    assert installation.call("broadcasts", "discard", "1", "--yes").code == 0
    assert code(installation) != noted
    again = installation.call("audit", "verify", "--code", noted.upper())
    assert again.code == 0
    assert "The entry with the noted code is among them." in again.out


def test_where_nothing_was_done_there_is_nothing_to_verify(tmp_path: Path) -> None:
    empty = Installation(tmp_path).make()
    assert empty.call("audit", "list").out.split() == [
        "number",
        "at",
        "who",
        "what",
        "about",
        "detail",
    ]
    done = empty.call("audit", "verify")
    assert (done.code, done.out) == (0, "Nothing has been done yet: there is no entry.\n")


@pytest.mark.parametrize(
    ("behind_our_back", "named"),
    [
        ("UPDATE audit SET action = 'approved' WHERE id = 7", "Entry 7 "),
        ("UPDATE audit SET actor = 'organiser 1' WHERE id = 8", "Entry 8 "),
        ("UPDATE audit SET subject = 'owner' WHERE id = 6", "Entry 6 "),
        ("UPDATE audit SET at = at + 1000 WHERE id = 1", "Entry 1 "),
        ("DELETE FROM audit WHERE id = 4", "number 4 is not there"),
        ("DELETE FROM audit WHERE id = 1", "those before number 2"),
        ("UPDATE organisers SET role = 'owner' WHERE id = 3", "changed organiser 3 in the database"),
        ("UPDATE broadcasts SET status = 'approved'", "changed broadcast 1 in the database"),
        ("UPDATE broadcast_texts SET body = 'Other news.'", "changed broadcast 1 in the database"),
        ("DELETE FROM audit WHERE id > 3", "Organiser 2 is in the team, and the audit has no entry"),
    ],
)
def test_what_was_changed_or_removed_is_found_and_named(
    installation: Installation, behind_our_back: str, named: str
) -> None:
    execute_sql(installation.database, behind_our_back)
    done = installation.call("audit", "verify")
    assert (done.code, done.out) == (1, "")
    assert named in done.sentence


def test_only_a_noted_code_shows_that_the_newest_entries_are_missing(installation: Installation) -> None:
    noted = code(installation)
    execute_sql(installation.database, "DELETE FROM audit WHERE id = 8")
    assert installation.call("audit", "verify").code == 0
    done = installation.call("audit", "verify", "--code", noted)
    assert (done.code, done.out) == (1, "")
    assert "noted" in done.sentence and "newest" in done.sentence


def test_a_record_of_which_all_is_gone_is_missed_by_who_noted_a_code(installation: Installation) -> None:
    noted = code(installation)
    execute_sql(installation.database, "DELETE FROM audit")
    assert installation.call("audit", "verify", "--code", noted).code == 1
