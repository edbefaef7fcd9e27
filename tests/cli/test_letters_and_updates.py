"""`assistant letters`, `assistant updates`, and the whole way of news to a terminal."""

import re
from pathlib import Path

import pytest

from tests.support.chance import both_databases_if_long
from tests.support.cli_broadcasts import UPDATE, status
from tests.support.processes.installation import CASE, Installation

AFTER_UNDO, LATER = "2026-11-24T15:30:00Z", "2026-11-24T15:40:00Z"


@pytest.fixture
def subscribed(tmp_path: Path, database_url: str) -> Installation:
    """Rosa reads English and Inés Spanish; both have written their letter and want the news."""
    installation = Installation(tmp_path, database_url)
    for name, language in (("Rosa", "en"), ("Inés", "es")):
        with installation.chat("--as", name, "--language", language) as chat:
            chat.write_letter(name=f"{name} Example")
            assert chat.end().code == 0
    return installation


@both_databases_if_long("sqlite")
def test_news_is_drafted_in_the_shell_approved_in_a_chat_and_comes_once_in_each_language(
    subscribed: Installation,
) -> None:
    installation = subscribed
    code = installation.call("organisers", "invite", "--role", "approver").out.split()[0]
    drafted = installation.call("broadcasts", "draft", "--update", UPDATE)
    assert (drafted.code, drafted.err) == (0, "")
    assert "Nobody can yet." in drafted.out  # the code has not been used
    with installation.chat("--as", "Olga", "--language", "en") as olga:
        olga.type(f"/organiser {code}")
        olga.question("called")
        olga.type("Olga Invented")
        olga.until(lambda message: "Olga Invented" in message["text"])
        olga.type("/approve 1")
        assert "convicted" in olga.question("approve")["text"]
        olga.type("yes")
        olga.until(lambda message: "approved" in message["text"])
        assert olga.end().code == 0

    early = installation.call("run", "--until-idle")
    assert (early.code, early.out, early.err) == (0, "", "")
    assert status(installation, "1") == "approved"  # it can be called off
    installation.set(clock=AFTER_UNDO)
    with installation.chat("--as", "Rosa") as rosa:
        assert installation.run("run", "--until-idle").code == 0
        in_english = rosa.until(lambda message: "convicted" in message["text"])
        assert rosa.end().code == 0
    with installation.chat("--as", "Inés") as ines:
        in_spanish = ines.until(lambda message: "septiembre" in message["text"])
        assert ines.end().code == 0
    assert in_english["text"].startswith("Norma Cruz, Guatemala, September 2011")
    assert (in_english["asks"], [each["label"] for each in in_english["choices"]]) == (
        None,
        ["Write a letter"],
    )
    assert "condenad" in in_spanish["text"]

    installation.set(clock=LATER)
    assert installation.call("run", "--until-idle").code == 0
    done = installation.call("broadcasts", "watch", "1")
    assert (done.code, done.out.splitlines()[0]) == (0, "Broadcast 1 is done: sent <10.")
    with installation.chat("--as", "Rosa") as rosa:
        assert rosa.end().code == 0
    assert [message for message in rosa.heard if "convicted" in message["text"]] == []
    again = installation.call("broadcasts", "draft", "--update", UPDATE)
    assert (again.code, again.out) == (1, "")
    assert again.sentence.startswith("That update has a broadcast already.")


def test_each_letter_can_be_looked_at(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with installation.chat("--as", "Rosa", "--language", "en") as chat:
        chat.write_letter(line="Please investigate the threats.")
        assert chat.end().code == 0
    [listed] = installation.letters()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", listed["created_on"])
    assert listed["country"] is None  # of so few letters it could point at who wrote one
    assert installation.json("letters", "list", "--case", CASE, "--status", "queued") == []

    shown = installation.json("letters", "show", "1")
    [pdf] = installation.data.glob("tray/*.pdf")
    assert shown == listed | {"language": "es", "reference": pdf.name, "print_run": None, "text": "kept"}
    log = installation.json("letters", "log", "1")
    assert [step["status"] for step in log] == ["queued", "submitting", "sent"]
    assert all(list(step) == ["at", "status", "reason"] for step in log)

    tables = [installation.call("letters", *arguments) for arguments in (["list"], ["log", "1"])]
    assert all(table.code == 0 and table.err == "" for table in tables)
    assert all("Rosa" not in table.out and "Please investigate" not in table.out for table in tables)
    assert tables[0].out.splitlines()[0].split() == list(listed)

    for command in ("show", "log"):
        unknown = installation.call("letters", command, "999")
        assert (unknown.code, unknown.out) == (2, "")
        assert "there is no letter 999" in unknown.err


def test_a_listing_cut_short_by_its_reader_is_no_failure_worth_words(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with installation.start("updates", "list", "--json") as listing:
        assert listing.stdout and listing.stderr
        listing.stdout.close()
        assert listing.stderr.read() == b""
        assert listing.wait() == 1
