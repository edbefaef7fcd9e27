"""Many offices in one table, as spreadsheets write it."""

from pathlib import Path

import pytest

from assistant.domain.letters import Route
from tests.support.case_folders import NEW_FORM, check_case, serious, write_case

TABLE = "targets/embassies.csv"


@pytest.mark.parametrize(
    ("cell", "routes"),
    [
        ("tray", [Route("tray")]),
        ('"post:Street 1;12345 Invented Town"', [Route("post", "Street 1;12345 Invented Town")]),
        (
            '"post:Street 1;12345 Invented Town | tray"',
            [Route("post", "Street 1;12345 Invented Town"), Route("tray")],
        ),
    ],
)
def test_a_route_may_have_blanks_and_semicolons(tmp_path: Path, cell: str, routes: list[Route]) -> None:
    changed = NEW_FORM[TABLE].replace(";tray\r\n", f";{cell}\r\n")
    checked = check_case(write_case(tmp_path / "sami-example", {**NEW_FORM, TABLE: changed}))
    assert (serious(checked), checked.case is None) == ([], False)
    assert checked.case is not None
    assert list(checked.case.targets["embassy-chile"].routes) == routes


def test_an_embassy_is_of_another_government_than_that_where_it_stands(tmp_path: Path) -> None:
    head, *lines = NEW_FORM[TABLE].split("\r\n")
    table = "\r\n".join([f"{head};government", *(f"{line};EG" for line in lines if line)])
    checked = check_case(write_case(tmp_path / "sami-example", {**NEW_FORM, TABLE: table}))
    assert checked.case is not None
    chile, minister = checked.case.targets["embassy-chile"], checked.case.targets["minister"]
    assert (chile.country, chile.government, chile.governed_by) == ("CL", "EG", "EG")
    assert (minister.country, minister.government, minister.governed_by) == ("EG", "", "EG")
    assert not any("embassy" in each.what for each in checked.findings)


def test_an_office_for_some_countries_that_does_not_say_whose_it_is_is_a_note(tmp_path: Path) -> None:
    checked = check_case(write_case(tmp_path / "sami-example", NEW_FORM))
    asked = [each for each in checked.findings if "government" in each.what]
    assert checked.case is not None and {each.where for each in asked} == {TABLE}
    assert [each.what.partition(": is")[0] for each in asked] == [
        "lines 2, 3 (embassy-chile, embassy-others): government"
    ]
