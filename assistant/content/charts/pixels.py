"""Charts as PNG, for chats: typst draws the SVG with our typefaces, so that it looks the same everywhere.

It sets the words itself: what reads SVG for it garbles a line with letters of two typefaces.
"""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from threading import local
from xml.etree import ElementTree

import typst

from assistant.content import typefaces
from assistant.content.fonts import fonts
from assistant.domain.errors import Failure

SCALE = 3  # pixels for each unit: a picture of 1,200, as sharp as a phone
_SOURCE = Path(__file__).with_name("chart.typ")
_SVG = "{http://www.w3.org/2000/svg}"
_MOVED = re.compile(r"translate\((\S+) (\S+)\)")
_NAMES = {"title", "desc"}  # for screen readers


class Pixels:
    """Draws charts. One call at a time: give each thread its own."""

    @cached_property
    def _compiler(self) -> typst.Compiler:
        return typst.Compiler(_SOURCE, font_paths=fonts())

    def png(self, svg: str) -> bytes:
        """A PNG, `SCALE` times as large. Raises Failure, always permanent, where typst cannot draw it.

        Characters that no typeface of ours has are left out.
        """
        drawn = ElementTree.fromstring(svg)  # noqa: S314  ours, by `drawing.svg`
        language = drawn.get("lang", "en")
        words = list(_taken_out(drawn, language, 0, 0))
        chart = {
            "width": float(drawn.get("width", "0")),
            "height": float(drawn.get("height", "0")),
            "svg": ElementTree.tostring(drawn, encoding="unicode"),
            "words": words,
        }
        try:
            made = self._compiler.compile(
                format="png",
                ppi=72 * SCALE,
                sys_inputs={"chart": json.dumps(chart, ensure_ascii=False)},
                timestamp=0,
            )
        except typst.TypstError:
            raise Failure(
                "The chart could not be drawn.", permanent=True
            ) from None  # it may repeat the words
        assert isinstance(made, bytes)  # noqa: S101  only pictures of several pages come apart
        return made


def _taken_out(
    element: ElementTree.Element, language: str, x: float, y: float
) -> Iterator[dict[str, object]]:
    """What stands in the element, which begins at x and y. It is not there any more afterwards."""
    for child in list(element):
        kind = child.tag.removeprefix(_SVG)
        if kind in ("text", *_NAMES):
            element.remove(child)
        if kind == "text":
            yield {
                "x": x + float(child.get("x", "0")),
                "y": y + float(child.get("y", "0")),
                "end": child.get("text-anchor") == "end",
                "size": float(child.get("font-size", "0")),
                "weight": int(child.get("font-weight", "400")),
                "fill": child.get("fill", "#000"),
                "runs": _runs(child.text or "", language),
            }
        elif kind == "g":
            moved = _MOVED.match(child.get("transform", ""))
            right, down = map(float, moved.groups()) if moved else (0.0, 0.0)
            yield from _taken_out(child, language, x + right, y + down)


def _runs(said: str, language: str) -> list[dict[str, str]]:
    return [{"text": run.text, "font": run.font} for run in typefaces.runs(said, language) if run.font]


_threads = local()


def png(svg: str) -> bytes:
    """The SVG of a chart as PNG, drawn in this thread. Raises Failure as `Pixels.png` does."""
    if not hasattr(_threads, "pixels"):
        _threads.pixels = Pixels()
    pixels: Pixels = _threads.pixels
    return pixels.png(svg)
