"""The cases as they are now: folders are read again when they change, and a bad one replaces nothing."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from assistant.carriers.post import Post
from assistant.carriers.tray import Tray
from assistant.content import library
from assistant.content.cases import Checked, read_folder
from assistant.content.documents import Documents
from assistant.content.fingerprint import fingerprint
from assistant.content.library import GONE_AFTER, LAST_CASE, SETTLES, CaseFolders, CaseLibrary, Found
from assistant.content.pages import Page
from assistant.content.routing import Routing
from assistant.domain.cases import Case
from assistant.wiring.content import CASES
from tests.support.fakes.channel import FakeClock
from tests.support.invented_cases import draft_of

ROUTING = Routing({"tray": Tray(Path("unused")), "post": Post()}, default="tray")
ALMA = "alma-rivas"
LEYLA = "leyla-aydin"
LETTER = "actions/fax-2012/letter.es.txt"


class Shelf:
    """Two case folders that are looked at, and a clock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = 0.0
        for slug in (ALMA, LEYLA):
            self.add(slug)
        self.folders = CaseFolders([root], ROUTING, lambda: self.now)
        self.library = CaseLibrary(self.folders.read())

    def add(self, slug: str) -> Path:
        """Put a good case folder of that name there."""
        return Path(shutil.copytree(CASES / "norma-cruz", self.root / slug))

    def look(self, after: float = 2.0) -> bool:
        """Look at the folders so many seconds later. Whether anything was taken over."""
        self.now += after
        found = self.folders.look()
        if found is not None:
            self.library.change(found)
        return found is not None

    def settle(self) -> bool:
        """Look until what has been changed is taken over."""
        return self.look() | self.look(GONE_AFTER)

    def briefing(self, slug: str) -> str:
        """What a supporter reads first of that case."""
        return self.library[slug].briefing.texts["en"]

    def rewrite(self, slug: str, text: str) -> None:
        """Give the case another briefing."""
        (self.root / slug / "briefing.en.md").write_text(text, "utf-8")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "cases")


def test_what_does_not_change_is_not_read_again(shelf: Shelf) -> None:
    before = dict(shelf.library)
    assert not any(shelf.look() for _ in range(5))
    assert all(shelf.library[slug] is case for slug, case in before.items())


def test_a_folder_that_has_changed_and_settled_is_read_again_and_no_other(shelf: Shelf) -> None:
    leyla = shelf.library[LEYLA]
    shelf.rewrite(ALMA, "Alma is free.")
    assert not shelf.look()
    assert not shelf.look(SETTLES / 2)
    assert shelf.look()
    assert shelf.briefing(ALMA) == "Alma is free."
    assert shelf.library[LEYLA] is leyla


def test_a_folder_that_changes_from_look_to_look_is_not_read(shelf: Shelf) -> None:
    for count in range(5):
        shelf.rewrite(ALMA, "Alma " * (count + 1))
        assert not shelf.look()
    assert shelf.look()
    assert shelf.briefing(ALMA) == " ".join(["Alma"] * 5)


