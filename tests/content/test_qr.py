"""QR codes: every module is drawn where the standard puts it, and nothing else is in the picture."""

import re
from xml.etree import ElementTree

import pytest
import segno

from assistant.content.qr import QUIET, Bar, Code, code
from assistant.domain.cards import LINK_MAX
from assistant.domain.errors import Failure

SVG = "{http://www.w3.org/2000/svg}"
LINK = "https://letters.example/norma-cruz?s=flyer"


def read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314  our own


def dark_modules(bars: tuple[Bar, ...]) -> set[tuple[int, int]]:
    return {(x, bar.y) for bar in bars for x in range(bar.x, bar.x + bar.width)}


def drawn_modules(svg: str) -> set[tuple[int, int]]:
    """What the dark path of the picture covers, read from the path itself."""
    [_light, dark] = read(svg)
    pieces = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", dark.attrib["d"])
    assert "".join(f"M{x} {y}h{there}v1h-{back}z" for x, y, there, back in pieces) == dark.attrib["d"]
    assert all(there == back for _x, _y, there, back in pieces)
    return {(x, int(y)) for left, y, width, _ in pieces for x in range(int(left), int(left) + int(width))}


@pytest.mark.parametrize(
    "link", [LINK, "https://t.me/example_bot?start=norma-cruz_flyer", "https://x.example/é"]
)
def test_every_dark_module_is_drawn_within_a_light_margin(link: str) -> None:
    modules = segno.make_qr(link, error="m").matrix
    there = {(x + QUIET, y + QUIET) for y, row in enumerate(modules) for x, dark in enumerate(row) if dark}
    found = code(link)
    assert found.size == len(modules) + 2 * QUIET
    assert dark_modules(found.bars) == there == drawn_modules(found.svg("A code"))


def test_three_corners_have_the_marks_by_which_it_is_found() -> None:
    found = code(LINK)
    dark, last = dark_modules(found.bars), found.size - QUIET - 1
    for x, y in ((QUIET, QUIET), (last - 6, QUIET), (QUIET, last - 6)):
        assert {(x + step, y) for step in range(7)} <= dark
        assert {(x + step, y + 6) for step in range(7)} <= dark
        assert (x + 1, y + 1) not in dark


def test_the_picture_of_a_code_asks_for_nothing_that_a_strict_page_forbids() -> None:
    root = read(code(LINK).svg("Opens the page"))
    assert {each.tag for each in root.iter()} == {f"{SVG}svg", f"{SVG}path"}
    names = {name for each in root.iter() for name in each.attrib}
    assert names == {"viewBox", "role", "aria-label", "shape-rendering", "fill", "d"}
    assert root.attrib["role"] == "img"


@pytest.mark.parametrize("title", ['"><script>alert(1)</script>', "a & b < c", "' onload='x"])
def test_a_title_stays_what_it_was_whatever_it_holds(title: str) -> None:
    root = read(Code(1, (Bar(0, 0, 1),)).svg(title))
    assert root.attrib["aria-label"] == title
    assert len(list(root.iter())) == 3


def test_a_long_link_has_a_code_and_one_that_is_too_long_is_refused_for_good() -> None:
    longest = "https://letters.example/".ljust(LINK_MAX, "x")
    assert code(longest).size < 80
    with pytest.raises(Failure, match="too long for a QR code") as refused:
        code(longest + "x")
    assert refused.value.permanent


def test_the_same_link_gives_the_same_code() -> None:
    assert code(LINK) == code(LINK)
    assert code(LINK) != code(LINK + "2")
