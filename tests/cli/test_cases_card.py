"""`assistant cases card`: pictures of a case for every language, in a folder."""

import shutil
from pathlib import Path

from assistant.wiring.content import CASES
from tests.support.pdf_contents import text
from tests.support.processes.installation import CASE, Installation

LINK = "https://t.me/example_bot?start=norma-cruz_flyer"


def test_each_language_has_a_card_and_a_flyer(tmp_path: Path) -> None:
    installation = Installation(tmp_path, organisation_name="Letters for Example")
    done = installation.call("cases", "card", CASE, "to print/all", "--link", LINK)
    assert (done.code, done.err) == (0, "")
    names = [
        name
        for each in ("en", "es")
        for name in (f"card.{each}.svg", f"card.{each}.png", f"flyer.{each}.pdf")
    ]
    assert done.out.split("\n") == [*(f"to print/all/{name}" for name in names), ""]
    folder = tmp_path / "to print" / "all"
    assert sorted(each.name for each in folder.iterdir()) == sorted(names)
    assert (folder / "card.en.svg").read_text("utf-8").startswith("<svg ")
    assert (folder / "card.es.png").read_bytes().startswith(b"\x89PNG")
    spanish = text((folder / "flyer.es.pdf").read_bytes())
    for said in ("Norma Cruz, Guatemala", "Escribir una carta", "Letters for Example"):
        assert said in spanish
    assert "t.me/example_bot?start=norma-cruz_flyer" in "".join(spanish.replace("\u200b", "").split())


def test_one_language_can_be_asked_for_and_the_same_files_are_replaced(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    for _ in range(2):
        done = installation.call("cases", "card", CASE, "out", "--link", LINK, "--language", "es")
        assert (done.code, done.err) == (0, "")
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "card.es.png",
        "card.es.svg",
        "flyer.es.pdf",
    ]
    other = installation.call("cases", "card", CASE, "out", "--link", LINK, "--language", "xx")
    assert other.code == 2 and "there is en, es" in other.err


def test_a_folder_that_is_no_case_yet_is_drawn_from_where_it_is(tmp_path: Path) -> None:
    draft = tmp_path / "amina-diallo"
    shutil.copytree(CASES / CASE, draft)
    facts = draft / "case.toml"
    facts.write_text(facts.read_text("utf-8").replace("Norma Cruz, Guatemala", "Amina Diallo"), "utf-8")
    done = Installation(tmp_path).call("cases", "card", "./amina-diallo", "out", "--link", LINK)
    assert done.code == 0
    assert "Amina Diallo" in text((tmp_path / "out" / "flyer.en.pdf").read_bytes())
    (draft / "briefing.es.md").unlink()
    done = Installation(tmp_path).call("cases", "card", "./amina-diallo", "more", "--link", LINK)
    assert done.code == 2 and "cases check" in done.err
    assert not (tmp_path / "more").exists()


def test_what_is_no_link_makes_nothing(tmp_path: Path) -> None:
    for link in ("t.me/example_bot", "javascript:alert(1)", "https://x.example/".ljust(301, "x")):
        done = Installation(tmp_path).call("cases", "card", CASE, "out", "--link", link)
        assert done.code == 2 and "--link" in done.err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    done = Installation(tmp_path).call("cases", "card", CASE, "out", "--link", LINK)
    assert done.code == 1 and "folder out cannot be written" in done.sentence


def test_without_a_link_it_is_the_page_of_the_case(tmp_path: Path) -> None:
    installation = Installation(tmp_path, web_url="https://letters.example.org")
    done = installation.call("cases", "card", CASE, "out", "--language", "en")
    assert (done.code, done.err) == (0, "")
    printed = text((tmp_path / "out" / "flyer.en.pdf").read_bytes())
    assert "letters.example.org/norma-cruz" in "".join(printed.replace("\u200b", "").split())


def test_without_a_link_and_a_page_it_says_what_to_give(tmp_path: Path) -> None:
    done = Installation(tmp_path).call("cases", "card", CASE, "out")
    assert done.code == 2 and "ASSISTANT_WEB_URL" in done.err
