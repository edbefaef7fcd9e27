"""`assistant broadcasts draft|propose`: what the options make, and what is refused before it is kept."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from tests.support.cli_broadcasts import (
    DORA,
    SENDING_TIME,
    TEXT,
    UPDATE,
    prepare,
    propose,
    proposed,
    run_at,
    shown,
    start_broadcast,
    status,
)
from tests.support.processes.installation import CASE, Installation

EVERYONE: dict[str, object] = {
    "case": None,
    "countries": [],
    "languages": [],
    "wrote": None,
    "received": None,
}
ALERT = ("--alert", "--lasts", "24", "--text", "en=alert.txt", "--fallback", "es=en")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Path:
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(prepare(installation, script))
    return installation.data


@pytest.fixture
def installation(installation: Installation, tmp_path: Path) -> Installation:
    """A folder with a team, three readers, and a text."""
    (tmp_path / "alert.txt").write_text(f"{TEXT}\n", "utf-8")
    return installation


def draft(installation: Installation, *options: str, typed: str | bytes = "") -> dict[str, object]:
    """All about what these options make."""
    done = installation.call("broadcasts", "draft", "--draft-only", *options, typed=typed)
    assert (done.code, done.err) == (0, ""), done.err
    return shown(installation, "1")


def test_news_of_a_case_folder_is_shown_as_readers_will_get_it_and_proposed(
    installation: Installation, script: Script
) -> None:
    done = installation.call("broadcasts", "draft", "--update", UPDATE)
    assert (done.code, done.err) == (0, "")
    for words in (
        "  | Norma Cruz, Guatemala, September 2011\n",
        "  | Norma Cruz, Guatemala, septiembre de 2011\n",
        "  | You wrote a letter for this case. Thank you.\n",  # who has written one
        "waits for approval: nobody has got it",
        "assistant broadcasts discard 1",
    ):
        assert words in done.out
    assert shown(installation, "1")["button"] == "letter"
    told = run_at(installation, script)
    assert told.keys() == {"Olga", "Abel"}  # who can approve it, and no reader
    assert all("Update 1" in each[-1] for each in told.values())


def test_news_has_one_broadcast_until_that_is_dropped(installation: Installation) -> None:
    assert installation.call("broadcasts", "draft", "--update", UPDATE).code == 0
    again = installation.call("broadcasts", "draft", "--update", UPDATE)
    assert (again.code, again.out) == (1, "")
    assert again.sentence == "That update has a broadcast already. `assistant broadcasts show 1` shows it."
    assert installation.call("broadcasts", "discard", "1", "--yes").code == 0
    assert installation.call("broadcasts", "draft", "--update", UPDATE).code == 0


def test_a_draft_waits_until_it_is_proposed(installation: Installation, script: Script) -> None:
    done = installation.call("broadcasts", "draft", "--update", UPDATE, "--draft-only")
    assert "nobody was asked" in done.out and "assistant broadcasts propose 1" in done.out
    assert "assistant broadcasts propose 1" in installation.call("broadcasts", "approve", "1").sentence
    assert run_at(installation, script) == {}
    assert installation.call("broadcasts", "propose", "1").code == 0
    assert status(installation, "1") == "proposed"
    again = installation.call("broadcasts", "propose", "1")
    assert (again.code, again.sentence) == (1, "Broadcast 1 waits for approval already.")
    assert installation.call("broadcasts", "approve", "1").code == 1


def test_an_organisers_draft_is_proposed_by_them_alone_who_got_the_test(
    installation: Installation, script: Script
) -> None:
    number = proposed(installation, script)
    assert installation.call("broadcasts", "discard", number, "--yes").code == 0
    number = asyncio.run(_unproposed(installation, script))
    done = installation.call("broadcasts", "propose", number)
    assert (done.code, done.out) == (1, "")
    assert (shown(installation, number)["status"], shown(installation, number)["people"]) == ("draft", None)


async def _unproposed(installation: Installation, script: Script) -> str:
    """A draft of Dora's that nobody has counted yet."""
    async with installation.harness(script) as harness:
        number = await propose(harness)
        async with harness.store.write() as tx:
            found = (await harness.broadcast(number)).announcement
            await harness.news.broadcast_service.save(
                tx, DORA, replace(found, texts={"en": "Another text."}), number
            )
        return str(number)


# What the options mean


def test_a_text_is_taken_as_it_stands(installation: Installation) -> None:
    facts = draft(installation, *ALERT, "--case", CASE)
    assert (facts["kind"], facts["case"], facts["button"], facts["lasts"]) == ("alert", CASE, "letter", 24)
    assert facts["fallbacks"] == {"es": "en"}
    texts = facts["texts"]
    assert isinstance(texts, dict)
    assert TEXT in texts["en"]["text"] and "&lt;today&gt; &amp; pass" in texts["en"]["html"]
    assert TEXT in texts["es"]["text"] and "alto" in texts["es"]["text"]
    assert counted(installation) == 3


def counted(installation: Installation, number: int = 1) -> int:
    """How many people it was counted to reach: so few are not shown."""
    with closing(sqlite3.connect(installation.database)) as connection:
        (counts,) = connection.execute("SELECT counts FROM broadcasts WHERE id = ?", [number]).fetchone()
    return sum(each["people"] for each in json.loads(counts))


def test_a_text_can_come_from_standard_input(installation: Installation) -> None:
    options = ("--alert", "--lasts", "1", "--text", "es=-", "--text", "en=alert.txt")
    facts = draft(
        installation, *options, typed="\ufeffEscribe hoy, por favor: ñ.\r\n\r\n\r\n\r\nGracias.\n".encode()
    )
    texts = facts["texts"]
    assert isinstance(texts, dict)
    assert "\n\nEscribe hoy, por favor: ñ.\n\nGracias.\n\n" in texts["es"]["text"]
    assert (facts["case"], facts["button"]) == (None, "none")


