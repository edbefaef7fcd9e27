"""`assistant chat` at a real terminal, with a person who types."""

import re
import signal
from pathlib import Path

from tests.support.processes.installation import CASE, Installation
from tests.support.processes.terminal import open_terminal

CTRL_C, CTRL_D = "\x03", "\x04"
LEFT, DELETE = "\x1b[D", "\x1b[3~"


def test_a_person_writes_a_letter_by_numbers_and_words(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with open_terminal(installation, "--case", CASE) as rosa:
        start = rosa.see("2. Español\n")
        assert str(installation.database) in start and str(installation.data / "tray") in start
        assert "Ctrl-D ends the chat" in start and "keyring" in start
        rosa.type("1")
        rosa.see("  1. Write the letter\n  2. Not now\n")
        rosa.type("yes")
        rosa.see("Which country")
        rosa.type("Finlnd")
        rosa.see("1. Yes, Finland")
        rosa.type("yes")
        rosa.see("1. A supporter in Finland")
        rosa.type("Rosa Example")
        rosa.see("1. Skip")
        rosa.type("Her work is needed.")
        draft = rosa.see("4. Do not send\n")
        assert "Her work is needed.\n" in draft and "<b>" not in draft and "&" not in draft
        rosa.type("se")
        rosa.see("1. Yes")
        rosa.type("no")
        rosa.see("That is fine.")
        rosa.see("pass this on")
        rosa.press(CTRL_D)
        assert rosa.leave() == 0
    assert [(facts["name"], facts["country"]) for facts in installation.facts] == [("Rosa Example", "FI")]


def test_a_line_is_edited_behind_a_prompt_and_words_are_not_broken(tmp_path: Path) -> None:
    with open_terminal(Installation(tmp_path), "--language", "en", "--case", CASE, columns=60) as rosa:
        start = rosa.see("2. Not now\n> ")
        assert max(map(len, start.split("Ctrl-D ends the chat.\n")[1].split("\n")[1:])) <= 60
        assert not re.search(r"\d{4}-\d\d-\d\d", start), "no line of a log"
        rosa.press(f"gx{LEFT}{DELETE}o\n")
        rosa.see("Which country")
        rosa.see("\n> ")
        rosa.press(CTRL_D)
        assert rosa.leave() == 0
        assert "^[" not in rosa.shown


def test_a_person_who_reads_slowly_misses_nothing(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with open_terminal(installation, "--language", "en", "--case", CASE) as rosa:
        rosa.type("go")
        for _ in range(12):  # far more than a terminal holds for a reader
            rosa.type("/privacy")
            rosa.type("/help")
        rosa.type("Finland")
        shown = rosa.see("What shall stand")
        assert len(re.findall(r"We keep this encrypted", shown)) == 12
        assert len(re.findall(r"see or delete what we keep", shown)) == 12
        rosa.press(CTRL_D)
        assert rosa.leave() == 0


def test_ctrl_c_ends_the_chat_and_nothing_is_lost(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with open_terminal(installation, "--language", "en", "--case", CASE) as rosa:
        rosa.see("2. Not now")
        rosa.type("go")
        rosa.see("Which country")
        rosa.press(CTRL_C)
        assert rosa.leave() == 0
        assert "Traceback" not in rosa.shown
    with open_terminal(installation, "--language", "en") as rosa:
        rosa.see("Which country")
        rosa.process.send_signal(signal.SIGHUP)  # the window was closed
        assert rosa.leave() != 0
        assert "Traceback" not in rosa.shown
