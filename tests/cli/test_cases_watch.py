"""`assistant cases check --watch`: what is wrong, again after every change, until Ctrl-C."""

import shutil
from pathlib import Path

from tests.support.case_folders import OLD_FORM, write_case
from tests.support.processes.installation import Installation
from tests.support.processes.terminal import open_terminal

CTRL_C = "\x03"


def test_every_change_is_checked_and_named(tmp_path: Path) -> None:
    case = write_case(tmp_path / "leyla-aydin", OLD_FORM)
    with open_terminal(
        Installation(tmp_path), command=("cases", "check", "./leyla-aydin", "--watch")
    ) as leyla:
        leyla.see("Ctrl-C ends it")
        leyla.see("leyla-aydin: good")
        leyla.see("convert ./leyla-aydin")
        (case / "briefing.en.md").write_text("x" * 705)
        (case / ".briefing.en.md.swp").touch()
        leyla.see("changed: leyla-aydin/briefing.en.md\n")
        leyla.see("leyla-aydin: cannot be used as it is")
        leyla.see("shorten it by 5")
        (case / "briefing.en.md").write_text("Leyla Aydin was arrested.")
        (case / "updates" / "2026-04-home.en.md").write_text("Leyla Aydin is at home.")
        (case / "faq.en.md").unlink()
        changes = leyla.see("leyla-aydin: cannot be used as it is")
        assert "new: leyla-aydin/updates/2026-04-home.en.md; gone: leyla-aydin/faq.en.md\n" in changes
        assert ".swp" not in changes
        leyla.see("the update 2026-04-home in 'es' is missing")
        shutil.rmtree(case)
        leyla.see("no folder './leyla-aydin'")
        write_case(case, OLD_FORM)
        leyla.see("leyla-aydin: good")
        leyla.press(CTRL_C)
        assert leyla.leave() == 0
        assert "Traceback" not in leyla.shown and "Aborted" not in leyla.shown


def test_all_cases_are_watched_where_none_is_named(tmp_path: Path) -> None:
    cases = tmp_path / "cases"
    case = write_case(cases / "leyla-aydin", OLD_FORM)
    with open_terminal(
        Installation(tmp_path, cases_dir=cases), command=("cases", "check", "--watch")
    ) as leyla:
        leyla.see("leyla-aydin: good")
        (case / "case.toml").unlink()
        leyla.see("gone: ")
        leyla.see("leyla-aydin has no case.toml")
        leyla.press(CTRL_C)
        assert leyla.leave() == 0
