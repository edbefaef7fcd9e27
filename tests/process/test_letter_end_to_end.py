"""A letter's whole way in one process: written in a terminal, at its office's hours, with a receipt."""

import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.processes.installation import CASE, TIMEOUT, Installation

pytestmark = pytest.mark.chance

OPENS = datetime(2012, 1, 24, 14, tzinfo=UTC)  # eight o'clock in Guatemala, on a Tuesday
BEFORE = "2012-01-24T12:40:00Z@600"  # eight seconds before that


def until_sent(installation: Installation) -> None:
    """Return when the first letter has left. The chat is at work meanwhile."""
    end = time.monotonic() + TIMEOUT
    with closing(sqlite3.connect(installation.database, timeout=TIMEOUT)) as database:
        while database.execute("SELECT status FROM letters").fetchone() != ("sent",):
            assert time.monotonic() < end, "the letter does not leave"
            time.sleep(0.05)


def test_a_letter_leaves_at_once_and_its_writer_reads_what_became_of_it(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with installation.chat("--as", "Rosa", "--language", "en") as rosa:
        rosa.write_letter(until="subscribe")
        queued = [message["text"] for message in rosa.heard if "will be sent today" in message["text"]]
        assert len(queued) == 1
        rosa.type("no")
        receipt = rosa.until(lambda message: "to the campaign, which passes it on" in message["text"])
        assert (receipt["asks"], receipt["choices"]) == (None, [])
        rosa.type("change")
        assert "You cannot change or withdraw it" in rosa.next()["text"]
        assert rosa.end().code == 0
    [facts] = installation.facts
    assert (facts["name"], facts["case"]) == ("Rosa Example", CASE)
    assert [step["status"] for step in installation.log(1)] == ["queued", "submitting", "sent"]
    told = [message for message in rosa.heard if "to the campaign, which passes it on" in message["text"]]
    assert told == [receipt]  # once
    assert len(installation.tray) == 2


def test_a_letter_waits_for_its_office_to_open_and_leaves_within_the_same_process(tmp_path: Path) -> None:
    installation = Installation(tmp_path, clock=BEFORE)
    with installation.chat("--as", "Rosa", "--language", "en") as rosa:
        rosa.write_letter(until="subscribe")
        assert any("will be sent today" in message["text"] for message in rosa.heard)
        until_sent(installation)
        assert rosa.process.poll() is None
        rosa.type("no")
        assert rosa.until(lambda message: "to the campaign, which passes it on" in message["text"])
        assert rosa.end().code == 0
    queued, submitting, sent = (datetime.fromisoformat(step["at"]) for step in installation.log(1))
    assert max(queued, OPENS) <= submitting <= sent  # a very slow machine may write it after eight
    [listed] = json.loads(installation.call("letters", "list", "--json").out)
    assert listed["created_on"] == queued.date().isoformat()
    assert len(installation.facts) == 1
