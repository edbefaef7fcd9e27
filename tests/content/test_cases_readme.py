"""The README of the cases, followed word by word: what it shows is a case that works."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.content.casefile import ActionFile, CaseFile, TargetFile
from assistant.content.folder_writer import SLUG_MAX
from assistant.domain.cases import Case
from assistant.wiring.content import CASES
from tests.support.case_folders import check_case, serious, write_case

README = (CASES / "README.md").read_text("utf-8")
BLOCK = re.compile(
    r"^(?P<before>[^\n]*`(?P<file>[\w./-]+\.(?:toml|md|txt|csv))`[^\n]*:)\n\n(?P<text>(?:    [^\n]*\n|\n)+)",
    re.MULTILINE,
)
ABOVE, END = ", above the first line in square brackets:", "Add to the end of "


def section(heading: str) -> str:
    [found] = [
        each for each in re.split(r"^## ", README, flags=re.MULTILINE) if each.startswith(f"{heading}\n")
    ]
    return found


def blocks(text: str) -> Iterator[tuple[str, str, str]]:
    """What is told before each block, the file that it is about, and what is to be written."""
    for block in BLOCK.finditer(text):
        yield (
            block["before"],
            block["file"],
            re.sub(r"^    ", "", block["text"], flags=re.MULTILINE).strip("\n") + "\n",
        )


def followed(text: str) -> dict[str, str]:
    """The files of who does what the page says, from its beginning to its end."""
    files: dict[str, str] = {}
    for before, file, content in blocks(text):
        if before.startswith("Add to") and before.endswith(ABOVE):
            above, bracket, below = files[file].partition("\n[")
            files[file] = f"{above}\n{content}{bracket}{below}"
        elif before.startswith(END):
            files[file] += f"\n{content}"
        else:
            assert file not in files, before
            files[file] = content
    return files


def usable(folder: Path, files: dict[str, str]) -> Case:
    checked = check_case(write_case(folder, files))
    assert checked.case is not None, serious(checked)
    assert not checked.has_old_form
    return checked.case


def test_the_smallest_case_works_and_is_five_files(tmp_path: Path) -> None:
    files = followed(section("The smallest case"))
    assert len(files) == 5
    case = usable(tmp_path / "amina-diallo", files)
    assert (case.person, list(case.actions), list(case.targets)) == (
        "Amina Diallo",
        ["release"],
        ["minister"],
    )
    assert [each.what for each in check_case(tmp_path / "amina-diallo").findings] == [
        "no route to the office is set: letters go to the tray"
    ]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """The case of who has followed the whole page."""
    return usable(tmp_path / "amina-diallo", followed(README))


def test_nothing_that_the_page_shows_is_a_mistake(tmp_path: Path) -> None:
    files = followed(README)
    assert len(files) == 11
    findings = check_case(write_case(tmp_path / "amina-diallo", files)).findings
    assert [each.what.partition("): ")[2] or each.what for each in findings] == 2 * [
        "no route to the office is set: letters go to the tray"
    ]


@pytest.mark.parametrize(
    ("country", "slugs"),
    [("IE", ["london", "minister"]), ("CA", ["minister", "ottawa"]), ("PE", ["minister", "washington"])],
)
def test_letters_go_by_country_as_the_page_says(case: Case, country: str, slugs: list[str]) -> None:
    release, trial = case.actions["release"], case.actions["fair-trial"]
    assert sorted(each.slug for each in release.addressees(country)) == slugs
    assert [each.slug for each in trial.addressees(country)] == ["minister"]


def test_letters_greet_their_office_and_london_gets_its_own(case: Case) -> None:
    action = case.actions["release"]

    def letter(slug: str) -> str:
        target = action.target(slug)
        assert target is not None
        return action.draft(target, name="Ana", country="IE", personal_line=None).text

    assert letter("washington").startswith("Dear Ambassador,\n\nI am writing about Amina Diallo.")
    assert letter("london").startswith("Dear High Commissioner,\n\nAmina Diallo is a poet of your country.")
    assert "tell the High Commission of Ghana in London" in letter("london")


def test_the_rest_is_read_as_the_page_means_it(case: Case) -> None:
    [update] = case.updates.values()
    assert update.outcome and update.replaces_letter
    assert case.faq["en"][0].phrases == ("prison", "jail", "arrested")
    trial = case.actions["fair-trial"]
    assert (str(trial.opens), str(trial.closes), trial.goal) == ("2027-01", "2027-03-31", 5000)
    assert [str(day.date) for day in trial.action_days] == ["2027-03-02"]
    assert len(trial.subjects["en"]) == 2


@pytest.mark.parametrize("change", [("\n", "\r\n"), (";", ","), (";", "\t")], ids=["CRLF", "comma", "tab"])
def test_the_table_works_as_spreadsheets_write_it(tmp_path: Path, change: tuple[str, str]) -> None:
    files = followed(README)
    table = (
        files["targets/embassies.csv"]
        .replace("Commissioner,", "Commissioner")
        .replace("Ambassador,", "Ambassador")
    )
    files["targets/embassies.csv"] = "\ufeff" + table.replace(*change)
    assert set(usable(tmp_path / "amina-diallo", files).targets) == {
        "minister",
        "london",
        "ottawa",
        "washington",
    }


def test_every_entry_that_a_file_can_have_is_explained() -> None:
    rare = {"formerly"}  # what only `convert` writes is explained there
    for model in (CaseFile, TargetFile, ActionFile):
        for name, field in model.model_fields.items():
            entry = field.alias or name
            assert re.search(rf"`\[*{entry}\b|^    {entry} = ", README, re.MULTILINE) or entry in rare, entry


def test_what_the_page_says_about_lengths_is_so() -> None:
    from assistant.content.actions import ASKS_MAX, BRIEFING_MAX, REF_MAX
    from assistant.content.casefile import SUBJECT_MAX
    from assistant.content.cases import SHARE_MAX, UPDATE_MAX

    assert f"Both names together can have {REF_MAX - 2} letters" in README and REF_MAX - 2 > SLUG_MAX
    for said, limit in (
        ("what a supporter reads first; at most {}", BRIEFING_MAX),
        ("one piece of news; at most {}", UPDATE_MAX),
        ("people may pass on, at most {}", SHARE_MAX),
        ("in one line of at most {}", ASKS_MAX),
        ("office's language, at most {}", SUBJECT_MAX),
    ):
        assert said.format(limit) in README, said