def test_what_changes_while_it_is_read_is_read_once_more(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(folder: Path, routing: Routing) -> Checked:
        checked = reading(folder, routing)
        monkeypatch.undo()
        shelf.rewrite(ALMA, "The second text.")
        return checked

    reading = read_folder
    monkeypatch.setattr(library, "read_folder", read)
    shelf.rewrite(ALMA, "The first text.")
    assert not shelf.settle()
    assert shelf.settle()
    assert shelf.briefing(ALMA) == "The second text."


@pytest.mark.parametrize("replacing", [True, False], ids=["by an editor that renames", "in its place"])
def test_a_text_of_the_same_length_is_noticed(shelf: Shelf, replacing: bool) -> None:
    file = shelf.root / ALMA / "briefing.en.md"
    text = file.read_text("utf-8").swapcase()
    if replacing:
        staged = file.with_name(".briefing.swp")
        staged.write_text(text, "utf-8")
        staged.replace(file)
    else:
        file.write_text(text, "utf-8")
    assert shelf.settle()
    assert shelf.briefing(ALMA).startswith(text[:20])


def test_files_that_nobody_wrote_change_nothing(shelf: Shelf) -> None:
    for name in (".briefing.en.md.swp", "letter.es.txt~", "Thumbs.db"):
        (shelf.root / ALMA / name).write_bytes(b"x")
    alma = shelf.library[ALMA]
    assert not shelf.settle()
    assert shelf.library[ALMA] is alma


def leave_out(file: Path, text: str) -> None:
    """The file without that."""
    written = file.read_text("utf-8")
    assert text in written
    file.write_text(written.replace(text, ""), "utf-8")


BREAK: Mapping[str, Callable[[Path], object]] = {
    "not TOML": lambda folder: (folder / "case.toml").write_text("person = ", "utf-8"),
    "an empty text": lambda folder: (folder / "briefing.es.md").write_text("", "utf-8"),
    "a missing file": lambda folder: (folder / LETTER).unlink(),
    "a text that is too long": lambda folder: (folder / "briefing.en.md").write_text("Long. " * 300, "utf-8"),
    "no UTF-8": lambda folder: (folder / "briefing.en.md").write_bytes(b"\xff\xfe\x00"),
    "a letter without a promise": lambda folder: leave_out(folder / LETTER, "{{ country }}"),
    "a letter that cannot be printed": lambda folder: (folder / LETTER).write_text(
        "\U00012000 {{ name }} {{ country }} {% if line %}{{ line }}{% endif %}", "utf-8"
    ),
    "a missing case.toml": lambda folder: (folder / "case.toml").unlink(),
    "a letterhead that does not work": lambda folder: (folder / "letterhead.typ").write_text("#(", "utf-8"),
}


@pytest.mark.parametrize("how", BREAK)
def test_the_last_good_version_goes_on_and_the_others_too_until_it_is_mended(shelf: Shelf, how: str) -> None:
    alma, folder = shelf.library[ALMA], shelf.root / ALMA
    BREAK[how](folder)
    assert shelf.settle()
    assert shelf.library[ALMA] is alma
    assert list(shelf.library) == [ALMA, LEYLA]
    assert list(shelf.library.problems) == [ALMA]
    shelf.rewrite(LEYLA, "Leyla is free.")
    assert shelf.settle()
    assert shelf.briefing(LEYLA) == "Leyla is free."
    shutil.rmtree(folder)
    shelf.add(ALMA)
    shelf.rewrite(ALMA, "Alma is free.")
    assert shelf.settle()
    assert shelf.library.problems == {}
    assert shelf.briefing(ALMA) == "Alma is free."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permissions_that_are_mended_are_noticed(shelf: Shelf) -> None:
    file = shelf.root / ALMA / "briefing.en.md"
    file.chmod(0)
    assert shelf.settle()
    assert "cannot be read" in shelf.library.problems[ALMA]
    file.chmod(0o600)
    assert shelf.settle()
    assert shelf.library.problems == {}


def test_a_new_folder_is_a_new_case_in_the_order_of_the_folders(shelf: Shelf) -> None:
    shelf.add("berta-example")
    assert not shelf.look()
    assert shelf.look()
    assert list(shelf.library) == [ALMA, "berta-example", LEYLA]


def test_a_new_folder_that_cannot_be_used_is_told_and_is_no_case(shelf: Shelf) -> None:
    (shelf.root / "draft").mkdir()
    assert shelf.settle()
    assert list(shelf.library) == [ALMA, LEYLA]
    assert shelf.library.problems == {"draft": "case.toml: draft has no case.toml"}
    assert not shelf.library.lacks("draft")


def test_a_folder_that_is_gone_for_a_while_is_no_case_any_more(shelf: Shelf) -> None:
    shutil.rmtree(shelf.root / ALMA)
    assert not shelf.look()
    assert not shelf.look(GONE_AFTER - 1)
    assert shelf.look()
    assert list(shelf.library) == [LEYLA]
    assert shelf.library.lacks(ALMA)


def test_a_folder_that_is_put_back_at_once_was_never_gone(shelf: Shelf) -> None:
    aside = shelf.root.parent / "aside"
    (shelf.root / ALMA).rename(aside)
    assert not shelf.look()
    aside.rename(shelf.root / ALMA)
    assert not shelf.look(GONE_AFTER)
    assert not shelf.look(GONE_AFTER)
    assert ALMA in shelf.library


def test_the_last_case_goes_on_without_its_folder_until_there_is_another(shelf: Shelf) -> None:
    for slug in (ALMA, LEYLA):
        shutil.rmtree(shelf.root / slug)
    shelf.settle()
    [left] = shelf.library
    assert shelf.library.problems == {left: LAST_CASE}
    shelf.add("berta-example")
    shelf.settle()
    shelf.settle()
    assert list(shelf.library) == ["berta-example"]
    assert shelf.library.problems == {}


def test_where_the_folder_of_cases_cannot_be_read_all_go_on(shelf: Shelf) -> None:
    aside = shelf.root.parent / "aside"
    shelf.root.rename(aside)
    for _ in range(3):
        shelf.settle()
    assert list(shelf.library) == [ALMA, LEYLA]
    assert (
        shelf.folders.unreadable
        == f"The folder of cases {shelf.root} cannot be read: No such file or directory."
    )
    aside.rename(shelf.root)
    assert not shelf.settle()
    assert not shelf.folders.unreadable
    assert not shelf.library.problems


def test_two_folders_of_one_name_are_told_and_the_first_goes_on(shelf: Shelf, tmp_path: Path) -> None:
    other = tmp_path / "others"
    shutil.copytree(CASES / "norma-cruz", other / "norma-cruz")
    folders = CaseFolders([shelf.root, other], ROUTING, lambda: shelf.now)
    shelf.folders, shelf.library = folders, CaseLibrary(folders.read())
    alma = shelf.library[ALMA]
    second = shutil.copytree(CASES / "norma-cruz", other / ALMA)
    assert shelf.settle()
    assert "There are 2 case folders" in shelf.library.problems[ALMA]
    assert shelf.library[ALMA] is alma
    shutil.rmtree(second)
    assert shelf.settle()
    assert shelf.library.problems == {}


def test_a_link_to_another_version_of_a_folder_is_followed(shelf: Shelf, tmp_path: Path) -> None:
    versions = [shutil.copytree(CASES / "norma-cruz", tmp_path / number / "rosa") for number in "12"]
    (versions[1] / "briefing.en.md").write_text("The second version.", "utf-8")
    link = shelf.root / "current"
    link.symlink_to(versions[0])
    assert shelf.settle()
    assert shelf.briefing("rosa") != "The second version."
    link.unlink()
    link.symlink_to(versions[1])
    assert shelf.settle()
    assert shelf.briefing("rosa") == "The second version."


def test_links_in_a_case_folder_are_told_and_hold_nothing_up(shelf: Shelf) -> None:
    (shelf.root / ALMA / "updates" / "again").symlink_to(shelf.root / ALMA)
    (shelf.root / ALMA / "updates" / "and-again").symlink_to(shelf.root / ALMA)
    shelf.settle()
    assert ALMA in shelf.library
    assert shelf.library.problems[ALMA].startswith("updates/again: is a link, and links are not followed")


def test_of_a_folder_that_is_as_large_as_a_disk_only_a_part_is_looked_at(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.content.fingerprint.FILES_MAX", 30)
    monkeypatch.setattr("assistant.content.case_files.FILES_MAX", 30)
    for number in range(40):
        (shelf.root / ALMA / f"picture-{number}.png").touch()
    assert len(fingerprint([shelf.root / ALMA])) == 31
    shelf.settle()
    assert "has more than 30 files and folders in it" in shelf.library.problems[ALMA]


# Whoever holds the library


def test_who_holds_the_library_sees_each_change(shelf: Shelf) -> None:
    held, values, problems = shelf.library, shelf.library.values(), shelf.library.problems
    shelf.rewrite(ALMA, "Alma is free.")
    (shelf.root / LEYLA / "case.toml").write_text("x", "utf-8")
    shelf.settle()
    assert held[ALMA].briefing.texts["en"] == "Alma is free."
    assert list(problems) == [LEYLA]
    assert next(iter(values)).briefing.texts["en"] != "Alma is free."  # taken before


def test_who_goes_through_the_library_while_it_changes_sees_one_version(shelf: Shelf) -> None:
    seen: list[str] = []
    for slug, case in shelf.library.items():
        shelf.library.change(Found({}))
        assert isinstance(case, Case)
        seen.append(slug)
    assert seen == [ALMA, LEYLA]


# Letterheads


def printed(case: Case) -> bytes:
    """The case's letter on paper."""
    draft = draft_of(case, name="Ana Example", country="FI", personal_line=None)
    return Documents().letter(
        Page(
            text=draft.text,
            target=case.main,
            language="es",
            written=FakeClock()(),
            address=(),
            letterhead=case.letterhead,
        )
    )


OURS = Path("assistant/content/letterhead.typ")


def test_letters_are_printed_on_the_last_letterhead_that_works(shelf: Shelf) -> None:
    file = shelf.root / ALMA / "letterhead.typ"
    shutil.copy(Path(__file__).parents[2] / OURS, file)
    assert shelf.settle()
    before = printed(shelf.library[ALMA])
    file.write_text("#(", "utf-8")
    assert shelf.settle()
    assert list(shelf.library.problems) == [ALMA]
    assert printed(shelf.library[ALMA]) == before
    file.unlink()
    assert shelf.settle()
    assert shelf.library[ALMA].letterhead is None


def test_a_letterhead_that_was_there_at_the_start_goes_on_when_it_is_spoilt(shelf: Shelf) -> None:
    file = shelf.root / ALMA / "letterhead.typ"
    shutil.copy(Path(__file__).parents[2] / OURS, file)
    shelf.library = CaseLibrary(CaseFolders([shelf.root], ROUTING).read())
    before = printed(shelf.library[ALMA])
    file.write_text("#(", "utf-8")
    assert printed(shelf.library[ALMA]) == before
