"""A folder of the old form, written in the new one: the same texts and facts, under other names."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.content import translations
from assistant.content.conversion import converted
from assistant.content.folder_writer import write_folder
from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.errors import Refused
from tests.support.case_folders import OLD_FORM, check_case, serious, write_case

OFFICE = "minister-of-justice"


def case_of(folder: Path) -> Case:
    checked = check_case(folder)
    assert checked.case is not None, serious(checked)
    return checked.case


def convert(folder: Path, to: Path, **names: str) -> Case:
    write_folder(to, converted(folder, case_of(folder), **names))
    assert not check_case(to).has_old_form
    return case_of(to)


def contents(case: Case) -> Mapping[str, Any]:  # Any: the fields of a case and of its one action
    """All that people read, and how letters leave, without the names of action and target."""
    [action] = case.actions.values()
    [target] = action.targets
    hours = replace(target.hours, holidays=())
    draft = action.draft(target, name="Ana Example", country="FI", personal_line="A line.")
    return {
        "case": {name: getattr(case, name) for name in ("person", "title", "briefing", "share", "follow")},
        "rest": (case.updates, case.faq),
        "target": replace(target, slug="", hours=hours),
        "closed": getattr(target.hours.holidays, "own", None),
        "action": (action.title, dict(action.subjects), action.action_days, action.briefing),
        "sent": (draft.language, draft.version, draft.text),
        "readings": {language: reading.text for language, reading in draft.readings.items()},
    }


def only_action(case: Case) -> Action:
    [action] = case.actions.values()
    return action


def test_the_new_folder_says_the_same(tmp_path: Path) -> None:
    old = write_case(tmp_path / "leyla-aydin", OLD_FORM)
    new = convert(old, tmp_path / "new" / "leyla-aydin")
    assert contents(new) == contents(case_of(old))
    action = only_action(new)
    assert (action.slug, action.main.slug, action.formerly) == ("first-letter", OFFICE, ("letter",))
    before, after = (check_case(folder).findings for folder in (old, tmp_path / "new" / "leyla-aydin"))
    told = [[each.what for each in found if each.where != translations.FILE] for found in (before, after)]
    assert told[0] == told[1]


def test_files_lie_where_the_new_form_has_them_and_texts_are_the_same_bytes(tmp_path: Path) -> None:
    old = write_case(tmp_path / "leyla-aydin", OLD_FORM)
    (old / "letter.es.txt").write_bytes(b"\xef\xbb\xbf" + (old / "letter.es.txt").read_bytes())
    files = converted(old, case_of(old))
    within = "actions/first-letter"
    assert sorted(files) == sorted(
        [
            *("case.toml", f"targets/{OFFICE}.toml", f"{within}/action.toml"),
            *(f"{within}/letter.en.txt", f"{within}/letter.es.txt"),
            *(each for each in OLD_FORM if not each.startswith(("case", "letter"))),
        ]
    )
    assert files[f"{within}/letter.es.txt"] == (old / "letter.es.txt").read_bytes()
    assert files["updates/2026-03-released.es.md"] == OLD_FORM["updates/2026-03-released.es.md"].encode()


def test_names_can_be_chosen_and_have_to_fit_into_links(tmp_path: Path) -> None:
    old = write_case(tmp_path / "leyla-aydin", OLD_FORM)
    new = convert(old, tmp_path / "new" / "leyla-aydin", target="minister", action="release")
    assert (only_action(new).slug, only_action(new).main.slug) == ("release", "minister")
    for wrong in ({"target": "The Minister"}, {"action": "../release"}, {"action": "a--b"}):
        with pytest.raises(Refused, match="is no short name"):
            converted(old, case_of(old), **wrong)


def test_an_action_keeps_the_name_that_it_had_where_that_is_wished(tmp_path: Path) -> None:
    old = write_case(tmp_path / "leyla-aydin", OLD_FORM)
    assert only_action(convert(old, tmp_path / "new" / "leyla-aydin", action="letter")).formerly == ()


@pytest.mark.parametrize("length", [29, 30, 40])
def test_a_case_with_a_long_name_gets_an_action_that_still_fits_into_links(
    tmp_path: Path, length: int
) -> None:
    name = "l" * length
    old = write_case(tmp_path / name, OLD_FORM)
    assert contents(convert(old, tmp_path / "new" / name)) == contents(case_of(old))


@pytest.mark.parametrize(
    ("offices", "slug"),
    [
        ({"the Minister of Justice": "وزير العدل"}, "ministra-de-justicia"),
        ({"the Minister of Justice": "وزير العدل", "la Ministra de Justicia": "وزيرة"}, "office"),
    ],
)
def test_an_office_is_named_in_a_language_with_latin_letters_where_there_is_one(
    tmp_path: Path, offices: dict[str, str], slug: str
) -> None:
    facts = OLD_FORM["case.toml"]
    for called, instead in offices.items():
        facts = facts.replace(called, instead)
    old = write_case(tmp_path / "leyla-aydin", {**OLD_FORM, "case.toml": facts})
    assert only_action(convert(old, tmp_path / "new" / "leyla-aydin")).main.slug == slug


def test_a_letter_that_names_its_target_does_so_anew(tmp_path: Path) -> None:
    files = {
        **OLD_FORM,
        **{f"letter.office.{each}.txt": OLD_FORM[f"letter.{each}.txt"] for each in ("en", "es")},
    }
    files["letter.es.txt"] = files["letter.es.txt"].replace("Escribo", "Nadie lee esto")
    old = write_case(tmp_path / "leyla-aydin", files)
    new = convert(old, tmp_path / "new" / "leyla-aydin")
    assert contents(new) == contents(case_of(old))
    assert "Escribo" in contents(new)["sent"][2]


def test_a_letterhead_stays_beside_its_pictures(tmp_path: Path) -> None:
    shows = (
        '#image("seal.svg")\n#let letter = json(bytes(sys.inputs.letter))\n'
        "#for paragraph in letter.paragraphs {\n"
        "  par(paragraph.lines.map(line => line.map(run => run.text).join()).join(linebreak()))\n}\n"
    )
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    old = write_case(tmp_path / "leyla-aydin", {**OLD_FORM, "letterhead.typ": shows, "seal.svg": picture})
    new = convert(old, tmp_path / "new" / "leyla-aydin")
    assert new.letterhead is not None
    assert new.letterhead.source.decode() == shows
    assert new.letterhead.files["seal.svg"].decode() == picture