@pytest.mark.parametrize(
    ("options", "audience", "people"),
    [
        ([], {"case": CASE}, 3),
        (["--readers", "unwritten"], {"case": CASE, "wrote": False}, 3),
        (["--readers", "wrote"], {"case": CASE, "wrote": True}, 0),
        (["--readers", "everyone"], {"case": None}, 3),
        (["--language", "es"], {"case": CASE, "languages": ["es"]}, 1),
        (
            ["--country", "Finland", "--country", "GT", "--country", "FI"],
            {"case": CASE, "countries": ["FI", "GT"]},
            0,
        ),
    ],
)
def test_readers_can_be_narrowed(
    installation: Installation, options: Sequence[str], audience: dict[str, object], people: int
) -> None:
    facts = draft(installation, *ALERT, "--case", CASE, *options)
    assert (facts["audience"], facts["people"]) == (EVERYONE | audience, "<10")
    assert counted(installation) == people


def test_readers_can_be_those_of_one_channel(installation: Installation) -> None:
    installation.set(web_url="https://letters.example.org")
    facts = draft(installation, *ALERT, "--case", CASE, "--channel", "web")
    assert facts["audience"] == EVERYONE | {"case": CASE, "channel": "web"}
    assert counted(installation) == 0


def test_a_channel_that_is_not_set_up_is_named_with_those_that_are(installation: Installation) -> None:
    installation.set(web_url="https://letters.example.org")
    done = installation.call("broadcasts", "draft", *ALERT, "--case", CASE, "--channel", "pigeon")
    assert done.code == 2 and "no 'pigeon'" in done.err and "over web" in done.err


@pytest.mark.parametrize(
    ("options", "timing"),
    [
        (["--at", "2026-11-25T09:00-06:00"], {"at": "2026-11-25T15:00:00Z"}),
        (["--at", "2026-11-25 15:00Z", "--urgent"], {"at": "2026-11-25T15:00:00Z", "urgent": True}),
        (["--local", "2026-11-25 10:00"], {"local": "2026-11-25T10:00"}),
    ],
)
def test_time_can_be_a_moment_or_each_readers_own(
    installation: Installation, options: Sequence[str], timing: dict[str, object]
) -> None:
    facts = draft(installation, *ALERT, *options)
    usual = {"at": None, "local": None, "urgent": False}
    assert {name: facts[name] for name in usual} == usual | timing
    texts = facts["texts"]
    assert isinstance(texts, dict)
    assert "November 25, 2026" in texts["en"]["text"]  # the day on which it leaves


def test_a_correction_goes_to_who_got_what_it_corrects(installation: Installation, script: Script) -> None:
    number = proposed(installation, script)
    correction = ("--correct", number, "--text", "en=alert.txt", "--fallback", "es=en")
    early = installation.call("broadcasts", "draft", *correction)
    assert (early.code, early.out) == (1, "")
    assert "Nobody has got broadcast 1" in early.sentence
    assert installation.call("broadcasts", "approve", number, "--yes").code == 0
    start_broadcast(installation, script, number)
    run_at(installation, script, SENDING_TIME)
    assert installation.call("broadcasts", "draft", *correction, "--button", "read").code == 0
    facts = shown(installation, "2")
    assert (facts["kind"], facts["case"], counted(installation, 2)) == ("correction", CASE, 3)
    assert facts["button"] == "read"
    assert facts["audience"] == EVERYONE | {"received": int(number)}


# What is refused


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--text", "en=alert.txt"], "Write it, or say which one these readers get: --fallback es=en"),
        (["--text", "en=alert.txt", "--fallback", "es=fr"], "no text in fr; there is en"),
        (["--text", "en=alert.txt", "--fallback", "fr=en"], "we speak en, es"),
        (["--text", "en=alert.txt", "--fallback", "es"], "write it like --fallback es=en"),
        (["--text", "en=alert.txt", "--fallback", "en=en"], "there is a text in en"),
        (["--text", "fr=alert.txt"], "we speak en, es"),
        (["--text", "alert.txt"], "write it like --text en=alert.txt"),
        (["--text", "en=alert.txt", "--text", "en=-"], "en is there twice"),
        (["--text", "en=-", "--text", "es=-"], "only one text can come from standard input"),
        (["--text", "en=nothing.txt"], "nothing.txt cannot be read: No such file"),
        (["--text", "en=data"], "data cannot be read: Is a directory"),
        (["--text", "en=latin.txt"], "latin.txt is not UTF-8"),
        (["--text", "en=empty.txt"], "there is nothing in empty.txt"),
        (["--text", "en=long.txt"], "en has 601 characters; at most 600 fit"),
    ],
)
def test_texts_that_readers_cannot_get_are_refused(
    installation: Installation, tmp_path: Path, options: Sequence[str], words: str
) -> None:
    (tmp_path / "latin.txt").write_bytes("ñandú".encode("latin-1"))
    (tmp_path / "empty.txt").write_text(" \n\u200b\u202e\n")
    (tmp_path / "long.txt").write_text("x" * 601)
    installation.set(columns="200")
    done = installation.call("broadcasts", "draft", "--alert", "--lasts", "1", *options)
    assert (done.code, done.out) == (2, "")
    assert words in " ".join(done.err.replace("│", " ").split())
    assert json.loads(installation.call("broadcasts", "list", "--all", "--json").out) == []
