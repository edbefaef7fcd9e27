"""Case folders in the shell: checked wherever they are, and seen before anybody else sees them."""

import shutil
from pathlib import Path

from assistant.wiring import CASES
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
        assert "is nearly the same as letter.es.txt of norma-cruz" in done.out
        assert "room  letter.es.txt: 1" in done.out and "more characters fit" in done.out
    (draft / "case.toml").unlink()
    done = installation.call("cases", "check", str(draft))
    assert done.code == 1 and "WRONG case.toml: amina-diallo has no case.toml" in done.out


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
        "Letter (es, as it is sent)\n",
        "Letter (en)\n",
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
