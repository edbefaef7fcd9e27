"""Folders are written as a whole, TOML as people write it, and short names of what things are called."""

import tomllib
from pathlib import Path

import pytest

from assistant.content.folder_writer import known_names, slug_of, toml, write_folder
from assistant.domain.errors import Refused


def test_all_files_are_there_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cases" / "new"

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "rename", interrupted)
        write_folder(folder, {"a.txt": b"a"})
    assert list(folder.parent.iterdir()) == []
    write_folder(folder, {"a.txt": b"a", "inner/b.txt": b"b"})
    assert (folder / "inner" / "b.txt").read_bytes() == b"b"
    assert [each.name for each in folder.parent.iterdir()] == ["new"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (empty := tmp_path / "empty").mkdir()
    write_folder(empty, {"a.txt": b"a"})
    (file := tmp_path / "file").touch()
    (link := tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for taken in (empty, file, link):
        with pytest.raises(Refused, match="is there already, and nothing is overwritten"):
            write_folder(taken, {"a.txt": b"b"})
    assert (empty / "a.txt").read_bytes() == b"a"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="cannot be written"):
        write_folder(tmp_path / "file" / "new", {"a.txt": b"a"})


def test_toml_says_what_it_was_given_with_notes() -> None:
    facts = {
        "person": 'Ana "A" \\ Example',
        "share": {"en": "two\nlines", "pt-BR": "uma"},
        "languages": ["en", "pt-BR"],
        "updates": {"2011-09-news": {"replaces": "letter"}},
        "days": [{"title": {"en": "first"}, "date": "2027"}, {"date": "2028", "title": {"en": "second"}}],
        "workdays": [1, 2],
        "subjects": ["a subject of some length " * 3] * 3,
    }
    text = toml(
        {**facts, "goal": None, "follow": {}}, {"person": "Who it is.", "share": "Short."}, "Facts.", "More."
    )
    assert tomllib.loads(text) == facts
    assert text.startswith('# Facts.\n\n# Who it is.\nperson = "Ana')
    assert "\n[share] # Short.\n" in text and "\n# More.\n\n[" in text
    assert "\n\n\n" not in text and max(map(len, text.splitlines())) < 110


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Norma Cruz", "norma-cruz"),
        ("the Attorney General of Guatemala", "attorney-general-of-guatemala"),
        (
            "la Fiscal General de la República y Jefa del Ministerio Público",
            "fiscal-general-de-la-republica-y-jefa",
        ),
        ("Søren Łukasz & Co.", "soren-lukasz-and-co"),
        ("The", "the"),
        ("Алма", ""),
        ("x" * 50, "x" * 40),
    ],
)
def test_a_short_name_is_made_of_words(text: str, slug: str) -> None:
    assert slug_of(text) == slug


def test_names_that_are_taken_are_those_of_folders(tmp_path: Path) -> None:
    (tmp_path / "norma-cruz").mkdir()
    (tmp_path / "README.md").touch()
    assert known_names([tmp_path, tmp_path / "nowhere"]) == {"norma-cruz"}
