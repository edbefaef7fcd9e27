"""Pages as black and white dots: what was sent beside what a fax machine received."""

import re
import struct
import subprocess
from dataclasses import dataclass
from itertools import product
from math import sqrt
from pathlib import Path

WIDTH, HEIGHT = 1728, 2292  # A4 in fine resolution (ITU-T T.4), as HylaFAX makes it
_RESOLUTION = "209.10x196"  # dots an inch: HylaFAX fits the 210 mm of A4 into the 215 of a fax (pdf2fax.gs)
_BLOCK = 8  # dots: about 1 mm, half a letter


@dataclass(frozen=True, slots=True)
class Page:
    """`rows`: one int a line of dots; a 1 is black."""

    rows: list[int]

    @property
    def ink(self) -> int:
        """How many dots are black."""
        return sum(row.bit_count() for row in self.rows)

    def blocks(self) -> list[list[int]]:
        """How many dots are black in each square of 8 by 8."""
        lines = [row.to_bytes(WIDTH // 8, "big") for row in self.rows]
        return [
            [
                sum(line[column].bit_count() for line in lines[top : top + _BLOCK])
                for column in range(WIDTH // 8)
            ]
            for top in range(0, len(lines) - _BLOCK + 1, _BLOCK)
        ]


def sent(pdf: Path) -> Page:
    """The page as it should look, by Ghostscript at the resolution of the fax."""
    options = ["-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-dFIXEDMEDIA", "-sPAPERSIZE=a4", f"-r{_RESOLUTION}"]
    command = ["gs", *options, "-sDEVICE=pbmraw", "-sOutputFile=-", str(pdf)]
    made = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    head = re.match(rb"P4\n(?:#.*\n)*(\d+) (\d+)\n", made)
    assert head is not None
    assert (int(head[1]), abs(int(head[2]) - HEIGHT) < 3) == (WIDTH, True)
    return _page(made[head.end() :], WIDTH)


def received(tiff: Path) -> Page:
    """What the office's fax machine wrote down."""
    plain = tiff.with_suffix(".plain")
    command = ["tiffcp", "-c", "none", "-f", "msb2lsb", "-r", "100000", str(tiff), str(plain)]
    subprocess.run(command, capture_output=True, check=True, timeout=60)
    content = plain.read_bytes()
    tags = _tags(content)
    width, start, length = tags[256], tags[273], tags[279]
    assert width == WIDTH
    page = _page(content[start : start + length], width)
    white_is_one = tags[262] == 1
    full = (1 << width) - 1
    return Page([row ^ full for row in page.rows]) if white_is_one else page


def likeness(one: Page, other: Page) -> float:
    """The correlation of two pages' ink in squares of 8 by 8 dots, at the best shift; 1 is the same."""
    left, right = one.blocks(), other.blocks()
    shifts = product(range(-3, 4), repeat=2)
    return max(_correlation(*_overlap(left, right, down, across)) for down, across in shifts)


def _page(dots: bytes, width: int) -> Page:
    step = width // 8
    return Page([int.from_bytes(dots[at : at + step], "big") for at in range(0, len(dots) - step + 1, step)])


def _tags(tiff: bytes) -> dict[int, int]:
    """The first directory of a TIFF (6.0, section 2), where its values are single numbers."""
    order = "<" if tiff.startswith(b"II") else ">"
    (at,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, at)
    tags = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", tiff, entry)
        (tags[tag],) = struct.unpack_from(order + ("H" if kind == 3 else "I"), tiff, entry + 8)
    return tags


def _overlap(
    left: list[list[int]], right: list[list[int]], down: int, across: int
) -> tuple[list[int], list[int]]:
    pairs = [
        (left[y][x], right[y + down][x + across])
        for y in range(max(0, -down), min(len(left), len(right) - down))
        for x in range(max(0, -across), min(len(left[0]), len(right[0]) - across))
    ]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _correlation(left: list[int], right: list[int]) -> float:
    count = len(left)
    mean_left, mean_right = sum(left) / count, sum(right) / count
    both = sum(a * b for a, b in zip(left, right, strict=True)) / count - mean_left * mean_right
    spread_left = sum(a * a for a in left) / count - mean_left**2
    spread_right = sum(b * b for b in right) / count - mean_right**2
    return both / sqrt(spread_left * spread_right) if spread_left > 0 and spread_right > 0 else 0.0
