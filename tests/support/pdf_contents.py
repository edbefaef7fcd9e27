"""What a PDF really shows: its text, and the glyphs that are drawn."""

import io
from typing import cast

from pypdf import PdfReader
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject

BOX = 0  # the glyph that fonts draw for characters they do not have


def text(pdf: bytes) -> str:
    """Everything there is to read."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def page_texts(pdf: bytes) -> list[str]:
    """The same, page by page."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def glyphs(pdf: bytes) -> list[tuple[str, int]]:
    """The typeface and the number of every glyph drawn."""
    reader = PdfReader(io.BytesIO(pdf))
    drawn: list[tuple[str, int]] = []
    for page in reader.pages:
        resources = page["/Resources"].get_object()
        assert isinstance(resources, DictionaryObject)
        fonts = resources.get("/Font", DictionaryObject())
        font = ""
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"Tf":
                font = str(fonts[operands[0]]["/BaseFont"]).partition("+")[2]
            elif operator in (b"Tj", b"TJ"):
                for piece in operands[0] if operator == b"TJ" else operands:
                    code = piece if isinstance(piece, bytes) else getattr(piece, "original_bytes", b"")
                    drawn += [
                        (font, int.from_bytes(code[at : at + 2], "big")) for at in range(0, len(code), 2)
                    ]
    return drawn


def boxes(pdf: bytes) -> int:
    """How many characters are drawn as an empty box."""
    return [number for _font, number in glyphs(pdf)].count(BOX)


def first_places(pdf: bytes, words: str) -> list[tuple[float, float]]:
    """Where each page says that: from the left and from the top, in millimetres."""
    found: list[tuple[float, float]] = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        height = float(page.mediabox.height)

        def visit(
            said: str, cm: list[float], tm: list[float], _font: object, _size: object, high: float = height
        ) -> None:
            if words in said:
                x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
                found.append((x * 25.4 / 72, (high - y) * 25.4 / 72))

        page.extract_text(visitor_text=visit)
    return found


def origins(pdf: bytes) -> list[float]:
    """Where each glyph of the first page begins: from the left, in millimetres."""
    reader = PdfReader(io.BytesIO(pdf))
    page = reader.pages[0]
    resources = page["/Resources"].get_object()
    assert isinstance(resources, DictionaryObject)
    fonts = resources["/Font"].get_object()
    assert isinstance(fonts, DictionaryObject)
    widths = {name: _widths(font.get_object()) for name, font in fonts.items()}
    found: list[float] = []
    font, size, x = "", 0.0, 0.0
    moved: list[tuple[float, float]] = [(1.0, 0.0)]  # how much wider, how far to the right
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator == b"q":
            moved.append(moved[-1])
        elif operator == b"Q":
            moved.pop()
        elif operator == b"cm":
            wider, right = moved[-1]
            moved[-1] = (float(operands[0]) * wider, float(operands[4]) * wider + right)
        elif operator == b"Tf":
            font, size = str(operands[0]), float(operands[1])
        elif operator == b"Tm":
            x = float(operands[4])
        elif operator in (b"Tj", b"TJ"):
            wider, right = moved[-1]
            for piece in operands[0] if operator == b"TJ" else operands:
                if isinstance(piece, int | float):
                    x -= float(piece) / 1000 * size
                    continue
                code = piece if isinstance(piece, bytes) else piece.original_bytes
                for at in range(0, len(code), 2):
                    found.append((x * wider + right) * 25.4 / 72)
                    x += widths[font].get(int.from_bytes(code[at : at + 2], "big"), 1000.0) / 1000 * size
    return found


def _widths(font: DictionaryObject) -> dict[int, float]:
    """How wide each glyph of a font is, in thousandths of its size: PDF 32000-1, 9.7.4.3."""
    [descendant] = cast("ArrayObject", font["/DescendantFonts"].get_object())
    widths: dict[int, float] = {}
    entries = list(descendant.get_object()["/W"].get_object())
    while entries:
        first, second, *entries = entries
        if isinstance(second, list):
            widths |= {int(first) + at: float(width) for at, width in enumerate(second)}
        else:
            width, *entries = entries
            widths |= dict.fromkeys(range(int(first), int(second) + 1), float(width))
    return widths
