"""The threat model of docs/security.md: each abuse has a test that exists, or says: no control."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
NONE = re.compile(r"\bno control\b|\*\*None\*\*", re.IGNORECASE)
WHO = (
    "thief of the disk",
    "reader of logs",
    "neighbour on the port",
    "malicious chatter",
    "rogue organiser",
    "database writer",
    "author of a case folder",
    "the platforms",
    "the offices' mailbox",
    "a government with a seized phone",
)


def _rows() -> list[tuple[str, str, str, str]]:
    """Who, abuse, control and tests, of each line of the table."""
    section = PAGE.partition("\n## Threat model\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    assert all(len(row) == 4 for row in rows), "a cell has no bar in it"
    return [(row[0], row[1], row[2], row[3]) for row in rows]


ROWS = _rows()


@cache
def _tests(path: str) -> frozenset[str]:
    """The tests of a file that every `make test` runs: none that is marked as long, nor a whole file."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    marked = [
        ast.unparse(each.value)
        for each in tree.body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "pytestmark"
    ]
    if any("mark.long" in each for each in marked):
        return frozenset()
    return frozenset(
        each.name
        for each in tree.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        and not any(ast.unparse(mark).startswith("pytest.mark.long") for mark in each.decorator_list)
    )


def test_everybody_who_may_want_to_harm_is_in_it() -> None:
    named = [who for who, *_ in ROWS if who]
    assert [each for each in WHO if not any(each in who for who in named)] == []
    assert ROWS[0][0], "the first line says who"


@pytest.mark.parametrize("row", ROWS, ids=[row[1][:60] for row in ROWS])
def test_each_abuse_has_a_control_that_is_shown_or_says_that_there_is_none(
    row: tuple[str, str, str, str],
) -> None:
    _, abuse, control, shown = row
    assert abuse and control
    assert NAMED.findall(shown) or NONE.search(control), "no test, and nothing that says so"
    assert NAMED.sub("", shown).strip(" ,") == "", "tests only"


def test_each_test_that_is_named_exists_and_runs_in_make_test() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 30
    missing = [
        f"{path}::{name}" for path, name in named if not (ROOT / path).exists() or name not in _tests(path)
    ]
    assert missing == []
