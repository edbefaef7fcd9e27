"""`assistant cases new` and `convert`: a folder to write on, made of answers or of an old folder."""

from pathlib import Path

import pytest

from tests.support.case_folders import NEW_FORM, OLD_FORM, check_case, write_case
from tests.support.processes.installation import CASE, Installation
from tests.support.processes.terminal import TerminalSession, open_terminal

CTRL_C, CTRL_D = "\x03", "\x04"
NAMED = "\n".join(["Amina Diallo", ""])
REST = [
    *("", "Guatemala", ""),  # languages, country, language of the letters
    *("the Attorney General", "la Fiscal General", "Guatemala City", "Ciudad de Guatemala"),
    *("", "08:00", "16:00", ""),  # zone, opens, closes, workdays
    *("to free her", "que la ponga en libertad"),
    *("", "", ""),  # from, until, action day
]
ANSWERS = "\n".join(["Amina Diallo", "", *REST]) + "\n"


def people_of(folder: Path) -> list[str]:
    """Everything in the folder, as it stands there."""
    return sorted(each.name for each in folder.iterdir())


def test_answers_give_a_folder_that_is_good_at_once(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    done = installation.call("cases", "new", typed=ANSWERS)
    assert (done.code, done.err) == (0, "")
    assert people_of(tmp_path) == ["amina-diallo"]
    assert (
        "What is the case called in links? The folder gets that name, and keeps it. [amina-diallo]"
        in done.out
    )
    assert "amina-diallo/briefing.es.md: what has happened" in done.out
    assert "amina-diallo/actions/first-letter/letter.es.txt: the letter" in done.out
    for command in (["cases", "check", "./amina-diallo"], ["cases", "preview", "./amina-diallo"]):
        seen = installation.call(*command)
        assert seen.code == 0, seen.out
    assert "We are writing letters for Amina Diallo." in seen.out


def test_a_language_without_drafts_is_asked_for_its_salutation(tmp_path: Path) -> None:
    answers = [
        *("Amina Diallo", "", "en", "Ghana", "fr"),  # person, folder, languages, country, language
        *("the Minister", "le ministre", "Accra", ""),  # office and place in both
        "Monsieur le ministre,",
        *("", "", "", ""),  # zone, opens, closes, workdays
        *("to free her", "Je vous prie de la libérer."),
        *("", "", ""),  # from, until, action day
    ]
    done = Installation(tmp_path).call("cases", "new", typed="\n".join([*answers, ""]))
    assert (done.code, done.err) == (0, "")
    assert "How does a letter to it begin? Such as: Dear Minister, (in French)" in done.out
    case = check_case(tmp_path / "amina-diallo").case
    assert case is not None
    assert case.main.said("salutation", "fr") == "Monsieur le ministre,"


def test_a_folder_that_is_named_gives_the_case_its_name(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    done = installation.call("cases", "new", "drafts/amina", typed="\n".join(["Amina Diallo", *REST, ""]))
    assert done.code == 0, done.err
    assert "called in links" not in done.out
    assert check_case(tmp_path / "drafts" / "amina").case is not None


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        (CASE, f"there is a case or folder '{CASE}' already"),
        ("Amina Diallo", "use small letters a-z"),
        ("/", "use small letters a-z"),
    ],
)
def test_a_name_that_cannot_be_is_told_before_anything_is_asked(
    tmp_path: Path, folder: str, told: str
) -> None:
    done = Installation(tmp_path).call("cases", "new", folder, typed=ANSWERS)
    assert done.code == 2 and told in " ".join(done.err.replace("│", " ").split())
    assert done.out == ""


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    write_case(tmp_path / "amina-diallo", {"letter.txt": "mine"})
    done = installation.call("cases", "new", "amina-diallo", typed=ANSWERS)
    assert done.code == 1 and "is there already, and nothing is overwritten" in done.err
    asked = installation.call("cases", "new", typed=ANSWERS)
    assert asked.code == 1 and "an answer is needed here" in asked.err, "nothing is suggested that is taken"
    assert people_of(tmp_path / "amina-diallo") == ["letter.txt"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "The answers end before: Whom are the letters for?"),
        (f"{NAMED}\nen\n", "The answers end before: In which country is the office"),
        (f"{NAMED}\nen\nAtlantis\n", "'Atlantis' is no country that we know"),
        (b"Jos\xe9\n", "The answers are not in UTF-8."),
        ("\n", "an answer is needed here"),
    ],
)
def test_answers_of_a_pipe_that_cannot_be_taken_write_nothing(
    tmp_path: Path, typed: str | bytes, told: str
) -> None:
    done = Installation(tmp_path).call("cases", "new", typed=typed)
    assert done.code == 1
    assert told in done.sentence and done.sentence.endswith("Nothing was written.")
    assert people_of(tmp_path) == []


