"""A translation of a text that has changed since is noticed, and is not taken for the text."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.content.cases import Checked
from assistant.content.conversion import converted
from assistant.content.folder_writer import write_folder
from assistant.content.translations import FILE, made_now, written
from assistant.domain.broadcasts import texts_of
from tests.content.test_case_mistakes import Files, instead
from tests.support.case_folders import NEW_FORM, OLD_FORM, check_case, serious, write_case

UPDATE = "updates/2026-02-doctor.en.md"
LETTER = "actions/first/letter.en.txt"


def translated(folder: Path) -> Path:
    """The folder, of which it is said that its translations are of the texts as they are now."""
    checked = check_case(folder)
    assert serious(checked) == []
    languages = {each for text in checked.texts for each in text.translations}
    (folder / FILE).write_text(written(made_now(checked.texts, languages, checked.made)))
    return folder


def changed(tmp_path: Path, change: Callable[[Files], None], *, files: Files = NEW_FORM) -> Checked:
    """The folder after somebody has changed it, without a word about translations."""
    folder = translated(write_case(tmp_path / "sami", files))
    later = dict(files)
    change(later)
    return check_case(write_case(folder, later))


def told(checked: Checked) -> list[str]:
    return [
        f"{each.where}: {each.what}"
        for each in checked.findings
        if "has changed since" in each.what or "it is not known" in each.what
    ]


@dataclass(frozen=True)
class Changed:
    """A text that is changed, and its translation, both as they are named."""

    change: Callable[[Files], None]
    where: str
    names: str
    language: str = "ar"

    @property
    def told(self) -> str:
        text = f"{self.names} has changed since it was translated. Translate it anew, then run"
        return f"{self.where}: {text}: assistant cases translated sami {self.language}"


ACTION, MINISTER = "actions/first/action.toml", "targets/minister.toml"
DAY = "action_days.2098-05-05.title"
CHANGES = {
    "the briefing": Changed(instead("briefing.en.md", "ill", "well"), "briefing.ar.md", "briefing.en.md"),
    "what is shared": Changed(
        instead("case.toml", "I wrote for", "I write for"), "case.toml", "share.ar: share.en"
    ),
    "an update": Changed(instead(UPDATE, "today", "yesterday"), UPDATE.replace("en", "ar"), UPDATE),
    "what an action asks": Changed(instead(ACTION, "soon", "at once"), ACTION, "asks.ar: asks.en"),
    "the title of an action day": Changed(
        instead(ACTION, "Day for Sami", "Week for Sami"), ACTION, f"{DAY}.ar: {DAY}.en"
    ),
    "an action's briefing": Changed(
        instead("actions/first/briefing.en.md", "a doctor", "two doctors"),
        "actions/first/briefing.ar.md",
        "actions/first/briefing.en.md",
    ),
    "a letter": Changed(instead(LETTER, "alone", "in hospital"), "actions/first/letter.ar.txt", LETTER),
    "a letter that is sent in another language": Changed(
        instead("actions/embassies/letter.ar.txt", "اسألوا", "لا تسألوا"),
        "actions/embassies/letter.en.txt",
        "actions/embassies/letter.ar.txt",
        "en",
    ),
    "what an office is called": Changed(
        instead(MINISTER, "the Minister <of> Health", "the Minister"),
        "targets",
        "minister.office.ar: minister.office.en",
    ),
}


@pytest.mark.parametrize("each", CHANGES.values(), ids=CHANGES)
def test_a_text_that_has_changed_names_its_translations(tmp_path: Path, each: Changed) -> None:
    checked = changed(tmp_path, each.change)
    assert checked.case is not None
    assert told(checked) == [each.told]


@pytest.mark.parametrize("files", [NEW_FORM, OLD_FORM], ids=["new form", "old form"])
def test_as_long_as_nothing_changes_nothing_is_told(tmp_path: Path, files: Files) -> None:
    assert told(check_case(translated(write_case(tmp_path / "sami", files)))) == []


def test_other_lines_are_no_other_text(tmp_path: Path) -> None:
    checked = changed(tmp_path, instead("briefing.en.md", "Sami Example is", "Sami\nExample   is"))
    assert told(checked) == []


def test_a_translation_that_is_new_is_no_stale_one(tmp_path: Path) -> None:
    folder = translated(write_case(tmp_path / "sami", NEW_FORM))
    news = {"updates/2026-03-home.en.md": "He is home.\n", "updates/2026-03-home.ar.md": "هو في بيته.\n"}
    checked = check_case(write_case(folder, news))
    [unknown] = told(checked)
    assert unknown.startswith(
        f"{FILE}: it is not known of which text these were translated: updates/2026-03-home.ar.md."
    )
    assert unknown.endswith("run: assistant cases translated sami ar")
    assert checked.case and set(texts_of(checked.case.updates["2026-03-home"])) == {"en", "ar"}


def test_a_folder_of_which_nothing_was_said_is_used_as_it_is(tmp_path: Path) -> None:
    checked = check_case(write_case(tmp_path / "sami", NEW_FORM))
    assert checked.case and checked.case.actions["first"].letters["minister"].templates.keys() == {"en", "ar"}
    assert told(checked) == []


def test_no_broadcast_takes_a_stale_translation_of_an_update(tmp_path: Path) -> None:
    checked = changed(tmp_path, instead(UPDATE, "today", "yesterday"))
    assert checked.case
    update = checked.case.updates["2026-02-doctor"]
    assert texts_of(update) == {"en": "A doctor came &lt;yesterday&gt;."}


def test_nobody_is_shown_a_letter_in_a_stale_translation(tmp_path: Path) -> None:
    checked = changed(tmp_path, instead(LETTER, "alone", "in hospital"))
    assert checked.case
    assert checked.case.actions["first"].letters["minister"].templates.keys() == {"en"}
    assert checked.case.actions["embassies"].letters["minister"].templates.keys() == {"en", "ar"}


def test_nor_with_another_name_of_the_office_than_the_one_that_is_sent(tmp_path: Path) -> None:
    checked = changed(tmp_path, instead("targets/minister.toml", "the Minister <of> Health", "the Minister"))
    assert checked.case
    for action in ("first", "embassies"):
        assert checked.case.actions[action].letters["minister"].templates.keys() == {"en"}
    assert checked.case.actions["embassies"].letters["embassy-chile"].templates.keys() == {"en", "ar"}


def test_what_is_sent_is_never_stale(tmp_path: Path) -> None:
    """The old form's office reads Spanish: its letter in English is the translation."""
    files = dict(OLD_FORM)
    checked = changed(tmp_path, instead("letter.es.txt", "Escribo", "Vuelvo a escribir"), files=files)
    assert checked.case
    assert checked.case.actions["letter"].letters["office"].templates.keys() == {"es"}
    assert [each.partition(" has changed")[0] for each in told(checked)] == ["letter.en.txt: letter.es.txt"]


