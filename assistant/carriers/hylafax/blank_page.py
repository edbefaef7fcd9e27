"""Whether a PDF would print anything: a blank page is faxed, paid for and reported as delivered.

Nothing here can render a page. What is looked for is text: at least one of the page descriptions, inflated
(ISO 32000-1, 7.8.2), has to show a string that is not empty (9.4.3). Lines and surfaces do not count, as a
white background is one. White text would pass; nobody sets any.
"""

import re
import zlib

_STREAM = re.compile(rb"<<([^<>]*)>>\s*stream\r?\n")
_PAGE = re.compile(rb"/Type\s*/Page\b")
_PLAIN = re.compile(rb"\s*(?:/Length\s+\d+(?:\s+\d+\s+R)?\s*|/Filter\s*/FlateDecode\s*)+")
_STRING = rb"(?:\((?:[^()\\]|\\.)+\)|<[0-9A-Fa-f\s]{2,}>)"
_SHOWN = re.compile(_STRING + rb"[-0-9.\s]*\]?\s*(?:Tj|TJ|'|\")", re.DOTALL)
_LARGEST = 4_000_000  # of one page's description, inflated


def has_ink(pdf: bytes) -> bool:
    """Whether it is a whole PDF with a page and some text on it."""
    whole = pdf.startswith(b"%PDF-") and b"%%EOF" in pdf[-1024:]
    return whole and _PAGE.search(pdf) is not None and any(_SHOWN.search(each) for each in _contents(pdf))


def _contents(pdf: bytes) -> list[bytes]:
    """The streams that can describe a page: those without a type. Fonts, pictures and metadata have one."""
    found = (match for match in _STREAM.finditer(pdf) if _PLAIN.fullmatch(match[1]))
    return [_inflated(pdf, match.end(), b"FlateDecode" in match[1]) for match in found]


def _inflated(pdf: bytes, start: int, deflated: bool) -> bytes:
    if not deflated:
        return pdf[start : max(start, pdf.find(b"endstream", start))]
    try:
        return zlib.decompressobj().decompress(memoryview(pdf)[start:], _LARGEST)
    except zlib.error:
        return b""
