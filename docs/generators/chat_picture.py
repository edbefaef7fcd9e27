"""Draws docs/chat.svg, the picture of a chat in the README, from a golden transcript.

The picture is a transcript's own words, so that it shows what people really read: bubbles, quotes, buttons.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it has no types

from assistant.content import typefaces

ROOT = Path(__file__).parent.parent.parent
PICTURE = ROOT / "docs" / "chat.svg"
TRANSCRIPT = ROOT / "tests" / "transcripts" / "happy-path-english.txt"

TITLE = "A chat with the assistant"
ABOUT = (
    "The assistant briefs a supporter on Norma Cruz of Guatemala, asks for a name, a country and a sentence "
    "of their own, shows the letter, and sends it."
)

# Pixels.
WIDTH, MARGIN, GAP = 880, 16, 16
PANEL = (WIDTH - GAP) // 2  # the wall behind a column
COLUMN = PANEL - 2 * MARGIN
BUBBLE = 356  # at most
PADDING, SPACE, PARAGRAPH = 12, 10, 8
SIZE, LINE = 14, 19
BUTTON, BUTTON_GAP = 32, 6
# Other systems draw with other typefaces: lines are broken as if each were this much wider than in Noto Sans.
SLACK = 1.1

STYLE = """
text { font: 14px "Noto Sans", -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif }
text { fill: #1b2733 }
.heading { font-weight: bold }
.wall { fill: #e4ebe4; stroke: #c3cec3 }
.ours { fill: #ffffff } .theirs { fill: #d6f3c9 }
.quote { fill: #eef4fa } .bar { fill: #3f8ac9 }
.button { fill: #f7fafc; stroke: #3f8ac9 } .button-text { fill: #1c6aa8; text-anchor: middle }
.pressed { fill: #3f8ac9; stroke: #3f8ac9 } .pressed-text { fill: #ffffff; text-anchor: middle }
@media (prefers-color-scheme: dark) {
  text { fill: #e8eef3 }
  .wall { fill: #0f1a21; stroke: #2b3a45 }
  .ours { fill: #1f2c36 } .theirs { fill: #24543a }
  .quote { fill: #263947 } .bar { fill: #64b1ee }
  .button { fill: #1f2c36; stroke: #64b1ee } .button-text { fill: #8ec8f8 }
  .pressed { fill: #2f7dbd; stroke: #2f7dbd } .pressed-text { fill: #ffffff }
}
"""


@dataclass
class Message:
    """A message of a transcript: its lines, of which quoted ones begin with `|`, and its buttons."""

    ours: bool
    lines: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    pressed: str = ""  # the button that was pressed


@dataclass(frozen=True)
class Excerpt:
    """What a column shows: messages by how they begin."""

    messages: tuple[str, ...]


COLUMNS = (
    Excerpt(
        (
            "Norma Cruz, Guatemala",
            "Which country",
            "Germany",
            "Who will read",
            "Ana",
            "You can add",
            "I teach",
        )
    ),
    Excerpt(
        ("Your letter to the Attorney", "Thank you."),
    ),
)
PRESSED = {"go": "Write the letter", "send": "Send"}  # what is written on the buttons of these values
_PRESS = re.compile(r"> \[(\w+)\]")
_OPTION = re.compile(r"  \d+\. (.+)")


def picture() -> str:
    """docs/chat.svg as it has to be."""
    said = messages(TRANSCRIPT.read_text("utf-8"))
    columns = [Column(at * (PANEL + GAP) + MARGIN) for at in range(len(COLUMNS))]
    for column, excerpt in zip(columns, COLUMNS, strict=True):
        for message in _chosen(said, excerpt):
            column.add(message)
    return "\n".join(_picture(columns, max(column.y for column in columns) - SPACE + MARGIN))


def _picture(columns: list["Column"], height: int) -> Iterator[str]:
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title about">'
    yield f'<title id="title">{escape(TITLE)}</title>'
    yield f'<desc id="about">{escape(ABOUT)}</desc>'
    yield f"<style>{STYLE}</style>"
    for column in columns:
        wall = f'x="{column.x - MARGIN + 0.5}" y="0.5" width="{PANEL - 1}" height="{height - 1}"'
        yield f'<rect class="wall" {wall} rx="14"/>'
        yield from column.shapes
    yield "</svg>\n"


def messages(transcript: str) -> list[Message]:
    """The messages of a transcript, in order. A press is none: it marks its button."""
    found: list[Message] = []
    for line in transcript.splitlines():
        if press := _PRESS.fullmatch(line):
            asking = [each for each in found if each.buttons][-1]
            asking.pressed = PRESSED.get(press[1], "")
        elif line.startswith(("< ", "> ")):
            found.append(Message(line.startswith("<"), [line[2:]]))
        elif option := _OPTION.fullmatch(line):
            found[-1].buttons.append(option[1])
        elif found and (line.startswith("  ") or not line):
            found[-1].lines.append(line.strip())
    return found


def _chosen(said: list[Message], excerpt: Excerpt) -> Iterator[Message]:
    for begins in excerpt.messages:
        (message,) = [each for each in said if each.lines[0].startswith(begins)]
        yield message


class Column:
    """A column of the picture, filled from the top. `x`: its left edge; `y`: where the next message goes."""

    def __init__(self, x: int) -> None:
        self.x = x
        self.y = MARGIN
        self.shapes: list[str] = []

    def add(self, message: Message) -> None:
        """Draw a message below those before it."""
        blocks = list(_blocks(message.lines))
        wide = max(width for block in blocks for width in block.widths())
        width = BUBBLE if message.buttons else min(BUBBLE, math.ceil(wide * SLACK) + 2 * PADDING)
        left = self.x if message.ours else self.x + COLUMN - width
        top, text = self.y, self.y + PADDING
        drawn: list[str] = []
        for number, block in enumerate(blocks):
            text += PARAGRAPH if number else 0
            drawn += block.draw(left + PADDING, text, width - 2 * PADDING)
            text += block.height
        self.y = text + PADDING
        look = "ours" if message.ours else "theirs"
        self._box(look, left, top, width, self.y - top, 12)
        self.shapes += drawn
        for label in message.buttons:
            self._button(label, left, pressed=label == message.pressed)
        self.y += SPACE

    def _button(self, label: str, left: int, *, pressed: bool) -> None:
        look = "pressed" if pressed else "button"
        self.y += BUTTON_GAP
        self._box(look, left, self.y, BUBBLE, BUTTON, 8)
        middle = self.y + BUTTON // 2 + SIZE // 3
        self.shapes.append(_text(f"{look}-text", left + BUBBLE // 2, middle, label))
        self.y += BUTTON

    def _box(self, look: str, x: int, y: int, width: int, height: int, round_by: int) -> None:
        self.shapes.append(
            f'<rect class="{look}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{round_by}"/>'
        )


@dataclass(frozen=True)
class Block:
    """Paragraphs that belong together: a quote, or one paragraph of a message."""

    paragraphs: list[str]
    quote: bool = False
    heading: bool = False

    @property
    def _indent(self) -> int:
        return 12 if self.quote else 0

    @property
    def _edge(self) -> int:
        return 7 if self.quote else 0

    def _wrapped(self) -> list[list[str]]:
        room = BUBBLE - 2 * PADDING - 2 * self._indent
        return [wrap(paragraph, room / SLACK) for paragraph in self.paragraphs]

    def widths(self) -> Iterator[float]:
        """How wide each line is, in pixels, with what stands around it."""
        for lines in self._wrapped():
            yield from (measure(line) + 2 * self._indent for line in lines)

    @property
    def height(self) -> int:
        """In pixels."""
        wrapped = self._wrapped()
        return sum(len(lines) for lines in wrapped) * LINE + (len(wrapped) - 1) * PARAGRAPH + 2 * self._edge

    def draw(self, x: int, y: int, width: int) -> Iterator[str]:
        """Its shapes, with its upper left corner there."""
        if self.quote:
            yield f'<rect class="quote" x="{x}" y="{y}" width="{width}" height="{self.height}" rx="4"/>'
            yield f'<rect class="bar" x="{x}" y="{y}" width="3" height="{self.height}" rx="1.5"/>'
        line_at = y + self._edge + SIZE
        for lines in self._wrapped():
            for line in lines:
                yield _text("heading" if self.heading else "said", x + self._indent, line_at, line)
                line_at += LINE
            line_at += PARAGRAPH


def _blocks(lines: list[str]) -> Iterator[Block]:
    filled = [line for line in lines if line not in ("", "|")]
    for quote, group in groupby(filled, lambda line: line.startswith("| ")):
        if quote:
            yield Block([line.removeprefix("| ") for line in group], quote=True)
        else:
            # The title of a case is bold in the chat: it has no full stop, and more follows.
            yield from (
                Block([line], heading=line[-1].isalpha() and line == lines[0] != filled[-1]) for line in group
            )


def wrap(paragraph: str, room: float) -> list[str]:
    """The lines of a paragraph, none wider than `room` pixels unless it is one word."""
    lines: list[str] = []
    for word in paragraph.split():
        if lines and measure(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def measure(line: str) -> float:
    """How wide a line is in Noto Sans, in pixels."""
    widths, em = _advances()
    return sum(widths.get(ord(character), em) for character in line) * SIZE / em


@cache
def _advances() -> tuple[dict[int, int], int]:
    """How far each character moves the pen, in units of which the second value makes an em."""
    (file,) = [path for folder in typefaces.folders() if (path := folder / "NotoSans[wght].ttf").exists()]
    with TTFont(file) as font:
        widths = font["hmtx"]
        advances = {code: int(widths[name][0]) for code, name in font.getBestCmap().items()}
        return advances, int(font["head"].unitsPerEm)


def _text(look: str, x: int, y: int, line: str) -> str:
    return f'<text class="{look}" x="{x}" y="{y}">{escape(line)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
