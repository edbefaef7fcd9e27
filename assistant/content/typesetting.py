"""Lines as typst gets them: in runs of one typeface, and each read from the side that it begins on."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from babel import Locale

from assistant.content import long_words, typefaces
from assistant.domain.errors import Failure

Run = dict[str, str]  # its text and its font
Line = list[Run]

_DIRECTIONS = {"L": "ltr", "R": "rtl", "AL": "rtl"}  # of strong letters: UAX #9, 3.2
_ISOLATES = {"ltr": "\u2066", "rtl": "\u2067"}
_REGIONS = {"Hans": "CN", "Hant": "TW"}  # by which typst chooses the forms of Chinese characters


@dataclass(frozen=True, slots=True)
class Setting:
    """How the lines of a text in a language are set. `direction`: of that language, `ltr` or `rtl`."""

    language: str
    direction: str

    @property
    def document(self) -> dict[str, str | None]:
        """What a document says of itself: its language, region and direction, and its usual typeface."""
        locale = Locale.parse(self.language, sep="-")
        return {
            "language": locale.language,
            "region": locale.territory or _REGIONS.get(locale.script or ""),
            "direction": self.direction,
            "font": typefaces.body(self.language),
        }

    def lines(self, lines: Sequence[str], width: float) -> list[Line]:
        return [self.line(line, width) for line in lines]

    def line(self, line: str, width: float) -> Line:
        """The runs of a line. `width`: ems. Raises Failure where no typeface has a character of it."""
        shown = long_words.breakable(" ".join(line.split()), self.language, width)
        runs: Line = []
        for run in typefaces.runs(self._isolated(shown), self.language):
            if run.font is None:
                raise Failure("No typeface of ours has every character of the text.", permanent=True)
            runs.append({"text": run.text, "font": run.font})
        return runs

    def direction_of(self, lines: Sequence[str]) -> str:
        """The base direction of a paragraph: the other one where every line of it begins in that."""
        directions = {_first_strong(line) or self.direction for line in lines}
        return directions.pop() if len(directions) == 1 else self.direction

    def _isolated(self, line: str) -> str:
        """A line that begins in the other direction is read in that: its words, full stop and brackets."""
        if line.isascii() and self.direction == "ltr":
            return line
        direction = _first_strong(line) or self.direction
        return line if direction == self.direction else f"{_ISOLATES[direction]}{line}\u2069"


def _first_strong(line: str) -> str | None:
    """The direction of the first letter that has one, outside isolates: UAX #9, rules P2 and P3."""
    depth = 0
    for character in line:
        kind = unicodedata.bidirectional(character)
        if kind in ("LRI", "RLI", "FSI"):
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif depth == 0 and kind in _DIRECTIONS:
            return _DIRECTIONS[kind]
    return None
