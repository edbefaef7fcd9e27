"""What a second pair of eyes sees in the texts of a case, without keeping it from being used."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from assistant.carriers.tray import Tray
from assistant.content.cases import Checked, check_cases
from assistant.content.proofreading import remarks
from assistant.content.routing import Routing
from assistant.wiring.carriers import DEFAULT_ROUTE
from assistant.wiring.content import CASES

ROUTING = Routing({"tray": Tray(Path("tray"))}, DEFAULT_ROUTE)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped case, under the name of another."""
    shutil.copytree(CASES / "norma-cruz", tmp_path / "amina-diallo")
    return tmp_path / "amina-diallo"


def _notes(folder: Path, today: date | None = None) -> list[str]:
    def of_it(checked: Checked) -> bool:
        return checked.slug == folder.name

    [checked] = filter(of_it, check_cases([CASES, folder.parent], ROUTING, today=today))
    assert checked.case is not None, checked.findings
    return [f"{each.where}: {each.what}" for each in checked.findings]


def _replace(folder: Path, old: str, new: str) -> None:
    for file in folder.rglob("*.*"):
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Estimada SeÃ±ora:", "'SeÃ±ora:' looks scrambled; write 'Señora:' instead"),
        ("Estimada Se√±ora:", "write 'Señora:'"),
        ("JosÃ© vive", "write 'José'"),
        ("Ã\x81rbol", "write 'Árbol'"),
        ("She saidâ€¦ no", "write 'said…'"),
        ("РџСЂРёРІРµС‚", "write 'Привет'"),
        ("Se\ufffdora", "inside a word, where a letter was lost"),
        ("Se?ora", "inside a word, where a letter was lost"),
        ("Se&ntilde;ora", "&ntilde; is shown as it stands"),
        ("Ana &amp; Luz", "&amp; is shown as it stands"),
        ("A <b>bold</b> word", "<b> is shown as it stands"),
        ("Call 5555 0100 now", "a telephone number in it"),
        ("Call +49 89 1234567 now", "telephone number (+49 89 1234567)"),
        ("Write to someone@example.org", "an address (someone@example.org)"),
        ("word " * 60 + ".", "a sentence has 60 words, 20 are enough"),
    ],
)
def test_what_is_not_as_it_was_meant_is_seen(text: str, said: str) -> None:
    assert any(
        said.replace("a telephone number in it", "a telephone number") in each for each in remarks(text, "GT")
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("![a picture](https://example.org/a.png)", "pictures are not shown"),
        ("[here](javascript:alert)", "a link begins with javascript"),
        ("[here](data:text/html,x)", "a link begins with data"),
        ("[here](http://example.org)", "write https"),
        ("<script>x</script>", "<script> is shown as it stands"),
    ],
)
def test_what_chats_do_not_show_is_seen_in_markdown(text: str, said: str) -> None:
    assert any(said in each for each in remarks(text, "GT", markdown=True))


@pytest.mark.parametrize(
    "text",
    [
        "Señora Fiscal General: ¿quién? ¡Ya! Él dijo «sí».",
        "Привет, как дела? Рівне, Україна.",
        "Ελένη, 王芳, محمد, ÃO. São João, Château, Ångström, AÇÃO.",
        "47 death threats in 2010 and 2011, on 23 January 2012; 3,980 of 4,312 letters.",
        "Is x < y & z? AT&T. See https://example.org/?a=b.",
        "Short. " * 50,
        "- one two three\n- four five six\n" * 9,
        "**Bold** and [a link](https://example.org).",
    ],
)
def test_what_is_good_is_not_remarked_upon(text: str) -> None:
    assert list(remarks(text, "GT", markdown=True)) == list(remarks(text, "GT")) == []


def test_an_unchanged_copy_of_another_case_is_seen(copy: Path) -> None:
    notes = _notes(copy)
    assert "case.toml: person: the case norma-cruz is about Norma Cruz, too" in notes
    for file in (
        "briefing.en.md",
        "briefing.es.md",
        "actions/fax-2012/letter.en.txt",
        "actions/threats/letter.es.txt",
        "actions/threats/briefing.en.md",
    ):
        assert f"{file}: is nearly the same as {file} of norma-cruz: is it a copy?" in notes


def test_a_letter_of_another_action_is_a_copy_too_and_told_once_however_many_offices_get_it(
    copy: Path,
) -> None:
    (copy / "actions" / "fax-2012").rename(copy / "actions" / "call")
    office = copy / "targets" / "attorney-general.toml"
    shutil.copy(office, office.with_name("minister.toml"))
    action = copy / "actions" / "call" / "action.toml"
    action.write_text(action.read_text("utf-8").replace('targets = ["attorney-general"]', ""), "utf-8")
    told = "actions/call/letter.en.txt: is nearly the same as actions/fax-2012/letter.en.txt of norma-cruz"
    assert len([each for each in _notes(copy) if each.startswith(told)]) == 1


def test_a_text_that_still_names_somebody_else_is_seen(copy: Path) -> None:
    toml = copy / "case.toml"
    toml.write_text(
        toml.read_text("utf-8").replace('person = "Norma Cruz"', 'person = "Amina Diallo"'), "utf-8"
    )
    told = "does not name Amina Diallo, but Norma Cruz, of the case norma-cruz"
    for file in ("actions/fax-2012/letter.es.txt", "briefing.en.md"):
        assert f"{file}: {told}" in _notes(copy)
    _replace(copy, "Norma Cruz", "Amina Diallo")
    assert not [each for each in _notes(copy) if "does not name" in each]


def test_the_shipped_case_has_nothing_to_remark_but_its_day(tmp_path: Path) -> None:
    [checked] = check_cases([CASES], ROUTING, today=date(2012, 1, 24))
    assert [each.what for each in checked.findings] == [
        "no route to the office is set: letters go to the tray",
        "action_days: 2012-01-23 is over, so letters do not wait for it",
    ]
    [checked] = check_cases([CASES], ROUTING, today=date(2012, 1, 23))
    assert len(checked.findings) == 1


def test_a_word_wider_than_a_line_is_seen_in_a_letter(copy: Path) -> None:
    letter = copy / "actions" / "threats" / "letter.es.txt"
    letter.write_text(letter.read_text("utf-8").replace("Atentamente", "M" * 90), "utf-8")
    told = "'MMMMMMMMMMMMMMMMMMMM...' is wider than a line, and is broken in it"
    assert f"actions/threats/letter.es.txt: {told}" in _notes(copy)
