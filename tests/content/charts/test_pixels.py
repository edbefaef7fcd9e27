"""Charts as PNG: the picture that the SVG is, in every script that has a typeface."""

import struct
import zlib
from dataclasses import replace

import pytest

from assistant.content.charts import drawing, pixels
from assistant.content.charts.pixels import SCALE, Pixels
from assistant.domain.charts import Bar, Chart, Funnel
from tests.content.charts.test_drawing import CHARTS, EACH, FUNNEL, parsed, saying

COLOURS = {2: 3, 6: 4}  # bytes of a pixel by the type of colours: https://www.w3.org/TR/png/#11IHDR


@pytest.fixture(scope="module")
def drawer() -> Pixels:
    return Pixels()


def rows(png: bytes) -> list[bytes]:
    """The pixels, row by row: https://www.w3.org/TR/png/#9Filters."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colours, _, _, laced = struct.unpack(">IIBBBBB", png[16:29])
    assert (depth, laced) == (8, 0)
    packed, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    raw, step = zlib.decompress(packed), COLOURS[colours]
    line = width * step
    assert len(raw) == (line + 1) * height
    before, found = bytes(line), []
    for number in range(height):
        start = number * (line + 1)
        before = _unfiltered(raw[start], raw[start + 1 : start + 1 + line], before, step)
        found.append(before)
    return found


def _unfiltered(kind: int, filtered: bytes, above: bytes, step: int) -> bytes:
    row = bytearray(filtered)
    for at, value in enumerate(row):
        left = row[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        row[at] = (value + _guess(kind, left, above[at], corner)) % 256
    return bytes(row)


def _guess(kind: int, left: int, above: int, corner: int) -> int:
    if kind == 4:
        return min((left, above, corner), key=lambda each: abs(left + above - corner - each))
    return (0, left, above, (left + above) // 2)[kind]


@EACH
def test_a_picture_is_as_large_as_the_chart_and_has_several_colours(drawer: Pixels, chart: Chart) -> None:
    drawn = parsed(chart)
    png = drawer.png(drawing.svg(chart))
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == tuple(int(drawn.get(each, "0")) * SCALE for each in ("width", "height"))
    pictured = rows(png)
    step = len(pictured[0]) // width
    colours = {row[at : at + step] for row in pictured[::7] for at in range(0, len(row), 7 * step)}
    assert len(colours) > 3


@pytest.mark.parametrize("said", ["رسائل من أجل Norma Cruz (2012)", "信件 Norma Cruz", "פניות", "Письма"])
def test_words_of_every_script_are_drawn(drawer: Pixels, said: str) -> None:
    """The rows of the title: they differ from those of another title."""

    def title(each: str) -> list[bytes]:
        return rows(drawer.png(drawing.svg(Funnel("ar", each, ()))))

    plain = title("")
    assert any(len(set(row)) > 1 for row in title(said))
    assert all(len(set(row)) == 1 for row in plain)


def test_the_bars_of_a_chart_are_where_its_svg_has_them(drawer: Pixels) -> None:
    half = Funnel("en", "", (Bar("", "", 2), Bar("", "", 1)))
    pictured = rows(drawer.png(drawing.svg(half)))
    step = len(pictured[0]) // (drawing.WIDTH * SCALE)
    blue = [sum(row[at : at + 3] == b"\x1f\x6a\xa5" for at in range(0, len(row), step)) for row in pictured]
    assert sorted(set(blue)) == [0, drawing.ROOM * SCALE // 2, drawing.ROOM * SCALE]


def test_what_no_typeface_has_is_left_out(drawer: Pixels) -> None:
    assert drawer.png(drawing.svg(saying(FUNNEL, "Letters 🕊 \U000e0041")))


def test_hostile_words_are_words(drawer: Pixels) -> None:
    said = '#panic() </svg> "] $ * \\ #read("/etc/hostname") \x00'
    for chart in saying(CHARTS[0], said), saying(CHARTS[-1], said):
        assert drawer.png(drawing.svg(chart))


def test_the_same_chart_gives_the_same_picture() -> None:
    svg = drawing.svg(replace(FUNNEL, language="ar"))
    assert pixels.png(svg) == Pixels().png(svg)
