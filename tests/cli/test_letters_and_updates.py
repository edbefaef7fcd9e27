"""`assistant letters`, `assistant updates`, and how news of a case reaches a terminal."""

import re
from pathlib import Path

import pytest

from tests.process.programs import CASE, Installation

NEWS = "2011-09-conviction"


@pytest.fixture
def subscribed(tmp_path: Path, database_url: str) -> Installation:
    """Rosa reads English and Inés Spanish; both have written their letter and want the news."""
    here = Installation(tmp_path, database_url)
    for name, language in (("Rosa", "en"), ("Inés", "es")):
        with here.chat("--as", name, "--language", language) as chat:
            chat.write_letter(name=f"{name} Example")
            assert chat.end().code == 0
    return here


def test_news_comes_once_to_each_reader_in_their_language(subscribed: Installation) -> None:
    here = subscribed
    first, second = (here.run("updates", "publish", CASE, NEWS) for _ in range(2))
    assert (first.code, first.err, second.code) == (0, "", 0)
    assert first.out.startswith("2 new in the outbox. In all: 2 for this update, 0 sent, 2 waiting.")
    assert second.out.startswith("0 new in the outbox. In all: 2")
    idle = here.run("run", "--until-idle")
    assert (idle.code, idle.out, idle.err) == (0, "", "")

    with here.chat("--as", "Rosa") as rosa, here.chat("--as", "Inés") as ines:
        in_english = rosa.until(lambda message: "convicted" in message["text"])
        in_spanish = ines.until(lambda message: "septiembre" in message["text"])
        assert (rosa.end().code, ines.end().code) == (0, 0)
    assert in_english["text"].startswith("Norma Cruz, Guatemala, September 2011")
    assert (in_english["asks"], in_english["choices"]) == (None, [])
    assert "condenad" in in_spanish["text"]

    with here.chat("--as", "Rosa") as rosa:
        late = here.run("updates", "publish", CASE, "2011-thanks")
        assert late.out.startswith("2 new in the outbox.")
        news = rosa.until(lambda message: message["text"].startswith("Norma Cruz, Guatemala, 2011"))
        assert rosa.end().code == 0
    assert [message for message in rosa.heard if "convicted" in message["text"]] == []
    assert news["conversation"] is None

    third = here.run("updates", "publish", CASE, NEWS)
    assert third.out.startswith("0 new in the outbox. In all: 2 for this update, 2 sent, 0 waiting.")


def test_each_letter_can_be_looked_at(tmp_path: Path) -> None:
    here = Installation(tmp_path)
    with here.chat("--as", "Rosa", "--language", "en") as chat:
        chat.write_letter(line="Please investigate the threats.")
        assert chat.end().code == 0
    [listed] = here.letters()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", listed["created_at"])
    assert here.json("letters", "list", "--case", CASE, "--status", "queued") == []

    shown = here.json("letters", "show", "1")
    [pdf] = here.data.glob("tray/*.pdf")
    assert shown == listed | {"language": "es", "reference": pdf.name}
    log = here.json("letters", "log", "1")
    assert [step["status"] for step in log] == ["queued", "submitting", "sent"]
    assert all(list(step) == ["at", "status", "reason"] for step in log)

    tables = [here.run("letters", *arguments) for arguments in (["list"], ["log", "1"])]
    assert all(table.code == 0 and table.err == "" for table in tables)
    assert all("Rosa" not in table.out and "Please investigate" not in table.out for table in tables)
    assert tables[0].out.splitlines()[0].split() == list(listed)

    for command in ("show", "log"):
        unknown = here.run("letters", command, "999")
        assert (unknown.code, unknown.out) == (2, "")
        assert "there is no letter 999" in unknown.err


def test_a_listing_cut_short_by_its_reader_is_no_failure_worth_words(tmp_path: Path) -> None:
    here = Installation(tmp_path)
    with here.start("updates", "list", "--json") as listing:
        assert listing.stdout and listing.stderr
        listing.stdout.close()
        assert listing.stderr.read() == b""
        assert listing.wait() == 1