def see_question(shell: TerminalSession, words: str) -> str:
    seen = shell.see(words)
    return seen + shell.see("\n> ")


def test_a_person_is_asked_again_until_it_can_be_taken(tmp_path: Path) -> None:
    with open_terminal(Installation(tmp_path), command=("cases", "new")) as amina:
        see_question(amina, "Whom are the letters for?")
        amina.type("")
        assert "That cannot be taken: an answer is needed here.\n" in see_question(
            amina, "Whom are the letters for?"
        )
        amina.type("Amina Diallo")
        see_question(amina, "[amina-diallo]")
        amina.type("Amina!")
        assert "use small letters a-z" in see_question(amina, "[amina-diallo]")
        for answer in ["", *REST]:
            amina.type(answer)
        amina.see("amina-diallo is written: 7 files.")
        assert amina.leave() == 0
    assert check_case(tmp_path / "amina-diallo").case is not None


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
def test_who_has_had_enough_leaves_nothing_behind(tmp_path: Path, key: str) -> None:
    with open_terminal(Installation(tmp_path), command=("cases", "new")) as amina:
        see_question(amina, "Whom are the letters for?")
        amina.type("Amina Diallo")
        see_question(amina, "[amina-diallo]")
        amina.wait()
        amina.press(key)
        amina.see("Nothing was written.")
        assert amina.leave() == 1
        assert "Traceback" not in amina.shown
    assert people_of(tmp_path) == []


# An old folder


def test_an_old_folder_is_offered_in_the_new_form_and_written_so(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    write_case(tmp_path / "leyla-aydin", OLD_FORM)
    checked = installation.call("cases", "check", "./leyla-aydin")
    [offer] = [line for line in checked.out.splitlines() if "convert" in line]
    assert offer.startswith("leyla-aydin has the old form")
    assert offer.endswith("assistant cases convert ./leyla-aydin --to new/leyla-aydin")
    done = installation.call(*offer.split("assistant ")[1].split())
    assert (done.code, done.err) == (0, "")
    assert "new/leyla-aydin is written: 10 files. leyla-aydin stays as it is" in done.out
    again = installation.call("cases", "check", "new/leyla-aydin")
    assert again.code == 0 and "convert" not in again.out
    assert people_of(tmp_path) == ["leyla-aydin", "new"]


def test_another_name_for_the_folder_is_pointed_out(tmp_path: Path) -> None:
    write_case(tmp_path / "leyla-aydin", OLD_FORM)
    done = Installation(tmp_path).call(
        "cases", "convert", "./leyla-aydin", "--to", "leyla-2", "--target", "minister"
    )
    assert done.code == 0
    assert "Call the folder leyla-aydin when you use it" in done.out
    assert (tmp_path / "leyla-2" / "targets" / "minister.toml").exists()


def test_what_cannot_be_converted_is_told(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    write_case(tmp_path / "sami-example", NEW_FORM)
    write_case(tmp_path / "broken", {**OLD_FORM, "letter.es.txt": "no name"})
    write_case(tmp_path / "leyla-aydin", OLD_FORM)
    for arguments, told in (
        (["./sami-example", "--to", "new"], "has the new form already"),
        (["./broken", "--to", "new"], "`assistant cases check ./broken` lists them"),
        (["./leyla-aydin", "--to", "sami-example"], "sami-example is there already"),
        (["./leyla-aydin", "--to", "new", "--target", "The Minister"], "is no short name"),
    ):
        done = installation.call("cases", "convert", *arguments)
        assert done.code == 1 and told in done.sentence
    assert not (tmp_path / "new").exists()
    assert people_of(tmp_path / "sami-example") == sorted({each.split("/")[0] for each in NEW_FORM})
