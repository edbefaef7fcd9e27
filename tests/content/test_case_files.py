"""A case folder that anybody may have made cannot read this machine, nor hold it up."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.content import case_files
from assistant.content.case_files import Unreadable, oddities, read_all, read_file
from assistant.content.casefile_errors import MISTAKES_TOLD
from assistant.content.conversion import converted
from assistant.content.toml import BadToml, read_toml
from assistant.domain.errors import Refused
from tests.content.test_case_mistakes import OFFICE, check, told
from tests.support.case_folders import OLD_FORM, check_case, write_case

SECRET = "an invented key of a keyring"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder beside a file that is not its own."""
    (tmp_path / "keyring.json").write_text(SECRET)
    inner = tmp_path / "folder"
    (inner / "updates").mkdir(parents=True)
    (inner / "own.txt").write_text("Its own.")
    return inner


def link(path: Path) -> None:
    """A link to a file that is not the folder's."""
    path.symlink_to(path.parents[1] / "keyring.json")


def inner_link(path: Path) -> None:
    """A link to a file of the folder."""
    path.symlink_to("own.txt")


def unix_socket(path: Path) -> None:
    """A socket in the file system."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))  # a long path is none for a socket


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a link to another file": (link, "is a link, and links are not followed"),
    "a link to a file of the folder": (inner_link, "is a link, and links are not followed"),
    "a link to nowhere": (lambda path: path.symlink_to("nowhere"), "is a link, and links are not followed"),
    "a pipe": (os.mkfifo, "is neither a file nor a folder"),
    "a socket": (unix_socket, "is neither a file nor a folder"),
}


@pytest.mark.parametrize(("make", "said"), ODD.values(), ids=ODD)
def test_what_is_no_plain_file_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], object], said: str
) -> None:
    monkeypatch.chdir(folder)
    make(folder / "odd.txt")
    with pytest.raises(Unreadable, match=said):
        read_file(folder, "odd.txt")
    assert [(name, said in what) for name, what in oddities(folder)] == [("odd.txt", True)]
    assert read_all(folder) == {"own.txt": b"Its own."}


@pytest.mark.parametrize(
    "name", ["../keyring.json", "updates/../../keyring.json", "/etc/hostname", "outside/keyring.json"]
)
def test_no_path_leads_out_of_the_folder(folder: Path, name: str) -> None:
    (folder / "outside").symlink_to(folder.parent)
    with pytest.raises(Unreadable):
        read_file(folder, name)


def test_a_folder_may_itself_be_reached_by_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(folder)
    assert read_file(tmp_path / "current", "own.txt") == b"Its own."


def test_a_file_is_read_up_to_a_size(folder: Path) -> None:
    assert read_file(folder, "own.txt", 8) == b"Its own."
    with pytest.raises(Unreadable, match="is larger than"):
        read_file(folder, "own.txt", 7)


def test_a_letterhead_can_read_only_so_much(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_files, "TOGETHER_MAX", 1 << 20)
    (folder / "photo.tif").write_bytes(b"x" * (1 << 20))
    with pytest.raises(Unreadable, match="lies beside more than 1 MB"):
        read_all(folder)


def test_folders_lie_only_so_deep(folder: Path) -> None:
    deep = folder.joinpath(*"abcdef")
    deep.mkdir(parents=True)
    assert [(name, what) for name, what in oddities(folder)] == [
        ("a/b/c/d/e/f", "lies more than 5 folders deep: move it up")
    ]


# In the words of `cases check`


def test_a_link_to_a_file_of_the_machine_keeps_the_case_from_being_used(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").write_text(SECRET)
    shows = '#let letter = json(bytes(sys.inputs.letter))\n#read("logo.typ")\n#sys.inputs.letter'
    case = tmp_path / "cases" / "amina-diallo"
    case.mkdir(parents=True)
    (case / "logo.typ").symlink_to(tmp_path / "keyring.json")
    checked = check(tmp_path, lambda files: files.update({"letterhead.typ": shows}))
    assert checked.case is None
    assert told(checked) == [
        "WRONG logo.typ: is a link, and links are not followed: put the file or folder itself there"
    ]


@pytest.mark.parametrize("name", ["briefing.en.md", "case.toml", "targets/office.toml", "letterhead.typ"])
def test_a_pipe_holds_nobody_up(tmp_path: Path, name: str) -> None:
    def change(files: dict[str, str]) -> None:
        files.pop(name, None)
        pipe = tmp_path / "cases" / "amina-diallo" / name
        pipe.parent.mkdir(parents=True)
        os.mkfifo(pipe)

    checked = check(tmp_path, change)
    assert told(checked) == [
        f"WRONG {name}: is neither a file nor a folder, but a pipe, a socket or a device: delete it"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = " + "[" * 100_000, "its brackets stand too deep within each other"),
        ("x = " + "{a=" * 50_000, "its brackets stand too deep within each other"),
        ("x = 1\n" + "a." * 50_000 + "a = 1", "line 2: a name has more than 16 parts with dots between them"),
        ('"a" . ' * 30_000 + "a = 1", "line 1: a name has more than 16 parts with dots between them"),
        ("x = " + "1" * 10_000, "a number in it is too long"),
    ],
    ids=["lists", "tables", "dots", "quoted dots", "digits"],
)
def test_toml_that_would_hold_us_up_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadToml, match=said):
        read_toml(text)
    checked = check(tmp_path, lambda files: files.update({OFFICE: text}))
    assert any(said in line for line in told(checked))


def test_of_very_many_mistakes_the_first_ones_are_told(tmp_path: Path) -> None:
    many = "".join(f"wrong-{number} = 1\n" for number in range(10_000))
    checked = check(tmp_path, lambda files: files.update({OFFICE: many}))
    lines = [line for line in told(checked) if OFFICE in line]
    assert len(lines) == MISTAKES_TOLD + 1
    assert lines[-1] == f"WRONG {OFFICE}: has many more mistakes; mend these first"


def test_a_text_that_is_too_large_is_told(tmp_path: Path) -> None:
    checked = check(tmp_path, lambda files: files.update({"briefing.en.md": "a" * 300_000}))
    assert told(checked)[0].startswith("WRONG briefing.en.md: is larger than 256 kB: shorten it")


def test_the_name_of_a_file_does_nothing_to_a_terminal(tmp_path: Path) -> None:
    checked = check(tmp_path, lambda files: files.update({"\x1b[2Jnote.doc": "x"}))
    [line] = told(checked)
    assert line.startswith("note \N{REPLACEMENT CHARACTER}[2Jnote.doc: is not used; ")


def test_a_folder_is_converted_without_reading_anything_else(tmp_path: Path) -> None:
    old = write_case(tmp_path / "leyla-aydin", OLD_FORM)
    case = check_case(old).case
    assert case is not None
    (tmp_path / "keyring.json").write_text(SECRET)
    (old / "notes.txt").symlink_to(tmp_path / "keyring.json")
    with pytest.raises(Refused, match=r"notes\.txt is a link"):
        converted(old, case)
