"""What a PDF really shows: its text, and the glyphs that are drawn."""

import io

from pypdf import PdfReader
from pypdf.generic import ContentStream, DictionaryObject

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