def test_a_file_that_says_something_else_is_told_with_what_to_do(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "sami", {**NEW_FORM, FILE: '[made_of.xx]\n"briefing.md" = 3\n'})
    assert any(each.startswith(f"{FILE}: made_of") for each in serious(check_case(folder)))


def test_the_shipped_cases_have_no_stale_translation(tmp_path: Path) -> None:
    from assistant.wiring.content import CASES

    for folder in (each for each in CASES.iterdir() if (each / "case.toml").exists()):
        copied = shutil.copytree(folder, tmp_path / folder.name)
        assert told(check_case(Path(copied))) == []


def test_a_folder_that_is_written_in_the_new_form_knows_what_the_old_one_knew(tmp_path: Path) -> None:
    folder = translated(write_case(tmp_path / "sami", OLD_FORM))
    write_case(
        folder, {"briefing.en.md": "Leyla Aydin is free.\n", "letter.es.txt": OLD_FORM["letter.es.txt"] + "."}
    )
    case = check_case(folder).case
    assert case
    to = tmp_path / "new" / "sami"
    write_folder(to, converted(folder, case))
    assert {each.partition(" has changed")[0] for each in told(check_case(to))} == {
        "briefing.es.md: briefing.en.md",
        "actions/first-letter/letter.en.txt: actions/first-letter/letter.es.txt",
    }
