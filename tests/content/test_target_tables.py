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
