"""Case folders in the shell: checked wherever they are, and seen before anybody else sees them."""

import json
import shutil
from pathlib import Path

from assistant.wiring.content import CASES
from tests.support.case_folders import NEW_FORM, write_case
from tests.support.pdf_contents import text
from tests.support.processes.installation import Installation

CASE = "norma-cruz"


def test_a_draft_is_checked_where_it_is(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    draft = tmp_path / "drafts" / "amina-diallo"
    shutil.copytree(CASES / CASE, draft)
    for where in (draft, draft.parent):
        done = installation.call("cases", "check", str(where))
        assert (done.code, done.err) == (0, "")
        assert "amina-diallo: good" in done.out and f"{CASE}: good" not in done.out
        assert "is nearly the same as actions/fax-2012/letter.es.txt of norma-cruz" in done.out
        assert "room  actions/fax-2012/letter.es.txt: 1" in done.out and "more characters fit" in done.out
    (draft / "case.toml").unlink()
    done = installation.call("cases", "check", str(draft))
    assert done.code == 1 and "WRONG case.toml: amina-diallo has no case.toml" in done.out


def test_what_is_found_can_be_read_by_programs(tmp_path: Path) -> None:
    installation = Installation(tmp_path, cases_dir=tmp_path / "cases")
    folder = tmp_path / "cases" / "amina-diallo"
    shutil.copytree(CASES / CASE, folder)
    done = installation.call("cases", "check", "amina-diallo", "--json")
    rows = json.loads(done.out)
    assert (done.code, {row["case"] for row in rows}) == (0, {"amina-diallo"})
    assert not any(row["serious"] for row in rows)
    rooms = {row["file"]: row["room"] for row in rows if row["room"] is not None}
    assert rooms.keys() >= {"briefing.en.md", "actions/fax-2012/letter.es.txt"} and all(
        each > 0 for each in rooms.values()
    )
    (folder / "briefing.es.md").unlink()
    done = installation.call("cases", "check", "--json")
    assert done.code == 1
    missing = {"case": "amina-diallo", "file": "briefing.es.md", "serious": True, "room": None}
    assert missing | {"what": "the briefing in 'es' is missing"} in json.loads(done.out)
    assert {row["case"] for row in json.loads(done.out)} == {CASE, "amina-diallo"}


def test_a_case_that_is_nowhere_is_said_to_be(tmp_path: Path) -> None:
    done = Installation(tmp_path).call("cases", "check", "./nowhere")
    assert done.code == 2 and "no folder './nowhere'" in done.err


def test_a_case_is_seen_in_each_language_and_on_paper(tmp_path: Path) -> None:
    page = tmp_path / "letter.pdf"
    done = Installation(tmp_path).call("cases", "preview", CASE, "--pdf", str(page))
    assert (done.code, done.err) == (0, "")
    for said in (
        "Briefing (en)\n-------------\nNorma Cruz leads the Survivors' Foundation",
        "Briefing (es)",
        "Letter, fax-2012 (es, as it is sent)\n",
        "Letter, threats (en)\n",
        "Ana Example\nFinlandia",
        "Update 2011-09-conviction (es)",
        "To pass on (en)",
    ):
        assert said in done.out
    shown = text(page.read_bytes())
    assert "Señora Fiscal General" in shown and "Ana Example" in shown


def test_a_case_with_mistakes_is_not_shown(tmp_path: Path) -> None:
    draft = tmp_path / "amina-diallo"
    shutil.copytree(CASES / CASE, draft)
    (draft / "briefing.es.md").unlink()
    done = Installation(tmp_path).call("cases", "preview", str(draft))
    assert done.code == 2 and "cases check" in done.err


def test_one_page_shows_all_of_a_case_and_paper_all_of_its_letters(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    write_case(tmp_path / "sami-example", NEW_FORM)
    done = installation.call(
        "cases", "preview", "./sami-example", "--html", "all.html", "--pdf", "letters.pdf"
    )
    assert (done.code, done.err) == (0, "")
    assert done.out == "All that people read: all.html\nThe letters as they are printed: letters.pdf\n"
    assert "The embassies know, too." in (tmp_path / "all.html").read_text("utf-8")
    assert "The embassies know, too." in text((tmp_path / "letters.pdf").read_bytes())


def test_the_closed_days_to_come_are_named_by_target(tmp_path: Path) -> None:
    write_case(tmp_path / "sami-example", NEW_FORM)
    done = Installation(tmp_path).call("cases", "check", "./sami-example")
    closed = [line.strip() for line in done.out.splitlines() if "closed to come" in line]
    assert [line.split(": ")[1] for line in closed] == ["embassy-chile", "embassy-others", "minister"]
    assert "embassy-others: Fri 2026-12-25, Mon 2026-12-28" in closed[1]
    assert closed[2].startswith("closed to come: minister: Thu 2026-12-24")


def test_offices_with_the_same_closed_days_share_a_line(tmp_path: Path) -> None:
    files = {**NEW_FORM, "targets/embassies.csv": NEW_FORM["targets/embassies.csv"].replace(";GB;", ";CL;")}
    write_case(tmp_path / "sami-example", files)
    done = Installation(tmp_path).call("cases", "check", "./sami-example")
    assert "closed to come: embassy-chile, embassy-others: Tue 2026-12-08, Fri 2026-12-25" in done.out
