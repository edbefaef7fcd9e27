"""QR codes (ISO/IEC 18004): for a page, as SVG, and for what typst draws."""

from dataclasses import dataclass
from itertools import groupby

from markupsafe import escape

from assistant.domain.cards import LINK_MAX
from assistant.domain.errors import Failure

QUIET = 4  # modules of light around a code: ISO/IEC 18004, 5.3.8


@dataclass(frozen=True, slots=True)
class Bar:
    """Dark modules beside each other: the first one's column and row, from the top left, and how many."""

    x: int
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code. `size`: modules on each side, with the light ones around it."""

    size: int
    bars: tuple[Bar, ...]

    def svg(self, title: str) -> str:
        """A picture as wide as where it stands. `title`: what a screen reader says instead.

        It may stand in a page that forbids inline styles, and is dark on light on a dark page, too: many
        cameras read no other code.
        """
        dark = "".join(f"M{bar.x} {bar.y}h{bar.width}v1h-{bar.width}z" for bar in self.bars)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.size} {self.size}" role="img" '
            f'aria-label="{escape(title)}" shape-rendering="crispEdges">'
            f'<path fill="#fff" d="M0 0h{self.size}v{self.size}h-{self.size}z"/>'
            f'<path fill="#000" d="{dark}"/></svg>'
        )


def code(link: str) -> Code:
    """A code that opens the link; readable where 15 % of it is covered or worn (level M, or better).

    Raises Failure where the link is too long for one.
    """
    import segno  # where a code is drawn at all

    if len(link) > LINK_MAX:
        raise Failure(f"The link is too long for a QR code: at most {LINK_MAX} characters.", permanent=True)
    drawn = segno.make_qr(link, error="m")
    rows = [bytes(row) for row in drawn.matrix_iter(border=QUIET)]
    return Code(len(rows), tuple(bar for y, row in enumerate(rows) for bar in _bars(row, y)))


def _bars(row: bytes, y: int) -> list[Bar]:
    found: list[Bar] = []
    x = 0
    for dark, modules in groupby(row):
        width = len(list(modules))
        if dark:
            found.append(Bar(x, y, width))
        x += width
    return found
